# What an extension for aarch64 Linux is compiled with and tried with, on an x86-64 Debian: Debian's cross compiler, Debian's Ruby for that
# processor, and an emulator. Nothing of it is installed beside this machine's own Ruby. Sourced by `rake gem:cross`.

CROSS=$TASKER_CORE_ROOT/tmp/cross
CROSS_TARGET=aarch64-unknown-linux-gnu
# The release of Debian that has CROSS_RUBY.
CROSS_RUBY=3.3
CROSS_SUITE=trixie
CROSS_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

ensure_cross() {
  cross_packages
  have rustup || fail "rustup is missing: expected it on PATH, for the standard library of $CROSS_TARGET; found none."
  rustup target list --installed | grep -qx "$CROSS_TARGET" ||
    quietly "installing the standard library of $CROSS_TARGET" rustup target add "$CROSS_TARGET"
  [ -e "$CROSS/complete" ] || cross_ruby
}

cross_packages() {
  local missing=""
  have aarch64-linux-gnu-gcc || missing+=" gcc-aarch64-linux-gnu"
  [ -e /usr/aarch64-linux-gnu/include/stdio.h ] || missing+=" libc6-dev-arm64-cross"
  have qemu-aarch64 || missing+=" qemu-user"
  [ -n "$missing" ] || return 0
  if ! have apt-get || ! { am_root || have sudo; }; then
    fail "packages are missing and cannot be installed from here; expected (by their Debian names) to find:$missing."
  fi
  say "installing Debian packages:$missing"
  quietly "updating the package lists" as_root apt-get update -qq
  # shellcheck disable=SC2086
  quietly "installing Debian packages" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

# apt-get with lists of its own, for the other processor.
cross_apt() {
  apt-get -o Dir::State="$CROSS/apt" -o Dir::State::status="$CROSS/apt/status" -o Dir::Cache="$CROSS/apt/cache" \
    -o Dir::Etc::sourcelist="$CROSS/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Debug::NoLocking=true "$@"
}

# Unpacks Ruby with its headers and libraries into a folder.
cross_ruby() {
  local package root=$CROSS/root
  say "fetching Ruby $CROSS_RUBY for arm64 from Debian $CROSS_SUITE"
  rm -rf "$CROSS" && mkdir -p "$root" "$CROSS/bin" "$CROSS/apt/lists/partial" "$CROSS/apt/cache/archives/partial"
  : >"$CROSS/apt/status"
  printf 'deb [arch=arm64 signed-by=%s] http://deb.debian.org/debian %s main\n' "$CROSS_KEYRING" "$CROSS_SUITE" >"$CROSS/apt/sources.list"
  quietly "reading the package lists of Debian $CROSS_SUITE" cross_apt -qq update
  quietly "fetching Ruby for arm64" cross_apt -qq install -y --no-install-recommends --download-only "ruby$CROSS_RUBY-dev" "ruby$CROSS_RUBY" libc6-dev
  for package in "$CROSS"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
  rm -rf "$CROSS/apt"
  # Packages expect these links in a system.
  ln -s usr/lib "$root/lib"
  ln -s usr/bin "$root/bin"
  ln -s "../root/usr/bin/gem$CROSS_RUBY" "$CROSS/bin/gem"
  cross_programs "$root"
  "$CROSS/bin/ruby" -e 'exit RUBY_PLATFORM.start_with?("aarch64-linux")' ||
    fail "Ruby $CROSS_RUBY for arm64 does not start in the emulator."
  : >"$CROSS/complete"
}

# Writes `ruby`, which runs in the emulator, and `ruby-config`, for build scripts: the settings of that Ruby with the folders that it has here.
cross_programs() { # ROOT
  printf '#!/bin/sh\nexec %q -L %q %q "$@"\n' "$(command -v qemu-aarch64)" "$1" "$1/usr/bin/ruby$CROSS_RUBY" >"$CROSS/bin/ruby"
  printf '#!/bin/sh\n%q "$@" | sed "s|\\x1f/usr|\\x1f%s/usr|g"\n' "$CROSS/bin/ruby" "$1" >"$CROSS/bin/ruby-config"
  chmod +x "$CROSS/bin/ruby" "$CROSS/bin/ruby-config"
}
