# Two commands: `make run` starts the platform, `make test` runs the suite. `make help` lists the rest.
# PORT, DATABASE_URL and REDIS_URL choose port and servers; ARGS is passed on to pytest or the benchmarks.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test bench check lint format typecheck imports migrations-check clean runtime dev

VENV := .venv/bin
BOOTSTRAP := sh shared/devserver/bootstrap.sh
JOBS ?= auto
ARGS ?=

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name what; do printf '  make %-17s %s\n' "$$name" "$$what"; done

run: runtime ## start everything, until Ctrl-C
	@exec $(VENV)/python -m shared.devserver.run --until-parent-ends

test: dev ## run the whole suite on servers of its own (ARGS="-k tickets", JOBS=1)
	@$(VENV)/python -m pytest -n $(JOBS) $(ARGS)

bench: dev ## measure, and write docs/benchmarks.md
	@$(VENV)/python -m bench $(ARGS)

check: lint typecheck imports migrations-check test ## everything that CI checks

lint: dev ## style and formatting
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

format: dev ## format the code, mend what can be mended
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

typecheck: dev ## types
	@$(VENV)/mypy

imports: dev ## who may import whom
	@$(VENV)/lint-imports

migrations-check: dev ## models and migrations agree, and migrations lock nothing for long
	@$(VENV)/python -W ignore -m shared.devserver.migrations_check

clean: ## remove environment, data and caches of this checkout
	@[ ! -x $(VENV)/python ] || for home in .dev .dev/test .dev/bench; do $(VENV)/python -m shared.devserver.services forget --home $$home; done
	@rm -rf .venv .dev .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis staticfiles
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@$(BOOTSTRAP) requirements.txt

dev:
	@$(BOOTSTRAP) requirements-dev.txt
