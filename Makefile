# Two commands for everybody: `make demo` and `make test`. Each does all the set-up that it needs.
.PHONY: setup demo test lint bench

setup:
	@./setup

demo: setup
	@.venv/bin/npq demo

test: setup
	@.venv/bin/python -m pytest -n 2

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench: setup
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r bench.lock
	@.venv/bin/python -m benchmarks $(BENCH)
