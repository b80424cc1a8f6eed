// The blocks of docs/typescript.md and the example, run on a real database with the order of examples/browser.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { copyFileSync, readFileSync } from "node:fs"
import { before, test } from "node:test"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { document } from "./generated/document.js"
import { placeOf, read, ROOT } from "./world.js"

const url = process.env["TASKER_CORE_NODE_DOCUMENTS_DATABASE_URL"]
if (!url) throw new Error("TASKER_CORE_NODE_DOCUMENTS_DATABASE_URL is not set: expected the URL of a database with the engine's tables")
const place = placeOf(url)

before(async () => {
  const client = new pg.Client(place)
  await client.connect()
  const { rowCount } = await client.query("select from tasker_tasks")
  if (rowCount === 0) await client.query(read("examples/browser/order.sql"))
  await client.end()
})

test("the blocks of the document run", async () => {
  assert.ok(read("docs/typescript.md").match(/^```ts$/gm)?.length === 10)
  const migrations = ["0001_definitions", "0002_tasks", "0003_workflow_steps"].map(name => read(`migrations/${name}.sql`))
  const connection = `postgresql://${place.user}@/${place.database}?host=${place.host}&port=${place.port}`
  await document(connection, place, 7, migrations, new Uint8Array(readFileSync(new URL("js/wasm/tasker_core_wasm_bg.wasm", ROOT))))
  const client = new pg.Client(place)
  await client.connect()
  const { rows } = await client.query("select count(*)::int as count from tasker_workflow_step_transitions where workflow_step_id = 76")
  await client.end()
  assert.deepEqual(rows, [{ count: 0 }])
})

test("the example runs", () => {
  const env = { ...process.env, DATABASE_URL: `socket:${place.host}?db=${place.database}&user=${place.user}`, PGPORT: String(place.port), PGUSER: place.user }
  // It resolves its packages from where it stands.
  const script = new URL("readiness.mjs", import.meta.url)
  copyFileSync(new URL("examples/node/readiness.mjs", ROOT), script)
  const ran = spawnSync(process.execPath, [fileURLToPath(script), "7"], { encoding: "utf8", env })
  assert.equal(ran.status, 0, ran.stderr)
  assert.match(ran.stdout, /^73 "check fraud" is blocked: backoff$/m)
  assert.match(ran.stdout, /^76 "pack" may be run$/m)
  assert.match(ran.stdout, /^78 "ship" waits for 3 of 3 parents$/m)
})
