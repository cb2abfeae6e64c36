# Everything a developer or a new user runs. `make` alone lists the targets.
#
# Two environments live under .venv: `runtime` (ROS 2 where wheels of it exist, no torch) and `train`
# (torch and torchvision, no ROS). Both are made by uv with the versions of constraints/; where uv
# is missing it is installed into .venv/bootstrap first. A second call finds them made and costs
# seconds.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# the first interpreter of 3.10 to 3.12; `make PYTHON=/path/to/python3.10 ...` chooses another
VERSION_OF = import sys; v = sys.version_info; print('py%d%d' % v[:2] if (3, 10) <= v < (3, 13) else '')
ifndef PYTHON
PYTHON := $(shell for each in python3 python3.11 python3.12 python3.10; do \
	[ -z "$$($$each -c "$(VERSION_OF)" 2>/dev/null)" ] || { echo $$each; break; }; done)
endif
PY_TAG := $(shell $(or $(PYTHON),false) -c "$(VERSION_OF)" 2>/dev/null)

VENV := .venv
RUNTIME := $(VENV)/runtime
TRAIN := $(VENV)/train
RUNTIME_MADE := $(RUNTIME)/.made-$(PY_TAG)
TRAIN_MADE := $(TRAIN)/.made-$(PY_TAG)
UV_MADE := $(VENV)/.uv
OUT ?= out
BUNDLE ?= eventdepth-s
PYTEST_SHOWS := --durations=8 --durations-min=3

export EVENTDEPTH_DATA ?= $(realpath ../shared/data)
export OMP_NUM_THREADS ?= 2
export MAKE

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | sort | \
		while IFS=$$'\t' read -r target text; do printf '  make %-15s %s\n' "$$target" "$$text"; done

# ---- what a user runs ---------------------------------------------------------------------------

.PHONY: demo
demo: env-runtime ## run the real ROS 2 graph on the shipped recording into out/demo
	@$(RUNTIME)/bin/python -m eventdepth_ros.demo --out $(OUT)/demo --bundle $(BUNDLE)
	@printf '\nLook at %s/demo/report.html and preview.png; depth.mcap opens in Foxglove.\n' '$(OUT)'

.PHONY: test
test: ## lint, types, import contracts and every test, with the time of each part
	@.ci/parts env-runtime env-train lint-style lint-contracts lint-types test-runtime test-training

.PHONY: lint
lint: ## style, import contracts and types
	@.ci/parts env-runtime lint-style lint-contracts lint-types

.PHONY: bench
bench: env-runtime env-train ## measure on this machine; PEERS=folders adds other packages
	@status=0; for script in test/bench/bench_*.py; do printf '\n== %s ==\n' "$$script"; \
		case "$$script" in \
			*/bench_simulate.py|*/bench_scenes.py|*/bench_dataset.py|*/bench_decode.py|*/bench_tensor.py|*/bench_scaling.py|*/bench_gpu.py|*/bench_loaders.py) \
				python=$(TRAIN)/bin/python ;; \
			*) python=$(RUNTIME)/bin/python ;; \
		esac; \
		PYTHONPATH=. $$python "$$script" || status=1; done; exit $$status

.PHONY: sets
sets: env-train ## make the training sets (16,700 samples, 1.5 GB) in out/sets; resumes
	@$(TRAIN)/bin/python -m training.simulate sets --out $(OUT)/sets

.PHONY: recordings
recordings: env-train ## make recordings with RGB, LiDAR and ground truth in out/recordings
	@$(TRAIN)/bin/python -m training.simulate recordings --out $(OUT)/recordings

MINUTES ?= 30
.PHONY: soak
soak: env-runtime ## run the depth node for 30 minutes (MINUTES=): what grows or drifts
	@PYTHONPATH=. $(RUNTIME)/bin/python test/bench/soak_node.py --minutes $(MINUTES)

.PHONY: clean
clean: ## remove outputs, builds and caches; environments stay
	@rm -rf '$(OUT)' build dist install log *.egg-info .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## remove the environments as well
	@rm -rf $(VENV)

# ---- parts --------------------------------------------------------------------------------------

.PHONY: lint-style
lint-style: env-runtime ## ruff: rules and format
	@$(RUNTIME)/bin/ruff check .
	@$(RUNTIME)/bin/ruff format --check .

