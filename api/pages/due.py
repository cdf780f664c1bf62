"""What is due for somebody, as a page with a way to each thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Response

from api.dependencies import Member
from api.pages.frame import Look, router
from api.pages.me import themselves
from api.routes import digest
from api.routes.digest import ItemOut

routes = router()


@dataclass(frozen=True)
class Due:
    item: ItemOut
    address: str


@dataclass(frozen=True)
class DuePage:
    """`parts` in the order of a digest, those with nothing due left out."""

    tab: str
    parts: Mapping[str, Sequence[Due]]
    edits: bool
    done: str


@routes.get("/me/due")
async def due(look: Look, principal: Member) -> Response:
    """Requests that wait, next meetings, newcomers to greet, charters, and what the audit found."""
    found = await digest.get_digest(themselves(principal), look.service, principal)
    parts: dict[str, list[Due]] = {}
    for item in found.items:
        parts.setdefault(item.part, []).append(Due(item, address_of(item)))
    return await look.page("me/due.html", DuePage("due", parts, True, ""), "me")


def address_of(item: ItemOut) -> str:
    """The page on which something is done about it."""
    community = f"/communities/{quote(item.community_id)}" if item.community_id else ""
    return {
        "requests": f"/requests/{quote(item.id)}",
        "meetings": f"{community}/meetings/{quote(item.id)}",
        # Who was let in, or was not, goes to the community; who greets or lets in, to its people.
        "newcomers": community if item.id.endswith("/decided") else f"{community}/people",
        "charters": f"{community}/charter",
        "findings": f"/audit/findings/{quote(item.id)}",
    }[item.part]
