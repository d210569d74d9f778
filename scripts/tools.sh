#!/usr/bin/env bash
# Brings the tools that building and testing need, each once: what is there in the right version is left alone.
#
#   scripts/tools.sh target     the wasm32 target of the pinned toolchain
#   scripts/tools.sh build      target + trunk, wasm-bindgen, the splitter and the npm packages (wasm-opt among them)
#   scripts/tools.sh split      the splitter, which the linker of the page's program calls (scripts/wasm-ld)
#   scripts/tools.sh browser    a Chromium for the browser tests
#
# Compiled tools go to $ORDINAL_TOOLS (default ~/.cache/ordinal-tools), one folder a version,
# so that a second checkout on the same machine finds them.
set -euo pipefail
cd "$(dirname "$0")/.."

trunk_version=0.21.14
split_version=0.2.4
tools=${ORDINAL_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/ordinal-tools}

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

# timed "what it does and how long it takes" command…
timed() {
  say "$1"
  local from=$SECONDS
  "${@:2}"
  say "done in $((SECONDS - from)) s"
}

locked_version() { # the version of crate $1 in Cargo.lock
  sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"\$/\1/p;q}" Cargo.lock
}

need_target() {
  rustup target list --installed 2>/dev/null | grep -qx wasm32-unknown-unknown && return
  timed "adding the wasm32 target to $(rustc --version) (a minute)" rustup target add wasm32-unknown-unknown
}

# need_crate NAME VERSION BINARY [cargo flags…]
need_crate() {
  local root="$tools/$1-$2"
  [ -x "$root/bin/$3" ] && return
  # Optimising the tool costs more than it gives back: it runs for seconds.
  timed "building $1 $2 (once on this machine, 3 to 12 minutes)" \
    env CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_TARGET_DIR="$tools/build" \
    cargo install --quiet --root "$root" --version "$2" "${@:4}" "$1"
  rm -rf "$tools/build"
}

need_splitter() {
  need_crate wasm_split_cli_support "$split_version" wasm-split-cli --locked --features build-binary
}

need_npm() {
  local stamp=node_modules/.ordinal-lock
  cmp -s package-lock.json "$stamp" && return
  timed "fetching the npm packages (seconds)" npm ci --silent --no-fund --no-audit
  cp package-lock.json "$stamp"
}

need_chromium() {
  command -v chromium >/dev/null && return
  timed "installing Debian's chromium (a minute)" apt_install chromium
}

apt_install() {
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

for want in "$@"; do
  case "$want" in
    target) need_target ;;
    build)
      need_target
      need_crate trunk "$trunk_version" trunk --locked
      # 0.2.130 installs only without --locked.
      need_crate wasm-bindgen-cli "$(locked_version wasm-bindgen)" wasm-bindgen
      need_splitter
      need_npm
      ;;
    split) need_splitter ;;
    split-path) printf '%s\n' "$tools/wasm_split_cli_support-$split_version/bin" ;;
    browser) need_chromium; need_npm ;;
    path) # the folders that belong first on PATH
      printf '%s:%s:%s\n' "$PWD/node_modules/.bin" "$tools/trunk-$trunk_version/bin" \
        "$tools/wasm-bindgen-cli-$(locked_version wasm-bindgen)/bin"
      ;;
    *) echo "tools.sh: unknown tool set '$want'" >&2; exit 2 ;;
  esac
done
