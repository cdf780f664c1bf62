"""Jars are used only as they are locked."""

import re
from pathlib import Path

import pytest

from graph import jars
from graph.errors import EmbeddedDatabaseError


def test_the_lock_names_neo4j_5_26_and_a_digest_for_each_jar() -> None:
    locked = jars.read_lock()
    assert any(jar.artifact == "neo4j" and jar.version.startswith("5.26.") for jar in locked)
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in locked)
    assert len({str(jar) for jar in locked}) == len(locked)


def test_a_jar_that_is_not_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = next(jar for jar in jars.read_lock() if jar.artifact == "annotations")
    lock = tmp_path / "lock"
    lock.write_text(f"{jar} {'0' * 64}\n")
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    with pytest.raises(EmbeddedDatabaseError, match="sha256"):
        jars.fetch(lock=lock)
