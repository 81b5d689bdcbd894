SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
# Bytecode halves every start-up; some machines switch it off.
export PYTHONDONTWRITEBYTECODE =
export UV_LINK_MODE ?= copy

.PHONY: help install demo up down status test test-faults check bench evaluate lock docs clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

# Rebuilt only when a lock or the project file changes.
.venv/.installed: requirements.txt requirements-dev.txt pyproject.toml
	@echo "Installing Daybreak into .venv (about a minute the first time) ..."
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' || \
		{ echo "Daybreak needs Python 3.11, 3.12 or 3.13; set PYTHON=/path/to/python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.txt requirements-dev.txt
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $@

install: .venv/.installed ## Everything Daybreak needs, into .venv

demo: install ## The daily controls of three simulated client accounts, from nothing
	@$(BIN)/daybreak demo

up: install ## Start Airflow, Postgres and the simulator on this machine
	@$(BIN)/daybreak up

down: install ## Stop all of it
	@$(BIN)/daybreak down

status: install ## Newest day, gaps and failures per account and dataset
	@$(BIN)/daybreak status

# Processes that share the tests; 0 runs them all in one.
WORKERS ?= 2

test: install ## All tests but the long crash proofs; WORKERS=4 on a larger machine
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not long"

test-faults: install ## The long proofs: kills, cut connections, full disks, 60 simulated days computed twice
	@$(BIN)/python -m pytest -n $(WORKERS) -m long tests/faults tests/independent

check: install ## Style, types, SQL, generated documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint include/sql
	@$(BIN)/daybreak docs --check

SECTION ?= all

.venv/.bench: .venv/.installed requirements-bench.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement requirements-bench.txt
	@touch $@

bench: .venv/.bench ## Figures beside COPY, dlt and pandas, as ratios; SECTION=load for one
	@$(BIN)/python -m bench $(SECTION)

SEEDS ?= 20
DAYS ?= 60

evaluate: install ## How much of what simulated worlds hide the controls find; SEEDS=2 DAYS=60 for fewer
	@$(BIN)/python -m bench.evaluate --seeds $(SEEDS) --days $(DAYS)

lock: ## Resolve the three lock files anew
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; }
	@$(BIN)/uv pip compile --quiet --universal --no-header --python-version 3.11 pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --no-header --python-version 3.11 --group dev --constraint requirements.txt -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --no-header --python-version 3.11 --group bench --constraint requirements.txt --constraint requirements-dev.txt -o requirements-bench.txt

docs: install ## Regenerate the data dictionary
	@$(BIN)/daybreak docs

clean: down ## Remove the local stack's data (asks nothing; .daybreak holds only the demo)
	@rm -rf .daybreak
