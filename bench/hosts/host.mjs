// Microseconds of a small question through tasker-core and of the same statement through the bare driver: host.mjs URL ROUNDS CALLS
// TASKER_CORE_WASM=1 chooses WebAssembly.

import { createRequire } from "node:module"
import { performance } from "node:perf_hooks"
import { backend, core, on } from "../../js/dist/index.js"

// The drivers are those of the tests.
const require = createRequire(new URL("../../js/tests/package.json", import.meta.url))
const pg = require("pg")
const postgres = require("postgres")

const [url, rounds, calls] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const question = { task: 7, steps: [71, 72, 73, 74] }
const coroutine = new core.Coroutine("step_readiness", JSON.stringify(question), 0)
const { sql, binds } = JSON.parse(coroutine.resume()).statement
const { pathname, searchParams } = new URL(url.replace(":///", "://socket/"))
const place = { host: searchParams.get("host"), port: Number(searchParams.get("port")), user: searchParams.get("user"), database: pathname.slice(1) }

/** Microseconds a call of each side, and those of them that the process was on a processor. */
async function measure(sides) {
  const taken = { bare: [], core: [], bare_cpu: [], core_cpu: [] }
  // Until statements are prepared and code is compiled.
  for (let done = 0; done < 40 * calls; done++) for (const call of Object.values(sides)) await call()
  for (let round = 0; round < rounds; round++) {
    for (const [side, call] of Object.entries(sides)) {
      const [began, cpu] = [performance.now(), process.cpuUsage()]
      for (let done = 0; done < calls; done++) await call()
      const { user, system } = process.cpuUsage(cpu)
      taken[side].push(((performance.now() - began) / calls) * 1000)
      taken[`${side}_cpu`].push((user + system) / calls)
    }
  }
  return taken
}

const name = backend === "native" ? "Node" : "Node, WebAssembly"
const client = new pg.Client(place)
await client.connect()
const viaPg = await measure({
  bare: () => client.query({ name: "bare", text: sql, values: binds, rowMode: "array" }),
  core: () => on(client).stepReadiness(question),
})
await client.end()
const connection = postgres({ ...place, max: 1 })
const viaPostgres = await measure({
  bare: () => connection.unsafe(sql, binds, { prepare: true }).values(),
  core: () => on(connection).stepReadiness(question),
})
await connection.end()
console.log(JSON.stringify({ [`${name}, pg`]: viaPg, [`${name}, postgres.js`]: viaPostgres }))
