"""A running service for tests: the real application behind a real server, with the deterministic embedder."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from api.app import create_app
from api.settings import Settings
from graph.database import Database
from tests.embedders import HashingEmbedder


def settings_for(database: Database, **given: Any) -> Settings:
    return Settings.model_validate({"data_dir": database.settings.data_dir, "follow_seconds": 0.2, **given})


@contextmanager
def served(database: Database, acting: str | None = None, port: int = 0, **given: Any) -> Iterator[httpx.Client]:
    """A client of a service on `database`; it is ready, its model too. `port` 0: whichever is free."""
    app = create_app(settings_for(database, **given), database, HashingEmbedder, acting_person=acting)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, seconds=60)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            client.app = app  # for tests that look inside, or set a clock
            wait_until(lambda: client.get("/health/ready").status_code == 200, seconds=120)
            yield client
    finally:
        server.should_exit = True
        thread.join(20)


def wait_until(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
