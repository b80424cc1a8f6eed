// Made from tests/hosted/operations.json by js/tools/generate.mjs; do not edit.
// sha256 of its source: b6136b4ab51f822d82467b4297daa3551be3473b79b2e4148323cc5e54535fe9

/** Names of fields and arguments that hold instants. */
export const INSTANTS: ReadonlySet<string> = new Set(["at","complete_at","created_at","ended_at","failed_at","last_attempted_at","last_failure_at","latest_completion","made_at","next_retry_at","now","processed_at","requested_at","since","until","updated_at"])
