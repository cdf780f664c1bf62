"""The first page: what is there, found by words and by meaning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query, Response

from api.dependencies import Member
from api.pages.frame import Look, router
from api.routes import find
from api.routes.find import HitOut, SearchOut
from matcher.search import KINDS

routes = router()

Kind = Literal["community", "person", "skill"]

# So many choices of a facet are offered; those that most results have.
CHOICES = 8


@dataclass(frozen=True)
class Choice:
    """A value of a facet: choosing it, or letting it go, leads to `address`."""

    value: str
    number: int
    chosen: bool
    address: str


@dataclass(frozen=True)
class Catalogue:
    """The catalogue as searched. `sizes`: members of the communities on this page, by id. `facets`: choices by what
    they narrow (kind, status, topic). `following`: the address of the next results, if there are more. `mine`: whether
    the person who looks is in any community."""

    text: str
    found: SearchOut
    sizes: Mapping[str, int]
    facets: Mapping[str, Sequence[Choice]]
    following: str | None
    first: bool

    @property
    def results(self) -> Sequence[HitOut]:
        return self.found.results


@routes.get("/")
async def catalogue(
    look: Look,
    principal: Member,
    text: Annotated[str, Query(max_length=find.LONGEST_TEXT)] = "",
    kind: Kind | Literal[""] = "",
    status: Annotated[str, Query(max_length=100)] = "",
    topic: Annotated[str, Query(max_length=300)] = "",
    skill: Annotated[str, Query(max_length=500)] = "",
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Search as you type; without words, every community by name."""
    found = await find.search_catalogue(
        look.service, principal, text=text, kind=[kind] if kind else None, status=status or None,
        topic=topic or None, skill=skill or None, limit=12, cursor=cursor,
    )  # fmt: skip
    asked = {"text": text, "kind": kind, "status": status, "topic": topic, "skill": skill}
    snapshot = look.service.state.snapshot
    ids = [hit.id for hit in found.results if hit.kind == "community" and hit.id in snapshot.row]
    following = _address({**asked, "cursor": found.meta.next_cursor}) if found.meta.next_cursor else None
    shown = Catalogue(
        text=text, found=found,
        sizes={one: int(snapshot.sizes[snapshot.row[one]]) for one in ids},
        facets={name: list(_choices(name, counts, asked)) for name, counts in _offered(found, asked)},
        following=following, first=not any(asked.values()) and cursor is None,
    )  # fmt: skip
    return await look.page("catalogue.html", shown, "catalogue", block="results")


def _offered(found: SearchOut, asked: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, int]]]:
    """The facets that narrow this result, or that were chosen and can be let go."""
    for name in ("kind", "status", "topic"):
        counts = found.meta.facets.get(name, {})
        if asked[name] or len(counts) > 1:
            yield name, {asked[name]: 0, **counts} if asked[name] and asked[name] not in counts else counts


def _choices(name: str, counts: Mapping[str, int], asked: Mapping[str, str]) -> Iterator[Choice]:
    chosen = asked[name]
    order = list(KINDS) if name == "kind" else sorted(counts, key=lambda one: (-counts[one], one))
    values = [one for one in order if one in counts][:CHOICES]
    for value in values if chosen in ("", *values) else [chosen, *values]:
        picked = value == chosen
        yield Choice(value, counts.get(value, 0), picked, _address({**asked, name: "" if picked else value}))


def _address(asked: Mapping[str, str | None]) -> str:
    given = urlencode({name: value for name, value in asked.items() if value})
    return f"/?{given}" if given else "/"
