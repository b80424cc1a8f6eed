import type { Row, Run, Statement } from "../core.js"
import type { Driver } from "./index.js"

/** A `Client`, `PoolClient` or `Pool` of pg. */
export interface Pg {
  query(config: object): Promise<{ rows: unknown[] }>
  connect(...args: never[]): unknown
}

/** `sql` of postgres.js, also in `sql.begin` and `sql.reserve`. */
export interface Postgres {
  unsafe(sql: string, binds?: never[], options?: { prepare?: boolean }): { values(): PromiseLike<unknown[]> }
}

/** A `PrismaClient`, or the client of its `$transaction`. */
export interface Prisma {
  $queryRawUnsafe(sql: string, ...binds: unknown[]): PromiseLike<unknown>
}

/** A `PGlite`, or the transaction that it passes. */
export interface PGlite {
  query(sql: string, binds?: unknown[], options?: { rowMode?: "array" }): Promise<{ rows: unknown[] }>
  exec(sql: string): Promise<unknown>
}

const names = new Map<string, { name: string; text: string }>()

/** One name for each text: the same in all processes, which may share the connections of a pooler. */
function prepared(sql: string): { name: string; text: string } {
  let found = names.get(sql)
  if (found === undefined) {
    found = { name: `tasker_core_${hash(sql)}`, text: sql }
    names.set(sql, found)
  }
  return found
}

/** 64 bits of FNV-1a. */
function hash(text: string): string {
  let state = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) state = BigInt.asUintN(64, (state ^ BigInt(byte)) * 0x100000001b3n)
  return state.toString(16)
}

const asText = { getTypeParser: () => (cell: unknown) => cell }

const pg: Driver<Pg> = {
  accepts: client => typeof client["query"] === "function" && typeof client["connect"] === "function" && !("exec" in client) && !("@instanceof" in client) && !("isTransactionActive" in client),
  runner: (client, { prepare = true }): Run => async ({ sql, binds }: Statement) => {
    const text = prepare ? prepared(sql) : { text: sql }
    const { rows } = await client.query({ ...text, values: binds, rowMode: "array", types: asText })
    return rows as Row[]
  },
}

const postgres: Driver<Postgres> = {
  accepts: client => typeof client === "function" && typeof client["unsafe"] === "function",
  runner: (client, { prepare = true }): Run => async ({ sql, binds }: Statement) => {
    return (await client.unsafe(sql, binds as never[], { prepare }).values()) as Row[]
  },
}

const prisma: Driver<Prisma> = {
  accepts: client => typeof client["$queryRawUnsafe"] === "function",
  runner: (client): Run => async ({ sql, binds }: Statement) => (await client.$queryRawUnsafe(sql, ...binds)) as Row[],
}

const pglite: Driver<PGlite> = {
  accepts: client => typeof client["query"] === "function" && typeof client["exec"] === "function",
  runner: (client): Run => async ({ sql, binds }: Statement) => {
    return (await client.query(sql, binds as unknown[], { rowMode: "array" })).rows as Row[]
  },
}

export const drivers = [prisma, postgres, pglite, pg]
