# syntax=docker/dockerfile:1
# Targets: application (web, worker, beat, migrate; the last one, hence the default) and simulators (demo only).

FROM node:24-slim AS static
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS packages
COPY requirements/runtime.txt /tmp/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/runtime.txt

FROM python:3.13-slim AS packages-simulators
COPY requirements/simulators.txt /tmp/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/simulators.txt

FROM python:3.13-slim AS base
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin vorweis
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

FROM base AS simulators
COPY --from=packages-simulators /venv /venv
COPY --from=static /build/node_modules/@kern-ux/native/dist node_modules/@kern-ux/native/dist
COPY simulators simulators
RUN mkdir -p /app/var/simulators && chown vorweis /app/var/simulators
USER vorweis
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8001/gesund', timeout=4)"]
CMD ["python", "-m", "simulators", "--host", "0.0.0.0", "--smtp-host", "0.0.0.0"]

FROM base AS application
COPY --from=packages /venv /venv
COPY --from=static /build/node_modules/@kern-ux/native/dist node_modules/@kern-ux/native/dist
COPY manage.py ./
COPY templates templates
COPY locale locale
COPY core core
COPY identity identity
COPY epa epa
COPY pin pin
COPY branches branches
COPY config config
RUN DJANGO_SETTINGS_MODULE=config.settings.build \
  sh -ec 'python manage.py texts --compile; python manage.py collectstatic --noinput; mkdir -p var/anchors; chown vorweis var/anchors'
ENV DJANGO_SETTINGS_MODULE=config.settings.production PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
USER vorweis
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", \
  "--respawn-failed-workers", "--workers-kill-timeout", "20", "--no-ws", "--log-level", "warning", "config.wsgi:application"]
