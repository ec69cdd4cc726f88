# The image of worker, console and every other command: libraries from the lock file, then the packages as they stand.
FROM python:3.11.14-slim-bookworm AS libraries
COPY requirements-service.lock /tmp/requirements-service.lock
RUN python -m venv /opt/monitor
RUN /opt/monitor/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary :all: \
    --require-hashes -r /tmp/requirements-service.lock

FROM python:3.11.14-slim-bookworm
COPY --from=libraries /opt/monitor /opt/monitor
COPY streams /srv/monitor/streams
COPY detectors /srv/monitor/detectors
COPY alert_sinks /srv/monitor/alert_sinks
COPY monitor /srv/monitor/monitor
COPY configs /srv/monitor/configs
# Compiled here, for the file system is read-only later.
RUN /opt/monitor/bin/python -m compileall -q /srv/monitor
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin monitor
ENV PATH=/opt/monitor/bin:/usr/local/bin:/usr/bin:/bin PYTHONPATH=/srv/monitor PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 MONITOR_HOST=0.0.0.0 MONITOR_LOG=json
USER monitor
WORKDIR /tmp
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "monitor"]
CMD ["worker"]
