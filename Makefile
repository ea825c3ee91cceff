# Two commands do everything on a machine with Python 3.11 or 3.12 and a C compiler:
#   make screen   make the environment and screen an example case
#   make test     make the environment with the tools and run every check
# More: make fuzz compares the readings for some minutes; make bench measures everything on one
# machine (bench-case one case, bench-cohort tables of cases beside other engines, bench-batch whole
# batches), bench-spark a cluster, and bench-population the rules against invented people.
# PYTHON=/path/to/python names the Python, CC=... the C compiler, CASE=... another case.

CASE ?= cases/base_case.yaml
PY := .venv/bin/python
# As many tests at once as there are processors, up to four: some start clusters and browsers.
PYTEST := $(PY) -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal
PIP := cc=$$($(PY) scripts/check_machine.py) && CC="$$cc" $(PY) -m pip install --quiet --use-pep517

export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

# An environment whose Python was removed or moved is made anew.
ifneq ($(wildcard .venv/.made),)
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
$(shell rm -f .venv/.made)
endif
endif

.PHONY: screen test fuzz bench bench-case bench-cohort bench-batch bench-spark bench-population clean

screen: .venv/.screening
	@$(PY) -m screening screen $(CASE)

test: .venv/.tools
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m screening rules check
	$(PYTEST)

fuzz: .venv/.tools
	$(PYTEST) -m fuzz

bench: bench-case bench-cohort bench-batch

bench-case: .venv/.screening
	$(PY) -m benchmarks.one_case
	$(PY) -m benchmarks.questions

bench-cohort: .venv/.tools
	@$(PIP) --editable '.[bench]'
	$(PY) -m benchmarks.cohort

bench-batch: .venv/.tools
	$(PY) -m benchmarks.batch

bench-spark: .venv/.tools
	$(PY) -m benchmarks.spark

bench-population: .venv/.tools
	$(PY) -m benchmarks.population

clean:
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The three stages of the environment; a change of pyproject.toml makes all of it anew.
.venv/.made: pyproject.toml
	@python=$$(sh scripts/find_python.sh) && \
	echo "Making the environment in .venv with $$python ..." >&2 && \
	"$$python" -m venv --clear .venv
	@touch $@

.venv/.screening: .venv/.made
	@echo "Installing the program (a minute the first time: the rule engine is compiled) ..." >&2
	@$(PIP) --editable .
	@touch $@

.venv/.tools: .venv/.made
	@echo "Installing the program and the tools (a minute or two the first time) ..." >&2
	@$(PIP) --editable '.[dev]'
	@touch .venv/.screening $@
