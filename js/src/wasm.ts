/**
 * tasker-core for browsers, Deno and edge runtimes: `over(run)` runs operations through a function that runs statements.
 *
 * @module
 */

import { Tasker } from "./generated/operations.js"
import { load, type Module } from "./module.js"
import type { Run } from "./core.js"

/**
 * Returns the operations over `run`, which runs a statement and returns its rows, each an array of its cells or an object with a property for
 * each column. The module is loaded by the first call.
 */
export function over(run: Run): Tasker {
  return new Tasker(() => load(), run)
}

/** Loads the module ahead of the first call: from `module`, or from beside its JavaScript. Runtimes without `fetch` of files need it. */
export async function init(module?: Module): Promise<void> {
  await load(module)
}

export { Tasker }
export type { Module, Run }
export type { Row, Statement } from "./core.js"
export * from "./errors.js"
export type * from "./generated/types.js"
