# What can be done here: `make help`. Works with the make 3.81 of macOS.
.DEFAULT_GOAL := help
SHELL := /bin/sh
DATA := $(or $(HTO_DATA_DIR),.hto)
PACKAGES := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml hto/pyproject.toml demo/pyproject.toml)
SOURCES := $(wildcard libs/*/src services/*/src hto/src demo/src tests bench)
# Compiled once: a machine that is told to write no bytecode would compile every test and module each time.
unexport PYTHONDONTWRITEBYTECODE
# Whatever starts by `make` is for development; without this it is production, which refuses what is unsafe.
export HTO_ENVIRONMENT := $(or $(HTO_ENVIRONMENT),development)
# The development environment holds all that running needs: whoever has it needs no other.
READY := $(if $(wildcard .venv/dev.stamp),.venv/dev.stamp,.venv/run.stamp)

.PHONY: help run test coverage check faults bench fmt docs up down clean-data lock

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: $(READY) ## Start everything on this machine, play the journey, keep serving (ARGS=--once stops after it)
	@exec .venv/bin/hto run $(ARGS)

test: .venv/dev.stamp ## Run all tests on real PostgreSQL; containers and real files where they are (ARGS for pytest)
	@.venv/bin/pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile $(ARGS)

# A command of its own: watching each branch makes the tests four times as slow, and nobody waits for a report.
coverage: .venv/dev.stamp ## Run the tests and report what no test reaches (ARGS for pytest)
	@.venv/bin/pytest --cov --numprocesses=auto --maxprocesses=4 --dist=loadfile $(ARGS)

# The longest first.
CHECKS := check-tests check-types check-api check-docs check-imports check-lint check-format
check: .venv/dev.stamp ## Check style, types, layers, pure tests and published documents
	@$(MAKE) --no-print-directory --keep-going --jobs=4 $(if $(filter output-sync,$(.FEATURES)),--output-sync) $(CHECKS)

.PHONY: $(CHECKS)
check-format:
	@.venv/bin/ruff format --quiet --check .
check-lint:
	@.venv/bin/ruff check --quiet .
check-types:
	@.venv/bin/mypy --no-error-summary $(SOURCES)
check-imports:
	@.venv/bin/lint-imports --no-logo
check-tests:
	@.venv/bin/pytest -q --hypothesis-profile=quick --numprocesses=auto --maxprocesses=4 --dist=worksteal tests/unit tests/architecture
check-docs:
	@.venv/bin/hto openapi --check
	@.venv/bin/hto asyncapi --check
	@.venv/bin/hto letters --check
	@.venv/bin/hto policies page --check
check-api:
	@if command -v node >/dev/null 2>&1; then tests/api/spectral/run; \
	elif [ "$$HTO_REQUIRE_CONTAINERS" = 1 ]; then echo "The API rules need Node, which is not here." >&2; exit 1; \
	else echo "The API rules were not checked: Node is not here."; fi

faults: .venv/dev.stamp ## Kill processes at random moments while journeys run, on both logs (SEEDS=1000 for more, SEED=14 for one)
	@HTO_FAULT_SEEDS=$(SEEDS) HTO_FAULT_SEED=$(SEED) .venv/bin/pytest -s tests/faults $(ARGS)

bench: .venv/dev.stamp ## Measure what bench/README.md claims (ARGS chooses)
	@.venv/bin/python -m bench $(ARGS)

fmt: .venv/dev.stamp ## Format the code and mend what can be mended by machine
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

docs: .venv/dev.stamp ## Write docs/api, docs/events and docs/letters anew from the code
	@.venv/bin/hto openapi --write
	@.venv/bin/hto asyncapi --write
	@.venv/bin/hto letters --write
	@.venv/bin/hto policies page --write

up: ## Start everything in containers: PostgreSQL, Kafka, issuer, mail, and per service an api and a worker
	docker compose up --build --detach --wait

down: ## Stop the containers; their data stay (docker compose down --volumes forgets them)
	docker compose down

clean-data: ## Forget the data of `make run`
	@if [ -d "$(DATA)/postgres" ]; then \
		.venv/bin/python -m hto.data_folder "$(DATA)"; \
	else echo "There are no data in $(DATA)."; fi

lock: ## Resolve the dependencies anew into both lock files (needs uv)
	@command -v uv >/dev/null || { echo "Install uv first: pip install uv" >&2; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras $(ARGS) \
		pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras $(ARGS) \
		--extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

# A stamp says nothing of an environment whose interpreter was removed since.
BROKEN := $(if $(wildcard .venv/*.stamp),$(shell .venv/bin/python -c "" 2>/dev/null || echo broken))
.PHONY: broken

.venv/run.stamp: requirements.lock $(PACKAGES) deploy/venv $(BROKEN)
	@deploy/venv requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock $(PACKAGES) deploy/venv $(BROKEN)
	@deploy/venv requirements-dev.lock
	@touch $@
