// What of an answer does not depend on the clock or on the database.

import type { Tasker } from "tasker-core"

const MOVING = new Set(["activity", "activity_rates", "system_load", "task_drawing"])

/** The name of an operation's method. */
export function camel(operation: string): keyof Tasker {
  return operation.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof Tasker
}

/** The answer without what the database's clock says. */
export function timeless(operation: string, answer: unknown): unknown {
  if (MOVING.has(operation)) return answer === null ? null : typeof answer
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return answer
  return Object.fromEntries(Object.entries(answer).filter(([key]) => key !== "now"))
}

/** The answer without versions of rows, which differ from database to database. Infinities are as the core gives them. */
export function withoutVersions(answer: unknown): unknown {
  if (answer === Infinity) return 2n ** 63n - 1n
  if (answer === -Infinity) return -(2n ** 63n)
  if (Array.isArray(answer)) return answer.map(withoutVersions)
  if (typeof answer !== "object" || answer === null) return answer
  const entries = Object.entries(answer).filter(([key, value]) => !key.endsWith("version") || value === "0.1.0")
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutVersions(value)]))
}
