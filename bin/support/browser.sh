# Chromium and axe, for the specs of the dashboard in a browser. Sourced by bin/test.

AXE_VERSION=4.14.1

find_browser() {
  local name
  for name in "${BROWSER_PATH:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && have "$name"; then
      command -v "$name"
      return
    fi
  done
}

# Sets BROWSER_PATH, which Ferrum reads, and AXE_PATH.
ensure_browser() {
  BROWSER_PATH=$(find_browser)
  if [ -z "$BROWSER_PATH" ]; then
    if ! have apt-get || ! { am_root || have sudo; }; then
      fail "Chromium is missing: expected it on PATH or in BROWSER_PATH, found none, and it cannot be installed from here."
    fi
    say "installing Chromium"
    quietly "updating the package lists" as_root apt-get update -qq
    quietly "installing Chromium" as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
    BROWSER_PATH=$(find_browser)
    [ -n "$BROWSER_PATH" ] || fail "apt-get installed chromium, yet it is still not found on PATH."
  fi
  AXE_PATH=$TASKER_CORE_ROOT/tmp/browser/axe-$AXE_VERSION.min.js
  [ -s "$AXE_PATH" ] || fetch_axe
  export BROWSER_PATH AXE_PATH
}

fetch_axe() {
  local folder
  have npm || fail "npm is missing: expected it on PATH, for axe, which checks the accessibility of the dashboard; found none."
  folder=$(mktemp -d)
  mkdir -p "$(dirname "$AXE_PATH")"
  (
    cd "$folder" && quietly "fetching axe $AXE_VERSION" npm pack --silent "axe-core@$AXE_VERSION" &&
      tar -xzf ./*.tgz package/axe.min.js && mv package/axe.min.js "$AXE_PATH"
  ) || fail "axe $AXE_VERSION could not be fetched from npm."
  rm -rf "$folder"
}
