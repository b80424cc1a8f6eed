// The drivers: how each runs a statement on a client of its own, in the transaction that is open there. None is imported here.

import { ClientTypeError } from "../errors.js"
import { queryBuilders } from "./query_builders.js"
import { drivers } from "./drivers.js"
import type { Run } from "../core.js"
import type { Drizzle, Kysely, TypeOrm } from "./query_builders.js"
import type { Pg, PGlite, Postgres, Prisma } from "./drivers.js"

/** A client of a supported driver. */
export type Client = Pg | Postgres | Prisma | Kysely | Drizzle | TypeOrm | PGlite

/** How statements are sent. */
export interface Options {
  /**
   * Whether pg and postgres.js prepare statements, once a connection, so that PostgreSQL keeps their plans; true where it is left out. PgBouncer
   * in transaction mode allows that from 1.21 on, with `max_prepared_statements`.
   */
  readonly prepare?: boolean
}

/** A driver: whether a client is its own, and what runs statements there. */
export interface Driver<C> {
  readonly accepts: (client: Record<PropertyKey, unknown>) => boolean
  readonly runner: (client: C, options: Options) => Run
}

const EXPECTED = "a client, pool or transaction of pg, postgres.js, Prisma, Kysely, Drizzle, TypeORM or PGlite"

/** What runs statements on `client`. */
export function runnerOf(client: Client, options: Options): Run {
  if ((typeof client === "object" && client !== null) || typeof client === "function") {
    for (const driver of [...drivers, ...queryBuilders] as Driver<unknown>[]) {
      if (driver.accepts(client as unknown as Record<PropertyKey, unknown>)) return driver.runner(client, options)
    }
  }
  throw new ClientTypeError(`expected ${EXPECTED}; got ${described(client)}`)
}

function described(client: unknown): string {
  if (typeof client !== "object" || client === null) return client === null ? "null" : `a ${typeof client}`
  return `an instance of ${client.constructor?.name ?? "no class"}`
}
