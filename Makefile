# Two commands do everything on a machine with Python 3.11 or 3.12 and a C compiler:
#   make screen   make the environment and screen an example case
#   make test     make the environment with the tools and run every check
# More: make fuzz compares the readings for some minutes; make bench measures one case, bench-cohort
# tables of cases, bench-batch whole batches, bench-peers other engines.
# PYTHON=/path/to/python names the Python, CC=... the C compiler, CASE=... another case.

CASE ?= cases/base_case.yaml
PY := .venv/bin/python
PIP := cc=$$($(PY) scripts/check_machine.py) && CC="$$cc" $(PY) -m pip install --quiet --use-pep517

export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

# An environment whose Python was removed or moved is made anew.
ifneq ($(wildcard .venv/.made),)
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
$(shell rm -f .venv/.made)
endif
endif

.PHONY: screen test fuzz bench bench-cohort bench-batch bench-peers clean

screen: .venv/.screening
	@$(PY) -m screening screen $(CASE)

test: .venv/.tools
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m screening rules check
	$(PY) -m pytest

fuzz: .venv/.tools
	$(PY) -m pytest -m fuzz

bench: .venv/.screening
	$(PY) -m benchmarks.one_case
	$(PY) -m benchmarks.questions

bench-cohort: .venv/.screening
	$(PY) -m benchmarks.cohort

bench-batch: .venv/.tools
	$(PY) -m benchmarks.batch

bench-peers: .venv/.screening
	@$(PIP) --editable '.[bench]'
	$(PY) -m benchmarks.peers

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
