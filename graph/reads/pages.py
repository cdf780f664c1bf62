"""Reads of everything of a kind, page by page.

An organisation has any number of people. Read in one go, they would be one value in the memory of the database, and
take longer than a read may.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from graph.database import Read, Steps, ask, batched

T = TypeVar("T")

# Things that are read in one go: with all that hangs on them some megabytes, and well below a second.
PAGE = 2_000


def ids_behind(kind: str, after: str, limit: int) -> Read[list[str]]:
    """The ids of the next things of a kind (graph.reads.vectors.EMBEDDED) behind id `after`, in their order."""
    return Read(f"read/ids_{kind}", {"after": after, "limit": limit}, lambda rows: rows[0]["ids"])


def of_all(kind: str, read: Callable[[list[str]], Read[dict[str, T]]]) -> Steps[dict[str, T]]:
    """What `read` tells of some things, of all of a kind, in the order of their ids.

    Pages are read one after the other: what is changed meanwhile may be in it or not. Whoever needs to know takes the
    revision of the log before.
    """
    found: dict[str, T] = {}
    after = ""
    while page := (yield from ask(ids_behind(kind, after, PAGE))):
        found |= yield from ask(read(page))
        if len(page) < PAGE:
            break
        after = page[-1]
    return found


def of_some(ids: Iterable[str], read: Callable[[list[str]], Read[dict[str, T]]]) -> Steps[dict[str, T]]:
    """The same of the things of some ids, in the order of these."""
    found: dict[str, T] = {}
    for page in batched(ids, PAGE):
        found |= yield from ask(read(page))
    return found
