"""How long the embedded database takes to start, with the archive of Neo4j's classes and without.

    python -m tests.bench.start [--rounds 3]

Each time with an empty data directory, and once more with what is there then; in turn, the median in seconds. The
archive is made first, in a folder of its own, as it is behind the first stop on a machine.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from graph import class_archive, embedded, jars
from graph.settings import DatabaseSettings


def started(folder: Path) -> float:
    settings = DatabaseSettings(data_dir=folder, neo4j_uri=None)
    began = time.perf_counter()
    lease = embedded.acquire(settings)
    seconds = time.perf_counter() - began
    lease.release()
    embedded.stop(settings)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        cache, nowhere = Path(name) / "cache", Path(name) / "file"
        nowhere.touch()  # no folder, so nothing is kept in it
        os.environ["XDG_CACHE_HOME"] = str(cache)
        class_path = jars.fetch()
        began = time.perf_counter()
        started(Path(name) / "first")
        while not class_archive.options(class_path):
            time.sleep(0.5)
        print(f"a first start, its stop, and the archive behind it: {time.perf_counter() - began:.0f} s", flush=True)
        taken: dict[str, list[tuple[float, float]]] = {"with": [], "without": []}
        for number in range(rounds):
            for way, times in taken.items():
                os.environ["XDG_CACHE_HOME"] = str(cache if way == "with" else nowhere)
                folder = Path(name) / f"{way}-{number}"
                times.append((started(folder), started(folder)))
    for way, times in taken.items():
        new, again = (statistics.median(one) for one in zip(*times, strict=True))
        print(f"{way:8} the archive: {new:5.1f} s with an empty directory, {again:5.1f} s with what is there")


if __name__ == "__main__":
    main()
