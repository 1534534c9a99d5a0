# One page of commands. Each does all of its own set-up on a fresh Debian or Ubuntu machine with Python 3.11+, make and git.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DATA   ?= data
DEMO   ?= --demo
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help serve test test-fast test-clients test-browser test-libraries check format bench clean

help:            ## Show this page.
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

serve: $(READY)  ## Start a hub with a demo on http://127.0.0.1:8000 (DEMO=--no-demo for an empty one).
	$(BIN)/hubkeep serve --data $(DATA) $(DEMO) $(ARGS)

test: test-fast test-clients test-browser ## Run every test but the ones that need PyTorch.

test-fast: $(READY) ## Unit tests, contracts, faults.
	scripts/system-packages git-lfs postgresql
	$(BIN)/pytest -n 2 --dist loadfile tests/unit tests/contracts tests/faults $(ARGS)

test-clients: $(READY) ## A real server, and every client unmodified.
	scripts/system-packages git-lfs nodejs npm openssh-client
	$(BIN)/python tests/clients/harness/venvs.py
	$(BIN)/pytest -n 2 --dist loadfile tests/clients $(ARGS)

test-browser: $(READY) ## A real browser.
	scripts/system-packages chromium nodejs npm
	$(BIN)/pytest -n 2 --dist loadgroup tests/browser $(ARGS)

test-libraries: $(READY) ## transformers, diffusers, sentence-transformers (downloads about 1.2 GB of PyTorch).
	$(BIN)/pytest tests/libraries $(ARGS)

check: $(READY)  ## Format, lint, types, floors.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## The benchmarks; one JSON object a line.
	scripts/system-packages nginx-light fcgiwrap apache2-utils
	$(BIN)/python benches/run.py $(ARGS)

clean:           ## Remove what can be made again; your data stays.
	rm -rf $(VENV) .venvs .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist src/*.egg-info

$(READY): pyproject.toml constraints.txt
	scripts/make-venv $(PYTHON) $(VENV)
	@touch $@
