// Errors of tasker-core. Errors of the database are those of its driver, unchanged. A transition that is refused is an answer, not an error.

/** Base class of all errors of tasker-core. */
export class TaskerError extends Error {
  override name = "TaskerError"
}

/** An operation was called with arguments that do not fit. */
export class ArgumentError extends TaskerError {
  override name = "ArgumentError"
  /** The operation, such as `ready_steps`. */
  readonly operation: string
  /** The path of the argument, such as `tasks[0]`; null where an argument is missing. */
  readonly argument: string | null
  /** Expected and got. */
  readonly problem: string

  constructor(message: string, fields: { operation: string; argument: string | null; problem: string }) {
    super(message)
    this.operation = fields.operation
    this.argument = fields.argument
    this.problem = fields.problem
  }
}

/** `on` was called with something that is no supported client. */
export class ClientTypeError extends TaskerError {
  override name = "ClientTypeError"
}

/** The steps of a task depend on each other in a cycle. */
export class CycleError extends TaskerError {
  override name = "CycleError"
  /** The ids of the steps in the cycle. */
  readonly steps: readonly number[]

  constructor(message: string, fields: { steps: readonly number[] }) {
    super(message)
    this.steps = fields.steps
  }
}

/** A transition kept losing its race against others of the same task or step. */
export class ContentionError extends TaskerError {
  override name = "ContentionError"
  /** The task or step, such as `step 7`. */
  readonly owner: string
  /** The state that was requested. */
  readonly to: string
  /** The number of races lost. */
  readonly attempts: number

  constructor(message: string, fields: { owner: string; to: string; attempts: number }) {
    super(message)
    this.owner = fields.owner
    this.to = fields.to
    this.attempts = fields.attempts
  }
}

/** An answer has an integer that a number cannot hold: nothing was rounded. */
export class UnsafeIntegerError extends TaskerError {
  override name = "UnsafeIntegerError"
  /** The operation, such as `ready_steps`. */
  readonly operation: string
  /** The field of the answer, such as `step`; its index where it stands in an array. */
  readonly field: string
  /** The integer. */
  readonly value: bigint

  constructor(message: string, fields: { operation: string; field: string; value: bigint }) {
    super(message)
    this.operation = fields.operation
    this.field = fields.field
    this.value = fields.value
  }
}

/** A defect of tasker-core. Please report it. */
export class InternalError extends TaskerError {
  override name = "InternalError"
}

/** The database answered with rows of another shape, because its tables differ or its driver converts values. */
export class DecodeError extends InternalError {
  override name = "DecodeError"
  /** The name of the statement. */
  readonly query: string
  /** The row, counted from 0. */
  readonly row: number
  /** The column, counted from 0. */
  readonly column: number
  /** The kind of value that was expected. */
  readonly expected: string
  /** The value that was there instead. */
  readonly got: string

  constructor(message: string, fields: { query: string; row: number; column: number; expected: string; got: string }) {
    super(message)
    this.query = fields.query
    this.row = fields.row
    this.column = fields.column
    this.expected = fields.expected
    this.got = fields.got
  }
}

/** What the core says of a failure. */
export type Failure =
  | { kind: "argument"; message: string; operation: string; argument: string | null; problem: string }
  | { kind: "decode"; message: string; query: string; row: number; column: number; expected: string; got: string }
  | { kind: "cycle"; message: string; steps: number[] }
  | { kind: "contention"; message: string; owner: string; to: string; attempts: number }
  | { kind: "internal"; message: string }

/** The error for a failure of the core. */
export function errorOf(failure: Failure): TaskerError {
  switch (failure.kind) {
    case "argument":
      return new ArgumentError(failure.message, failure)
    case "decode":
      return new DecodeError(failure.message, failure)
    case "cycle":
      return new CycleError(failure.message, failure)
    case "contention":
      return new ContentionError(failure.message, failure)
    default:
      return new InternalError(failure.message)
  }
}
