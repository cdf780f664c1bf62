"""Who sponsors a community, and who was asked to."""

from dataclasses import dataclass
from datetime import date

from graph.database import Read, Row
from graph.models import Part, Party, parts_of
from graph.sentences import Sentence, tell


@dataclass(frozen=True)
class Sponsor:
    """`state`: sponsors, asked or declined, since the moment `since` (None where a source says so); `has_left` the
    organisation; `leads` the community as well."""

    person: Party
    state: str
    since: str | None
    reason: str | None
    has_left: bool
    leads: bool


@dataclass(frozen=True)
class Sponsorship:
    community_id: str
    people: tuple[Sponsor, ...]

    def of(self, person_id: str) -> Sponsor | None:
        return next((one for one in self.people if one.person.id == person_id), None)

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What somebody should see to. Nothing of it is forbidden."""
        sponsors = [one for one in self.people if one.state == "sponsors" and not one.has_left]
        if not sponsors:
            asked = any(one.state == "asked" for one in self.people)
            return (tell("Nobody sponsors it yet. Somebody is asked.") if asked else tell("Nobody sponsors it yet."),)
        if all(one.leads for one in sponsors):
            return (
                tell("Only those who lead it sponsor it: ask somebody who can speak for it without doing its work."),
            )
        return ()


def sponsorship(community_id: str) -> Read[Sponsorship]:
    """For whoever may see the community, which is asked before."""

    def parse(rows: list[Row]) -> Sponsorship:
        found: list[Sponsor] = []
        for row in rows:
            leads = any(Part.LEAD in parts_of(engagement, role) for engagement, role in row["spells"])
            who = Party(row["person_id"], row["name"])
            found.append(Sponsor(who, row["state"], row["since"], row["reason"], row["left"], leads))
        return Sponsorship(community_id, tuple(found))

    return Read("read/sponsorship", {"community_id": community_id, "today": date.today().isoformat()}, parse)
