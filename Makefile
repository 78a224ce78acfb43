# Kayen Desktop. `make run` opens the app, a first time in practice; `make test` runs every test.
# Both do all set-up on a fresh Debian or Ubuntu, and nothing twice.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test test-parts test-whole check coverage bench faults locks clean system-run system-test

run: system-run $(STAMP)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(BIN)/kayen-desktop; \
	else \
		echo "There is no display here, so the tour runs instead; its pictures go to build/tour."; \
		$(BIN)/kayen-desktop --practice --tour build/tour; \
	fi

# Two at a time, since most tests wait for something; what each says comes when it is done.
test: system-test $(STAMP)
	@echo "The tests take some six minutes; each half tells when it is done."
	@$(MAKE) --no-print-directory -j2 --output-sync=line test-parts test-whole

# Branch coverage of domain and protocol comes from their own unit tests alone.
test-parts: $(STAMP)
	$(BIN)/pytest -q tests/unit/domain tests/unit/protocol --cov=kayen_desktop.domain \
		--cov=kayen_desktop.protocol --cov-branch --cov-report=term:skip-covered \
		--cov-fail-under=100
	$(BIN)/pytest -q tests/unit --ignore=tests/unit/domain --ignore=tests/unit/protocol

# The app as a whole: over sockets, in processes of its own, on a screen.
test-whole: $(STAMP)
	$(BIN)/pytest -q tests --ignore=tests/unit

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: system-test $(STAMP)
	xvfb-run -a $(BIN)/python -m tests.benchmarks

# A table and build/faults.json; `make faults RUNS=500` plays more.
RUNS ?= 300
faults: system-test $(STAMP)
	$(BIN)/python -m tests.faults --runs $(RUNS)

# Maintainers only: renew the locks (versions and hashes, no addresses).
locks:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --upgrade -q \
		-o packaging/locks/dev.txt
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q \
		-c packaging/locks/dev.txt -o packaging/locks/run.txt

system-run:
	@packaging/linux/system-libraries

system-test:
	@packaging/linux/system-libraries --test

$(STAMP): packaging/locks/dev.txt pyproject.toml | system-run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 run"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r packaging/locks/dev.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf $(VENV) build dist
