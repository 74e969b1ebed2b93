# `make demo` and `make test` need only Python (3.11 to 3.13) and make; each does all the set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready

.PHONY: help setup demo test explore check format docs bench verify lock clean

help:
	@echo "make demo    virtual patient from nothing to a dose report in demo/"
	@echo "make test    all tests"
	@echo "make explore property tests with new random examples, many more of them"
	@echo "make check   format, lint, types, import contracts, docs"
	@echo "make docs    documentation in docs/_build/html"
	@echo "make bench   wall time, CPU time and peak memory of the main jobs"
	@echo "make verify  long Monte Carlo runs against other programs, about half an hour"
	@echo "make setup   environment in .venv from requirements.lock"
	@echo "make lock    renew requirements.lock"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup
	$(BIN)/hevesy demo demo

test: setup
	$(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

explore: setup
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -q --hypothesis-show-statistics -m "not slow" -k "$(K)"

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory docs

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup
	$(BIN)/python -m sphinx -q -W --keep-going -j auto -b html docs docs/_build/html

bench: setup
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/engines.py
	$(BIN)/python benchmarks/fits.py
	$(BIN)/python benchmarks/spect.py
	$(BIN)/python benchmarks/pet.py
	$(BIN)/python benchmarks/trial.py

verify: setup
	$(BIN)/python tests/verify.py --record

lock: setup
	$(BIN)/uv pip compile pyproject.toml --universal --group dev --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --quiet -o requirements.lock

clean:
	rm -rf $(VENV) docs/_build demo bench-results
