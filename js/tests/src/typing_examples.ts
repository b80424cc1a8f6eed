// Uses of the package that the compiler checks; nothing here runs.

import type { PGlite } from "@electric-sql/pglite"
import type { NodePgDatabase } from "drizzle-orm/node-postgres"
import type { PgTransaction } from "drizzle-orm/pg-core"
import type { Kysely, Transaction } from "kysely"
import type pg from "pg"
import type postgres from "postgres"
import { type Blocker, on, type ReadyStep, type Tasker } from "tasker-core"
import { over } from "tasker-core/wasm"
import type { DataSource, EntityManager, QueryRunner } from "typeorm"
import type { Prisma, PrismaClient } from "./generated/prisma/client.js"

export function clients(
  client: pg.Client, pooled: pg.PoolClient, pool: pg.Pool, sql: postgres.Sql, transaction: postgres.TransactionSql, prisma: PrismaClient,
  prismaTransaction: Prisma.TransactionClient, kysely: Kysely<{ posts: { id: number } }>, kyselyTransaction: Transaction<object>,
  drizzle: NodePgDatabase, drizzleTransaction: PgTransaction<never>, source: DataSource, manager: EntityManager, runner: QueryRunner, pglite: PGlite,
): Tasker[] {
  // @ts-expect-error: a text is no client
  on("postgres://")
  // @ts-expect-error: nor is an object of any kind
  on({ host: "localhost" })
  return [
    on(client), on(pooled, { prepare: false }), on(pool), on(sql), on(transaction), on(prisma), on(prismaTransaction), on(kysely),
    on(kyselyTransaction), on(drizzle), on(drizzleTransaction), on(source), on(manager), on(runner), on(pglite),
    over(async ({ sql: text, binds }) => (await pglite.query<Record<string, unknown>>(text, [...binds])).rows),
  ]
}

export async function typed(tasker: Tasker): Promise<ReadyStep[]> {
  const result = await tasker.transitionTo({ owner: "step", id: 7, to: "in_progress", metadata: { by: "nightly" } })
  if (result.result === "recorded") console.log(result.sort_key + 1)
  else if (result.reason === "guard_failed") console.log(result.guard, result.from)
  for (const blocker of (await tasker.blockers({ task: 7n })) ?? []) {
    if (blocker?.kind === "backoff") console.log(blocker.until + 1)
  }
  const wait: number | null = await tasker.nextWait({ task: 7 })
  console.log(wait, await tasker.systemLoad(), await tasker.activity())
  // @ts-expect-error: there are tasks and steps
  await tasker.currentState({ owner: "flow", id: 7 })
  // @ts-expect-error: an unknown argument
  await tasker.readySteps({ task: 7 })
  // @ts-expect-error: ids are integers
  await tasker.readySteps({ tasks: ["7"] })
  await tasker.closesCycle({ edge: { from: 1, to: 2n } })
  return tasker.readySteps({ tasks: [7] })
}

export function reason(blocker: Blocker): string {
  switch (blocker.kind) {
    case "parents":
      return `waits for ${blocker.open} of ${blocker.total} parents`
    case "exhausted":
      return `has used up ${blocker.attempts} of ${blocker.limit} attempts`
    default:
      return blocker.kind
  }
}
