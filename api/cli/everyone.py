"""Lists of recommendations for everyone, as a job in partitions."""

from bisect import bisect_right
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from api.cli.asking import Asking
from graph.database import Database
from graph.settings import DatabaseSettings
from matcher import joins
from matcher.embedding import Embedder
from matcher.partitions import KeyRange
from matcher.snapshot import Learned


@dataclass(frozen=True)
class Lists:
    """Recommendations for everybody, `limit` to each, as was known before `day` (None: now), each as the line that is
    written of it. A worker holds the organisation in memory, which it reads; what is `learned` of co-membership comes
    along, since each would take as long to learn it. `open_embedder` None: words alone are compared."""

    database: DatabaseSettings
    open_embedder: Callable[[], Embedder] | None
    limit: int
    learned: Learned
    day: str | None = None

    @contextmanager
    def open(self) -> Generator[Asking]:
        with Database(self.database) as database:
            yield Asking(database, self.open_embedder() if self.open_embedder else None, self.day, self.learned)

    def work(self, context: Asking, partition: KeyRange) -> list[dict[str, Any]]:
        ids = context.snapshot.people.ids
        some = ids[bisect_right(ids, partition.after) : bisect_right(ids, partition.until)]
        return [_line(person, found) for person, found in context.recommend_some(some, self.limit)]


def ranges(asking: Asking) -> list[KeyRange]:
    """Everybody, in pieces that are compared together."""
    ids = asking.snapshot.people.ids
    found: list[KeyRange] = []
    after = ""
    for start in range(0, len(ids), joins.TOGETHER):
        some = ids[start : start + joins.TOGETHER]
        found.append(KeyRange(after, some[-1], len(some)))
        after = some[-1]
    return found


def _line(person: str, found: joins.Recommendations) -> dict[str, Any]:
    results = [
        {"community_id": one.community_id, "score": one.score, "reason": next(iter(one.reasons), None)}
        for one in found.results
    ]
    return {"person_id": person, "results": results}
