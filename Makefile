# Jiedan: `make run` to try it, `make test` before you send a change, `make help` for the rest.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV ?= .venv
PYTHON := $(VENV)/bin/python
# The suite is sized for two cores; a third worker works while others wait. Each has a PostgreSQL database of its own.
PYTEST_WORKERS ?= 3
PG15_TESTS ?= $(wildcard tests/*/test_queries.py tests/*/test_service.py tests/*/test_service tests/*/test_placement.py) \
	tests/journeys/test_stories.py
# Where this is set, imports take three times as long.
unexport PYTHONDONTWRITEBYTECODE

RUNTIME := $(VENV)/.installed-runtime
DEVELOP := $(VENV)/.installed-develop
LOCK := $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock"

.PHONY: help
help:  ## Say what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(RUNTIME)  ## Create .venv with what Jiedan needs to run
	@$(PYTHON) -m tools.assets

.PHONY: run
run: $(RUNTIME)  ## Start Jiedan with a demo merchant on http://localhost:8000
	@$(PYTHON) -m tools.assets
	@exec $(VENV)/bin/jiedan serve --demo

.PHONY: assets
assets: $(RUNTIME)  ## Build what browsers get; tried again where it is bare for lack of npm
	@$(PYTHON) -m tools.assets --again

.PHONY: test
test: $(DEVELOP)  ## Run every test a contributor needs
	@$(PYTHON) -m tools.assets
	$(PYTHON) -m pytest -n $(PYTEST_WORKERS) --dist loadgroup -rs --durations 15 tests

.PHONY: test-setup
test-setup: $(DEVELOP)  ## Create .venv with what tests and checks need
	@$(PYTHON) -m tools.assets

.PHONY: test-pg15
test-pg15: $(DEVELOP)  ## Run what talks to the database on PostgreSQL 15, the oldest supported (PG15_TESTS=tests: all)
	$(PYTHON) -m tools.with_postgresql 15 $(PYTHON) -m pytest -n $(PYTEST_WORKERS) --dist loadgroup -q $(PG15_TESTS)

.PHONY: check
check: $(DEVELOP)  ## Lint, types, architecture, translations, SQL, locks
	@$(PYTHON) -m tools.check

.PHONY: coverage
coverage: $(DEVELOP)  ## Run the tests and say which lines none of them reach
	$(PYTHON) -m coverage erase
	$(PYTHON) -m coverage run -m pytest -n $(PYTEST_WORKERS) --dist loadgroup -q tests
	$(PYTHON) -m coverage combine --quiet
	$(PYTHON) -m coverage report

.PHONY: proof
proof: $(DEVELOP)  ## Run the big enumerations whole, write docs/reference/proof.json
	@$(PYTHON) -m tools.assets
	$(PYTHON) -m tools.proof

.PHONY: bench
bench: $(DEVELOP)  ## Measure, write benchmarks/results/
	$(PYTHON) -m benchmarks

.PHONY: lock
lock: $(DEVELOP)  ## Pin the requirements again, after a change of pyproject.toml
	$(LOCK) pyproject.toml --group build --extra dev --extra otel --output-file requirements-dev.lock
	$(LOCK) pyproject.toml --group build --constraints requirements-dev.lock --output-file requirements.lock
	$(LOCK) --group node --output-file requirements-node.lock
	$(PYTHON) -m tools.locks wanted embedded | $(LOCK) - --constraints requirements-dev.lock --output-file requirements-embedded.lock

.PHONY: clean
clean:  ## Remove .venv and caches; data in .jiedan stays
	rm -rf $(VENV) web/node_modules src/jiedan/base/web/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(PYTHON):
	@tools/make-venv $(VENV)

$(RUNTIME): requirements.lock requirements-embedded.lock pyproject.toml | $(PYTHON)
	@tools/install $(VENV) requirements.lock
	@touch $@

$(DEVELOP): requirements-dev.lock requirements-embedded.lock pyproject.toml | $(PYTHON)
	@tools/install $(VENV) requirements-dev.lock
	@touch $@ $(RUNTIME)
