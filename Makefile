# The course's commands. `make run` and `make test` do all the set-up they need.
#   make run                      execute every chapter into build/ and print a table
#   make run ONLY="05 08" FAST=1  some chapters, in their short form
#   make run ONLY=08 PARAMS="-p STEPS 500"    papermill's parameters
#   make run DATA=1               only the chapters that load a data set
#   make run LIMIT=600            stop a notebook after 600 s; 1,200 if nothing is said
#   make test                     the unit tests, and every output is compared with the stored one
#   make sabotage ONLY=05         break chapters as their metadata say; their checks must notice
#   make trials ONLY=09           measure again the spreads that are too slow for a chapter
#   make lab                      open JupyterLab
#   make bench                    time the training loop against the other ways
#   make matrix                   run the short course on the last four TensorFlow releases, and
#                                 with the versions of Colab; ROWS="2.18 colab" for some of them
#   make update                   execute the chapters and store their outputs in notebooks/
#   make site                     build the book, the chapters as a web site, into build/site/
#   make lock                     pin the dependencies anew
#   make colab FREEZE=pip-freeze-2026-08-19.txt    take Colab's versions from its freeze
#   make screenshots              take chapter 19's pictures of TensorBoard anew (needs Chromium)
#   make format                   format the code and the notebooks, mend what ruff can mend
#   make map                      write what follows from course.toml into README and notebooks
#   make chapter NUMBER=28 SLUG=name TITLE="Name"    begin a chapter from the template
#   make stamp                    write the course's address into notebooks and README
#   make clean                    remove what was built and the environments; downloads stay

PYTHON ?= python3
VENV ?= .venv
JOBS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
FAST ?=
ONLY ?=
TF ?=
PARAMS ?=
DATA =
LIMIT = 1200
BUILD = build
ALONE =
COLAB =
ROWS = 2.18 2.19 2.20 2.21 colab
PYTHON313 ?= python3.13
JAX = jax==0.10.2
# The book's: reads notebooks, its looks, formulas and their font, the test of its contrast.
SITE = myst-nb furo latex2mathml ziamath axe-playwright-python
AGAIN =
FREEZE =

bin := $(VENV)/bin
py := $(bin)/python
chapters := $(py) -m tools.chapters
choose = $(py) -m tools.course_map choose $(ONLY)
# PARAMS stands last: a parameter without its value finds none.
options = --build $(BUILD) --limit $(LIMIT) $(if $(FAST),--fast) $(if $(ALONE),--alone) $(PARAMS)

# TF=2.18 asks for that TensorFlow with the newest packages that go with it, COLAB=FILE for the
# versions in that file; otherwise all is as it is locked.
pythons = $(if $(COLAB),3.13,3.11 3.12 3.13)
pins = $(if $(TF)$(COLAB),requirements.txt $(COLAB),requirements.lock)
packages = $(if $(TF),-r requirements.txt "tensorflow==$(TF).*",$(if $(COLAB),-r requirements.txt -c $(COLAB),--require-hashes -r requirements.lock))

# Jupyter kernels warn about frozen modules otherwise.
export PYDEVD_DISABLE_FILE_VALIDATION = 1
MAKEFLAGS += --no-print-directory

.PHONY: run test unit nbval sabotage trials lab bench matrix site update lock stamp map screenshots format chapter clean colab executed FORCE
.SECONDARY:

run: $(VENV)/installed
	@names=$$($(chapters) plan --only "$(ONLY)" $(if $(DATA),--data) $(options)) || exit; \
	set -- $$names; \
	echo "running $$# notebooks, $(JOBS) at a time; what has not changed since its last success is not run again"; \
	$(MAKE) -s -k -j$(JOBS) executed NAMES="$$names" 2>$(BUILD)/make.log; \
	$(chapters) report --build $(BUILD) --made $$? $$names

# A chapter is in seen/ when make has come to the end of it, whether it ran or nothing had changed.
executed: $(NAMES:%=$(BUILD)/seen/%)

$(BUILD)/seen/%: $(BUILD)/done/%.json FORCE
	@mkdir -p $(@D) && touch $@

# One chapter: run again if the notebook, what it imports, a setting or a version changed.
$(BUILD)/done/%.json: notebooks/%.ipynb $(BUILD)/settings/%.json $(pins)
	@mkdir -p $(dir $(BUILD)/records/$*)
	@$(chapters) run $< $(options) 2>$(BUILD)/records/$*.log

-include $(BUILD)/depends.mk

test: $(VENV)/installed
	@$(choose) >/dev/null
	@$(MAKE) unit; unit=$$?; $(MAKE) nbval; outputs=$$?; \
	say() { if [ $$2 -eq 0 ]; then echo "$$1: passed"; else echo "$$1: failed"; fi; }; \
	say "unit tests" $$unit; say "stored outputs" $$outputs; \
	[ $$unit -eq 0 ] && [ $$outputs -eq 0 ]

