// Prints why each step of a task waits: DATABASE_URL=postgresql://… node examples/node/readiness.mjs TASK
// Needs `npm install pg` and the package of js/ (docs/typescript.md).

import pg from "pg"
import { on } from "tasker-core"

function reason(step, blocker) {
  if (step.ready_for_execution) return "may be run"
  if (blocker === null) return "is running or done"
  if (blocker.kind === "parents") return `waits for ${blocker.open} of ${blocker.total} parents`
  if (blocker.kind === "exhausted") return `has used up ${blocker.attempts} of ${blocker.limit} attempts`
  return `is blocked: ${blocker.kind}`
}

const task = Number(process.argv[2])
const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
try {
  // What two operations answer is of one moment.
  await client.query("begin isolation level repeatable read read only")
  const tasker = on(client)
  const blockers = await tasker.blockers({ task })
  if (blockers === null) throw new Error(`expected the id of a task, got ${task}, which is none`)
  const steps = await tasker.stepReadiness({ task })
  for (const [index, step] of steps.entries()) console.log(step.workflow_step_id, JSON.stringify(step.name), reason(step, blockers[index]))
} finally {
  await client.end()
}
