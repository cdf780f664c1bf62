"""Reads of what the people of a community decided on its words."""

from dataclasses import dataclass

from graph.database import Read
from graph.errors import NotFound
from graph.facts import name_key
from graph.reads.resources import version_of
from graph.sentences import tell

ACCEPTED, REJECTED = "accepted", "rejected"
STATES = (ACCEPTED, REJECTED)


@dataclass(frozen=True)
class Term:
    """A word or phrase; `definition` in the community's own words, None while nobody has explained it."""

    term: str
    state: str
    definition: str | None
    at: str

    @property
    def version(self) -> str:
        return version_of(self)


def no_term(term: str) -> NotFound:
    return NotFound(tell("Nothing has been decided on the term %(term)r.", term=term))


def glossary(community_id: str) -> Read[list[Term]]:
    """What was decided, rejected terms too, in the order of terms."""
    return Read("read/glossary", {"id": community_id}, lambda rows: [Term(**row) for row in rows])


def find(terms: list[Term], wanted: str) -> Term | None:
    """The one of another case or spacing is the same."""
    return next((one for one in terms if name_key(one.term) == name_key(wanted)), None)
