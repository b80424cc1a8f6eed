# What every script of the project starts with: where the checkout is, how to speak, how to fail.
# Sourced, never run.

TASKER_CORE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export TASKER_CORE_ROOT

# One short line about what happens.
say() { printf '%s: %s\n' "${0##*/}" "$*"; }

# One clear sentence, then the end.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Runs a step quietly; its output is shown only if it fails.
#   quietly WHAT COMMAND...
quietly() {
  local what=$1 output
  shift
  output=$(mktemp)
  if ! "$@" >"$output" 2>&1 </dev/null; then
    tail -n 40 "$output" >&2
    rm -f "$output"
    fail "$what failed: \`$*\` ended with an error (its last lines stand above)."
  fi
  rm -f "$output"
}

have() { command -v "$1" >/dev/null 2>&1; }
am_root() { [ "$(id -u)" = 0 ]; }
as_root() { if am_root; then "$@"; else sudo "$@"; fi; }
