// The database of the tests: the engine's own tables with the rows of tests/hosted/world.sql. Each test rolls back what it does.

import { readFileSync } from "node:fs"
import pg from "pg"

export const ROOT = new URL("../../../", import.meta.url)
export const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8")

/** 2^53 - 1, the largest safe integer. */
export const FIRST = Number.MAX_SAFE_INTEGER
export const SECOND = 2n ** 53n + 1n
export const LAST = 2n ** 63n - 1n

const url = process.env["TASKER_CORE_NODE_DATABASE_URL"]
if (!url) throw new Error("TASKER_CORE_NODE_DATABASE_URL is not set: expected the URL of a database with the engine's tables")

/** Where a database is, as drivers take it. */
export interface Place {
  host: string
  port: number
  user: string
  database: string
}

/** The place of a URL such as postgresql:///name?host=/tmp/socket&port=5432&user=postgres. */
export function placeOf(url: string): Place {
  const { hostname, pathname, port, searchParams, username } = new URL(url.replace(":///", "://socket/"))
  return {
    host: searchParams.get("host") ?? hostname,
    port: Number(searchParams.get("port") ?? (port || 5432)),
    user: searchParams.get("user") ?? username,
    database: pathname.slice(1),
  }
}

export const PLACE = placeOf(url)

export async function connect(): Promise<pg.Client> {
  const client = new pg.Client(PLACE)
  await client.connect()
  return client
}

/** Fills the database where that was not done yet; test files may run side by side. */
export async function prepareWorld(): Promise<void> {
  const client = await connect()
  try {
    await client.query("begin; select pg_advisory_xact_lock(18)")
    const { rowCount } = await client.query("select from tasker_tasks where identity_hash = 'first'")
    if (rowCount === 0) await client.query(read("tests/hosted/world.sql"))
    await client.query("commit")
  } finally {
    await client.end()
  }
}

export interface Recording {
  operation: string
  arguments: Record<string, unknown>
  now: number
  statements: { name: string; binds: (string | null)[]; writes: boolean; rows: unknown[][] }[]
  answer: unknown
}

const LONG_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d{16,}/g
const EXACT = /^exactly (-?\d+)$/

/** JSON whose long integers are texts such as `exactly 9007199254740993`, so that none is rounded. */
export function exact(text: string): unknown {
  return JSON.parse(text.replace(LONG_INTEGER, token => (token.startsWith('"') ? token : `"exactly ${token}"`)))
}

/** JSON text of what `exact` returned. */
export function inexact(value: unknown): string {
  return JSON.stringify(value).replace(/"exactly (-?\d+)"/g, "$1")
}

/** What `exact` returned with numbers and bigints in place of the texts. */
export function integers(value: unknown): unknown {
  if (typeof value === "string") {
    const found = EXACT.exec(value)?.[1]
    if (found === undefined) return value
    return Number.isSafeInteger(Number(found)) ? Number(found) : BigInt(found)
  }
  if (Array.isArray(value)) return value.map(integers)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, integers(field)]))
}

export const recordings = exact(read("tests/hosted/conversations.json")) as Recording[]
