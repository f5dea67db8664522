# Two commands do all: `make demo` shows the whole round, `make test` passes the tests.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: install develop rivals demo test lock docs clean

# Everything pinned by hash (the lock is complete, so pip resolves nothing), then this package itself.
install: $(VENV)/installed
develop: $(VENV)/developed

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say make PYTHON=… ")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python requirements.lock pyproject.toml
	@echo "Installing what requirements.lock pins…"
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/developed: $(VENV)/installed requirements-dev.lock
	@echo "Installing what tests need…"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

rivals: develop  ## what benchmarks compare our figures with
	@$(PIP) install --no-deps --require-hashes -r requirements-rivals.lock

demo: install  ## the example newsroom through the whole round
	@$(BIN)/python send.py demo

test: develop  ## lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist worksteal  # all cores; alone, pytest takes twice as long

docs: develop  ## pages that are made from code
	$(BIN)/python -m digest.settings > docs/settings.md

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-index-url --no-header \
	  --python-version 3.11 pyproject.toml

lock: $(BIN)/python  ## pin again after a change in pyproject.toml
	$(PIP) install uv
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group dev --extra postgres --extra fleet -c requirements.lock -o requirements-dev.lock
	$(LOCK) --group rivals -c requirements-dev.lock -o requirements-rivals.lock

clean:  ## never data/: that is the ledger
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache
