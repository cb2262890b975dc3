# Every target does its own set-up: a fresh clone needs only Python 3.11+, git and make.
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/

# What a campaign plays.
SEEDS ?= 1000
FIRST ?= 1
HOURS ?= 8
ARGS ?=

.PHONY: help setup demo test check lint types floors seeds campaign nightly pythons sim bench requirements lock clean

help:            ## this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(RUN)pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=.venv $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	VIRTUAL_ENV=.venv $(UV) pip install --quiet --no-deps --editable .
	@touch $@

setup: .venv/ready  ## create .venv from the lock file

demo: setup      ## one complete withdrawal, told step by step
	$(RUN)medteller-sim demo

test: setup      ## all tests, on every core
	$(RUN)python -m pytest -p tests.requirements --numprocesses auto --dist loadfile

lint: setup      ## ruff: rules and format
	$(RUN)ruff check .
	$(RUN)ruff format --check .

types: setup     ## mypy --strict over code and tests
	$(RUN)mypy

floors: setup    ## import contracts
	$(RUN)lint-imports

check: lint types floors test demo seeds  ## everything CI checks

# What a fresh seed finds was there before this change: it is told with its tape, and stops nobody's work.
seeds: setup     ## a campaign of two minutes: a fixed set of seeds, then fresh ones
	$(RUN)medteller-sim campaign --seeds 80
	-$(RUN)medteller-sim campaign --seeds 100000 --seconds 60 --fresh

campaign: setup  ## a campaign as long as you like: make campaign SEEDS=10000 FIRST=1 ARGS="--twice"
	$(RUN)medteller-sim campaign --seeds $(SEEDS) --first-seed $(FIRST) --report campaign.html $(ARGS)

nightly: setup   ## fresh seeds for HOURS=8, every number of the service line with fresh requests; every fault that can happen must
	MEDTELLER_THOROUGH=100 MEDTELLER_SEED=$$(date +%Y%m%d) $(RUN)python -m pytest -q \
	    tests/simulators/authority/service_line/test_schemathesis.py
	$(RUN)medteller-sim campaign --seeds 10000000 --seconds $$(($(HOURS) * 3600)) --fresh --require-all-faults \
	    --report campaign.html $(ARGS)

pythons: setup   ## the same seeds on every Python that is supported and installed: the same hash
	$(RUN)python -m tests.pythons

sim: setup       ## the developer's TUI
	$(RUN)medteller-sim workbench

bench: setup     ## how fast the codecs are, what a driver costs on its line, how much memory a kiosk takes
	$(RUN)python -m tests.bench

requirements: setup  ## which requirement rows are shown, and by which tests
	$(RUN)python -m tests.requirements

lock: setup      ## rewrite the lock file from pyproject.toml
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	    --extra sim --extra postgresql --extra dask --group dev pyproject.toml --output-file requirements.lock

clean:           ## remove what set-up and tests leave behind
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
