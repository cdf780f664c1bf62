"""Faults for real: processes that are killed, networks that lie. `python -m pytest tests/faults` runs all of it.

That takes hours. A run that does not name this folder takes from it only what is marked `short`.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if any("faults" in argument for argument in config.args):
        return
    left = [item for item in items if item.path.is_relative_to(HERE) and item.get_closest_marker("short") is None]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
