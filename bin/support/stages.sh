# A run of named stages: each with a heading and its time, an end at the first failure, a summary at the end.
# Sourced, never run.

STAGES_DONE=()

# stage TITLE COMMAND...
stage() {
  local title=$1 started=$SECONDS
  shift
  printf '\n=== %s\n' "$title"
  "$@" || stage_failed "$title" "$started"
  stage_passed "$title" "$started"
}

# Two stages side by side, each of one command in a string. What the second one says is printed when both are done.
#   stages_together TITLE COMMAND TITLE COMMAND
stages_together() {
  local first=$1 second=$3 started=$SECONDS output status=0 second_status=0 second_pid
  output=$(mktemp)
  (eval "$4") >"$output" 2>&1 </dev/null &
  second_pid=$!
  printf '\n=== %s\n' "$first"
  (eval "$2") || status=$?
  wait "$second_pid" || second_status=$?
  printf '\n=== %s\n' "$second"
  cat "$output"
  rm -f "$output"
  [ "$status" = 0 ] || stage_failed "$first" "$started"
  [ "$second_status" = 0 ] || stage_failed "$second" "$started"
  stage_passed "$first, $second" "$started"
}

stage_passed() { # TITLE STARTED
  STAGES_DONE+=("$(printf '%-26s %4ss' "$1" "$((SECONDS - $2))")")
}

stage_failed() { # TITLE STARTED
  printf '\n=== %s failed after %ss\n' "$1" "$((SECONDS - $2))"
  stages_summary
  exit 1
}

stages_summary() {
  printf '\n=== passed\n'
  printf '  %s\n' ${STAGES_DONE[@]+"${STAGES_DONE[@]}"}
  printf '  %-26s %4ss\n' total "$SECONDS"
}
