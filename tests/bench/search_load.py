"""Searches at a steady rate, by locust: 95 of 100 answered within 300 ms, fewer than one in a thousand failing.

    python -m tests.bench.search_load [--rate 50] [--seconds 60] [--new 0.2]

loads the demo organisation, serves it with the packaged model and runs `search_locust.py` against it, all on one
machine. `--new`: the share of texts that were never sent, which the model has to encode. Exits with 1 where the goal is
missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.schema import migrate
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from matcher.embedding import open_embedder
from matcher.indexing import index
from tests.faults.processes import serving

SCRIPT = Path(__file__).with_name("search_locust.py")

# What search_locust.py leaves out at the beginning, in seconds.
WARM_UP = 45


def serve_and_run(asked: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as name:
        settings = Settings.model_validate({"data_dir": Path(name)})
        try:
            with Database(settings) as database:
                migrate(database)
                ingest(database, DemoSource(date.today()), rejects_folder=settings.rejects_folder)
                index(database, open_embedder(None, settings.embedding_cache))
                with serving(settings.data_dir, model=True) as service:
                    command = [
                        sys.executable, "-m", "locust", "-f", str(SCRIPT), "--headless", "--only-summary", "--host",
                        service.address, "--users", str(asked.rate), "--spawn-rate", str(max(1, asked.rate // 2)),
                        "--run-time", f"{asked.seconds + WARM_UP}s",
                    ]  # fmt: skip
                    environment = {**os.environ, "BENCH_NEW": str(asked.new)}
                    return subprocess.run(command, env=environment, check=False).returncode
        finally:
            embedded.stop(settings)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--new", type=float, default=0.2)
    sys.exit(serve_and_run(parser.parse_args()))


if __name__ == "__main__":
    main()
