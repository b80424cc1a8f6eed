// A task's graph with states, readiness and critical path, from a PostgreSQL in this page.

import { PGlite } from "./pglite/index.js"
import { over } from "./tasker-core/dist/wasm.js"

const TASK = 7
const FILES = ["migrations/0001_definitions.sql", "migrations/0002_tasks.sql", "migrations/0003_workflow_steps.sql", "order.sql"]

/** The operations on a database or one of its transactions. */
const on = database => over(async ({ sql, binds }) => (await database.query(sql, [...binds], { rowMode: "array" })).rows)

async function openDatabase() {
  const database = await PGlite.create()
  for (const file of FILES) await database.exec(await (await fetch(file)).text())
  return database
}

/** Runs an attempt of a step that ends at once, and completes the task after its last step. */
async function attempt(database, step, ending) {
  await database.transaction(async transaction => {
    const tasker = on(transaction)
    const id = step.workflow_step_id
    if (step.current_state !== "in_progress") {
      const moved = await tasker.transitionTo({ owner: "step", id, to: "in_progress", metadata: { by: "browser" } })
      if (moved.result === "refused") throw new Error(`step ${id} was refused: ${moved.reason}`)
    }
    await tasker.finishStep({ step: id, ending, attempts: step.attempts + (step.current_state === "in_progress" ? 0 : 1) })
    await tasker.finishTask({ task: TASK })
  })
}

function reason(step, blocker) {
  if (step.ready_for_execution) return "may be run now"
  switch (blocker?.kind) {
    case undefined:
      return ""
    case "parents":
      return `waits for ${blocker.open} of ${blocker.total} parents`
    case "backoff":
      return `will be retried at ${new Date(blocker.until / 1000).toLocaleTimeString()}`
    case "exhausted":
      return `has used up ${blocker.attempts} of ${blocker.limit} attempts`
    default:
      return blocker.kind
  }
}

function element(name, text, ...children) {
  const made = document.createElement(name)
  if (text) made.textContent = text
  made.append(...children)
  return made
}

async function show(database) {
  const { context, steps, blockers, drawing } = await database.transaction(async transaction => {
    const tasker = on(transaction)
    const { context, steps } = await tasker.taskCondition({ task: TASK })
    return { context, steps, blockers: await tasker.blockers({ task: TASK }), drawing: await tasker.taskDrawing({ task: TASK }) }
  })
  const button = (label, step, ending) => {
    const made = element("button", label)
    made.addEventListener("click", async () => {
      await attempt(database, step, ending)
      await show(database)
    })
    return made
  }
  const rows = steps.map((step, index) => {
    const runnable = step.ready_for_execution || step.current_state === "in_progress"
    const buttons = runnable ? [button("complete", step, "complete"), button("fail", step, "error")] : []
    const cells = [step.name, step.current_state, String(step.attempts), reason(step, blockers[index])]
    return element("tr", "", ...cells.map(cell => element("td", cell)), element("td", "", ...buttons))
  })
  document.querySelector("#graph").innerHTML = drawing.svg
  document.querySelector("#steps").replaceChildren(...rows)
  document.querySelector("#summary").textContent =
    `${context.completed_steps} of ${context.total_steps} steps are done, ${context.ready_steps} may be run now: ${context.execution_status}`
}

show(await openDatabase()).catch(error => {
  document.querySelector("#summary").textContent = String(error)
  throw error
})
