"""`/metrics` for Prometheus: requests by route, what was refused and why, the database, queues, how old answers are.

No label tells of a person, a text or a community: whoever reaches the service reads this.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from prometheus_fastapi_instrumentator import Instrumentator

from api.service import Service

# Upper ends of the buckets of latency by route, in seconds: around what is promised (0.3) and where requests end (10).
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10)

# Seconds in which a process tells another what it counted.
SIBLING_SECONDS = 2.0

BREAKER_STATES = ("closed", "open", "half_open")


class Metrics:
    """What is counted where it happens, of each process.

    Where several answer at one address, each is asked by a socket in the folder `siblings`, `NUMBER-PID`; whichever is
    scraped tells of all, with the label `process`.
    """

    def __init__(self, siblings: Path | None = None) -> None:
        self._siblings = siblings
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Gauge(
            "guildmap_requests", "Requests that are worked on now, and how many may be", ["state"],
            registry=self.registry,
        )  # fmt: skip
        self.refused = Counter(
            "guildmap_refused_requests", "Requests that were refused, by reason", ["reason"], registry=self.registry
        )

    def install(self, app: FastAPI, service: Callable[[], Service]) -> None:
        """Measures the routes of `app`, with all that was added to it before, and serves `/metrics`."""
        self.registry.register(_OfService(service))
        measured = Instrumentator(
            registry=self.registry, excluded_handlers=["/metrics", "/health/.*"], should_group_status_codes=False
        ).instrument(app, latency_lowr_buckets=BUCKETS)
        if self._siblings is None:
            measured.expose(app, include_in_schema=False)
        else:
            app.add_api_route("/metrics", self._of_all, include_in_schema=False)

    async def _of_all(self, request: Request) -> Response:
        of_siblings = request.client is None  # they ask by the socket, which has no address
        told: Collector = self.registry if of_siblings else _Together(await self._from_each())
        return Response(generate_latest(told), media_type=CONTENT_TYPE_LATEST)

    async def _from_each(self) -> dict[str, str]:
        """What each process tells, by its number. One that has just gone tells nothing."""

        async def asked(path: Path) -> str:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(SIBLING_SECONDS):
                    reader, writer = await asyncio.open_unix_connection(path)
                    # By this version of HTTP an answer is whole, and ends with the connection.
                    writer.write(b"GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                    answer = await reader.read()
                    writer.close()
                    return answer.partition(b"\r\n\r\n")[2].decode()
            return ""

        paths = sorted(self._siblings.iterdir()) if self._siblings else []
        told = await asyncio.gather(*map(asked, paths))
        return {path.name.partition("-")[0]: text for path, text in zip(paths, told, strict=True) if text}


class _Together(Collector):
    """What several processes tell of themselves, each sample with the `process` that it is of."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for process, text in self._told.items():
            for family in text_string_to_metric_families(text):
                known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                known.samples += [
                    sample._replace(labels={**sample.labels, "process": process}) for sample in family.samples
                ]
        yield from families.values()


class _OfService(Collector):
    """What the service itself knows, read when it is asked for."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # or the registry would collect at once, before there is a service

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        service = self._service()
        reads, breaker = service.reads, service.reads.breaker

        def gauge(name: str, said: str, value: float | None) -> Iterator[GaugeMetricFamily]:
            if value is not None:
                yield GaugeMetricFamily(name, said, value)

        yield from gauge("guildmap_revision", "Revision of the graph that answers rest on", service.revision)
        yield from gauge(
            "guildmap_revision_behind", "Revisions that the graph is known to be ahead of it", service.behind
        )
        yield from gauge(
            "guildmap_snapshot_age_seconds", "Since what is held was last known to be up to date", service.age
        )
        yield from gauge("guildmap_communities", "Communities held that everybody may see", service.size())
        yield from gauge("guildmap_ready", "Whether /health/ready says so", all(service.parts_ready().values()))

        connections = GaugeMetricFamily(
            "guildmap_database_connections", "Connections to the database for reads", labels=["state"]
        )
        connections.add_metric(["in_use"], reads.in_use)
        connections.add_metric(["limit"], service.settings.pool_size)
        connections.add_metric(["waited_for"], reads.waiting)
        yield connections

        queues = GaugeMetricFamily("guildmap_queue", "Work that is done or waits, by who does it", labels=["worker"])
        for worker, number in service.queues().items():
            queues.add_metric([worker], number)
        yield queues

        state = GaugeMetricFamily(
            "guildmap_database_breaker", "1 for the state of the circuit breaker of the database", labels=["state"]
        )
        for one in BREAKER_STATES:
            state.add_metric([one], one == breaker.state)
        yield state
        yield CounterMetricFamily(
            "guildmap_database_breaker_opened", "How often the circuit breaker has opened", breaker.opened
        )
        yield CounterMetricFamily(
            "guildmap_database_failures", "Calls that the database left without an answer", breaker.failures
        )
