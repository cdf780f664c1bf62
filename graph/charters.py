"""What a charter says: its parts in the order in which a community works them out, as they are written and kept."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from graph.sentences import tell

# Where an objective stands. A source writes it in front of the text, `reached: One damage scale`; without it is open.
ObjectiveState = Literal["open", "progressed", "reached", "dropped"]
OBJECTIVE_STATES: tuple[ObjectiveState, ...] = get_args(ObjectiveState)

# A charter that nobody reads to its end is no charter: the limits are far above what any one needs.
LONGEST_TEXT, LONGEST_LINE, MOST_LINES, MOST_PEOPLE = 20_000, 1_500, 100, 500


def whole_text(text: str) -> str:
    """A text of several paragraphs without blanks around it, its lines ended in one way."""
    if "\x00" in text:
        raise ValueError(tell("holds a NUL character; remove it"))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def one_line(text: str) -> str:
    """A text in a line, as entries of lists and a pitch of one paragraph are."""
    return " ".join(whole_text(text).split())


def _unlike(entries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for entry in entries if entry))


# What is empty is absent: there is one way to say nothing.
Text = Annotated[
    Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(whole_text)] | None,
    AfterValidator(lambda text: cast("str | None", text) or None),
]
_Line = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(one_line)]
Line = Annotated[_Line | None, AfterValidator(lambda text: cast("str | None", text) or None)]
Lines = Annotated[tuple[_Line, ...], Field(max_length=MOST_LINES), AfterValidator(_unlike)]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Ids = Annotated[tuple[_Id, ...], Field(max_length=MOST_PEOPLE), AfterValidator(_unlike)]


class Objective(BaseModel):
    """Something that a community wants to reach, and how far it got."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LINE),
        AfterValidator(one_line),
    ]
    state: ObjectiveState = "open"

    @property
    def line(self) -> str:
        return f"{self.state}: {self.text}"


class Charter(BaseModel):
    """What a charter says. What is absent, null or empty is not said."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "purpose": "So that no blade is stopped twice for the same damage.",
                    "challenges": ["Turbine makers keep their own damage scales"],
                    "works_today": "We meet every other week around three pictures.",
                    "will_be": "A winter in which every blade stop was planned in autumn.",
                    "objectives": [{"text": "One damage scale for all parks", "state": "progressed"}],
                    "pitch": "Fewer climbs for you, and a second opinion before you grind.",
                    "time_commitment": "An hour every two weeks",
                }
            ]
        },
    )
    purpose: Text = Field(None, description="why the organisation wants it; the sponsor's to set")
    goal_ids: Ids = Field((), description="the organisation's goals that it serves")
    needs: Lines = ()
    challenges: Lines = ()
    opportunities: Lines = ()
    vision: Text = Field(None, description="where it wants to be, in a few words")
    works_today: Text = Field(None, description="what works today")
    could_be: Text = Field(None, description="what could be")
    should_be: Text = Field(None, description="what should be")
    will_be: Text = Field(None, description="what will be")
    took_part_ids: Ids = Field((), description="people who worked the vision out together")
    strategy: Text = None
    objectives: Annotated[tuple[Objective, ...], Field(max_length=MOST_LINES)] = ()
    value_proposition: Text = Field(None, description="what members and the organisation get from it")
    pitch: Line = Field(None, description="the value proposition in one paragraph, for somebody at the coffee machine")
    time_commitment: Text = Field(None, description="how much time a member should expect to give")

    @property
    def said(self) -> bool:
        return self != NOTHING


NOTHING = Charter.model_construct()

# What the sponsor sets; the rest is for those who do the work.
SPONSORS_SET = frozenset({"purpose", "goal_ids"})

# What is searched and compared beside the domain of the community. Needs and challenges are what it lacks and not what
# it is about, and strategy and time are alike in all.
TOLD = ("purpose", "vision", "value_proposition", "objectives")


_LISTS = ("needs", "challenges", "opportunities")


def objective_of(line: str) -> Objective:
    """An objective from a line, in which its state may stand in front."""
    state, colon, text = line.partition(":")
    if colon and state in OBJECTIVE_STATES and text.strip():
        return Objective.model_construct(text=one_line(text), state=state)
    return Objective.model_construct(text=one_line(line))


def charter_of(told: Mapping[str, Any]) -> Charter:
    """The charter of which a source tells; limits are for people who write, and not asked of it."""
    given: dict[str, Any] = {}
    for name in Charter.model_fields:
        value = told.get(name)
        if name == "objectives":
            given[name] = tuple(objective_of(line) for line in cast("list[str]", value or []))
        elif isinstance(value, list):
            given[name] = _unlike(tuple(one_line(str(entry)) for entry in cast("list[Any]", value)))
        elif value is not None:
            given[name] = (one_line if name == "pitch" else whole_text)(str(value)) or None
    return Charter.model_construct(**given)


def told(stored: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The texts of TOLD of a charter as it is kept, or as a source tells of it."""
    found: list[str] = []
    for name in TOLD if stored else ():
        value = (stored or {}).get(name)
        if isinstance(value, list):
            found += [objective_of(line).text for line in cast("list[str]", value)]
        elif value:
            found.append(value)
    return tuple(found)


def kept(charter: Charter) -> dict[str, Any]:
    """The properties under which a charter is kept, but for goals and people, which are relationships."""
    given: dict[str, Any] = charter.model_dump(exclude={"goal_ids", "took_part_ids", "objectives"})
    for name in _LISTS:
        given[name] = list(given[name])
    given["objectives"] = [one.text for one in charter.objectives]
    given["objective_states"] = [one.state for one in charter.objectives]
    return given


def charter_kept(stored: Mapping[str, Any], goal_ids: list[str], took_part_ids: list[str]) -> Charter:
    """The charter that was kept so."""
    given: dict[str, Any] = {name: stored[name] for name in Charter.model_fields if stored.get(name) is not None}
    for name in _LISTS:
        given[name] = tuple(given.get(name, ()))
    pairs = zip(stored.get("objectives") or [], stored.get("objective_states") or [], strict=True)
    given["objectives"] = tuple(Objective.model_construct(text=text, state=state) for text, state in pairs)
    given |= {"goal_ids": tuple(goal_ids), "took_part_ids": tuple(took_part_ids)}
    return Charter.model_construct(None, **given)
