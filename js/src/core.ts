/** An operation on its way: texts in, texts out. */
export interface Coroutine {
  resume(rows?: string | null): string
  /** Gives its memory back; the native addon leaves that to the garbage collector. */
  free?(): void
}

/** The native addon or the WebAssembly module. */
export interface Core {
  Coroutine: new (operation: string, args: string, now: number) => Coroutine
  /** Panics on purpose. */
  panic(): void
  /** The message of the last panic, where a panic is a trap. */
  takePanic?(): string | undefined
}

/** A statement of an operation. */
export interface Statement {
  /** A short name for logs. */
  readonly name: string
  /** PostgreSQL text with `$1`, `$2` …, each of them text. No two columns of its rows have the same name. */
  readonly sql: string
  /** The parameters in order: texts and nulls. */
  readonly binds: readonly (string | null)[]
  /** Whether it changes rows. */
  readonly writes: boolean
}

/** A row: its cells in order, or an object with a property for each column, in order. */
export type Row = readonly unknown[] | Readonly<Record<string, unknown>>

/** Runs a statement, in the transaction that is open there, and returns its rows. */
export type Run = (statement: Statement) => Promise<readonly Row[]>
