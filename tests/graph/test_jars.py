"""Jars are used only as they are locked."""

import os
import re
import subprocess
import sys
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


def test_two_processes_that_fetch_at_once_do_not_spoil_each_others_jars(tmp_path: Path) -> None:
    wanted = [jar for jar in jars.read_lock() if jar.artifact in ("annotations", "neo4j-kernel")]
    lock = tmp_path / "lock"
    lock.write_text("".join(f"{jar} {jar.sha256}\n" for jar in wanted))
    fetch = f"from pathlib import Path; from graph import jars; print(jars.fetch(lock=Path({str(lock)!r})))"
    environment = {**os.environ, "M2_REPO": str(tmp_path / "m2")}
    running = [
        subprocess.Popen([sys.executable, "-c", fetch], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=120)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(said) == 1
    assert said.pop().count(".jar") == len(wanted)
