// Many callers at once, and statements as the driver sees them.

import assert from "node:assert/strict"
import { before, test } from "node:test"
import pg from "pg"
import postgres from "postgres"
import { on } from "tasker-core"
import { taskerOn } from "./routes.js"
import { connect, FIRST, PLACE, prepareWorld } from "./world.js"

before(prepareWorld)

test("many calls at once on a pool each get their answer", async () => {
  const pool = new pg.Pool({ ...PLACE, max: 4 })
  try {
    const tasker = taskerOn(pool)
    const calls = Array.from({ length: 64 }, async (_, index) =>
      index % 2 === 0 ? (await tasker.stepReadiness({ task: FIRST })).length : tasker.currentState({ owner: "step", id: 11 }))
    const answers = await Promise.all(calls)
    assert.deepEqual(answers, answers.map((_, index) => (index % 2 === 0 ? 4 : "in_progress")))
  } finally {
    await pool.end()
  }
})

test("statements are prepared once a connection", async () => {
  const client = await connect()
  const sql = postgres({ ...PLACE, max: 1 })
  const count = "select count(*)::int as count from pg_prepared_statements where statement like '%$1::text::bigint%'"
  try {
    for (let call = 0; call < 3; call++) {
      await on(client).currentState({ owner: "step", id: 11 })
      await on(sql).currentState({ owner: "step", id: 11 })
    }
    assert.deepEqual((await client.query(count)).rows, [{ count: 1 }])
    assert.deepEqual([...(await sql.unsafe(count))], [{ count: 1 }])
  } finally {
    await client.end()
    await sql.end()
  }
})

test("nothing is prepared where that is not wanted", async () => {
  const client = await connect()
  const sql = postgres({ ...PLACE, max: 1 })
  const names = "select name from pg_prepared_statements where statement like '%$1::text::bigint%'"
  try {
    assert.equal(await on(client, { prepare: false }).currentState({ owner: "step", id: 11 }), "in_progress")
    assert.equal(await on(sql, { prepare: false }).currentState({ owner: "step", id: 11 }), "in_progress")
    assert.deepEqual((await client.query(names)).rows, [])
    assert.deepEqual([...(await sql.unsafe(names, [], { prepare: false }))], [])
  } finally {
    await client.end()
    await sql.end()
  }
})
