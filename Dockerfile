# The service without a database: it needs ZGC_DATABASE_URL (compose.yaml shows both together).

FROM node:22-bookworm-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM python:3.11-slim-bookworm AS wheels
COPY requirements/run.txt .
RUN python -m pip download --require-hashes --only-binary :all: --dest /wheels -r run.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --shell /usr/sbin/nologin zgc-gis
WORKDIR /app
COPY requirements/run.txt requirements/
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    python -m pip install --no-cache-dir --no-index --find-links /wheels \
        --require-hashes -r requirements/run.txt
COPY pyproject.toml package-lock.json ./
COPY alembic alembic
COPY layers layers
COPY geodata geodata
COPY service service
RUN --mount=type=bind,from=assets,source=/assets/node_modules,target=/node_modules \
    python -m service.web.assets /node_modules && python -m compileall -q layers geodata service
USER zgc-gis
ENV ZGC_HOST=0.0.0.0 ZGC_PORT=8000 PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['ZGC_PORT'] + '/readyz', timeout=4)"]
CMD ["python", "-m", "service.cli", "serve"]
