"""Neo4j's jars: fetched by the coordinates of a committed lock, used only if their sha256 is the locked one.

The lock names every jar, so nothing is resolved at run time: no POM is read, and 216 jars arrive in some
seconds where a resolution takes more than a minute.
"""

import fcntl
import hashlib
import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import EmbeddedDatabaseError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK = Path(__file__).parent / "neo4j-jars.lock"

# Jars are small and the repository answers each in some tens of milliseconds: the wait is latency, not
# bandwidth, so more threads than cores pay off; more than this and the repository starts to refuse.
DOWNLOAD_THREADS = 12

# A download is retried on a mismatch, since a killed process leaves a half-written file in the cache.
ATTEMPTS = 3


@dataclass(frozen=True)
class LockedJar:
    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    def __str__(self) -> str:
        return ":".join(part for part in (self.group, self.artifact, self.version, self.classifier) if part)


def read_lock(path: Path = LOCK) -> list[LockedJar]:
    return list(_locked(path))


def _locked(path: Path) -> Iterator[LockedJar]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            group, artifact, version, *classifier = coordinates.split(":")
            yield LockedJar(group, artifact, version, classifier[0] if classifier else "", sha256)


def fetch(progress: Callable[[int, int], None] | None = None, lock: Path = LOCK) -> list[Path]:
    """Paths of all locked jars in the local Maven cache, downloaded where they are missing.

    `progress(done, total)` is called after each jar. Raises EmbeddedDatabaseError where a jar cannot be had
    or is not the locked one.
    """
    from jgo.maven import MavenContext

    context = MavenContext(timeout=60)
    jars = read_lock(lock)
    paths: dict[LockedJar, Path] = {}
    with _alone(context.repo_cache), ThreadPoolExecutor(DOWNLOAD_THREADS) as pool:
        pending = {pool.submit(_fetch_one, context, jar): jar for jar in jars}
        try:
            for done, future in enumerate(as_completed(pending), start=1):
                paths[pending[future]] = future.result()
                if progress:
                    progress(done, len(jars))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [paths[jar] for jar in jars]


@contextmanager
def _alone(cache: Path) -> Generator[None]:
    """One process at a time fetches: another's half-written jar would be taken for a wrong one, and removed."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".guildmap-fetch.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fetch_one(context: "MavenContext", jar: LockedJar) -> Path:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact(jar.classifier or "")
    failure: Exception | None = None
    for _ in range(ATTEMPTS):
        try:
            path = Path(artifact.resolve())
        except Exception as error:  # the library raises many kinds, all meaning: not to be had now
            failure = error
            cached = artifact.cached_path
            if cached is not None and cached.exists():
                cached.unlink(missing_ok=True)
            continue
        if _sha256(path) == jar.sha256:
            return path
        path.unlink(missing_ok=True)
        failure = None
    if failure is not None:
        raise EmbeddedDatabaseError(
            f"{jar} cannot be downloaded from Maven Central ({failure}). Check the network, or name a running "
            "Neo4j in GUILDMAP_NEO4J_URI."
        ) from failure
    raise EmbeddedDatabaseError(
        f"{jar} from Maven Central does not have the locked sha256 ({jar.sha256}). Nothing was started. Check "
        "for a proxy that alters downloads."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_lock(version: str, path: Path = LOCK) -> int:
    """Resolves `org.neo4j:neo4j:VERSION` with all it needs and writes the lock; the number of jars."""
    import jgo

    environment = jgo.build(f"org.neo4j:neo4j:{version}")
    lockfile = environment.lockfile
    if lockfile is None:
        raise EmbeddedDatabaseError(f"org.neo4j:neo4j:{version} was resolved without a lock file")
    lines = sorted(
        f"{d.groupId}:{d.artifactId}:{d.version}{':' + d.classifier if d.classifier else ''} {d.sha256}"
        for d in lockfile.dependencies
    )
    head = (
        f"# Neo4j Community {version} and all it needs: group:artifact:version[:classifier] sha256\n"
        f"# Written by: python -m graph.jars {version}\n"
    )
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


if __name__ == "__main__":
    print(f"{write_lock(sys.argv[1])} jars locked in {LOCK.name}")
