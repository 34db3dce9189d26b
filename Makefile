# Needs git, make and a Python >= 3.11; everything else is brought into .venv.
#   make demo                    the first notebook in JupyterLab
#   make demo ARGS=--headless    the same without a screen: first_look.html, first_look.png
#   make test                    all checks and tests
#   make notebooks               run the lessons anew and store what they show

SHELL := /bin/sh
.DEFAULT_GOAL := demo
.NOTPARALLEL:
.PHONY: demo test lint test-js test-py notebooks front clean

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
  then echo $$python; break; fi; done)
BIN := .venv/bin
VENV := .venv/pyvenv.cfg
DEMO := .venv/.installed-demo
DEV := .venv/.installed-dev
NPM := $(BIN)/python js/build_hook.py
BUNDLE := attn_widgets/static/explorer.js
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

demo: $(DEMO) front
	$(BIN)/python -m attn_widgets.demo $(ARGS)

test: lint test-js test-py

lint: $(DEV) front
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(NPM) run check

test-js: $(DEV)
	browser="$$($(BIN)/python tests/browser/support/chromium.py)" && \
	  ATTN_WIDGETS_CHROMIUM="$$browser" $(NPM) test

test-py: $(DEV) front
	$(BIN)/python -m pytest --durations=15 $(ARGS)

notebooks: $(DEV) front
	$(BIN)/python tests/notebooks/execute.py example_notebooks/*.ipynb

# The build hook makes the bundle where there is none, so an old one is taken away.
front: $(DEMO)
	@if [ ! -e $(BUNDLE) ] || \
	  [ -n "$$(find js/src js/package-lock.json js/build.mjs -newer $(BUNDLE) -print)" ]; \
	then rm -f attn_widgets/static/*; $(INSTALL) --quiet --no-deps -e .; fi

$(DEMO): pyproject.toml constraints.txt $(VENV)
	$(INSTALL) -e ".[demo]"
	touch $@

$(DEV): pyproject.toml constraints.txt $(VENV)
	$(INSTALL) -e ".[dev]"
	touch $(DEMO) $@

$(VENV):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'error: Python 3.11 or newer is needed, and "$(PYTHON)" is none:' \
	    'install one, or name it: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'error: "$(PYTHON)" cannot make virtual environments: install its venv package' \
	    '(on Debian and Ubuntu, python3-venv), or name another: make PYTHON=...' >&2; exit 1; }
	"$(PYTHON)" -m venv .venv

clean:
	rm -rf .venv build dist js/node_modules js/coverage attn_widgets/static/* \
	  first_look.html first_look.png
