# `make help` lists the commands. Works with GNU make 3.81 (macOS) and newer.

VENV := .venv
BIN := $(VENV)/bin
# The Python that .venv is made with; empty: the first of python3, python3.14 ... python3.11 that is 3.11 or newer.
PYTHON ?=
# How many tests run side by side: a number, or "auto" for one per core.
WORKERS ?= auto
# More arguments: make test ARGS="-k storage", make demo ARGS="--objects 50000", make sync ARGS="--json"
ARGS ?=
UV ?= uv
# Compiled once and kept, even where the surroundings say otherwise: tests start some hundred processes.
export PYTHONDONTWRITEBYTECODE :=
PIP := PIP_REQUIRE_VIRTUALENV=1 $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
	--generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo run sync test check lint format bench browser docs lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: setup ## Open the dashboard on the embedded archive (the first command to try)
	@$(BIN)/python -m dashboard demo $(ARGS)

test: setup browser ## Run every test, browser tests included
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

run: setup ## Serve your own archive (dashboard.toml, or the file that DASHBOARD_SETTINGS names)
	@$(BIN)/python -m dashboard serve $(ARGS)

sync: setup ## Bring your archive's reports and bills in
	@$(BIN)/python -m dashboard sync $(ARGS)

check: lint ## Format, lint, types, floors, and every test that starts nothing (under a minute)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q -m "not starts and not slow" $(ARGS)

lint: setup ## Format, lint, types and floors only
	@$(BIN)/python -m ruff format --check --output-format concise . || { echo "make format puts this right"; exit 1; }
	@$(BIN)/python -m ruff check --output-format concise .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports > $(VENV)/floors.txt || { cat $(VENV)/floors.txt; exit 1; }

format: setup ## Format the source and mend what the linter can mend
	@$(BIN)/python -m ruff check --fix --quiet . || true
	@$(BIN)/python -m ruff format .

bench: setup $(VENV)/.bench ## Compare speed and memory with other engines (generates large reports)
	@$(BIN)/python -m benchmarks $(ARGS)

docs: setup ## Rewrite the generated parts of README.md
	@$(BIN)/python -m tests.test_docs

setup: $(VENV)/.project ## Make or renew .venv (every other command does it first)

browser: setup ## Find a Chromium or Chrome for the browser tests, else install one
	@.ci/browser

lock: ## Renew requirements.txt and requirements-bench.txt from their .in files (needs uv; LOCK_ARGS=--upgrade)
	$(LOCK) $(LOCK_ARGS) --output-file requirements.txt requirements.in
	$(LOCK) $(LOCK_ARGS) --output-file requirements-bench.txt requirements-bench.in

clean: ## Remove .venv and what the tools leave behind (never the warehouse)
	rm -rf $(VENV) *.egg-info build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment made elsewhere (a copied folder) would run the other folder's source: make it again.
ifneq ($(shell cat $(VENV)/.project 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/.project $(VENV)/.locked
endif

$(VENV)/.locked: requirements.txt
	@python=`.ci/python $(PYTHON)` || exit 1; \
	echo "Setting up $(VENV) (this once; it takes a minute or two)"; \
	"$$python" -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.locked
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@printf '%s\n' "$(CURDIR)" > $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.project
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-bench.txt
	@touch $@
