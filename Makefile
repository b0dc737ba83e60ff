# make demo: everything on this machine. make check, make test: what CI runs.
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet

.PHONY: setup dev demo check lint test fast bench format lock

setup:
	@python3 setup/bootstrap.py

dev:
	@python3 setup/bootstrap.py --dev

demo: setup
	@linli up

check: lint fast

lint: dev
	ruff format --check
	ruff check
	mypy
	lint-imports
	djlint web --check --quiet
	djlint web --lint --quiet

# Files are shared out: most tests wait for servers and browsers more than they compute.
test: dev
	@pytest -n 2 --dist loadfile

fast: dev
	@pytest -q -n 2 --dist loadfile -m "not servers and not browser"

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
