# The commands of this project; `make` alone lists them. Longer logic stands in .ci/.
#
#   PYTHON=python3.12   the Python that .venv is made with (3.11 or later; default python3)
#   ARGS="..."          further arguments for `jamsostek record` or pytest

SHELL := /bin/sh
.DEFAULT_GOAL := help

ARGS ?=
PY := .venv/bin/python
CODE = $(wildcard src tests notebooks benchmarks)
NOTEBOOKS = $(wildcard notebooks/*.ipynb)
LINTS := lint-code lint-format lint-types lint-imports lint-notebooks

.PHONY: help setup briefs demo test test-all lint $(LINTS) lab lock browser clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from requirements.lock (a second run does nothing)
	@bash .ci/setup

briefs: setup data/raw/demo-prev/delivery.toml ## write the briefs: on the published record, and on every area of two invented months
	@.venv/bin/jamsostek record $(ARGS)
	@.venv/bin/jamsostek run demo-prev --if-new --area 72.71 || [ $$? -eq 20 ]
	@.venv/bin/jamsostek run demo --if-new

data/raw/demo-prev/delivery.toml:
	@.venv/bin/jamsostek demo

demo: setup ## make invented registers of the city's size, of two months, and measure the gap in them
	@.venv/bin/jamsostek demo $(ARGS)
	@.venv/bin/jamsostek run demo-prev --if-new --area 72.71 || [ $$? -eq 20 ]
	@.venv/bin/jamsostek run demo --if-new

# In the order of their names, so that the long files of tests/ come before the short ones of tests/unit/.
test: setup browser ## run every test, the files of them side by side
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

test-all: setup browser ## look at the briefs on all 55 areas, not on a spread of them
	@JAMSOSTEK_ALL_AREAS=1 $(PY) -m pytest tests/test_area_pages.py tests/test_area_pages_in_browser.py $(ARGS)

lint: setup ## check style, types, import order and notebooks; shows all faults at once
	@$(MAKE) --no-print-directory --keep-going $(LINTS)

lint-code:
	@$(PY) -m ruff check --quiet $(CODE)

lint-format:
	@$(PY) -m ruff format --check --quiet $(CODE) || { echo "lint: run .venv/bin/ruff format"; exit 1; }

lint-types:
	@$(PY) -m mypy --no-error-summary src

lint-imports:
	@log=$$(.venv/bin/lint-imports --no-cache --no-logo 2>&1) || { printf '%s\n' "$$log"; exit 1; }

# The same flags as in .pre-commit-config.yaml.
lint-notebooks:
	@$(if $(NOTEBOOKS),$(PY) -m nbstripout --verify --keep-id \
		--extra-keys "metadata.language_info.version metadata.papermill" $(NOTEBOOKS) \
		|| { echo "lint: strip the outputs: .venv/bin/pre-commit run nbstripout --all-files"; exit 1; },:)

lab: setup ## open the notebooks in JupyterLab
	@root=; [ "$$(id -u)" -ne 0 ] || root=--allow-root; exec .venv/bin/jupyter lab notebooks $$root

lock: setup ## renew requirements.lock after a change in pyproject.toml (ARGS=--upgrade: newer versions)
	@.venv/bin/uv pip compile pyproject.toml --group dev --extra pdf --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --quiet -o requirements.lock $(ARGS)

browser: setup ## what the page tests need: chromium and the HTML checker
	@bash .ci/browser

clean: ## remove .venv and caches, never data/ or reports/
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find src tests notebooks benchmarks \( -name __pycache__ -o -name .ipynb_checkpoints -o -name '*.egg-info' \) \
		-prune -exec rm -rf {} + 2>/dev/null || true
