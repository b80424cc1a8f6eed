// Made from tests/hosted/operations.json by js/tools/generate.mjs; do not edit.
// sha256 of its source: fa3c723c7300f3e7c8dd1093cd15d35e079572f4d7026ec9be7dcd81e383637f

/** Names of fields and arguments that hold instants. */
export const INSTANTS: ReadonlySet<string> = new Set(["at","complete_at","created_at","ended_at","failed_at","last_attempted_at","last_failure_at","latest_completion","made_at","next_retry_at","now","processed_at","requested_at","since","until","updated_at"])