unit: $(VENV)/installed $(VENV)-site/installed
	$(py) -m pytest -n $(JOBS) --dist loadfile tests

# Every cell runs again, and its output must be the stored one; COURSE_OFFLINE=1: no network.
# AGAIN=1 takes only the notebooks that failed the last time; a run that broke off gives none.
nbval: export COURSE_OFFLINE = 1
nbval: $(VENV)/installed
	@notebooks=$$($(if $(AGAIN),$(chapters) failed-to-compare,$(choose))) || exit; \
	$(if $(AGAIN),,rm -rf build/compared;) \
	$(py) -m pytest -n $(JOBS) --dist loadfile -o cache_dir=build/compared --nbval \
	  --nbval-cell-timeout $(LIMIT) --nbval-sanitize-with tests/notebooks/sanitize.cfg $$notebooks; \
	status=$$?; [ $$status -le 1 ] || rm -rf build/compared; exit $$status

# Each chapter runs once as it is and once with each of its sabotages, in build/sabotage/.
sabotage: $(VENV)/installed
	@notebooks=$$($(choose)) || exit; rm -rf build/sabotage; mkdir -p build/sabotage; \
	echo $$notebooks | xargs -n 1 -P $(JOBS) $(py) -m tools.sabotage run --limit $(LIMIT) \
	  $(if $(FAST),--fast) 2>build/sabotage/log; \
	$(py) -m tools.sabotage report $$notebooks

trials: $(VENV)/installed
	@$(py) -m tools.trials $(ONLY)

lab: $(VENV)/installed
	$(py) -m jupyterlab

# JAX is here the peer, which no chapter needs. The status is not 0 where a floor is missed.
bench: $(VENV)/installed
	@$(py) -c "import jax" 2>/dev/null || $(py) -m pip install --quiet --disable-pip-version-check $(JAX)
	$(py) -m tools.bench

update: $(VENV)/installed
	@$(MAKE) run FAST= PARAMS= ALONE= DATA=
	@notebooks=$$($(choose)) && $(chapters) store --build $(BUILD) $$notebooks

# The short course on the last four TensorFlow releases and with Colab's versions, where each
# notebook lies alone in an empty folder; each row has an environment of its own.
matrix:
	@failed=; for row in $(ROWS); do \
	  echo "row $$row"; \
	  case $$row in \
	    colab) $(MAKE) run FAST=1 ALONE=1 COLAB=$(lastword $(sort $(wildcard tools/colab-*.txt))) \
	      PYTHON=$(PYTHON313) VENV=.venv-colab BUILD=build/colab ;; \
	    *) $(MAKE) run FAST=1 TF=$$row VENV=.venv-$$row BUILD=build/$$row ;; \
	  esac || failed="$$failed $$row"; \
	done; [ -z "$$failed" ] || { echo "failed in the rows$$failed"; exit 1; }

# The book has an environment of its own, and needs no other.
site: $(VENV)-site/installed
	@$(VENV)-site/bin/python -m tools.site.build $(BUILD)/site

$(VENV)-site/installed: tools/site/requirements.txt
	@$(PYTHON) -m venv $(VENV)-site
	@$(VENV)-site/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

compile = -m uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: $(VENV)/installed
	$(py) -m pip install --quiet uv
	$(py) $(compile) requirements.txt -o requirements.lock
	printf '%s\n' $(SITE) | $(py) $(compile) - -o tools/site/requirements.txt

colab: $(VENV)/installed
	@$(py) -m tools.colab "$(FREEZE)"

stamp: $(VENV)/installed
	@$(py) -m tools.stamp

map: $(VENV)/installed
	@$(py) -m tools.course_map write

screenshots: $(VENV)/installed
	@$(MAKE) run ONLY=19 FAST= PARAMS=
	@$(py) -m tools.screenshots

format: $(VENV)/installed
	$(py) -m ruff check --fix .
	$(py) -m ruff format .

# TITLE may hold any character: it reaches the command as it was typed.
chapter: export CHAPTER_TITLE = $(value TITLE)
chapter: $(VENV)/installed
	@$(py) -m tools.new_chapter "$(NUMBER)" "$(SLUG)"

$(VENV)/installed: $(pins)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: name a Python of $(pythons), for example \`make PYTHON=python3.13 run\` or, for the row colab, \`make matrix PYTHON313=...\`"; exit 1; }
	@$(PYTHON) -c 'import sys; here = "%d.%d" % sys.version_info[:2]; sys.exit((here not in "$(pythons)".split() or sys.version_info < (3, 11, 4)) and "This needs a Python of $(pythons), from 3.11.4 on, not " + sys.version.split()[0] + ": name one, for example `make PYTHON=python3.13 run`")'
	@echo "installing the dependencies into $(VENV); the first time takes a few minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(py) -m pip install --quiet --disable-pip-version-check $(packages)
	@touch $@

clean:
	rm -rf build .venv .venv-* .pytest_cache .ruff_cache data/cache/standins
	@echo "what was downloaded stays in data/cache/"
