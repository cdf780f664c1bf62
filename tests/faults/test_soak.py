"""An hour of use, or the ten minutes by default: memory does not grow, no file stays open."""

import math
import os
import time
from pathlib import Path

from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.schema import migrate
from ingest.jobs import ingest
from matcher.embedding import open_embedder
from matcher.indexing import index
from tests.bench.large_organisation import LargeSource
from tests.faults.load import Load, told, unexpected
from tests.faults.processes import serving
from tests.faults.test_database_killed import SIZES, request_for

MINUTES = float(os.environ.get("GUILDMAP_TEST_SOAK_MINUTES", "10"))
RATE = 20.0

# Of the time, before anything is measured: caches fill, and the allocator of C takes what it will go on using.
WARM_UP = 0.4

# Bytes in ten minutes, by the slope of a line through all samples after the warm-up.
MOST_GROWTH = 1_000_000

SAMPLE = 5.0


def slope(samples: list[tuple[float, float]]) -> float:
    """Least squares: by how much the second grows while the first grows by one."""
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / sum((x - mean_x) ** 2 for x, _ in samples)


def test_memory_and_files_stay_as_they_are(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path / "data"})
    try:
        with Database(settings) as database:
            migrate(database)
            ingest(database, LargeSource(SIZES, 7), rejects_folder=settings.rejects_folder)
            index(database, open_embedder(None, settings.embedding_cache))
            request = request_for(database)
        with (
            serving(settings.data_dir, model=True, person_rate=0) as service,
            # Reads alone: what is written stays, in the graph and in what is held of it.
            Load(service.address, RATE, lambda number: request(number if number % 10 else number + 1)) as load,
        ):
            load.settled()
            began = time.monotonic()
            memory: list[tuple[float, float]] = []
            files: list[tuple[float, float]] = []
            while (now := time.monotonic() - began) < MINUTES * 60:
                sample = service.metrics()
                memory.append((now, sample["process_resident_memory_bytes"]))
                files.append((now, sample["process_open_fds"]))
                time.sleep(SAMPLE)
            load.stop()
            print(told(load.answers))
            late = [(at, held) for at, held in memory if at > WARM_UP * MINUTES * 60]
            growth = slope(late) * 600
            handles = [number for at, number in files if at > WARM_UP * MINUTES * 60]
            print(
                f"memory {memory[0][1] / 1e6:.1f} MB at first, {late[0][1] / 1e6:.1f} after warm-up, "
                f"{late[-1][1] / 1e6:.1f} at the end: {growth / 1e6:+.2f} MB in ten minutes; "
                f"open files {min(handles):.0f} to {max(handles):.0f}"
            )
            # How long each took is not what is asked here: others may use the machine in so many minutes.
            assert not unexpected(load.answers, math.inf), unexpected(load.answers, math.inf)[:5]
            assert growth < MOST_GROWTH
            half = len(handles) // 2
            assert max(handles[half:]) <= max(handles[:half]) + 5, "file handles pile up"
    finally:
        embedded.stop(settings)
