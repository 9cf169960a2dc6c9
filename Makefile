# Everything runs in .venv of this checkout. The second run of a target finds it made and starts at once.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2

.PHONY: up test lint lock front crash conformance exact peers bundle bundle-check clean

up: .venv/runtime .venv/front
	@exec $(BIN)/guantong up

# Cheapest first, as CI runs it: format, lint, layers, types, counts, then the tests.
test: .venv/dev .venv/front
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python tools/readme_counts.py --check
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/lint-imports
	$(BIN)/mypy

front: .venv/front

# The full number of kill rounds; `make test` runs two. STORY=replay|load|keeping|apps, ROUNDS=n.
ROUNDS ?= 50
STORY ?= killed or load
crash: .venv/dev .venv/front
	GUANTONG_KILLS=$(ROUNDS) $(BIN)/python -m pytest -p no:randomly -s -k "$(STORY)" \
		tests/journeys/test_kill.py tests/journeys/test_kill_under_load.py tests/journeys/test_kill_keeping.py \
		tests/journeys/test_kill_apps.py

conformance: .venv/dev
	$(BIN)/python -m pytest -q -rs -k conformance tests/kernel

# A hundred thousand expressions, cells and tables against the plain reference; `make test` runs a few hundred.
EXACT ?= 100000
exact: .venv/dev
	GUANTONG_EXACT=$(EXACT) $(BIN)/python -m pytest -q -n $(WORKERS) -p no:randomly tests/kernel/feel/test_feel_exact.py

# What the benchmarks run beside ours, in an environment of its own.
peers: .venv-peers/ready

.venv-peers/ready: benchmarks/peers.lock
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what runs into .venv: once, about a minute."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	@echo "Installing what checks into .venv: once, about a minute."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Pages and pictures of the portal; Node comes from the wheel.
FRONT := $(wildcard src/guantong/portal/front/*) package.json package-lock.json vite.config.js
.venv/front: $(FRONT) | .venv/runtime
	@echo "Building the pages' scripts and styles: once, some seconds."
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --no-audit --no-fund --loglevel=error
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm run --silent build
	@touch $@

# One file that installs where there is no network: wheels, pages, lock, verifier, units.
bundle: .venv/dev .venv/front
	@$(BIN)/python tools/bundle.py

# Installs the bundle without a network, step by step as the container file does, and asks it for a page. Needs root.
bundle-check: .venv/dev .venv/front
	@$(BIN)/python tools/bundle_check.py

# Pins with hashes and without addresses; needs uv (pip install uv).
COMPILE := uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-find-links --no-emit-index-url pyproject.toml
lock:
	$(COMPILE) --extra build -o requirements.lock
	$(COMPILE) --extra build --extra dev -c requirements.lock -o requirements-dev.lock
	$(subst pyproject.toml,benchmarks/peers.in,$(COMPILE)) -o benchmarks/peers.lock

clean:
	rm -rf .venv .venv-peers node_modules dist build src/guantong/portal/static/built
