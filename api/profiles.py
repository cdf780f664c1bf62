"""For whom communities are recommended: a stored person, or somebody described; for the command line and HTTP alike."""

from collections.abc import Sequence
from datetime import date

from graph.database import Read, Row, Steps, ask
from graph.errors import NotFound
from graph.models import HeldSkill, Person, Principal, Role, lasts
from graph.reads import people
from graph.reads.vectors import Model
from graph.sentences import Sentence, tell
from matcher.features.profile import Profile


def themselves(person_id: str, as_of: str | None = None, model: Model | None = None) -> Read[Person]:
    """The person as they see themselves: what a member may not know of does not show in what is answered to them.

    Raises NotFound for an unknown id.
    """
    read = people.person(person_id, as_of, Principal(person_id, Role.MEMBER), model)

    def parse(rows: list[Row]) -> Person:
        known = read.parse(rows)
        if known is None:
            raise NotFound(
                tell(
                    "There is no person with the id %(person_id)r. A search for the name, kind person, finds ids.",
                    person_id=person_id,
                )
            )
        return known

    return Read(read.name, read.parameters, parse)


def pause_note(person: Person, as_of: str | None = None) -> Sentence | None:
    """Why nothing is suggested to a person who wants no suggestions for now; None where they do."""
    until = person.suggestions_paused_until
    if until is None or not lasts(until, as_of or date.today().isoformat()):
        return None
    return tell("suggestions are paused until %(day)s, as %(name)s wished", day=until, name=person.name)


def of_person(person: Person, as_of: str | None = None) -> Profile:
    return Profile.of(person, today=as_of or date.today().isoformat())


def described(
    text: str, skills: Sequence[str], wants: Sequence[str], unit_id: str | None
) -> Steps[tuple[Profile, tuple[Sentence, ...]]]:
    """The profile of somebody who is not stored, and what to know about it.

    Skills are given by id or name; a name that is not in the catalogue still counts as text.
    """
    names = [*skills, *wants]
    found = (yield from ask(people.skills_named(names))) if names else {}
    notes = tuple(
        tell("no skill is called %(name)r; it counts as text only", name=name) for name in names if name not in found
    )

    def named(given: Sequence[str]) -> tuple[HeldSkill, ...]:
        return tuple(found.get(name, HeldSkill(name, name)) for name in given)

    return Profile(text=text, held=named(skills), wanted=named(wants), unit_id=unit_id, unit_name=unit_id), notes
