# Ruby and Rust: where they are, and which versions will do. Sourced by bin/setup.

RUBY_MINIMUM=3.2
# TASKER_CORE_RUBY=3.4 asks for that one; without it any will do that is new enough.
TOOLCHAIN_RUBY=/opt/ruby-${TASKER_CORE_RUBY:-3.3}/bin/ruby

# The folder with gems and toolchains for machines without a network; empty when there is none.
resources_folder() {
  local dir=${TASKER_CORE_RESOURCES:-$TASKER_CORE_ROOT/../shared}
  if [ -d "$dir" ]; then
    (cd "$dir" && pwd -P)
  elif [ -n "${TASKER_CORE_RESOURCES:-}" ]; then
    fail "TASKER_CORE_RESOURCES: expected a folder, got \`$dir\`, which is none."
  fi
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; } # VERSION MINIMUM

# New enough, with Bundler, and with the headers that an extension is compiled against.
usable_ruby() {
  "$1" -e 'require "bundler"; require "openssl"; require "yaml"
    new_enough = Gem::Version.new(RUBY_VERSION) >= Gem::Version.new(ARGV.fetch(0))
    wanted = ENV["TASKER_CORE_RUBY"]
    exit new_enough && (wanted.nil? || RUBY_VERSION.start_with?("#{wanted}.")) && File.exist?(File.join(RbConfig::CONFIG["rubyhdrdir"], "ruby.h"))' "$RUBY_MINIMUM" >/dev/null 2>&1
}

# Prints the real path of a usable Ruby (no version manager's shim), or nothing.
find_ruby() {
  local candidate
  for candidate in "$(command -v ruby || true)" "$TOOLCHAIN_RUBY"; do
    if [ -n "$candidate" ] && usable_ruby "$candidate"; then
      "$candidate" -e 'print RbConfig.ruby'
      return
    fi
  done
}

# Sets RUBY, unpacking the toolchain of the resources folder if no Ruby is there.
ensure_ruby() {
  local archive
  RUBY=$(find_ruby)
  [ -n "$RUBY" ] && return
  archive=$(ls "$RESOURCES"/toolchain/ruby-"${TASKER_CORE_RUBY:-3.3}"*-"$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)".tar.xz 2>/dev/null | tail -n 1 || true)
  [ -n "$archive" ] || fail "Ruby is missing: expected Ruby ${TASKER_CORE_RUBY:->= $RUBY_MINIMUM} with its headers and Bundler on PATH or in ${TOOLCHAIN_RUBY%/bin/ruby}, or an archive of it in the resources folder (TASKER_CORE_RESOURCES, else ../shared); found $(command -v ruby >/dev/null && ruby -v 2>/dev/null || echo none)."
  [ -w /opt ] || have sudo || fail "Ruby is missing and ${archive##*/} works in /opt only, where this user may not write: run \`tar -C /opt -xf $archive\` as root, then this again."
  say "unpacking ${archive##*/} into /opt"
  if [ -w /opt ]; then quietly "unpacking Ruby" tar -C /opt -xf "$archive"; else quietly "unpacking Ruby" as_root tar -C /opt -xf "$archive"; fi
  RUBY=$(find_ruby)
  [ -n "$RUBY" ] || fail "${archive##*/} is unpacked, but $TOOLCHAIN_RUBY does not start: $("$TOOLCHAIN_RUBY" -ropenssl -ryaml -rbundler -e '' 2>&1 | head -n 1)."
}

# Sets CARGO_BIN, the folder of a Rust that is new enough for Cargo.toml.
ensure_rust() {
  local minimum cargo version
  minimum=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$TASKER_CORE_ROOT/Cargo.toml")
  cargo=$(PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin command -v cargo || true)
  [ -n "$cargo" ] || fail "Rust is missing: expected cargo >= $minimum on PATH or in ~/.cargo/bin, found none (any installer will do, rustup for one)."
  CARGO_BIN=$(dirname "$cargo")
  version=$(cd "$TASKER_CORE_ROOT" && PATH=$CARGO_BIN:$PATH rustc --version 2>/dev/null | cut -d' ' -f2)
  at_least "${version:-0}" "$minimum" || fail "Rust is too old: expected rustc >= $minimum, got ${version:-none} from $CARGO_BIN."
}

# What only the tests need.
ensure_rust_test_tools() {
  local tool
  for tool in fmt clippy; do
    "$CARGO_BIN/cargo" "$tool" --version >/dev/null 2>&1 ||
      fail "\`cargo $tool\` is missing: expected it beside $CARGO_BIN/cargo (rustup component add rustfmt clippy), found none."
  done
  ensure_cargo_tool nextest
}

# A subcommand of cargo that is published as a crate.
ensure_cargo_tool() { # NAME
  "$CARGO_BIN/cargo" "$1" --version >/dev/null 2>&1 && return
  say "installing cargo-$1 (several minutes, once)"
  quietly "installing cargo-$1" "$CARGO_BIN/cargo" install "cargo-$1" --locked
}

# What `rake coverage` needs: the programs of the very LLVM that rustc is built with.
ensure_coverage_tools() {
  if ! [ -x "$(PATH=$CARGO_BIN:$PATH rustc --print target-libdir)/../bin/llvm-profdata" ]; then
    have rustup || fail "llvm-tools are missing: expected the component of that name beside $CARGO_BIN/rustc (\`rustup component add llvm-tools\`), found none and no rustup."
    say "installing llvm-tools"
    quietly "installing llvm-tools" rustup component add llvm-tools
  fi
  ensure_cargo_tool llvm-cov
}
