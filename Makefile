# One line per target; `make help` lists them. Everything runs in .venv, which is made on first use.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
LOCK   := requirements-dev.lock

# There are never fewer than one at each named point, in each mode, with each behaviour of the list.
KILLS ?= 600
PLANT ?=
CRASH := $(if $(PLANT),--plant $(PLANT),--kills $(KILLS))

# Simulated days in all; with SEED, as a run prints it, the days of that one world, which is lived through again.
DAYS ?= 30
SEED ?=
# The seed of a whole run of worlds; drawn and printed without it.
WORLDS ?=
COUNT ?= 100000
# Deaths in the sweep; 0: one at every place.
MOST ?= 0

.DEFAULT_GOAL := help
.PHONY: help setup test lint demo crash years sweep sabotage fuzz bench bench-attach bench-unread dist-check lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv and install what is locked

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12 …" >&2; exit 2; }
	@echo "Setting up $(VENV): downloads and installs what is locked, about a minute …" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

test: $(STAMP) ## the whole suite with the branch coverage gate
	$(BIN)/python -m pytest --numprocesses auto --cov --cov-report=
	$(BIN)/python -m coverage report

lint: $(STAMP) ## format, style, types and import order
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

demo: $(STAMP) ## the terminal on a Workato that lives on this machine
	$(BIN)/aof-tui demo

crash: $(STAMP) ## kill real engines: KILLS=600, SEED=…, or PLANT=no-settle|no-second-commit|http-retry
	$(BIN)/python -m tests.crash $(CRASH) $(if $(SEED),--seed $(SEED))

years: $(STAMP) ## simulated days with all faults: DAYS=30, or SEED=… DAYS=… to live through one world again
	$(BIN)/python -m tests.years --days $(DAYS) $(if $(SEED),--seed $(SEED)) $(if $(WORLDS),--worlds $(WORLDS))

sweep: $(STAMP) ## one scenario with a death at every failpoint and commit: MOST=0 for all, or so many of them
	$(BIN)/python -m tests.sweep --most $(MOST) $(if $(SEED),--seed $(SEED))

sabotage: $(STAMP) ## plant bugs one by one in a copy, and show that each is caught
	$(BIN)/python -m tests.sabotage

fuzz: $(STAMP) ## mutated answers of Workato against decoders, client and engines: COUNT=100000, SEED=…
	$(BIN)/python -m tests.fuzz --count $(COUNT) $(if $(SEED),--seed $(SEED))

bench: $(STAMP) ## all figures that need no terminal; writes README's table
	$(BIN)/python -m benchmarks

bench-attach: $(STAMP) ## 100,000 failures, attached and in process, and first paints; writes README's table
	$(BIN)/python -m benchmarks.attach

bench-unread: $(STAMP) ## a terminal that nobody reads
	$(BIN)/python -m benchmarks.unread

dist-check: $(STAMP) ## build wheel and sdist, install each in a fresh environment and try it
	$(BIN)/python -m tests.dist_check

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade --quiet

lock: ## move both lock files to the newest allowed versions (needs uv)
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra dev --constraints requirements.lock --output-file requirements-dev.lock

clean: ## remove what was built, .venv included
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
