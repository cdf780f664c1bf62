# syntax=docker/dockerfile:1
# The service. Neo4j is a container of its own (docker-compose.yml), so no Java is in here.

FROM python:3.12-slim AS build
RUN python -m venv /opt/guildmap
ENV PATH=/opt/guildmap/bin:$PATH
WORKDIR /src
COPY requirements.lock .
# The locked versions and digests; the layer is kept until the lock changes.
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY graph graph
COPY matcher matcher
COPY ingest ingest
COPY api api
RUN pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/guildmap guildmap
COPY --from=build /opt/guildmap /opt/guildmap
ENV PATH=/opt/guildmap/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GUILDMAP_DATA_DIR=/var/lib/guildmap \
    GUILDMAP_HOST=0.0.0.0 \
    GUILDMAP_AUTH=keys \
    GUILDMAP_LOG_FORMAT=json
USER guildmap
WORKDIR /var/lib/guildmap
VOLUME /var/lib/guildmap
EXPOSE 8410
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8410/health/ready', timeout=4)"]
ENTRYPOINT ["guildmap"]
CMD ["serve"]
