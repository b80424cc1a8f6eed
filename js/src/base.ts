import { decodeAnswer, encodeArguments, encodeRows, type KeepInteger } from "./json.js"
import { errorOf, type Failure, InternalError, TaskerError } from "./errors.js"
import type { Core, Run, Statement, Coroutine } from "./core.js"

type Turn = { statement: Statement } | { error: Failure }

const ANSWER = '{"answer":'

/** How an operation runs: its statements on the caller's client, one after the other. */
export class Base {
  readonly #core: () => Core | Promise<Core>
  readonly #run: Run
  readonly #keep: KeepInteger | undefined

  /** @internal `keep` replaces integers that a number cannot hold; without it they are errors. */
  constructor(core: () => Core | Promise<Core>, run: Run, keep?: KeepInteger) {
    this.#core = core
    this.#run = run
    this.#keep = keep
  }

  protected async call<T>(operation: string, args: object): Promise<T> {
    const given = encodeArguments(operation, args)
    const loaded = this.#core()
    const core = loaded instanceof Promise ? await loaded : loaded
    const coroutine = begin(core, operation, given)
    try {
      let text = guarded(core, () => coroutine.resume())
      while (!text.startsWith(ANSWER)) {
        const turn = JSON.parse(text) as Turn
        if ("error" in turn) throw errorOf(turn.error)
        const { statement } = turn
        const rows = encodeRows(statement.name, await this.#run(statement))
        text = guarded(core, () => coroutine.resume(rows))
      }
      return decodeAnswer(operation, text.slice(ANSWER.length, -1), this.#keep) as T
    } finally {
      release(coroutine)
    }
  }
}

function begin(core: Core, operation: string, args: string): Coroutine {
  return guarded(core, () => new core.Coroutine(operation, args, Date.now() * 1000))
}

/** Calls the core: what it throws is a turn with an error, or a panic. */
export function guarded<T>(core: Core, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (error instanceof TaskerError) throw error
    const message = error instanceof Error ? error.message : String(error)
    if (message.startsWith('{"error":')) throw errorOf((JSON.parse(message) as { error: Failure }).error)
    const panic = core.takePanic?.() ?? message
    throw new InternalError(`tasker-core panicked, please report it: ${panic}`, { cause: error })
  }
}

function release(coroutine: Coroutine): void {
  try {
    coroutine.free?.()
  } catch {
    // A coroutine that trapped cannot be freed.
  }
}
