# Two commands do all the set-up in .venv: make run, make test.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS := 1

.PHONY: run test check bench picture clean

run: .venv/plot  ## Train in the simulator, compare with the oracle, leave a picture in out/run.png.
	mkdir -p out
	$(BIN)/robot-agent train --robot sim --seed 0 --store out/runs.db
	$(BIN)/robot-agent evaluate --store out/runs.db
	$(BIN)/robot-agent plot --store out/runs.db --out out/run.png

test: .venv/dev check  ## Check style and types, run all tests.
	$(BIN)/pytest -n auto

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/dev  ## Measure what the README says; tianshou needs a venv of its own, see tests/benchmarks.
	$(BIN)/python -m tests.benchmarks

picture: .venv/dev  ## Make the README's picture anew.
	$(BIN)/python tests/readme_picture.py

.venv/plot: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -e '.[plot]'
	touch $@

.venv/dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -e '.[dev]'
	touch $@ .venv/plot

clean:
	rm -rf .venv out
