# Three commands do everything on a machine with Python 3.11 to 3.14 and a C compiler:
#   make screen   make the environment and screen an example case
#   make serve    the same with the workbench, and open it: one local page
#   make test     make the environment with the tools and run the checks; fewer cases of each kind than `make whole`
# More: make whole runs every test, also those that start clusters and install the program; make fuzz compares the readings
# for some minutes, make soak for long; make bench measures everything on one
# machine (bench-case one case, bench-interview the interview, bench-serve the workbench, bench-cohort tables of cases beside
# other engines, bench-batch whole batches), bench-cds a call of CDS Hooks, bench-spark a cluster, and bench-population the
# rules against invented people.
# PYTHON=/path/to/python names the Python, CC=... the C compiler, CASE=... another case.
# make picture takes the picture of the workbench anew; make docs builds the documentation into site/.
# make lock writes the locked versions anew; make wheels builds the program and the rule engine for
# the Python of .venv into dist/, to be installed where there is no compiler.

CASE ?= cases/base_case.yaml
PY := .venv/bin/python
# One test more at once than there are processors, up to four: some wait for browsers and clusters.
WORKERS := $$(n=$$(getconf _NPROCESSORS_ONLN) && echo $$((n < 4 ? n + 1 : 4)))
PYTEST := $(PY) -m pytest --numprocesses $(WORKERS) --dist worksteal
# Everything is installed as it stands in a lock, built with what the lock names and nothing newer.
BUILD := settings=$$($(PY) scripts/check_machine.py) && eval "$$settings" && $(PY) -m pip
LOCKED := install --quiet --require-hashes --no-build-isolation --use-pep517 --requirement
OURS := install --quiet --no-deps --no-build-isolation --editable .
# The rule engine alone: what pip has kept of it may have been built with other flags.
ENGINE := .venv/engine.txt
WHEEL := wheel --quiet --no-deps --no-build-isolation --use-pep517 --wheel-dir dist

export PIP_DISABLE_PIP_VERSION_CHECK ?= 1
# Bytecode is kept, as where the program is installed; without it every process compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

# An environment whose Python was removed or moved is made anew.
ifneq ($(wildcard .venv/.made),)
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
$(shell rm -f .venv/.made)
endif
endif

.PHONY: screen serve checks lint types rules-check test whole fuzz soak bench bench-case bench-interview \
	bench-cohort bench-batch bench-cds bench-spark bench-serve bench-population picture docs lock wheels clean

screen: .venv/.screening
	@$(PY) -m screening screen $(CASE)

serve: .venv/.serving
	@$(PY) -m screening serve $(SERVE)

# One beside the other: each takes one processor.
checks: .venv/.tools
	$(MAKE) --no-print-directory --jobs --output-sync=target lint types rules-check

lint: .venv/.tools
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: .venv/.tools
	$(PY) -m mypy

rules-check: .venv/.tools
	$(PY) -m screening rules check

test: checks
	$(PYTEST)

whole: checks
	$(PYTEST) -m "not slow and not fuzz" --durations 25

fuzz: .venv/.tools
	$(PYTEST) -m fuzz

soak: .venv/.tools
	$(PYTEST) -m slow

bench: bench-case bench-interview bench-cohort bench-batch

bench-case: .venv/.screening
	$(PY) -m benchmarks.one_case
	$(PY) -m benchmarks.questions

bench-cds: .venv/.tools
	$(PY) -m benchmarks.cds_hooks

bench-interview: .venv/.tools
	$(PY) -m benchmarks.interview

bench-cohort: .venv/.tools
	$(PY) -m benchmarks.cohort

bench-batch: .venv/.tools
	$(PY) -m benchmarks.batch

bench-serve: .venv/.tools
	$(PY) -m benchmarks.serve

bench-spark: .venv/.tools
	$(PY) -m benchmarks.spark

bench-population: .venv/.tools
	$(PY) -m benchmarks.population

picture: .venv/.tools
	$(PY) -m scripts.workbench_picture

docs: .venv/.tools
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet --strict

LOCK := $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --custom-compile-command "make lock"

lock: .venv/.tools
	$(LOCK) pyproject.toml --all-extras --group build --output-file constraints.txt
	$(LOCK) pyproject.toml --constraint constraints.txt --output-file constraints-screen.txt
	$(LOCK) pyproject.toml --extra serve --constraint constraints.txt --output-file constraints-serve.txt
	$(LOCK) --group build --constraint constraints.txt --output-file constraints-build.txt
	$(PY) -m scripts.dependencies

wheels: .venv/.screening
	@$(BUILD) $(WHEEL) --require-hashes --no-cache-dir --requirement $(ENGINE)
	@$(BUILD) $(WHEEL) .
	@ls dist/*.whl

clean:
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist site
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stages of the environment; a change of what is to be in it makes all of it anew.
.venv/.made: pyproject.toml constraints.txt scripts/check_machine.py
	@python=$$(sh scripts/find_python.sh) && \
	echo "Making the environment in .venv with $$python ..." >&2 && \
	"$$python" -m venv --clear .venv && \
	sed -n '/^durable-rules==/,/# via/p' constraints-screen.txt >$(ENGINE)
	@touch $@

.venv/.screening: .venv/.made
	@echo "Installing the program (a minute the first time: the rule engine is compiled) ..." >&2
	@$(BUILD) $(LOCKED) constraints-build.txt
	@$(BUILD) $(LOCKED) $(ENGINE) --no-cache-dir
	@$(BUILD) $(LOCKED) constraints-screen.txt
	@$(BUILD) $(OURS)
	@touch $@

.venv/.serving: .venv/.screening
	@$(BUILD) $(LOCKED) constraints-serve.txt
	@touch $@

.venv/.tools: .venv/.screening
	@echo "Installing the tools (some minutes the first time) ..." >&2
	@$(BUILD) $(LOCKED) constraints.txt
	@touch $@
