"""The first page: what is there, found by words and by meaning; and whom to ask where no community is found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query, Response

from api.dependencies import Member
from api.pages.frame import Look, granted, router, valid
from api.routes import find
from api.routes.find import HelperOut, HelpersIn, HitOut, SearchOut
from matcher.helpers import SIMILAR, SKILLS
from matcher.search import KINDS

routes = router()

Kind = Literal["community", "person", "skill"]

# So many choices of a facet are offered; those that most results have.
CHOICES = 8

# People to ask where there is no community: the first of so many who have something to do with the words themselves. To
# have advised somebody before, or to be in a community that is near, is not that.
ASKED, LOOKED_AT = 3, 20
ABOUT_IT = {SIMILAR, SKILLS}

# From this score on a community is clearly about what was typed. In the demo's organisation one was found for 19 of
# twenty things that it does, and for two of twenty that it does not: "ballet", "coffee roasting".
CLEAR = 0.3


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
    they narrow (kind, status, topic). `following`: the address of the next results, if there are more. `missing`:
    whether no community is clearly about what was typed; then `helpers` are the people to ask."""

    text: str
    found: SearchOut
    sizes: Mapping[str, int]
    facets: Mapping[str, Sequence[Choice]]
    following: str | None
    first: bool
    missing: bool
    helpers: Sequence[HelperOut]

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
    # Narrowed down, a result says nothing of what there is not.
    missing = bool(text.strip()) and not any((kind, status, topic, skill, cursor)) and not _clear(found)
    helpers: Sequence[HelperOut] = ()
    if missing:
        need = valid(HelpersIn, {"text": text, "limit": LOOKED_AT})
        known = await granted(find.recommend_helpers(need, look.service, principal))
        helpers = [one for one in known.results if _knows(one)][:ASKED] if known else ()
    snapshot = look.service.state.snapshot
    ids = [hit.id for hit in found.results if hit.kind == "community" and hit.id in snapshot.row]
    following = _address({**asked, "cursor": found.meta.next_cursor}) if found.meta.next_cursor else None
    shown = Catalogue(
        text=text, found=found,
        sizes={one: int(snapshot.sizes[snapshot.row[one]]) for one in ids},
        facets={name: list(_choices(name, counts, asked)) for name, counts in _offered(found, asked)},
        following=following, first=not any(asked.values()) and cursor is None, missing=missing, helpers=helpers,
    )  # fmt: skip
    return await look.page("catalogue.html", shown, "catalogue", block="results")


def _knows(helper: HelperOut) -> bool:
    return any(part.feature in ABOUT_IT and part.points > 0 for part in helper.contributions)


def _clear(found: SearchOut) -> bool:
    """Whether a community is clearly about what was typed: of the first page, the best hits come first."""
    if not found.meta.facets.get("kind", {}).get("community"):
        return False
    scores = [one.score for one in found.results if one.kind == "community"]
    return (scores or [found.results[-1].score])[0] >= CLEAR


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
