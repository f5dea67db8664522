# Two commands do all: `make demo` shows the whole round, `make test` passes the tests.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: install demo test check lock docs clean

# Everything pinned by hash, then this package itself without looking anything up.
install: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock pins…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install  ## the example newsroom through the whole round
	@$(BIN)/python send.py demo

test: install  ## lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

docs: install  ## pages that are made from code
	$(BIN)/python -m digest.settings > docs/settings.md

lock: install  ## pin again after a change in pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-index-url --no-header \
	  --python-version 3.11 --group dev pyproject.toml --extra postgres -o requirements.lock

clean:
	rm -rf $(VENV) demo data .pytest_cache .mypy_cache .ruff_cache
