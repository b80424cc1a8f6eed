// The package itself: generated modules, its size, its documentation, what it imports.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { test } from "node:test"
import { gzipSync } from "node:zlib"
import { Tasker } from "tasker-core"
import { camel } from "./answers.js"
import { read, recordings, ROOT } from "./world.js"

const HEAVIEST = 200_000

const run = (...command: string[]) => spawnSync(process.execPath, command, { cwd: new URL("js/", ROOT), encoding: "utf8" })

test("generated modules are current", () => {
  const { status, stderr } = run("tools/generate.mjs", "--check")
  assert.equal(status, 0, stderr)
})

test("the WebAssembly module weighs at most 200 KB when it is sent", () => {
  const weight = gzipSync(readFileSync(new URL("js/wasm/tasker_core_wasm_bg.wasm", ROOT)), { level: 9 }).length
  assert.ok(weight <= HEAVIEST, `expected at most ${HEAVIEST} bytes with gzip, got ${weight}`)
})

test("the WebAssembly module names no folder of the machine that built it", () => {
  const module = readFileSync(new URL("js/wasm/tasker_core_wasm_bg.wasm", ROOT), "latin1")
  assert.ok(!module.includes(new URL("src/", ROOT).pathname))
  assert.ok(!module.includes(homedir()))
})

test("every operation is a documented method", () => {
  const types = read("js/dist/generated/operations.d.ts")
  for (const { operation } of recordings) {
    const name = camel(operation)
    assert.equal(typeof Tasker.prototype[name], "function", name)
    assert.match(types, new RegExp(`\\*/\\n    ${name}\\(`))
  }
})

test("no driver is imported", () => {
  const script = "import 'tasker-core'; import 'tasker-core/wasm'"
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: new URL("js/tests/", ROOT), encoding: "utf8" })
  assert.equal(status, 0, stderr)
  for (const file of ["index", "wasm", "base", "json", "module", "native", "drivers/index", "drivers/drivers", "drivers/query_builders"]) {
    for (const [, imported] of read(`js/dist/${file}.js`).matchAll(/(?:from|import\() ?"([^"]+)"/g)) assert.match(String(imported), /^(node:|\.)/, file)
  }
})
