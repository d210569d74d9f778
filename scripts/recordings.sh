#!/usr/bin/env bash
# Lets the recordings' test write what it finds, for the page's About panel. Says nothing, and does nothing if the list
# is newer than the recordings, the test and the engine.
#
#   scripts/recordings.sh     writes target/recordings.json
#
# A recording that is not reproduced fails the test and not the page: the page says which one it is.
set -euo pipefail
cd "$(dirname "$0")/.."

out=target/recordings.json

is_fresh() { # what only the page is made of does not matter
  [ -f "$out" ] &&
    [ -z "$(find src tests/native tests/recordings Cargo.toml Cargo.lock rust-toolchain.toml \
      \( -path src/ui -o -path src/browser -o -path src/i18n \) -prune -o -newer "$out" -print -quit)" ]
}

is_fresh && exit
printf '==> playing the recordings for the About panel (a minute to build the test, five the first time)\n' >&2
rm -f "$out"
env -u RECORDINGS cargo test --quiet --no-default-features --test native recordings_are_reproduced >&2 || [ -f "$out" ]
