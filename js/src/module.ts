import initialize, * as generated from "../wasm/tasker_core_wasm.js"
import type { Core } from "./core.js"

/** The WebAssembly module: compiled, as bytes, or as what `fetch` returns. */
export type Module = WebAssembly.Module | BufferSource | Response | URL | string

let loading: Promise<Core> | undefined

/** Starts the module from bytes, at once. */
export function loadSync(module: BufferSource | WebAssembly.Module): Core {
  generated.initSync({ module })
  return generated
}

/** Starts the module, the first time that it is called; from beside its JavaScript where no module is given. */
export function load(module?: Module): Promise<Core> {
  loading ??= initialize(module === undefined ? undefined : { module_or_path: module }).then(
    () => generated,
    (error: unknown) => {
      loading = undefined
      throw error
    },
  )
  return loading
}
