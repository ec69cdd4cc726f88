.PHONY: install demo test test-scale lock bench bench-detectors bench-nab faults fuzz growth handover soak
PYTHON ?= python3.11

install: .venv/.done

# The lock file is complete, so nothing is resolved here (--no-deps): pip would otherwise look at versions that came out
# after the lock was made. The mark is written last, so that an interrupted installation is done again.
.venv/.done: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: install
	.venv/bin/monitor demo

test: install
	scripts/check --cov=streams --cov=detectors --cov=alert_sinks --cov-report=term:skip-covered --cov-fail-under=90

# The whole service on three Kafka brokers, a Redis Cluster of three masters and PostgreSQL, while parts of them die; and
# three workers that are restarted one after the other under load. About 10 minutes, 3 GB of memory.
test-scale: install
	.venv/bin/python -m pytest -m scale -s tests/scale

# Without any index address, so that whoever installs uses the index of their own. The service's own lock file, which
# the Dockerfile installs, has the same versions without the embedded parts and the tools of developers.
lock:
	uv pip compile pyproject.toml --python-version 3.11 --extra parts --extra dev --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock
	uv pip compile pyproject.toml --python-version 3.11 --extra build --constraints requirements.lock \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements-service.lock

# Recall, false alarms, delays, cost of the detectors on counties of seeds that tuning has not seen; 4 to 20 minutes.
bench-detectors: install
	.venv/bin/python -m tests.bench.detectors

# Experiments of docs/proof.md: the load runs, something breaks, nothing may be lost. ONLY names some; about 30 minutes.
faults: install
	.venv/bin/python -m tests.faults $(ONLY)

# Seven targets, each for a seventh of the time.
MINUTES ?= 10
fuzz: install
	.venv/bin/python -m tests.fuzz --seconds $$(( $(MINUTES) * 60 / 7 ))

# Every order of steps of the hand-over between two workers, up to so many.
DEPTH ?= 12
handover: install
	.venv/bin/python -m tests.handover.explorer $(DEPTH)

# All figures in one run, with the other frameworks in environments of their own; SMALL=--small tries the commands.
bench: install
	.venv/bin/python -m tests.bench.competitors.environments
	.venv/bin/python -m tests.bench $(SMALL) --flame docs/images/worker-flame.svg

growth: install
	.venv/bin/python -m tests.bench.growth $(SMALL)

# What grows although nothing new is said? MINUTES=60 for the hour of docs/proof.md.
soak: install
	.venv/bin/monitor parts -- .venv/bin/python -m tests.bench.soak $(MINUTES)

# The general detector on the Numenta Anomaly Benchmark: make bench-nab NAB=a checkout of github.com/numenta/NAB.
bench-nab: install
	.venv/bin/python -m tests.bench.nab "$(NAB)"
