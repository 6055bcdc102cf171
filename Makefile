# `make help` lists what there is. Everything runs in .venv with the packages of requirements.lock.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

# Uncompiled packages take three times as long to import; an activated environment of another project must not leak in.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONHOME
unexport VIRTUAL_ENV
export DO_NOT_TRACK := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH)

CAMPAIGN ?= hai_phong_vneid_2023
TESTS ?= tests
READY := .venv/.ready
STYLED := tiendo loaders expectations publishers pipeline dags scripts tests bench

.PHONY: help setup demo test test-fast check fix up bench bench-national bench-detection bench-forecast clean lock

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: $(READY) ## .venv with the locked packages and the project itself; quick the second time

$(READY): requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh

demo: $(READY) ## the nightly line through Airflow for one campaign, then the leaderboard (CAMPAIGN=...)
	@source scripts/airflow_env.sh && python scripts/demo.py $(CAMPAIGN)

test: $(READY) ## every test (TESTS=tests/dags for some)
	@.venv/bin/python -m pytest -n 2 --dist loadfile $(TESTS)

test-fast: $(READY) ## the tests of units, rules and documents: under a minute
	@.venv/bin/python -m pytest -n 2 -m "not slow" $(wildcard tests/unit tests/rules tests/docs)

check: $(READY) ## style, types, SQL, compose file and Dockerfile
	@ruff check $(wildcard $(STYLED))
	@ruff format --check $(wildcard $(STYLED))
	@mypy
	@sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/macros dbt_project/tests
	@check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@hadolint Dockerfile

fix: $(READY) ## mend style where a tool can
	@ruff check --fix $(wildcard $(STYLED))
	@ruff format $(wildcard $(STYLED))
	@sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/macros dbt_project/tests

up: $(READY) ## Airflow on http://localhost:8080 (TIENDO_PORT=...), without password, for this machine only; Ctrl-C stops it
	@scripts/up.sh

bench: $(READY) ## the measurements of bench/
	@.venv/bin/python -m bench

bench-national: $(READY) ## 10,035 communes twice a day: a night, a full build, a correction, beside a script by hand (DAYS=60)
	@.venv/bin/python -m bench.national --days $(or $(DAYS),60)

bench-detection: $(READY) ## faults planted in true series: who finds them, at how many false alarms (FAST=1: a minute)
	@.venv/bin/python -m bench.detection $(if $(FAST),--fast)

bench-forecast: $(READY) ## forecasts from every past day against what came: dates, intervals, chances
	@.venv/bin/python -m bench.forecast

lock: $(READY) ## choose versions anew: requirements.lock from pyproject.toml
	@.venv/bin/python -m pip install --quiet uv
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --all-extras pyproject.toml -o requirements.lock

clean: ## remove .venv and caches (data in var/ stays; delete it yourself if you mean it)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info dbt_project/target dbt_project/logs
	@find . -path ./var -prune -o -type d -name __pycache__ -print0 | xargs -0 rm -rf
