# The image of worker, console and every other command: libraries as the lock file has them, then the packages.
FROM python:3.11.14-slim-bookworm AS built
RUN python -m venv /opt/monitor
COPY requirements-service.lock /src/requirements-service.lock
RUN /opt/monitor/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary :all: \
    --require-hashes --no-deps -r /src/requirements-service.lock
COPY pyproject.toml README.md /src/
COPY streams /src/streams
COPY detectors /src/detectors
COPY alert_sinks /src/alert_sinks
COPY monitor /src/monitor
RUN /opt/monitor/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation /src

FROM python:3.11.14-slim-bookworm
COPY --from=built /opt/monitor /opt/monitor
COPY configs /etc/monitor
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin monitor
ENV PATH=/opt/monitor/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MONITOR_CONFIG=/etc/monitor MONITOR_HOST=0.0.0.0 MONITOR_LOG=json
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080 9464
ENTRYPOINT ["monitor"]
CMD ["worker"]
