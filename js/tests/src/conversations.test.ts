// The recorded conversations, which every host replays, on the native addon and on the WebAssembly module.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, test } from "node:test"
import type { Core } from "../../dist/core.js"
import { loadSync } from "../../dist/module.js"
import { loadNative } from "../../dist/native.js"
import { exact, inexact, integers, recordings } from "./world.js"

const native = loadNative()
const wasm = loadSync(readFileSync(new URL("../../wasm/tasker_core_wasm_bg.wasm", import.meta.url)))

interface Turn {
  statement?: { name: string; sql: string; binds: (string | null)[]; writes: boolean }
  answer?: unknown
}

const same = (cell: unknown): unknown => cell

/** As a driver that leaves a type alone hands it over. */
function asText(cell: unknown): unknown {
  if (typeof cell === "boolean") return cell ? "t" : "f"
  if (typeof cell === "number") return String(cell)
  return typeof cell === "string" ? cell.replace(/^exactly (-?\d+)$/, "$1") : cell
}

function replay(core: Core, cell: (cell: unknown) => unknown): void {
  for (const recording of recordings) {
    const about = `${recording.operation} ${JSON.stringify(recording.arguments)}`
    const coroutine = new core.Coroutine(recording.operation, inexact(recording.arguments), Number(integers(recording.now)))
    let turn = exact(coroutine.resume()) as Turn
    for (const exchange of recording.statements) {
      assert.ok(turn.statement, about)
      const { name, sql, binds, writes } = turn.statement
      assert.deepEqual({ name, binds, writes }, { name: exchange.name, binds: exchange.binds, writes: exchange.writes }, about)
      assert.ok(binds.length === 0 || sql.includes("$1::text::"), about)
      turn = exact(coroutine.resume(inexact(exchange.rows.map(row => row.map(cell))))) as Turn
    }
    assert.deepEqual(turn.answer, recording.answer, about)
    coroutine.free?.()
  }
}

describe("recorded rows lead to the recorded answers", () => {
  test("natively", () => {
    assert.ok(native, "the native addon was not built: npm run --prefix js build")
    replay(native, same)
    replay(native, asText)
  })

  test("in WebAssembly", () => {
    replay(wasm, same)
    replay(wasm, asText)
  })
})
