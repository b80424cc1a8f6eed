// The page of examples/browser in headless Chromium. `PAGE_PICTURE=1` renews its picture in docs/pictures.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { extname, join, normalize } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import puppeteer, { type Browser, type Page } from "puppeteer-core"
import { ROOT } from "./world.js"

const TYPES: Record<string, string> = { ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" }

const chromium = process.env["BROWSER_PATH"]
if (!chromium) throw new Error("BROWSER_PATH is not set: expected the path of Chromium, which `bin/test --hosts` installs")

let folder: string
let server: Server
let browser: Browser

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasker-core-page-"))
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL("examples/browser/assemble.mjs", ROOT)), folder], { encoding: "utf8" })
  assert.equal(status, 0, stderr)
  server = createServer((request, response) => {
    const path = normalize(request.url === "/" ? "/index.html" : (request.url ?? ""))
    try {
      const body = readFileSync(join(folder, path))
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-dev-shm-usage"], timeout: 120_000 })
})

after(async () => {
  await browser.close()
  server.close()
  rmSync(folder, { recursive: true })
})

/** Reads the page until it is as expected. (Puppeteer's own waiting compiles functions in the page, which its policy forbids.) */
async function until(page: Page, what: string, read: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await read())) {
    if (Date.now() > end) throw new Error(`expected ${what}, got ${await page.$eval("main", main => main.innerText)}`)
  }
}

function summary(page: Page, text: string): Promise<void> {
  return until(page, text, async () => (await page.$eval("#summary", summary => summary.textContent))?.startsWith(text))
}

const rows = (page: Page) => page.$$eval("#steps tr", rows => rows.map(row => [...row.querySelectorAll("td")].slice(0, 4).map(cell => cell.textContent)))

async function press(page: Page, step: string, label: string): Promise<void> {
  const pressed = await page.$$eval("#steps tr", (rows, step, label) => {
    const row = rows.find(row => row.querySelector("td")?.textContent === step)
    const button = [...(row?.querySelectorAll("button") ?? [])].find(button => button.textContent === label)
    button?.click()
    return button !== undefined
  }, step, label)
  assert.ok(pressed, `no button ${label} of ${step}`)
}

test("a page runs an order without a server", { timeout: 300_000 }, async () => {
  const page = await browser.newPage()
  const problems: string[] = []
  page.on("pageerror", error => problems.push(String(error)))
  page.on("console", message => { if (message.type() === "error") problems.push(message.text()) })
  page.on("requestfailed", request => problems.push(request.url()))
  await page.setViewport({ width: 940, height: 1020 })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const requested = new Set<string>()
  page.on("request", request => requested.add(new URL(request.url()).origin))
  await page.goto(origin)

  await summary(page, "2 of 8 steps are done, 1 may be run now: has_ready_steps")
  const found = await rows(page)
  assert.deepEqual(found.map(row => row.slice(0, 3)), [
    ["validate", "complete", "1"], ["reserve", "complete", "1"], ["check fraud", "error", "1"], ["price", "in_progress", "1"],
    ["charge", "pending", "0"], ["pack", "pending", "0"], ["print invoice", "pending", "0"], ["ship", "pending", "0"],
  ])
  assert.deepEqual([found[5]?.[3], found[7]?.[3]], ["may be run now", "waits for 3 of 3 parents"])
  assert.match(String(found[2]?.[3]), /^will be retried at /)
  assert.equal(await page.$eval("#graph title", title => title.textContent), "shop/order 1.0.0 #7: in_progress, 2 of 8 steps done")
  assert.equal((await page.$$("#graph .edge")).length, 10)
  assert.ok((await page.$$("#graph .edge-critical")).length > 0)
  if (process.env["PAGE_PICTURE"]) await page.screenshot({ path: fileURLToPath(new URL("docs/pictures/browser.png", ROOT)) as `${string}.png` })

  await press(page, "price", "complete")
  await summary(page, "3 of 8 steps are done, 2 may be run now")
  await press(page, "print invoice", "fail")
  await until(page, "a failed step", async () => (await rows(page))[6]?.[1] === "error")
  await press(page, "pack", "complete")
  await summary(page, "4 of 8 steps are done")
  assert.equal((await rows(page))[6]?.[2], "1")
  assert.deepEqual(problems, [])
  assert.deepEqual([...requested].filter(at => at.startsWith("http")), [origin.slice(0, -1)])
})
