"""Where the real data sets are: they are no part of this repository."""

import os
import sys
from pathlib import Path

WANTED = "Set GUILDMAP_SHARED_DATA to the folder that holds the real data sets, or put it at ../shared/data."


def folder() -> Path:
    """$GUILDMAP_SHARED_DATA, or `../shared/data` beside the repository, whether it is there or not."""
    given = os.environ.get("GUILDMAP_SHARED_DATA")
    return Path(given) if given else Path(__file__).parents[2] / "shared" / "data"


def bundle(name: str) -> Path:
    """The import bundle of one data set; a benchmark that wants it ends with a word on what to do without it."""
    found = folder() / name / "bundle"
    if not found.is_dir():
        sys.exit(f"No data at {found}. {WANTED}")
    return found
