// The WebAssembly module outside of Node and browsers: in Deno, in workerd (Cloudflare's edge runtime), and on threads of Node.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { ROOT } from "./world.js"

const JS = fileURLToPath(new URL("js", ROOT))
const LEVELS = [{ level: 0, step: 1 }, { level: 1, step: 2 }]
/** Asks for the levels of two steps, and for something with a wrong id. */
const ASK = `
  const levels = await over(async () => [["{1,2}", "{1}", "{2}"]]).dependencyLevels({ task: 7 })
  const refused = await over(async () => []).readySteps({ tasks: [2 ** 53] }).catch(error => error.name)
`

const require = createRequire(import.meta.url)
const WORKERD = join(dirname(require.resolve("workerd/package.json")), "bin/workerd")
// The program itself appears when this script is run for the first time.
const DENO = join(dirname(require.resolve("deno/package.json")), "bin.cjs")

function inFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "tasker-core-runtime-"))
  try {
    body(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test("Deno answers", () => {
  inFolder(folder => {
    const script = join(folder, "ask.mjs")
    writeFileSync(script, `import { over } from "file://${JS}/dist/wasm.js"\n${ASK}\nconsole.log(JSON.stringify([levels, refused]))\n`)
    const env = { ...process.env, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: "1" }
    const { status, stdout, stderr } = spawnSync(process.execPath, [DENO, "run", "--no-prompt", "--no-remote", "--allow-read", script], { encoding: "utf8", env })
    assert.equal(status, 0, stderr)
    assert.deepEqual(JSON.parse(stdout), [LEVELS, "ArgumentError"])
  })
})

test("workerd answers", () => {
  inFolder(folder => {
    for (const within of ["dist", "wasm"]) cpSync(join(JS, within), join(folder, within), { recursive: true })
    const scripts = (within: string) => readdirSync(join(JS, within)).filter(name => name.endsWith(".js")).map(name => `${within}/${name}`)
    const files = [...scripts("dist"), ...scripts("dist/generated"), ...scripts("wasm")].filter(name => !/\/(index|native)\.js$/.test(name))
    const modules = files.map(name => `(name = "${name}", esModule = embed "${name}")`)
    writeFileSync(join(folder, "main.js"), `
      import { init, over } from "./dist/wasm.js"
      import module from "./module.wasm"
      export default {
        async test() {
          await init(module)
          ${ASK}
          const got = JSON.stringify([levels, refused])
          const expected = '${JSON.stringify([LEVELS, "ArgumentError"])}'
          if (got !== expected) throw new Error("expected " + expected + ", got " + got)
        },
      }
    `)
    writeFileSync(join(folder, "config.capnp"), `
      using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
      const worker :Workerd.Worker = (
        modules = [
          (name = "main.js", esModule = embed "main.js"),
          (name = "module.wasm", wasm = embed "wasm/tasker_core_wasm_bg.wasm"),
          ${modules.join(",\n          ")}
        ],
        compatibilityDate = "2025-01-01",
      );
    `)
    const { status, stderr } = spawnSync(WORKERD, ["test", join(folder, "config.capnp")], { encoding: "utf8" })
    assert.equal(status, 0, stderr)
    assert.match(stderr, /\[ PASS \]/)
  })
})

test("threads of Node answer, each with a core of its own", async () => {
  const script = `
    import { parentPort } from "node:worker_threads"
    import { backend, over } from "file://${JS}/dist/index.js"
    ${ASK}
    parentPort.postMessage([backend, levels, refused])
  `
  const answers = await Promise.all(Array.from({ length: 3 }, () => new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
    worker.once("message", resolve)
    worker.once("error", reject)
  })))
  const backend = process.env["TASKER_CORE_WASM"] === "1" ? "wasm" : "native"
  assert.deepEqual(answers, Array(3).fill([backend, LEVELS, "ArgumentError"]))
})
