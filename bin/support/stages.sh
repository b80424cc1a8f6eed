# A run of named stages: each with a heading and its time, an end at the first failure, a summary at the end.
# Sourced, never run.

STAGES_DONE=()

# stage TITLE COMMAND...
stage() {
  local title=$1 started=$SECONDS
  shift
  printf '\n=== %s\n' "$title"
  if ! "$@"; then
    printf '\n=== %s failed after %ss\n' "$title" "$((SECONDS - started))"
    stages_summary
    exit 1
  fi
  STAGES_DONE+=("$(printf '%-16s %4ss' "$title" "$((SECONDS - started))")")
}

stages_summary() {
  printf '\n=== passed\n'
  printf '  %s\n' ${STAGES_DONE[@]+"${STAGES_DONE[@]}"}
  printf '  %-16s %4ss\n' total "$SECONDS"
}
