# The private PostgreSQL clusters of this checkout: where they are and how their programs are run. TASKER_CORE_CLUSTER names one beside the
# usual one, which is for tests: its data would not survive a crash of the machine.
# Sourced by bin/postgres and bin/setup.

# Prints the folder of initdb and pg_ctl, newest version first; nothing when PostgreSQL's server is missing.
postgres_bin() {
  local dir
  for dir in ${TASKER_CORE_PG_BIN:+"$TASKER_CORE_PG_BIN"} \
    $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn) \
    "$(pg_config --bindir 2>/dev/null || true)" "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
      printf '%s\n' "$dir"
      return
    fi
  done
}

# Prints the path of psql; any version will do. Not every build of the server comes with it.
psql_program() {
  local program
  for program in "$PG_BIN/psql" "$(command -v psql || true)" $(printf '%s\n' /usr/lib/postgresql/*/bin/psql | sort -t/ -k5 -rn); do
    if [ -x "$program" ]; then
      printf '%s\n' "$program"
      return
    fi
  done
  fail "psql is missing: expected it beside $PG_BIN/pg_ctl or on PATH, found none."
}

# PostgreSQL refuses to run as root: root hands over to this user, everybody else runs it as himself.
cluster_user() {
  local user
  am_root || { id -un; return; }
  for user in postgres nobody; do
    if id "$user" >/dev/null 2>&1; then printf '%s\n' "$user"; return; fi
  done
  fail "no unprivileged user to run PostgreSQL: expected \`postgres\` or \`nobody\` to exist, found neither."
}

# Runs a command as the cluster's user, from a folder that the user can enter.
as_cluster_user() {
  if ! am_root; then (cd / && "$@"); return; fi
  if have runuser; then (cd / && runuser -u "$CLUSTER_USER" -- "$@"); return; fi
  (cd / && su -s /bin/sh "$CLUSTER_USER" -c 'exec "$@"' -- sh "$@")
}

# The folder that holds the data and the socket: in the temporary folder if the cluster's user can write there, else in /tmp.
cluster_home() {
  local base=${TMPDIR:-/tmp} hash
  as_cluster_user test -w "$base" 2>/dev/null || base=/tmp
  hash=$(printf '%s' "$TASKER_CORE_ROOT" | cksum | cut -d' ' -f1)
  printf '%s/tasker-core-%s-%08x%s\n' "${base%/}" "$(id -u)" "$hash" "${TASKER_CORE_CLUSTER:+-$TASKER_CORE_CLUSTER}"
}

[[ ${TASKER_CORE_CLUSTER:-tests} =~ ^[a-z0-9.-]+$ ]] ||
  fail "TASKER_CORE_CLUSTER names a folder: expected small letters, digits, dots and hyphens, got \`$TASKER_CORE_CLUSTER\`."
CLUSTER_USER=$(cluster_user)
CLUSTER_HOME=$(cluster_home)
CLUSTER_DATA=$CLUSTER_HOME/data
# No TCP: the port is only a part of the socket's name, and the folder is this cluster's own.
CLUSTER_PORT=5432

cluster_running() {
  [ -d "$CLUSTER_DATA" ] && as_cluster_user "$PG_BIN/pg_ctl" status -D "$CLUSTER_DATA" >/dev/null 2>&1
}

cluster_create() {
  say "creating a PostgreSQL cluster in $CLUSTER_HOME"
  # Trust is given to whoever reaches the socket: nobody else may enter its folder.
  as_cluster_user mkdir -p -m 700 "$CLUSTER_HOME"
  [ "$(ls -ld "$CLUSTER_HOME" | awk '{print $1 $3}' | tr -d '.+@')" = "drwx------$CLUSTER_USER" ] ||
    fail "$CLUSTER_HOME is not this cluster's own: expected a folder of $CLUSTER_USER with mode 700, got $(ls -ld "$CLUSTER_HOME")."
  quietly "creating the PostgreSQL cluster" as_cluster_user "$PG_BIN/initdb" -D "$CLUSTER_DATA" \
    -U postgres --auth=trust --encoding=UTF8 --no-locale
}

# Beside the data, not in it: a cluster that an older checkout made starts with today's settings too.
# Counts of statements are not kept over a restart, or databases that are gone would fill their table.
cluster_settings() {
  cat <<CONF
# A private cluster of a tasker-core checkout.
include '$CLUSTER_DATA/postgresql.conf'
listen_addresses = ''
port = $CLUSTER_PORT
unix_socket_directories = '$CLUSTER_HOME'
max_connections = 200
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.max = 100000
pg_stat_statements.save = off
pg_stat_statements.track = 'top'
pg_stat_statements.track_utility = on
timezone = 'UTC'
CONF
  # The usual cluster is as durable as PostgreSQL is shipped: demo and benches measure real commits.
  [ -z "${TASKER_CORE_CLUSTER:-}" ] || printf '%s = off\n' fsync full_page_writes
}

# Statements are counted from the outside, in the `postgres` database: no other database gets an object more.
cluster_start() {
  [ -s "$CLUSTER_DATA/PG_VERSION" ] || cluster_create
  cluster_running && return
  cluster_settings | as_cluster_user tee "$CLUSTER_HOME/postgresql.conf" >/dev/null
  quietly "starting PostgreSQL" as_cluster_user "$PG_BIN/pg_ctl" start -w -s -D "$CLUSTER_DATA" -l "$CLUSTER_HOME/log" \
    -o "-c config_file=$CLUSTER_HOME/postgresql.conf"
  quietly "enabling pg_stat_statements" "$(psql_program)" -X -q -v ON_ERROR_STOP=1 -d "$(cluster_url postgres)" \
    -c 'create extension if not exists pg_stat_statements'
}

cluster_stop() { quietly "stopping PostgreSQL" as_cluster_user "$PG_BIN/pg_ctl" stop -w -s -m fast -D "$CLUSTER_DATA"; }

# Understood by libpq, ActiveRecord and sqlx alike.
cluster_url() {
  printf 'postgresql:///%s?host=%s&port=%s&user=postgres\n' "$1" "$CLUSTER_HOME" "$CLUSTER_PORT"
}
