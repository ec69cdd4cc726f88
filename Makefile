.PHONY: install
PYTHON ?= python3.11

install: .venv/.done

# The mark is written last, so that an interrupted installation is done again.
.venv/.done: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# Without any index address, so that whoever installs uses the index of their own.
lock:
	uv pip compile pyproject.toml --extra parts --extra dev --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock
