# Two commands for everybody: `make demo` and `make test`. Each does all the set-up that it needs.
.PHONY: setup demo test torture lint bench
unexport PYTHONPATH PYTHONHOME # only what ./setup installs is used
export PATH ?= /usr/local/bin:/usr/bin:/bin

setup:
	@./setup

demo: setup
	@.venv/bin/npq demo

# Four at once, on two cores too: many tests wait, for a lease, a pace or a process that starts. Of each kind of trial in
# `make torture` a few are made here too: on both kinds of database a killed worker loses and doubles nothing.
# The tests themselves make room: a worker or an import that gives way would have no turn beside those of the others.
test: setup
	@nice -n 15 .venv/bin/python -m pytest -n 4 --dist worksteal

# kill -9, suspended processes, pulled plugs and foul weather, in hundreds of trials; then hundreds of random histories:
# TRIALS, SEED and HISTORIES can be set
TRIALS ?= 200
HISTORIES ?= 500
LIVED_THROUGH := $(shell grep -rl --include='test_*.py' HISTORIES tests)
torture: setup
	@NPQ_TORTURE_TRIALS=$(TRIALS) NPQ_TORTURE_SEED=$(SEED) nice -n 15 .venv/bin/python -m pytest tests/torture -s
	@NPQ_HISTORIES=$(HISTORIES) nice -n 15 .venv/bin/python -m pytest -n 4 --dist worksteal $(LIVED_THROUGH)

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench: setup
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r bench.lock
	@.venv/bin/python -m benchmarks $(BENCH)
