// Errors and what they say.

import assert from "node:assert/strict"
import { after, before, beforeEach, afterEach, describe, test } from "node:test"
import type pg from "pg"
import {
  ArgumentError, backend, type Client, ClientTypeError, ContentionError, CycleError, DecodeError, InternalError, on, over, type Statement,
  TaskerError, UnsafeIntegerError,
} from "tasker-core"
import { core } from "../../dist/index.js"
import { guarded } from "../../dist/base.js"
import { taskerOn } from "./routes.js"
import { connect, FIRST, LAST, prepareWorld } from "./world.js"

/** The error of a call, which must be of this class. */
async function thrown<E extends Error>(kind: abstract new (...args: never[]) => E, call: () => Promise<unknown>): Promise<E> {
  try {
    await call()
  } catch (error) {
    assert.ok(error instanceof kind, `expected ${kind.name}, got ${String(error)}`)
    assert.ok(error instanceof TaskerError)
    assert.equal(error.name, kind.name)
    return error
  }
  throw new assert.AssertionError({ message: `expected ${kind.name}, got an answer` })
}

let client: pg.Client

before(prepareWorld)
before(async () => { client = await connect() })
beforeEach(async () => { await client.query("begin") })
afterEach(async () => { await client.query("rollback") })
after(() => client.end())

test("the backend is the one that was asked for", () => {
  assert.equal(backend, process.env["TASKER_CORE_WASM"] === "1" ? "wasm" : "native")
})

describe("arguments", () => {
  test("wrong ones are named", async () => {
    const error = await thrown(ArgumentError, () => on(client).readySteps({ tasks: [1, "2" as never] }))
    assert.deepEqual([error.operation, error.argument, error.problem], ["ready_steps", "tasks[1]", 'invalid type: string "2", expected i64'])
    assert.equal(error.message, 'ready_steps: argument `tasks[1]`: invalid type: string "2", expected i64')
    const unknown = await thrown(ArgumentError, () => on(client).readySteps({ task: 7 } as never))
    assert.equal(unknown.problem, "unknown field `task`, expected `tasks`")
    const missing = await thrown(ArgumentError, () => on(client).readySteps({} as never))
    assert.deepEqual([missing.argument, missing.problem], [null, "missing field `tasks`"])
  })

  test("integers must be safe or bigints", async () => {
    for (const id of [2 ** 53, 2 ** 60, -(2 ** 53), 1e21]) {
      const error = await thrown(ArgumentError, () => on(client).readySteps({ tasks: [1, id] }))
      assert.deepEqual([error.argument, error.problem], ["tasks[1]", `expected a safe integer or a bigint, got ${id}`])
    }
    for (const id of [NaN, Infinity]) {
      const error = await thrown(ArgumentError, () => on(client).readySteps({ tasks: [id] }))
      assert.equal(error.problem, `expected a safe integer, got ${id}`)
    }
    await thrown(ArgumentError, () => on(client).readySteps({ tasks: [1.5] }))
    const edge = await thrown(ArgumentError, () => on(client).closesCycle({ edge: { from: 1, to: 2 ** 53 } }))
    assert.equal(edge.argument, "edge.to")
    await thrown(ArgumentError, () => on(client).readySteps({ tasks: [2n ** 63n] }))
    assert.deepEqual(await on(client).readySteps({ tasks: [LAST, 7n, -1] }), [])
  })

  test("metadata is JSON of the caller's own", async () => {
    const move = (metadata: Record<string, unknown>) => on(client).transitionTo({ owner: "step", id: 11, to: "complete", metadata })
    const error = await thrown(ArgumentError, () => move({ deep: [{ run: () => 0 }] }))
    assert.deepEqual([error.argument, error.problem], ["metadata.deep[0].run", "expected JSON, got a function"])
    await thrown(ArgumentError, () => move({ share: NaN }))
    const when = new Date(0)
    const moved = await taskerOn(client).transitionTo({ owner: "step", id: 11, to: "complete", metadata: { when, share: 0.5, huge: 2 ** 60, none: undefined } })
    assert.ok(moved.result === "recorded")
    const { rows } = await client.query("select metadata from tasker_workflow_step_transitions where id = $1", [moved.id])
    assert.deepEqual(rows, [{ metadata: { when: when.toJSON(), share: 0.5, huge: 2 ** 60 } }])
  })

  test("infinite instants are PostgreSQL's", async () => {
    const moved = await taskerOn(client).transitionTo({ owner: "step", id: 11, to: "complete", at: Infinity })
    assert.ok(moved.result === "recorded")
    const { rows } = await client.query("select created_at::text from tasker_workflow_step_transitions where id = $1", [moved.id])
    assert.deepEqual(rows, [{ created_at: "infinity" }])
  })
})

