# Two commands do all the set-up in .venv: make run, make test.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS := 1
# Half as many again as there are cores: many tests wait for another process.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(-(-3 * (os.cpu_count() or 1) // 2))')

.PHONY: run test tests test-slow check bench picture clean

run: .venv/run  ## Train in the simulator and drive what was learned, with the dashboard at http://127.0.0.1:8080.
	mkdir -p out
	$(BIN)/robot-server --robot sim --train --open --store out/runs.db

test: .venv/dev  ## Check style and types, run all tests; at the same time, since types take one core a minute.
	@$(MAKE) --no-print-directory -j2 check tests

tests: .venv/dev
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

test-slow: .venv/dev  ## Run the tests that make test leaves out: they take long, or are larger siblings of others.
	$(BIN)/pytest -n $(WORKERS) -m slow

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/dev  ## Measure what the README says; tianshou needs a venv of its own, see tests/benchmarks.
	$(BIN)/python -m tests.benchmarks

picture: .venv/dev  ## Make the README's pictures anew.
	$(BIN)/python tests/readme_picture.py
	$(BIN)/python tests/dashboard_pictures.py
	$(BIN)/python tests/dashboard_pictures.py --original

.venv/run: pyproject.toml
	@$(PYTHON) deploy/set_up.py plot run

.venv/dev: pyproject.toml
	@$(PYTHON) deploy/set_up.py dev dev
	@touch .venv/run

clean:  ## Remove what can be made again. What was learned stays in out.
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
