# The course's commands. `make run` and `make test` do all the set-up they need.
#   make run                      execute every chapter into build/ and print a table
#   make run ONLY="05 08" FAST=1  some chapters, in their short form
#   make run ONLY=08 PARAMS="-p STEPS 500"    papermill's parameters
#   make test                     all tests; every output is compared with the stored one
#   make lab                      open JupyterLab
#   make bench                    time the training loop against the other ways
#   make matrix                   run the short course on the last four TensorFlow releases
#   make update                   execute the chapters and store their outputs in notebooks/
#   make lock                     pin the dependencies anew
#   make format                   format the code and the notebooks, mend what ruff can mend
#   make map                      write what follows from course.toml into README and notebooks
#   make chapter NUMBER=28 SLUG=name TITLE="Name"    begin a chapter from the template
#   make stamp                    write the course's address into notebooks and README
#   make clean                    remove what was built; downloads stay in data/cache/

PYTHON ?= python3
VENV ?= .venv
JOBS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
FAST ?=
ONLY ?=
TF ?=
PARAMS ?=

bin := $(VENV)/bin
py := $(bin)/python
all_notebooks := $(sort $(wildcard notebooks/*.ipynb notebooks/solutions/*.ipynb))
ifneq ($(strip $(ONLY)),)
chosen := $(sort $(foreach n,$(ONLY),$(filter notebooks/$(n)% notebooks/solutions/$(n)%,$(all_notebooks))))
ifeq ($(strip $(chosen)),)
$(error There is no chapter ONLY=$(ONLY); name chapters by their numbers, such as ONLY="05 08")
endif
else
chosen := $(all_notebooks)
endif
names := $(chosen:notebooks/%.ipynb=%)
done := $(names:%=build/done/%)
# TF=2.18 asks for that TensorFlow with the newest packages that go with it.
requirements = $(if $(TF),requirements.txt "tensorflow==$(TF).*",requirements.lock)
settings = $(VENV) $(if $(FAST),--fast) $(PARAMS) data=$(COURSE_DATA_DIR) offline=$(COURSE_OFFLINE)

# Jupyter kernels warn about frozen modules otherwise.
export PYDEVD_DISABLE_FILE_VALIDATION = 1
MAKEFLAGS += --no-print-directory

.PHONY: run test unit nbval lab bench matrix update lock stamp map format chapter clean chapters FORCE
.SECONDARY:

run: $(VENV)/installed
	@echo "running $(words $(chosen)) notebooks, $(JOBS) at a time; what has not changed since its last success is not run again"
	@$(MAKE) -k -j$(JOBS) chapters 2>&1 | grep --line-buffered -v '^make' ; \
	  $(py) -m tools.chapters report $(names:%=build/records/%.json)

chapters: $(done)

# One chapter: run again if the notebook, the utils, the tables, the lock or a setting changed.
inputs := $(filter-out tools/chapters.py,$(wildcard utils/*.py data/*.csv data/*.h5)) requirements.lock
build/done/%: notebooks/%.ipynb $(inputs) build/settings/%
	@mkdir -p $(@D) $(dir build/records/$*)
	@$(py) -m tools.chapters run $< $(if $(FAST),--fast) $(PARAMS) 2>build/records/$*.log
	@touch $@

build/settings/%: FORCE
	@mkdir -p $(@D)
	@echo "$(settings)" | cmp -s - $@ || echo "$(settings)" > $@

test: unit nbval

unit: $(VENV)/installed
	$(py) -m pytest -n $(JOBS) --dist loadfile tests

# Every cell runs again, and its output must be the stored one; COURSE_OFFLINE=1: no network.
nbval: export COURSE_OFFLINE = 1
nbval: $(VENV)/installed
	$(py) -m pytest -n $(JOBS) --dist loadfile --nbval --nbval-sanitize-with tests/notebooks/sanitize.cfg $(chosen)

lab: $(VENV)/installed
	$(py) -m jupyterlab

bench: $(VENV)/installed
	$(py) -m tools.bench

update: $(VENV)/installed
	@$(MAKE) run FAST= PARAMS=
	@$(py) -m tools.chapters store $(chosen)
	@touch $(done)

# The short course on the last four TensorFlow releases, each in an environment of its own.
matrix:
	@failed=; for version in 2.18 2.19 2.20 2.21; do \
	  echo "TensorFlow $$version"; \
	  $(MAKE) run FAST=1 TF=$$version VENV=.venv-$$version || failed="$$failed $$version"; \
	done; [ -z "$$failed" ] || { echo "failed on TensorFlow$$failed"; exit 1; }

lock: $(VENV)/installed
	$(py) -m pip install --quiet uv
	$(py) -m uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	  --custom-compile-command "make lock" requirements.txt -o requirements.lock

stamp: $(VENV)/installed
	@$(py) -m tools.stamp

map: $(VENV)/installed
	@$(py) -m tools.course_map write

format: $(VENV)/installed
	$(py) -m ruff check --fix .
	$(py) -m ruff format .

# TITLE may hold any character: it reaches the command as it was typed.
chapter: export CHAPTER_TITLE = $(value TITLE)
chapter: $(VENV)/installed
	@$(py) -m tools.new_chapter "$(NUMBER)" "$(SLUG)"

$(VENV)/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "This course needs Python 3.11, 3.12 or 3.13, not " + sys.version.split()[0] + ": name one, for example `make PYTHON=python3.12 run`")'
	@echo "installing the dependencies into $(VENV); the first time takes a few minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(py) -m pip install --quiet --disable-pip-version-check --requirement $(requirements)
	@mkdir -p build && touch $@

clean:
	rm -rf build $(VENV) .pytest_cache .ruff_cache data/cache/standins
