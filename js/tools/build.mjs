// Builds the native addon, the WebAssembly module and the JavaScript. `--wasm` leaves the addon out.

import { spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const js = `${root}js`
const WASM = "wasm32-unknown-unknown"

function run(what, command, args, options = {}) {
  const started = Date.now()
  const { status, error } = spawnSync(command, args, { stdio: "inherit", ...options })
  if (error?.code === "ENOENT") fail(`${what} needs \`${command}\` on PATH, found none`)
  if (status !== 0) fail(`${what} failed: \`${command} ${args.join(" ")}\` ended with ${status ?? error}`)
  console.log(`build: ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
}

function fail(message) {
  console.error(`build: ${message}`)
  process.exit(1)
}

const printed = (command, args) => spawnSync(command, args, { encoding: "utf8" }).stdout ?? ""

const LIBRARIES = { darwin: "libtasker_core_node.dylib", linux: "libtasker_core_node.so", win32: "tasker_core_node.dll" }

function addon() {
  const library = LIBRARIES[process.platform] ?? fail(`the native addon is not built on ${process.platform}: \`--wasm\` does without`)
  run("native addon", "cargo", ["build", "--quiet", "--release", "--locked"], { cwd: `${root}ext/node` })
  mkdirSync(`${js}/native`, { recursive: true })
  // Not over the file of a running process.
  rmSync(`${js}/native/tasker_core.node`, { force: true })
  copyFileSync(`${root}target/node/release/${library}`, `${js}/native/tasker_core.node`)
}

function ensureTarget() {
  const libraries = printed("rustc", ["--print", "target-libdir", "--target", WASM]).trim()
  if (existsSync(libraries)) return
  if (printed("rustup", ["--version"]) === "") fail(`expected the target ${WASM} of Rust, found none, and no rustup to add it`)
  run(`target ${WASM}`, "rustup", ["target", "add", WASM])
}

function module() {
  ensureTarget()
  const cwd = `${root}ext/wasm`
  // The module is the same wherever it is built.
  const crates = process.env.CARGO_HOME ?? join(homedir(), ".cargo")
  const flags = `${process.env.RUSTFLAGS ?? ""} --remap-path-prefix=${root}= --remap-path-prefix=${crates}=`.trim()
  run("WebAssembly module", "cargo", ["build", "--quiet", "--release", "--locked", "--target", WASM], { cwd, env: { ...process.env, RUSTFLAGS: flags } })
  const built = `${root}target/wasm/${WASM}/release/tasker_core_wasm.wasm`
  run("its JavaScript", "cargo", ["run", "--quiet", "--locked", "--package", "bindgen", "--", built, `${js}/wasm`], { cwd })
}

if (!process.argv.includes("--wasm")) addon()
module()
run("JavaScript", process.execPath, [`${js}/node_modules/typescript/bin/tsc`, "--project", js])
