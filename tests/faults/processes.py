"""What the faults are done to: a service and an embedded database in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from api import logs
from api.app import create_app
from api.settings import Settings
from api.workers import Supervisor
from graph import embedded
from graph.database import Database
from graph.layout import EmbeddedLayout
from graph.schema import migrate
from graph.settings import DatabaseSettings
from tests.bench.recommend_http import free_port
from tests.embedders import HashingEmbedder

# Of a request, in seconds, where it is told how soon one must end.
DEADLINE = 2.5

COMMAND = (sys.executable, "-c", "from api.cli import main; main()")


def environment(data_dir: Path, **given: object) -> dict[str, str]:
    """That of a command on a data directory, with settings such as `neo4j_uri`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GUILDMAP_")}
    settings = {f"GUILDMAP_{name.upper()}": str(value) for name, value in given.items()}
    return {**kept, "GUILDMAP_DATA_DIR": str(data_dir), **settings}


def kill_database(settings: DatabaseSettings) -> None:
    """`kill -9`; returns when it is gone."""
    state = EmbeddedLayout(settings.data_dir).state()
    assert state is not None, "it runs"
    os.kill(state.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while embedded.status(settings).state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)


@dataclass(frozen=True)
class Service:
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def metrics(self) -> dict[str, float]:
        """The samples of /metrics, as `name{label="value"}`."""
        return metrics_of(httpx.get(f"{self.address}/metrics", timeout=10).text)


def children(pid: int) -> dict[int, str]:
    """The processes that one has started, and their commands."""
    found: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if parent == pid:
            found[int(path.name)] = command
    return found


def metrics_of(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


@contextmanager
def serving(data_dir: Path, *, model: bool = False, **given: object) -> Iterator[Service]:
    """A service that is ready; with `model` it is `guildmap serve` itself, else one that needs none."""
    port = free_port()
    command = [*COMMAND, "serve"] if model else [sys.executable, "-m", "tests.faults.processes"]
    log = data_dir / f"service-{port}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, "--port", str(port)], env=environment(data_dir, **given), stdout=file, stderr=file
        )
    service = Service(process, port, log)
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                if httpx.get(f"{service.address}/health/ready", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.2)
        yield service
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    """What `guildmap serve` does, without a model."""
    settings = Settings.model_validate({"port": int(sys.argv[sys.argv.index("--port") + 1])})
    logs.configure("json")
    with Database(settings) as database:
        migrate(database)
        if settings.workers > 1:
            Supervisor(settings, database, HashingEmbedder, None).run()
            return
        app = create_app(settings, database, HashingEmbedder)
        uvicorn.run(app, port=settings.port, log_config=None, access_log=False, timeout_keep_alive=30,
                    timeout_graceful_shutdown=10)  # fmt: skip


if __name__ == "__main__":
    main()
