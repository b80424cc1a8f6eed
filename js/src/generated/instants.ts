// Made from tests/hosted/operations.json by js/tools/generate.mjs; do not edit.
// sha256 of its source: 81fcb4706da29aecf0382f3279d86cbe1caf4d0fefa8541758c9ae96a3692956

/** Names of fields and arguments that hold instants. */
export const INSTANTS: ReadonlySet<string> = new Set(["at","complete_at","created_at","ended_at","failed_at","last_attempted_at","last_failure_at","latest_completion","made_at","next_retry_at","now","processed_at","requested_at","since","until","updated_at"])
