.DEFAULT_GOAL := help
.PHONY: run test test-postgres faults bench bench-peers screenshots lint format messages lock set-up help

help:
	@echo "make run            set up and serve http://127.0.0.1:8000 (PORT= changes it)"
	@echo "make test           the tests on SQLite"
	@echo "make test-postgres  the same tests on a temporary PostgreSQL"
	@echo "make faults         the whole site on one machine, broken piece by piece under load (Debian, as root)"
	@echo "make bench          measure against named references on data of national size (Debian, as root; half an hour)"
	@echo "make bench-peers    install the other programs that make bench compares with, in var/peers"
	@echo "make screenshots    every page as a picture, in var/screenshots (needs Chromium)"
	@echo "make lint           style, types, migrations, deployment checks"
	@echo "make format         bring Python and templates into shape"
	@echo "make messages       compile the English texts (tests/test_english.py names what they lack)"
	@echo "make lock           renew the locks (needs uv and npm)"

run:
	@sh bin/cchc run

set-up:
	@sh bin/cchc set-up

test: set-up
	.venv/bin/python -m pytest -n auto --dist loadgroup

test-postgres: set-up
	.venv/bin/python -m pytest -n auto --dist loadgroup -p tests.postgres

faults: set-up
	sh tests/faults/packages
	PYTHONPATH=bin .venv/bin/python -m tests.faults

bench: set-up
	sh tests/benchmarks/packages
	PYTHONPATH=bin .venv/bin/python -m tests.benchmarks

bench-peers: set-up
	for peer in datasette superset; do \
		.venv/bin/python -m venv var/peers/$$peer && \
		var/peers/$$peer/bin/python -m pip install --quiet --requirement tests/benchmarks/$$peer.txt || exit 1; \
	done

screenshots: set-up
	PYTHONPATH=bin .venv/bin/python -m tests.e2e.screenshots var/screenshots

lint: set-up
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m djlint --quiet --lint templates
	.venv/bin/python -m djlint --check templates
	DEBUG=1 .venv/bin/python -m mypy
	DEBUG=1 .venv/bin/python manage.py makemigrations --check
	SECRET_KEY="$$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		.venv/bin/python manage.py check --deploy --fail-level WARNING

format: set-up
	.venv/bin/python -m ruff check --fix .
	.venv/bin/python -m ruff format .
	.venv/bin/python -m djlint --quiet --reformat templates

messages: set-up
	.venv/bin/pybabel compile --domain django --directory locale

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

lock:
	$(COMPILE) --upgrade pyproject.toml -o requirements/run.txt
	$(COMPILE) --upgrade pyproject.toml --all-extras --group dev -c requirements/run.txt -o requirements/dev.txt
	$(COMPILE) --upgrade --group node -o requirements/node.txt
	npm install --package-lock-only
