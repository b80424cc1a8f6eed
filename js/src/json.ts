// Values and JSON text: integers of 64 bits, infinities, and what a cell may be.

import { ArgumentError, DecodeError, UnsafeIntegerError } from "./errors.js"
import { INSTANTS } from "./generated/instants.js"
import type { Row } from "./core.js"

const INFINITY = 2n ** 63n - 1n
const NEGATIVE_INFINITY = -(2n ** 63n)

/** Replaces an integer of an answer that a number cannot hold. */
export type KeepInteger = (value: bigint, field: string) => unknown

/** The arguments as JSON. */
export function encodeArguments(operation: string, args: object): string {
  return new Encoder(operation).object(args, "", false)
}

class Encoder {
  constructor(readonly operation: string) {}

  /** `free` is JSON of the caller's own, whose numbers may be any. */
  value(value: unknown, key: string, path: string, free: boolean): string {
    switch (typeof value) {
      case "string":
      case "boolean":
        return JSON.stringify(value)
      case "bigint":
        return value.toString()
      case "number":
        return this.number(value, key, path, free)
      case "object":
        if (value === null) return "null"
        if (Array.isArray(value)) return this.array(value, key, path, free)
        if ("toJSON" in value && typeof value.toJSON === "function") return this.value(value.toJSON(), key, path, free)
        return this.object(value, path, free)
      default:
        throw this.refused(path, `expected JSON, got a ${typeof value}`)
    }
  }

  array(values: readonly unknown[], key: string, path: string, free: boolean): string {
    return `[${values.map((value, index) => this.value(value, key, `${path}[${index}]`, free)).join(",")}]`
  }

  object(value: object, path: string, free: boolean): string {
    const fields: string[] = []
    for (const [key, field] of Object.entries(value)) {
      if (field === undefined) continue
      const own = path === "" ? key : `${path}.${key}`
      fields.push(`${JSON.stringify(key)}:${this.value(field, key, own, free || own === "metadata")}`)
    }
    return `{${fields.join(",")}}`
  }

  number(value: number, key: string, path: string, free: boolean): string {
    if (!free && INSTANTS.has(key) && !Number.isFinite(value) && !Number.isNaN(value)) {
      return (value > 0 ? INFINITY : NEGATIVE_INFINITY).toString()
    }
    if (!Number.isFinite(value)) throw this.refused(path, `expected ${free ? "JSON" : "a safe integer"}, got ${value}`)
    if (!free && !Number.isSafeInteger(value)) {
      throw this.refused(path, `expected a safe integer or a bigint, got ${value}`)
    }
    return JSON.stringify(value)
  }

  refused(argument: string, problem: string): ArgumentError {
    const { operation } = this
    return new ArgumentError(`${operation}: argument \`${argument}\`: ${problem}`, { operation, argument, problem })
  }
}

const CELL = "null, a boolean, a safe integer, a bigint or a string"

/** Rows of any driver as JSON. */
export function encodeRows(query: string, rows: readonly Row[]): string {
  return JSON.stringify(
    rows.map((row, index) => {
      const cells = Array.isArray(row) ? (row as readonly unknown[]) : Object.values(row)
      return cells.every(plain) ? cells : cells.map((cell, column) => encodeCell(query, cell, index, column))
    }),
  )
}

function plain(cell: unknown): boolean {
  return typeof cell === "string" || cell === null || typeof cell === "boolean"
}

function encodeCell(query: string, cell: unknown, row: number, column: number): unknown {
  if (plain(cell) || Number.isSafeInteger(cell)) return cell
  // The core reads digits as an integer where it expects one.
  if (typeof cell === "bigint") return cell.toString()
  const got = described(cell)
  const message = `unexpected answer to ${query}: column ${column} of row ${row} should be ${CELL}, got ${got}`
  throw new DecodeError(message, { query, row, column, expected: CELL, got })
}

function described(cell: unknown): string {
  if (typeof cell === "object" && cell !== null) return `an instance of ${cell.constructor?.name ?? "no class"}`
  return `the ${typeof cell} ${String(cell)}`
}

/** Integers that may be unsafe: 16 digits that begin with a nine, or more. Most instants have 16 digits. */
const LONG = /9\d{15}|\d{17}/
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g
const INTEGER = /^-?\d{16,}$/
/** Begins a text that stands for an integer: no text of PostgreSQL has a NUL. */
const MARK = "\u0000"

/** The answer that `text` has as JSON. Infinite instants are `Infinity` and `-Infinity`; no other integer is rounded. */
export function decodeAnswer(operation: string, text: string, keep?: KeepInteger): unknown {
  if (!LONG.test(text)) return JSON.parse(text)
  const marked = text.replace(TOKEN, token => {
    return INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"\\u0000${token}"` : token
  })
  return JSON.parse(marked, (field: string, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith(MARK)) return value
    const integer = BigInt(value.slice(1))
    if (INSTANTS.has(field) && integer === INFINITY) return Infinity
    if (INSTANTS.has(field) && integer === NEGATIVE_INFINITY) return -Infinity
    if (keep) return keep(integer, field)
    const message = `${operation}: \`${field}\` of the answer is ${integer}, which a number cannot hold`
    throw new UnsafeIntegerError(message, { operation, field, value: integer })
  })
}
