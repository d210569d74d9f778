#!/usr/bin/env bash
# Bundles the manifest editor into one module. Says nothing, and does nothing if the bundle is newer than its sources.
#
#   scripts/editor.sh OUTFILE     relative to the repository; OUTFILE.LEGAL.txt gets the licences of what is inside
set -euo pipefail
cd "$(dirname "$0")/.."

out=$1

is_fresh() {
  [ -f "$out" ] && [ -f "$out.LEGAL.txt" ] &&
    [ -z "$(find editor package-lock.json scripts/editor.sh -newer "$out" -print -quit)" ]
}

bundle() { # writes the list of the files inside to $1
  node_modules/.bin/esbuild editor/manifest-editor.js --bundle --minify --format=esm --target=es2022 \
    --legal-comments=none --metafile="$1" --outfile="$out" --log-level=warning
}

licences() { # of the packages in the list $1
  local package
  grep -oE 'node_modules/(@[^/"]+/)?[^/"]+' "$1" | sort -u | while read -r package; do
    printf '%s\n\n' "${package#node_modules/}"
    cat "$package"/LICENSE*
    printf '\n'
  done
}

is_fresh && exit
inside=$(mktemp)
trap 'rm -f "$inside"' EXIT
bundle "$inside"
licences "$inside" >"$out.LEGAL.txt"
