# make demo: everything on this machine. make check, make test: what CI runs.
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet

# Files are shared out, what takes long first: a run ends with what is short.
SHARED_OUT := --dist loadfile --no-loadscope-reorder

.PHONY: setup dev demo check lint style types floors templates test fast bench format lock

setup:
	@python3 setup/bootstrap.py

dev:
	@python3 setup/bootstrap.py --dev

demo: setup
	@linli up

check: lint fast

lint: style types floors templates

style: dev
	ruff format --check
	ruff check

types: dev
	mypy

floors: dev
	lint-imports

templates: dev
	djlint web --check --quiet
	djlint web --lint --quiet

# Three on two cores, too: most tests wait for servers and browsers more than they compute.
test: dev
	@pytest -n 3 $(SHARED_OUT)

fast: dev
	@pytest -q -n 2 $(SHARED_OUT) -m "not servers and not browser"

bench: dev
	@python -m bench

format: dev
	ruff format
	ruff check --fix
	djlint web --reformat --quiet

# Needs uv. The lock files name no registry and no machine.
lock:
	cd requirements && $(LOCK) app.in -o lock.txt && $(LOCK) dev.in -o lock-dev.txt && $(LOCK) go.in -o go.txt && $(LOCK) node.in -o node.txt
	npm install --package-lock-only --ignore-scripts
