// Behind PgBouncer in transaction mode, where consecutive transactions of one client use different sessions.

import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { connect as connectSocket } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import pg from "pg"
import postgres from "postgres"
import { type Client, on, UnsafeIntegerError } from "tasker-core"
import { PLACE, prepareWorld } from "./world.js"

const PROGRAM = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"].map(folder => join(folder, "pgbouncer")).find(file => existsSync(file))
const PORT = 6432 // a part of the socket's name: there is no TCP
const STEP = { owner: "step", id: 11 } as const

let folder: string
let bouncer: ChildProcess

before(prepareWorld)
before(async () => {
  assert.ok(PROGRAM, "pgbouncer is missing: expected it on PATH or in /usr/sbin (bin/setup --tests installs it), got nothing")
  folder = mkdtempSync(join(tmpdir(), "tasker-core-pooler-"))
  const server = statSync(join(PLACE.host, `.s.PGSQL.${PLACE.port}`))
  // It refuses to run as root, and the server's socket may be in a folder that only the server's user can enter.
  const identity = userInfo().uid === 0 ? { uid: server.uid, gid: server.gid } : {}
  const file = join(folder, "pgbouncer.ini")
  writeFileSync(file, `[databases]
* = host=${PLACE.host} port=${PLACE.port} user=${PLACE.user}
[pgbouncer]
listen_port = ${PORT}
unix_socket_dir = ${folder}
auth_type = any
pool_mode = transaction
default_pool_size = 3
min_pool_size = 3
server_round_robin = 1
max_client_conn = 50
`)
  if (userInfo().uid === 0) chownSync(folder, server.uid, server.gid)
  bouncer = spawn(PROGRAM, ["--quiet", file], { ...identity, stdio: "ignore" })
  const end = Date.now() + 30_000
  while (!(await accepts())) if (Date.now() > end) throw new Error("pgbouncer does not start")
})
after(() => {
  bouncer.kill()
  rmSync(folder, { recursive: true })
})

function accepts(): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connectSocket(join(folder, `.s.PGSQL.${PORT}`))
    socket.once("connect", () => { socket.destroy(); resolve(true) })
    socket.once("error", () => resolve(false))
  })
}

class Rollback extends Error {}

/** Asks more often than there are sessions. */
async function ask(client: Client): Promise<void> {
  const tasker = on(client, { prepare: false })
  for (let call = 0; call < 9; call++) assert.equal(await tasker.currentState(STEP), "in_progress")
}

/** Ends a step within a transaction. Its transition's id is beyond 2^53 in this database. */
async function move(client: Client): Promise<void> {
  const tasker = on(client, { prepare: false })
  await assert.rejects(tasker.finishStep({ step: 11, ending: "complete", attempts: 2 }), UnsafeIntegerError)
  assert.equal(await tasker.currentState(STEP), "complete")
}

test("pg asks without prepared statements", async () => {
  const client = new pg.Client({ ...PLACE, host: folder, port: PORT })
  await client.connect()
  await ask(client)
  await client.query("begin")
  await move(client)
  await client.query("rollback")
  await ask(client)
  await client.end()
})

test("postgres.js asks without prepared statements", async () => {
  const sql = postgres({ ...PLACE, host: folder, port: PORT, max: 1, prepare: false, fetch_types: false })
  await ask(sql)
  await assert.rejects(sql.begin(async transaction => { await move(transaction); throw new Rollback() }), Rollback)
  await ask(sql)
  await sql.end()
})
