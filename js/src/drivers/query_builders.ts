import type { Row, Run, Statement } from "../core.js"
import type { Driver } from "./index.js"

/** A `Kysely`, or the transaction that it passes. */
export interface Kysely {
  executeQuery(query: never): Promise<{ rows: unknown[] }>
  getExecutor(): unknown
}

/** A database of Drizzle for PostgreSQL, or the transaction that it passes. */
export interface Drizzle {
  execute(query: never): PromiseLike<unknown>
  transaction(body: never, config?: never): unknown
}

/** A `DataSource`, `EntityManager` or `QueryRunner` of TypeORM. */
export interface TypeOrm {
  query(sql: string, binds?: never[]): Promise<unknown>
}

const kysely: Driver<Kysely> = {
  accepts: client => typeof client["executeQuery"] === "function" && typeof client["getExecutor"] === "function",
  runner: (client): Run => async ({ sql, binds }: Statement) => {
    // What `CompiledQuery.raw` returns, without an import of Kysely.
    const query = { kind: "RawNode", sqlFragments: [sql], parameters: [] }
    const compiled = { sql, parameters: binds, query, queryId: { queryId: "tasker-core" } }
    return (await client.executeQuery(compiled as never)).rows as Row[]
  },
}

const ENTITY_KIND = Symbol.for("drizzle:entityKind")

const drizzle: Driver<Drizzle> = {
  accepts: client => typeof client["execute"] === "function" && ENTITY_KIND in client.constructor,
  runner: (client): Run => async ({ sql, binds }: Statement) => {
    // A text of SQL with its parameters as Drizzle's dialects take it, without an import of Drizzle.
    const built = { toQuery: () => ({ sql, params: binds }) }
    const result = await client.execute({ getSQL: () => built } as never)
    return (Array.isArray(result) ? result : (result as { rows: unknown[] }).rows) as Row[]
  },
}

const typeOrm: Driver<TypeOrm> = {
  accepts: client => typeof client["query"] === "function" && ("@instanceof" in client || "isTransactionActive" in client),
  runner: (client): Run => async ({ sql, binds }: Statement) => {
    const result = (await client.query(sql, binds as never[])) as unknown[]
    // An update or a delete answers with its rows and their number.
    const [rows, count] = result
    return (result.length === 2 && Array.isArray(rows) && typeof count === "number" ? rows : result) as Row[]
  },
}

export const queryBuilders = [kysely, drizzle, typeOrm]
