// Writes src/generated/document.ts, a function of the blocks of docs/typescript.md.

import { readFileSync, writeFileSync } from "node:fs"

const document = readFileSync(new URL("../../docs/typescript.md", import.meta.url), "utf8")
const lines = [...document.matchAll(/^```ts\n(.*?)^```/gms)].flatMap(([, block]) => block.trimEnd().split("\n"))
const isImport = line => line.startsWith("import ")
const text = [
  'import assert from "node:assert/strict"',
  'import type { Place } from "../world.js"',
  'import { PrismaClient } from "./prisma/client.js"',
  ...lines.filter(isImport),
  "",
  "export async function document(url: string, place: Place, taskId: number, migrations: string[], wasmModule: Uint8Array<ArrayBuffer>): Promise<void> {",
  ...lines.filter(line => !isImport(line)).map(line => (line === "" ? "" : `  ${line}`)),
  "}",
]
writeFileSync(new URL("src/generated/document.ts", import.meta.url), `${text.join("\n")}\n`)