.PHONY: lint-contracts
lint-contracts: env-runtime ## which module may import which
	@$(RUNTIME)/bin/lint-imports --no-logo

.PHONY: lint-types
lint-types: env-runtime ## mypy, strict, on what is installed
	@$(RUNTIME)/bin/mypy

.PHONY: test-runtime
test-runtime: env-runtime ## tests of the library, without torch
	@$(RUNTIME)/bin/python -m pytest $(PYTEST_SHOWS) -m 'not training and not bench'

.PHONY: test-training
test-training: env-train ## tests of networks and training, with torch
	@$(TRAIN)/bin/python -m pytest $(PYTEST_SHOWS) -m 'training and not bench'

.PHONY: fuzz
fuzz: env-runtime ## the laws again, with new examples each time
	@EVENTDEPTH_HYPOTHESIS=fuzz $(RUNTIME)/bin/python -m pytest test/laws

.PHONY: format
format: env-runtime ## let the formatter have its way
	@$(RUNTIME)/bin/ruff check --fix .
	@$(RUNTIME)/bin/ruff format .

# ---- environments -------------------------------------------------------------------------------

.PHONY: env-runtime
env-runtime: $(RUNTIME_MADE) ## make or update .venv/runtime

.PHONY: env-train
env-train: $(TRAIN_MADE) ## make or update .venv/train

# The file names the uv to use: the one on the path, or one of our own.
$(UV_MADE):
	@[ -n '$(PY_TAG)' ] || { echo 'Expected Python 3.10, 3.11 or 3.12, got none on the path;' \
		'call make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@mkdir -p $(VENV)
	@if uv --version >/dev/null 2>&1; then echo uv >$@; exit; fi; \
	folder=$(VENV)/bootstrap; install='-m pip install --quiet --disable-pip-version-check'; \
	{ $(PYTHON) -m venv $$folder && $$folder/bin/python $$install uv; } || \
		$(PYTHON) $$install --upgrade --target $$folder uv; \
	echo $$folder/bin/uv >$@

# $(call make_environment,folder,extras,constraints,options): keep a folder of the same Python, else
# anew. The runtime environment gets its bytecode at once: without it every start compiles numpy and
# numba, which costs seconds where bytecode is not written (PYTHONDONTWRITEBYTECODE).
define make_environment
	@uv=$$(cat $(UV_MADE)); python=$$($(PYTHON) -c 'import sys; print(sys.executable)'); \
	[ "$$($(1)/bin/python -c "$(VERSION_OF)" 2>/dev/null)" = $(PY_TAG) ] || \
		$$uv venv --quiet --clear --python "$$python" $(1); \
	$$uv pip install --quiet $(4) --python $(1)/bin/python -c $(3) -e '.[$(2)]'
	@touch $@
endef

# Wheels of ROS 2 exist for Linux on x86_64 with glibc; the extra asks for none elsewhere. `make ROS=
# ...` leaves it out where it would be asked for in vain.
ROS ?= ros
define tell_without_ros
	@$(RUNTIME)/bin/python -c 'import rclpy' 2>/dev/null || \
		echo 'No ROS 2 in $(RUNTIME): its wheels are for Linux on x86_64 (make without ROS=).' \
		'The library, eventdepth replay and their tests work; tests of the graph are skipped.'
endef

$(RUNTIME_MADE): setup.py setup.cfg constraints/$(PY_TAG).txt | $(UV_MADE)
	$(call make_environment,$(RUNTIME),dev$(ROS:%=$(comma)%),constraints/$(PY_TAG).txt,--compile-bytecode)
	$(tell_without_ros)

$(TRAIN_MADE): setup.py setup.cfg constraints/train-$(PY_TAG).txt | $(UV_MADE)
	$(call make_environment,$(TRAIN),$(comma_separated_extras),constraints/train-$(PY_TAG).txt)

comma := ,
comma_separated_extras := dev$(comma)train

.PHONY: constraints
constraints: $(UV_MADE) ## resolve the pinned versions anew
	@uv=$$(cat $(UV_MADE)); for version in 3.10 3.11 3.12; do tag=py$${version/./}; \
		compile="$$uv pip compile setup.py --python-version $$version --upgrade --quiet \
			--no-header --no-annotate --extra dev"; \
		$$compile --extra ros --output-file constraints/$$tag.txt >/dev/null; \
		$$compile --extra train --output-file constraints/train-$$tag.txt >/dev/null; done
