"""A person as their colleagues see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import Response

from api.dependencies import Member
from api.pages.community.head import named
from api.pages.frame import Look, router
from api.routes import people
from api.routes.people import PersonId, PersonOut
from matcher.spells import is_past

routes = router()


@dataclass(frozen=True)
class Belongs:
    """A community that somebody is in, and as what."""

    id: str
    name: str
    engagement: str | None
    role: str | None
    joined_on: str | None


@dataclass(frozen=True)
class PersonPage:
    """`communities`: those that they are in today, of which who looks may see. `own`: whether it is they who look."""

    person: PersonOut
    communities: Sequence[Belongs]
    own: bool

    @property
    def left(self) -> bool:
        return self.person.left_on is not None and is_past(self.person.left_on, None, date.today().isoformat())


@routes.get("/people/{person_id}")
async def person(person_id: PersonId, look: Look, principal: Member) -> Response:
    """What they do, what they know, where they are."""
    found = await people.get_person(person_id, look.service, principal, Response())
    page = PersonPage(found, belongs(look, found), principal.person_id == person_id)
    return await look.page("person.html", page, "catalogue")


def belongs(look: Look, found: PersonOut) -> Sequence[Belongs]:
    """The communities that somebody is in today, each once, where they lead first."""
    today = date.today().isoformat()
    current = {
        one.community_id: Belongs(one.community_id, named(look.service, one.community_id).name, one.engagement,
                                  one.role, one.joined_on)
        for one in found.memberships if one.left_on is None or not is_past(one.left_on, None, today)
    }  # fmt: skip
    return sorted(current.values(), key=lambda one: (one.role is None, one.name))
