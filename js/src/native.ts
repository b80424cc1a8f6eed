import { createRequire } from "node:module"
import type { Core } from "./core.js"

/** The native addon; undefined where it was not built, or was built for another machine. */
export function loadNative(): Core | undefined {
  try {
    return createRequire(import.meta.url)("../native/tasker_core.node") as Core
  } catch {
    return undefined
  }
}
