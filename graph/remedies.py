"""What can be done about a community: the remedies, as they are asked for, simulated, carried out and kept."""

from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from graph.errors import InvalidInput
from graph.sentences import tell

Id = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]

# More parts than this nobody would found at once; more members than this no community has.
MOST_PARTS, MOST_MEMBERS = 20, 100_000


def _example(given: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [given]})


class _Remedy(BaseModel):
    community_id: Id = Field(description="the community that something is to be done about")


class Merge(_Remedy):
    """Members, questions, what they made, what is open on agendas, proposals, and meetings that lie ahead go to another
    community. This one is retired and says where it went; past meetings, charter and sponsor stay on record with it.
    """

    model_config = _example({"remedy": "merge", "community_id": "rotor-surface", "into_id": "blade-inspection"})
    remedy: Literal["merge"] = "merge"
    into_id: Id = Field(description="the community that goes on")
    name: Text | None = Field(None, description="what that is called from then on, where it changes")
    domain: Text | None = Field(None, description="its domain from then on, where it changes")


class Part(BaseModel):
    """A community that a split makes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Annotated[str, Field(pattern=r"^[\w.~@:+,;=-]{1,200}$")] | None = Field(
        None, description="left out: made from the name"
    )
    name: Text
    domain: Text
    member_ids: tuple[Id, ...] = Field((), max_length=MOST_MEMBERS, description="who goes there, each to one part")
    skill_ids: tuple[Id, ...] = Field((), max_length=1000, description="the skills that it covers")


class Split(_Remedy):
    """Members go to new communities. Those who are named in no part stay; where nobody stays it is retired."""

    model_config = _example(
        {
            "remedy": "split",
            "community_id": "digital-future",
            "parts": [
                {"name": "Digital Twins", "domain": "Models that run beside a turbine.", "member_ids": ["mikkel-ravn"]}
            ],
        }
    )
    remedy: Literal["split"] = "split"
    parts: tuple[Part, ...] = Field(min_length=1, max_length=MOST_PARTS)


class MoveUnder(_Remedy):
    """It becomes a sub-group of another community, or of none."""

    model_config = _example({"remedy": "move_under", "community_id": "rope-access", "parent_id": "working-at-height"})
    remedy: Literal["move_under"] = "move_under"
    parent_id: Id | None = Field(description="null: it is a sub-group no longer")


class Retire(_Remedy):
    """It ends; its members stay on record."""

    model_config = _example({"remedy": "retire", "community_id": "rotor-surface", "successor_id": "blade-inspection"})
    remedy: Literal["retire"] = "retire"
    successor_id: Id | None = Field(None, description="the community that goes on with its domain")


class Rename(_Remedy):
    model_config = _example({"remedy": "rename", "community_id": "the-bridge", "name": "Bridge Watch"})
    remedy: Literal["rename"] = "rename"
    name: Text


class Clarify(_Remedy):
    """It says more clearly what it is about, and whom it is for."""

    model_config = _example({"remedy": "clarify", "community_id": "the-bridge", "audience": "Officers of the watch."})
    remedy: Literal["clarify"] = "clarify"
    domain: Text | None = None
    audience: Text | None = None


Remedy = Merge | Split | MoveUnder | Retire | Rename | Clarify

REMEDY: TypeAdapter[Remedy] = TypeAdapter(Annotated[Remedy, Field(discriminator="remedy")])


def places(parts: Sequence[Part], members: Collection[str]) -> dict[str, int]:
    """The part that each person goes to. Raises InvalidInput for people who were never members, or go to two."""
    goes_to: dict[str, int] = {}
    for at, part in enumerate(parts):
        for person in part.member_ids:
            if person not in members:
                raise InvalidInput(
                    tell(
                        "parts: %(person)r was never a member, so cannot go to %(part)s.", person=person, part=part.name
                    )
                )
            if goes_to.setdefault(person, at) != at:
                raise InvalidInput(
                    tell(
                        "parts: %(person)r is named in %(first)s and in %(part)s. A membership goes to one part; "
                        "whoever belongs to more joins the others.",
                        person=person,
                        first=parts[goes_to[person]].name,
                        part=part.name,
                    )
                )
    return goes_to


def other_ids(remedy: Remedy) -> tuple[str, ...]:
    """The communities that a remedy names beside its own, of those that there are before it."""
    match remedy:
        case Merge():
            return (remedy.into_id,)
        case MoveUnder(parent_id=str(parent)):
            return (parent,)
        case Retire(successor_id=str(successor)):
            return (successor,)
        case _:
            return ()