describe("answers", () => {
  test("infinite instants are infinite numbers", async () => {
    const steps = await taskerOn(client).stepReadiness({ task: FIRST })
    assert.deepEqual(steps.map(step => step.next_retry_at), [null, null, Infinity, null])
  })

  test("an integer that a number cannot hold is refused", async () => {
    const error = await thrown(UnsafeIntegerError, () => on(client).readySteps({ tasks: [FIRST] }))
    assert.deepEqual([error.operation, error.field, error.value], ["ready_steps", "step", 2n ** 53n])
    assert.equal(error.message, "ready_steps: `step` of the answer is 9007199254740992, which a number cannot hold")
  })

  test("texts that look like integers stay texts", async () => {
    const digits = '"9223372036854775807" 9223372036854775807'
    await client.query("update tasker_tasks set identity_hash = $1 where task_id = $2", [digits, FIRST])
    const snapshot = await taskerOn(client).taskSnapshot({ task: FIRST })
    assert.ok(JSON.stringify(snapshot, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)).includes(JSON.stringify(digits)))
  })

  test("cells of another kind are named", async () => {
    for (const [cell, got] of [[1.5, "the number 1.5"], [new Date(0), "an instance of Date"], [undefined, "the undefined undefined"]] as const) {
      const error = await thrown(DecodeError, () => over(async () => [[cell, "{}", "{}"]]).dependencyLevels({ task: 7 }))
      assert.deepEqual([error.query, error.row, error.column, error.got], ["dependency graph", 0, 0, got])
    }
    const error = await thrown(DecodeError, () => over(async () => [["{x}", "{}", "{}"]]).dependencyLevels({ task: 7 }))
    assert.equal(error.expected, "an array of integers")
  })
})

test("a cycle names its steps", async () => {
  const rows = [["{1,2,3}", "{1,2,3}", "{2,3,2}"]]
  const error = await thrown(CycleError, () => over(async () => rows).dependencyLevels({ task: 7 }))
  assert.deepEqual(error.steps, [2, 3])
})

test("races that are lost end", async () => {
  const lost = async ({ writes }: Statement) => (writes ? [] : [["pending", true, null, null]])
  const error = await thrown(ContentionError, () => over(lost).transitionTo({ owner: "step", id: 7, to: "in_progress" }))
  assert.deepEqual([error.owner, error.to, error.attempts], ["step 7", "in_progress", 16])
})

test("a panic is an error, and the core answers afterwards", async () => {
  const error = await thrown(InternalError, async () => guarded(core, () => core.panic()))
  assert.equal(error.message, "tasker-core panicked, please report it: asked for")
  assert.equal(await on(client).currentState({ owner: "step", id: 11 }), "in_progress")
})

test("a coroutine out of turn is an error", () => {
  const coroutine = new core.Coroutine("system_load", "{}", 0)
  assert.match(coroutine.resume("[[]]"), /^\{"error":\{"kind":"internal","message":"conversation resumed out of turn/)
})

test("only clients are taken", () => {
  for (const [value, got] of [["postgres://", "a string"], [null, "null"], [{}, "an instance of Object"], [() => 0, "a function"]] as const) {
    assert.throws(() => on(value as unknown as Client), (error: Error) => error instanceof ClientTypeError && error.message.endsWith(`got ${got}`))
  }
})

test("an error of the caller's function is passed on", async () => {
  const failure = new RangeError("mine")
  await assert.rejects(over(() => Promise.reject(failure)).systemLoad(), error => error === failure)
})
