// Writes src/generated from tests/hosted/operations.json; `--check` fails where it is stale.

import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"

const DOCUMENT = new URL("../../tests/hosted/operations.json", import.meta.url)
const FOLDER = new URL("../src/generated/", import.meta.url)
const source = readFileSync(DOCUMENT)
const { given, taken, operations } = JSON.parse(source)
const HEADER = [
  "// Made from tests/hosted/operations.json by js/tools/generate.mjs; do not edit.",
  `// sha256 of its source: ${createHash("sha256").update(source).digest("hex")}`,
]

/** The documentation of Rust in the words of TypeScript. */
function prose(text) {
  return text
    .split("\n\n")[0]
    .replace(/\s+/g, " ")
    .replace(/\[`State::Other`\]/g, "`State`")
    .replace(/\[`?([^`\]]*)`?\](\([^)]*\))?/g, "`$1`")
    .replace(/\bNull\b/g, "null")
    .replace(/\b(?:step_|task_)?[a-z]+(?:_[a-z]+)+\b/g, name => (operations.some(one => one.name === name) ? camel(name) : name))
    .replace(/\*\//g, "* /")
}

function documented(text, indent) {
  return text ? [`${indent}/** ${prose(text)} */`] : []
}

const camel = name => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
const pascal = words => words.split("_").map(word => word[0].toUpperCase() + word.slice(1)).join("")
const referred = schema => schema.$ref.split("/").at(-1)
const isInstant = schema => schema.$ref?.endsWith("/Timestamp") || schema.anyOf?.some(isInstant)

/** The name of a type of arguments: answers have numbers where arguments take more. */
function argumentName(name) {
  if (name === "Timestamp") return "InstantArgument"
  if (taken[name].type === "integer") return "IntegerArgument"
  return name in given && taken[name].type === "object" ? `${name}Argument` : name
}

/** The type of a value; that of an argument where `argument`. */
function type(schema, argument) {
  if (schema.$ref && !schema.properties) return argument ? argumentName(referred(schema)) : referred(schema)
  const parts = schema.anyOf ?? schema.oneOf
  if (parts) return union(parts.map(part => type(part, argument)))
  if ("const" in schema) return JSON.stringify(schema.const)
  if (schema.enum) return union(schema.enum.map(word => JSON.stringify(word)))
  if (Array.isArray(schema.type)) return union(schema.type.map(one => type({ ...schema, type: one }, argument)))
  switch (schema.type) {
    case "array": {
      const item = type(schema.items, argument)
      const list = /[| ]/.test(item) ? `(${item})[]` : `${item}[]`
      return argument ? `readonly ${list}` : list
    }
    case "object":
      return argument ? "Readonly<Record<string, unknown>>" : "Record<string, unknown>"
    case "integer":
      return argument && schema.format === "int64" ? "IntegerArgument" : "number"
    case "number":
    case "string":
    case "boolean":
    case "null":
      return schema.type
    default:
      throw new Error(`unexpected schema: ${JSON.stringify(schema)}`)
  }
}

const union = parts => [...new Set(parts)].join(" | ")

function fields(schema) {
  const required = schema.required ?? []
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({ name, field, required: required.includes(name) }))
}

/** The fields of an object, once for each of its variants. */
function variants(schema, definitions) {
  if (schema.$ref) return variants(definitions[referred(schema)], definitions).map(inner => [...fields(schema), ...inner])
  if (schema.oneOf) return schema.oneOf.flatMap(part => variants(part, definitions))
  return [fields(schema)]
}

function members(list, argument) {
  return list.flatMap(({ name, field, required }) => [
    ...documented(field.description, "  "),
    argument
      ? `  readonly ${name}${required ? "" : "?"}: ${type(field, true)}${required ? "" : " | undefined"}`
      : `  ${name}: ${type(field, false)}`,
  ])
}

function definition(name, definitions, argument) {
  const schema = definitions[name]
  const doc = documented(schema.description, "")
  const own = argument ? argumentName(name) : name
  const tagged = schema.oneOf?.some(part => part.properties)
  if (tagged) {
    const all = variants(schema, definitions)
    const kinds = all.map((list, index) => {
      const words = list.filter(({ field }) => "const" in field).map(({ field }) => field.const).join("_")
      const about = all.length === schema.oneOf.length ? schema.oneOf[index].description : undefined
      return { name: own + pascal(words), list, about: documented(about ?? schema.description, "") }
    })
    return [
      ...kinds.flatMap(kind => ["", ...kind.about, `export interface ${kind.name} {`, ...members(kind.list, argument), "}"]),
      "", ...doc, `export type ${own} = ${kinds.map(kind => kind.name).join(" | ")}`,
    ]
  }
  if (schema.properties) return ["", ...doc, `export interface ${own} {`, ...members(fields(schema), argument), "}"]
  return ["", ...doc, `export type ${own} = ${type(schema, argument)}`]
}

function types() {
  const names = Object.keys(taken).filter(name => taken[name].type !== "integer" && !(name in given && argumentName(name) === name))
  return [
    ...HEADER, "",
    "/** A 64-bit integer as an argument: a safe integer, or a `bigint`. */",
    "export type IntegerArgument = number | bigint", "",
    "/** An instant as an argument: microseconds since 1970 in UTC; `Infinity` and `-Infinity` are PostgreSQL's. */",
    "export type InstantArgument = number | bigint",
    ...Object.keys(given).sort().flatMap(name => definition(name, given, false)),
    ...names.sort().flatMap(name => definition(name, taken, true)),
  ]
}

function method({ name, doc, arguments: list, schema, answer }) {
  const required = schema.required ?? []
  const about = list.map(argument => `   * @param args.${argument.name} ${prose(argument.doc)}`)
  const given = list.map(argument => {
    const value = type(schema.properties[argument.name], true)
    return required.includes(argument.name) ? `${argument.name}: ${value}` : `${argument.name}?: ${value} | undefined`
  })
  const parameter = list.length === 0 ? "" : `args: { ${given.map(one => `readonly ${one}`).join("; ")} }${list.some(({ name }) => required.includes(name)) ? "" : " = {}"}`
  return [
    "",
    "  /**",
    `   * ${prose(doc)}`,
    ...(about.length ? ["   *", ...about] : []),
    "   */",
    `  ${camel(name)}(${parameter}): Promise<${type(answer, false)}> {`,
    `    return this.call("${name}", ${list.length === 0 ? "{}" : "args"})`,
    "  }",
  ]
}

function methods() {
  const body = operations.flatMap(method)
  const words = new Set(body.join("\n").match(/\w+/g))
  const known = [...Object.keys(given), ...Object.keys(taken).map(argumentName)]
  return [
    ...HEADER, "",
    'import { Base } from "../base.js"',
    "import type {",
    ...[...new Set(known)].filter(name => words.has(name)).sort().map(name => `  ${name},`),
    '} from "./types.js"', "",
    "/** The operations on a client; made by `on` or `over`. */",
    "export class Tasker extends Base {",
    ...body.slice(1),
    "}",
  ]
}

/** Names of fields that hold instants. */
function instants() {
  const found = new Set()
  const visit = schema => {
    if (Array.isArray(schema)) schema.forEach(visit)
    else if (schema && typeof schema === "object") {
      for (const [name, field] of Object.entries(schema.properties ?? {})) if (isInstant(field)) found.add(name)
      Object.values(schema).forEach(visit)
    }
  }
  visit([given, taken, operations])
  return [
    ...HEADER, "",
    "/** Names of fields and arguments that hold instants. */",
    `export const INSTANTS: ReadonlySet<string> = new Set(${JSON.stringify([...found].sort())})`,
  ]
}

const stale = []
mkdirSync(FOLDER, { recursive: true })
for (const [name, lines] of [["types.ts", types()], ["operations.ts", methods()], ["instants.ts", instants()]]) {
  const path = new URL(name, FOLDER)
  const text = `${lines.join("\n")}\n`
  if (!process.argv.includes("--check")) writeFileSync(path, text)
  else if (readFileSync(path, "utf8") !== text) stale.push(name)
}
if (stale.length > 0) {
  console.error(`stale: ${stale.join(", ")}; run \`rake hosted:types\``)
  process.exit(1)
}
