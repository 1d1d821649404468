# Every target sets up what it needs; on a bare Debian 12 machine Python 3.11 and make are enough.
.PHONY: setup setup-run run test soak lint bench fuzz lock languages pictures clean
BIN := .venv/bin
.DEFAULT_GOAL := run
# Compiled code is kept, whatever the caller's shell says: the tests start hundreds of processes of this project.
unexport PYTHONDONTWRITEBYTECODE

setup:            ## everything into .venv, Debian packages where root
	@scripts/setup run test

setup-run:
	@scripts/setup run

run: setup-run    ## the service at http://127.0.0.1:8000 with demo data and a demo identity provider
	@MCLA_DEMO=true $(BIN)/mcla-server init
	@MCLA_DEMO=true exec $(BIN)/mcla-server run

test: setup       ## every test
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal

soak: setup       ## a thousand crash points of the log, and 5 GB in a browser, one COUNT line each; some twenty minutes
	@fail=0; for file in benchmarks/large_file.py benchmarks/soak.py; do PYTHONPATH=.:tests $(BIN)/python $$file || fail=1; done; exit $$fail

lint: setup       ## style, types, arrows between rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup      ## every benchmark; BENCH=--quick for under a minute each
	@fail=0; for file in benchmarks/hash.py benchmarks/licences.py benchmarks/verify.py benchmarks/others.py benchmarks/log.py benchmarks/check.py benchmarks/http_api.py benchmarks/records.py; do PYTHONPATH=.:tests $(BIN)/python $$file $(BENCH) || fail=1; done; exit $$fail

fuzz: setup       ## every parser under a coverage-guided fuzzer; TIME=600 for so many seconds each
	@PYTHONPATH=.:tests $(BIN)/python tests/fuzz/driver.py $(or $(TIME),60)

lock:             ## pin every dependency anew, with hashes and without addresses
	@$(BIN)/uv pip compile pyproject.toml --extra server --extra pdf --extra pkcs11 --extra kms --group test --group lint --group build --universal \
	  --generate-hashes --no-header --python-version 3.11 --quiet -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --constraint requirements.lock --universal \
	  --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet -o requirements-client.lock

languages: setup  ## collect what pages and mails say, bring every catalogue up to date; NEW=fr begins one
	@PYTHONPATH=. $(BIN)/python scripts/languages.py $(NEW)

pictures: setup   ## the README's pictures, from the running service
	@PYTHONPATH=.:tests $(BIN)/python scripts/pictures.py

clean:
	@rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
