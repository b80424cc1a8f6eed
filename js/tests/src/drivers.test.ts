// Real drivers, each in a transaction of its own.

import assert from "node:assert/strict"
import { before, describe, test } from "node:test"
import { camel, timeless, withoutVersions } from "./answers.js"
import { type Route, ROUTES, SHARED, taskerOn } from "./routes.js"
import { connect, FIRST, integers, LAST, prepareWorld, recordings, SECOND } from "./world.js"

const DEEP = { by: 'ü"\\\u0001🚚 %s :a $1', deep: [[[{ n: null, big: LAST, part: 0.1, no: false }]]] }

before(prepareWorld)

for (const [name, open] of ROUTES) {
  const onRoute = (title: string, body: (route: Route) => Promise<void>) =>
    test(title, { timeout: 120_000 }, async () => {
      const route = await open()
      try {
        await body(route)
      } finally {
        await route.close()
      }
    })

  describe(name, () => {
    onRoute("reads answer as recorded", async ({ tasker }) => {
      for (const recording of recordings) {
        if (recording.statements.some(statement => statement.writes)) continue
        const { operation } = recording
        const method = tasker[camel(operation)] as (args: unknown) => Promise<unknown>
        const answer = await method.call(tasker, integers(recording.arguments))
        const got = withoutVersions(timeless(operation, answer))
        assert.deepEqual(got, withoutVersions(timeless(operation, integers(recording.answer))), `${operation} ${JSON.stringify(recording.arguments)}`)
      }
    })

    onRoute("a guard refuses", async ({ tasker, rows }) => {
      const refused = await tasker.transitionTo({ owner: "step", id: LAST, to: "in_progress" })
      assert.deepEqual(refused, { result: "refused", reason: "guard_failed", from: "pending", guard: "parents_done" })
      const incomplete = await tasker.transitionTo({ owner: "task", id: FIRST, to: "complete" })
      assert.deepEqual(incomplete, { result: "refused", reason: "guard_failed", from: "in_progress", guard: "steps_done" })
      assert.deepEqual(await rows(`select count(*)::text from tasker_task_transitions where task_id = ${FIRST}`), [["1"]])
    })

    onRoute("metadata and microseconds are kept", async ({ tasker, rows }) => {
      const moved = await tasker.transitionTo({ owner: "step", id: 2n ** 53n, to: "in_progress", metadata: DEEP, at: 1_750_000_000_123_456 })
      assert.ok(moved.result === "recorded")
      assert.deepEqual([moved.sort_key, moved.from], [10, "pending"])
      const [row] = await rows(
        `select jsonb_typeof(metadata), metadata::text, created_at::text from tasker_workflow_step_transitions where id = ${moved.id}`,
      )
      assert.equal(row?.[0], "object")
      assert.equal(row?.[2], "2025-06-15 15:06:40.123456")
      const metadata = String(row?.[1])
      assert.match(metadata, /"big": 9223372036854775807/)
      assert.equal((JSON.parse(metadata) as typeof DEEP).by, DEEP.by)
    })

    onRoute("the zone of the session does not count", async ({ tasker, rows }) => {
      await rows("select set_config('TimeZone', 'America/New_York', true)")
      await rows(
        "update tasker_workflow_steps set retry_limit = 9, attempts = 1, backoff_request_seconds = 2, " +
          "last_attempted_at = now() at time zone 'UTC' where workflow_step_id = 12",
      )
      assert.equal(await tasker.nextWait({ task: SECOND }), 2_000_000)
      const moved = await tasker.transitionTo({ owner: "step", id: 11, to: "complete" })
      assert.ok(moved.result === "recorded")
      const clock = await rows(
        "select (abs(extract(epoch from t.created_at) - extract(epoch from now())) < 1800)::text " +
          `from tasker_workflow_step_transitions t where id = ${moved.id}`,
      )
      assert.deepEqual(clock, [["true"]])
    })

    onRoute("a savepoint takes a transition back", async ({ tasker, rows }) => {
      const step = { owner: "step", id: 2n ** 53n } as const
      await rows("savepoint before")
      assert.equal((await tasker.transitionTo({ ...step, to: "in_progress" })).result, "recorded")
      assert.equal(await tasker.currentState(step), "in_progress")
      await rows("rollback to savepoint before")
      assert.equal(await tasker.currentState(step), "pending")
    })

    onRoute("a step and its task are finished", async ({ tasker, rows }) => {
      const finished = await tasker.finishStep({ step: 11, ending: "complete", attempts: 2, results: '{"a":[1,"ü"]}' })
      assert.ok(finished)
      assert.deepEqual(await rows("select results::text, processed::text from tasker_workflow_steps where workflow_step_id = 11"), [['{"a": [1, "ü"]}', "true"]])
      assert.equal(await tasker.finishTask({ task: SECOND }), null)
    })

    onRoute("errors of the database are those of the driver", async ({ tasker, rows }) => {
      await rows("savepoint before")
      await rows("alter table tasker_workflow_steps rename to elsewhere")
      await assert.rejects(tasker.readySteps({ tasks: [FIRST] }), (error: Error) => !error.constructor.name.startsWith("Tasker") && codeOf(error) === "42P01")
      await rows("rollback to savepoint before")
      assert.deepEqual((await tasker.readySteps({ tasks: [FIRST] })).map(({ step }) => step), [2n ** 53n])
    })

    onRoute("two calls at once each get their answer", async ({ tasker }) => {
      const [levels, state] = await Promise.all([tasker.dependencyLevels({ task: FIRST }), tasker.currentState({ owner: "step", id: 11 })])
      assert.deepEqual([levels.length, state], [4, "in_progress"])
    })

    if (SHARED.has(name)) {
      onRoute("nothing is committed", async ({ tasker }) => {
        const step = { owner: "step", id: 2n ** 53n } as const
        assert.equal((await tasker.transitionTo({ ...step, to: "in_progress" })).result, "recorded")
        const other = await connect()
        try {
          assert.equal(await taskerOn(other).currentState(step), "pending")
        } finally {
          await other.end()
        }
      })

      onRoute("a cancelled statement is an error of the driver", async ({ tasker, rows }) => {
        const [[pid] = []] = await rows("select pg_backend_pid()::text")
        const other = await connect()
        try {
          await other.query("begin; lock table tasker_workflow_steps in access exclusive mode")
          await rows("savepoint before")
          const call = assert.rejects(tasker.readySteps({ tasks: [FIRST] }), (error: Error) => codeOf(error) === "57014")
          const waiting = `select pg_cancel_backend(pid) from pg_locks where pid = ${pid} and not granted`
          while ((await other.query(waiting)).rowCount === 0);
          await call
          await other.query("rollback")
          await rows("rollback to savepoint before")
          assert.equal((await tasker.readySteps({ tasks: [FIRST] })).length, 1)
        } finally {
          await other.end()
        }
      })
    }
  })
}

/** The SQLSTATE of an error, wherever its driver keeps it. */
function codeOf(error: unknown): string | undefined {
  for (let at = error as Record<string, unknown> | undefined; at; at = at["cause"] as typeof at) {
    const meta = JSON.stringify(at["meta"] ?? {})
    const found = /\b(42P01|57014)\b/.exec(`${String(at["code"])} ${meta}`)
    if (found) return found[1]
  }
  return undefined
}
