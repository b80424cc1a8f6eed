/**
 * The dependency resolution and state transitions of tasker-engine, on your own database client.
 *
 * `on(client)` returns an object with a method for each operation. Its statements run on this client, in the transaction that is open there;
 * nothing is committed and no other connection is opened.
 *
 * Instants are integers: microseconds since 1970 in UTC. `Infinity` and `-Infinity` stand for PostgreSQL's infinities.
 *
 * @module
 */

import { readFileSync } from "node:fs"
import { Tasker } from "./generated/operations.js"
import { loadNative } from "./native.js"
import { loadSync } from "./module.js"
import { runnerOf, type Client, type Options } from "./drivers/index.js"
import type { Core, Run } from "./core.js"

const native = process.env["TASKER_CORE_WASM"] === "1" ? undefined : loadNative()

/** Whether the core is native code or WebAssembly, as it is where the addon is missing or `TASKER_CORE_WASM=1`. */
export const backend: "native" | "wasm" = native ? "native" : "wasm"

/** @internal */
export const core: Core = native ?? loadSync(readFileSync(new URL("../wasm/tasker_core_wasm_bg.wasm", import.meta.url)))

const loaded = (): Core => core

/**
 * Returns the operations on `client`: of pg, postgres.js, Prisma, Kysely, Drizzle, TypeORM or PGlite.
 *
 * @throws {ClientTypeError} for anything else
 */
export function on(client: Client, options: Options = {}): Tasker {
  return new Tasker(loaded, runnerOf(client, options))
}

/** Returns the operations over `run`, which runs a statement and returns its rows. For clients that `on` does not support. */
export function over(run: Run): Tasker {
  return new Tasker(loaded, run)
}

export { Tasker }
export type { Client, Options, Run }
export type { Row, Statement } from "./core.js"
export * from "./errors.js"
export type * from "./generated/types.js"
