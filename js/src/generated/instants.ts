// Made from tests/hosted/operations.json by js/tools/generate.mjs; do not edit.
// sha256 of its source: 86de5cb154de38847778002acecd5f07c61f3b5199d4b9edd806befb004491ba

/** Names of fields and arguments that hold instants. */
export const INSTANTS: ReadonlySet<string> = new Set(["at","complete_at","created_at","ended_at","failed_at","last_attempted_at","last_failure_at","latest_completion","made_at","next_retry_at","now","processed_at","requested_at","since","until","updated_at"])
