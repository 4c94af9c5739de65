"""The measurements whose results the README quotes; `python -m tests.benchmarks` runs them."""
