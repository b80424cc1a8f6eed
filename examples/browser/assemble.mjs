// Puts the page with all that it needs into a folder that any host of files can serve: node examples/browser/assemble.mjs FOLDER

import { cpSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = new URL("../../", import.meta.url)
const folder = process.argv[2]
if (folder === undefined) throw new Error("expected a folder as the only argument, got none")

const SOURCES = {
  "index.html": "examples/browser/index.html",
  "main.js": "examples/browser/main.js",
  "order.sql": "examples/browser/order.sql",
  "style.css": "examples/browser/style.css",
  migrations: "migrations",
  "tasker-core/dist": "js/dist",
  "tasker-core/wasm": "js/wasm",
  pglite: "js/tests/node_modules/@electric-sql/pglite/dist",
}
const needed = source => !/\.(cjs|map|cts|ts|tar\.gz)$/.test(source) || source.endsWith("/pglite.data")
for (const [to, from] of Object.entries(SOURCES)) cpSync(fileURLToPath(new URL(from, root)), `${folder}/${to}`, { recursive: true, filter: needed })
