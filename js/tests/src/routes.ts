// Every supported kind of client behind one face: operations, statements and rows in one transaction, which is rolled back in the end.

import "reflect-metadata"
import { PGlite } from "@electric-sql/pglite"
import { PrismaPg } from "@prisma/adapter-pg"
import { sql as drizzleSql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/node-postgres"
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js"
import { CamelCasePlugin, CompiledQuery, Kysely, PostgresDialect } from "kysely"
import pg from "pg"
import postgres from "postgres"
import { type Client, Tasker } from "tasker-core"
import { DataSource } from "typeorm"
import { core } from "../../dist/index.js"
import { runnerOf } from "../../dist/drivers/index.js"
import { PrismaClient } from "./generated/prisma/client.js"
import { connect, PLACE, read } from "./world.js"

export interface Route {
  readonly tasker: Tasker
  rows(sql: string): Promise<unknown[][]>
  close(): Promise<void>
}

type Rows = (sql: string) => PromiseLike<unknown>

/** Operations on a client. Ids beyond 2^53 come as bigints, which `on` refuses: the tests compare them. */
export function taskerOn(client: Client): Tasker {
  return new Tasker(() => core, runnerOf(client, {}), value => value)
}

class Rollback extends Error {}

/** A transaction that stays open until it is closed, of a client that passes it to a function. */
function held<T>(begin: (body: (transaction: T) => Promise<never>) => PromiseLike<unknown>): Promise<{ transaction: T; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    let rollBack: (reason: Rollback) => void
    const over = new Promise<never>((_, reject) => { rollBack = reject })
    const done = begin(transaction => {
      resolve({ transaction, close: async () => { rollBack(new Rollback()); await ended } })
      return over
    })
    const ended = Promise.resolve(done).then(() => undefined, (error: unknown) => {
      if (!(error instanceof Rollback)) { reject(error as Error); throw error }
    })
    ended.catch(() => undefined)
  })
}

const cells = (rows: unknown): unknown[][] => (rows as object[]).map(row => (Array.isArray(row) ? row : Object.values(row)))

function route(client: Client, rows: Rows, close: () => Promise<void>): Route {
  return { tasker: taskerOn(client), rows: async sql => cells(await rows(sql)), close }
}

async function viaPg(): Promise<Route> {
  const client = await connect()
  await client.query("begin")
  return route(client, async sql => (await client.query({ text: sql, rowMode: "array" })).rows, () => client.end())
}

async function viaPgPool(): Promise<Route> {
  const pool = new pg.Pool(PLACE)
  const client = await pool.connect()
  await client.query("begin")
  const close = async () => { await client.query("rollback"); client.release(); await pool.end() }
  return route(client, async sql => (await client.query({ text: sql, rowMode: "array" })).rows, close)
}

async function viaPostgres(): Promise<Route> {
  const sql = postgres({ ...PLACE, max: 1, onnotice: () => undefined })
  const { transaction, close } = await held<postgres.TransactionSql>(body => sql.begin(body))
  return route(transaction, text => transaction.unsafe(text).values(), async () => { await close(); await sql.end() })
}

async function viaPrisma(): Promise<Route> {
  const prisma = new PrismaClient({ adapter: new PrismaPg(PLACE) })
  const { transaction, close } = await held<Parameters<Parameters<typeof prisma.$transaction>[0]>[0]>(body =>
    prisma.$transaction(body as never, { timeout: 60_000 }))
  return route(transaction, text => transaction.$queryRawUnsafe(text), async () => { await close(); await prisma.$disconnect() })
}

async function viaKysely(plugins: CamelCasePlugin[] = []): Promise<Route> {
  const kysely = new Kysely<object>({ dialect: new PostgresDialect({ pool: new pg.Pool(PLACE) }), plugins })
  const { transaction, close } = await held<Kysely<object>>(body => kysely.transaction().execute(body))
  const rows: Rows = async text => (await transaction.executeQuery(CompiledQuery.raw(text))).rows
  return route(transaction, rows, async () => { await close(); await kysely.destroy() })
}

async function viaDrizzle(): Promise<Route> {
  const pool = new pg.Pool(PLACE)
  const database = drizzle({ client: pool })
  const { transaction, close } = await held<Parameters<Parameters<typeof database.transaction>[0]>[0]>(body => database.transaction(body))
  const rows: Rows = async text => (await transaction.execute(drizzleSql.raw(text))).rows
  return route(transaction, rows, async () => { await close(); await pool.end() })
}

async function viaDrizzlePostgres(): Promise<Route> {
  const sql = postgres({ ...PLACE, max: 1, onnotice: () => undefined })
  const database = drizzlePostgres({ client: sql })
  const { transaction, close } = await held<Parameters<Parameters<typeof database.transaction>[0]>[0]>(body => database.transaction(body))
  return route(transaction, text => transaction.execute(drizzleSql.raw(text)), async () => { await close(); await sql.end() })
}

function dataSource(): DataSource {
  const { user, ...place } = PLACE
  return new DataSource({ type: "postgres", ...place, username: user })
}

async function viaTypeOrm(): Promise<Route> {
  const source = await dataSource().initialize()
  const runner = source.createQueryRunner()
  await runner.startTransaction()
  const close = async () => { await runner.rollbackTransaction(); await runner.release(); await source.destroy() }
  return route(runner.manager, text => runner.query(text), close)
}

async function viaTypeOrmRunner(): Promise<Route> {
  const source = await dataSource().initialize()
  const runner = source.createQueryRunner()
  await runner.startTransaction()
  const close = async () => { await runner.rollbackTransaction(); await runner.release(); await source.destroy() }
  return route(runner, text => runner.query(text), close)
}

async function viaPglite(): Promise<Route> {
  const database = await PGlite.create()
  for (const name of ["0001_definitions", "0002_tasks", "0003_workflow_steps"]) await database.exec(read(`migrations/${name}.sql`))
  await database.exec(read("tests/hosted/world.sql"))
  await database.exec("begin")
  return route(database, async text => (await database.query(text, [], { rowMode: "array" })).rows, () => database.close())
}

/** Whether other connections see the same database. */
export const SHARED = new Set(["pg", "pg-pool", "postgres", "prisma", "kysely", "kysely-camel-case", "drizzle", "drizzle-postgres", "typeorm", "typeorm-runner"])

export const ROUTES: ReadonlyMap<string, () => Promise<Route>> = new Map([
  ["pg", viaPg],
  ["pg-pool", viaPgPool],
  ["postgres", viaPostgres],
  ["prisma", viaPrisma],
  ["kysely", () => viaKysely()],
  ["kysely-camel-case", () => viaKysely([new CamelCasePlugin()])],
  ["drizzle", viaDrizzle],
  ["drizzle-postgres", viaDrizzlePostgres],
  ["typeorm", viaTypeOrm],
  ["typeorm-runner", viaTypeOrmRunner],
  ["pglite", viaPglite],
])
