# The two commands of the README, and what they are made of. Each brings what it needs, once.

SHELL := /bin/bash
.DEFAULT_GOAL := serve
.PHONY: serve test native site browser shots bench

# The site as the browser tests see it: under a path of its own, as on any static host.
SITE := target/site
BASE := /any/path/

## Builds the page and serves it at http://127.0.0.1:8080/.
serve:
	@scripts/tools.sh build
	@scripts/recordings.sh
	@PATH="$$(scripts/tools.sh path):$$PATH" trunk serve --release

## Runs every test there is.
test: native browser

## The core: units, recordings, storms, documentation examples.
native:
	@echo "==> the core's tests (a minute)" >&2
	cargo test --quiet --no-default-features

## The page as it is shipped.
site:
	@scripts/tools.sh build
	@scripts/recordings.sh
	@echo "==> building the page (a minute; three the first time)" >&2
	@PATH="$$(scripts/tools.sh path):$$PATH" trunk build --release --public-url $(BASE) --dist $(SITE)

## The page in a real Chromium.
browser: site
	@scripts/tools.sh browser
	@echo "==> the page's tests in Chromium (a minute)" >&2
	ORDINAL_SITE=$(SITE) ORDINAL_BASE=$(BASE) node --test tests/e2e/*.test.mjs

## Screenshots in three sizes and two themes, to be looked at.
shots: site
	@scripts/tools.sh browser
	ORDINAL_SITE=$(SITE) ORDINAL_BASE=$(BASE) node scripts/shots.mjs

## The engine's benchmarks.
bench:
	cargo bench --no-default-features
