SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

UV_VERSION := 0.13.9
PY := .venv/bin/python
UV := .venv/bin/uv
export UV_PYTHON_DOWNLOADS := never
export UV_CACHE_DIR := $(CURDIR)/.venv/uv-cache
export UV_SYSTEM_CERTS := 1
export UV_NO_PROGRESS := 1
export PYTHONDONTWRITEBYTECODE :=

LIBS := proto libs/messaging libs/chassis
SERVICES := catalog orders routing quality fabrication
MEMBERS := $(LIBS) $(SERVICES:%=services/%) hub launcher
SOURCES := libs/messaging/src:libs/chassis/src:$(subst $() ,:,$(SERVICES:%=services/%/src)):hub/src:launcher/src:proto/gen/python
INSTALL := $(UV) pip install -q -c requirements.lock --build-constraints requirements.lock --group dev
SUITES := libs services hub launcher
LIGHT := --ignore-glob='*/tests/cad'

##@ Run
.PHONY: demo up down
demo: install ## order parts in a city of virtual hubs, lose a hub on the way, see every part made
	$(PY) -m launcher.cli demo

up: install ## start everything and leave it running (stop it with `make down`)
	.venv/bin/fabmesh up --detach

down: ## stop what `make up` started
	.venv/bin/fabmesh down

##@ Check
.PHONY: test test-unit test-slow check
test: install check ## every suite on real servers (a running demo is not disturbed)
	$(PY) -m pytest $(SUITES) -m "not cad and not slow" $(LIGHT) -n 2
	$(PY) -m pytest tests -m "not cad and not slow"
	$(MAKE) --no-print-directory test-cad

.PHONY: test-cad
test-cad: install ## the suites that need CadQuery
	LD_LIBRARY_PATH="$$($(PY) -m launcher.libgl .cache/libgl)" .venv-cad/bin/python -m pytest services -m "cad and not slow" -n 2

test-unit: install ## pure tests only, in seconds
	$(PY) -m pytest $(wildcard libs/*/tests/unit services/*/tests/unit hub/tests/unit launcher/tests/unit) -m "not cad"

test-slow: install ## the long suites: every kind of crash, one by one
	$(PY) -m pytest $(SUITES) tests -m "slow and not cad" $(LIGHT)
	LD_LIBRARY_PATH="$$($(PY) -m launcher.libgl .cache/libgl)" .venv-cad/bin/python -m pytest services -m "cad and slow"

check: install ## format, lint, types, import rules, contracts, manifests
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	$(PY) -m mypy --python-executable .venv-cad/bin/python
	PYTHONPATH=$(SOURCES) .venv/bin/lint-imports --no-cache
	$(MAKE) --no-print-directory check-contracts check-openapi

.PHONY: check-contracts check-openapi
check-contracts: install
	cd proto && export PATH="$(CURDIR)/.venv/bin:$$PATH" && buf lint && buf format -d --exit-code && buf breaking --against released.binpb
	$(PY) tests/contract/generated.py

check-openapi: install
	@for service in $(SERVICES); do \
	  .venv/bin/fabmesh-$$service openapi | diff -q - services/$$service/openapi.json >/dev/null \
	  || { echo "services/$$service/openapi.json is not what the service says: run make openapi"; exit 1; }; done

##@ Change
.PHONY: contracts openapi lock format benchmarks
contracts: install ## generate Python from proto/ and record the released contracts
	cd proto && export PATH="$(CURDIR)/.venv/bin:$$PATH" && buf format -w && buf lint && buf generate && buf build -o released.binpb

openapi: install ## write each service's OpenAPI document
	@for service in $(SERVICES); do .venv/bin/fabmesh-$$service openapi > services/$$service/openapi.json || exit 1; done

format: install ## format and mend what can be mended
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: .venv/.uv ## resolve every dependency anew into requirements.lock
	$(UV) lock -q && $(UV) export -q --all-packages --all-extras --all-groups --no-emit-workspace --no-header -o requirements.lock

benchmarks: install ## measure against peers, print ratios
	$(PY) -m benchmarks

##@ Install
.PHONY: install clean
install: .venv/.installed .venv-cad/.installed ## bring everything that is needed into .venv and .venv-cad

.venv/.uv:
	@command -v python3.11 >/dev/null || python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "Python 3.11 is needed: apt-get install python3.11 python3.11-venv"; exit 1; }
	@rm -rf .venv
	@python=$$(command -v python3.11 || command -v python3); \
	  $$python -m venv .venv >/dev/null 2>&1 \
	  || { rm -rf .venv; $$python -m venv --without-pip .venv && $$python -m pip --version >/dev/null 2>&1; } \
	  || { rm -rf .venv; echo "Python's venv module is missing. As root: apt-get install python3-venv"; exit 1; }
	@if [ -x .venv/bin/pip ]; then .venv/bin/pip install -q --disable-pip-version-check uv==$(UV_VERSION); \
	  else python3 -m pip --python .venv/bin/python install -q --disable-pip-version-check uv==$(UV_VERSION); fi
	@touch $@

.venv/.installed: .venv/.uv requirements.lock pyproject.toml $(MEMBERS:%=%/pyproject.toml)
	@echo "Installing the mesh into .venv"
	@$(INSTALL) -p .venv $(MEMBERS:%=-e %) && touch $@

.venv-cad/.installed: .venv/.installed
	@echo "Installing CadQuery for fabrication's workers into .venv-cad (1.8 GB)"
	@[ -x .venv-cad/bin/python ] || $(UV) venv -q --clear -p .venv/bin/python .venv-cad
	@$(INSTALL) -p .venv-cad $(LIBS:%=-e %) -e launcher -e hub $(SERVICES:%=-e services/%) -e 'services/fabrication[cad]' && touch $@

clean: ## remove what was installed and made; data in .fabmesh stays
	rm -rf .venv .venv-cad .cache .mypy_cache .ruff_cache .pytest_cache

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
