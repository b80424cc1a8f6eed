# System libraries and programs: what is missing, and how Debian provides it. Sourced by bin/setup.

has_header() { # HEADER [INCLUDE_DIR]
  printf '#include <stddef.h>\n#include <stdio.h>\n#include <%s>\n' "$1" | cc -E ${2:+-I"$2"} - >/dev/null 2>&1
}

has_libclang() {
  local dir library
  for dir in ${LIBCLANG_PATH:+"$LIBCLANG_PATH"} "$(llvm-config --libdir 2>/dev/null || true)" \
    /usr/lib/llvm-*/lib /usr/lib /usr/lib64 /usr/lib/*-linux-gnu /usr/local/lib \
    /opt/homebrew/opt/llvm/lib /usr/local/opt/llvm/lib /Library/Developer/CommandLineTools/usr/lib; do
    for library in "$dir"/libclang.so* "$dir"/libclang-*.so* "$dir"/libclang.dylib; do
      if [ -e "$library" ]; then return 0; fi
    done
  done
  return 1
}

has_pg_stat_statements() {
  local bin
  bin=$(postgres_bin)
  [ -n "$bin" ] && [ -e "$("$bin/pg_config" --sharedir 2>/dev/null)/extension/pg_stat_statements.control" ]
}

# What the Ruby of the resources folder is linked with; another Ruby brings its own.
missing_ruby_libraries() {
  has_header yaml.h || echo libyaml-dev
  has_header ffi.h || echo libffi-dev
  has_header openssl/ssl.h || echo libssl-dev
  has_header zlib.h || echo zlib1g-dev
  has_header readline/readline.h || echo libreadline-dev
  has_header gmp.h || echo libgmp-dev
  have xz || echo xz-utils
}

# Prints the Debian name of each thing that is missing, one a line.
missing_packages() {
  if ! { have cc && have make; }; then echo build-essential; fi
  # bindgen, which writes the Rust side of Ruby's headers, loads libclang and asks clang for its include folders.
  if ! { has_libclang && have clang; }; then printf '%s\n' libclang-dev clang; fi
  [ -n "$(postgres_bin)" ] || echo postgresql
  has_pg_stat_statements || echo postgresql-contrib
  if [ "${EXTRA:-}" = --tests ]; then have pgbouncer || [ -x /usr/sbin/pgbouncer ] || echo pgbouncer; fi
  has_header libpq-fe.h "$(pg_config --includedir 2>/dev/null || true)" || echo libpq-dev
  if have dpkg && ! [ -e /etc/ssl/certs/ca-certificates.crt ]; then echo ca-certificates; fi
  [ -n "$(find_ruby)" ] || missing_ruby_libraries
}


ensure_packages() {
  local missing still
  missing=$(missing_packages | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if ! have apt-get || ! { am_root || have sudo; }; then
    fail "system packages are missing and cannot be installed from here; expected (by their Debian names) to find: ${missing% }."
  fi
  say "installing Debian packages: ${missing% }"
  quietly "updating the package lists" as_root apt-get update -qq
  # shellcheck disable=SC2086
  quietly "installing Debian packages" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing
  still=$(missing_packages | tr '\n' ' ')
  [ -z "$still" ] || fail "apt-get installed ${missing% }, yet what ${still% } should bring is still not found."
}
