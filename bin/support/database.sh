# Sourced by scripts that need the database for as long as they run.

# Starts the cluster unless it runs already; what was started here is stopped when the script ends.
borrow_postgres() {
  "$TASKER_CORE_ROOT/bin/postgres" status >/dev/null && return
  "$TASKER_CORE_ROOT/bin/postgres" start
  trap '"$TASKER_CORE_ROOT/bin/postgres" stop' EXIT
}
