"""A proposal on one page, for whoever is to decide or to join: as Markdown, or as HTML to print that stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.pages.markdown import as_html
from api.wording import PARTS, STATES
from graph.models import Community
from graph.reads.formation import Interest, PitchFacts, Taken
from matcher.community.formation.answers import QUESTIONS, Answer, Check

# Fewer people than this are not told by kind.
LEAST = 5
# A page has room for so many things to do.
ASKED = 4


@dataclass(frozen=True)
class PartLine:
    """One part of the guide: how many of its `questions` are answered how, in words; `open_questions` are those not
    met, each with its state."""

    title: str
    said: str
    open_questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pitch:
    """All that the page shows. Lists are sentences or names; an empty one is left out."""

    name: str
    status: str
    made_on: str
    what: str
    topics: tuple[str, ...]
    skills: tuple[str, ...]
    purpose: str | None
    value: str | None
    audience: str | None
    for_whom: tuple[str, ...]
    behind: tuple[str, ...]
    would_do: tuple[str, ...]
    goals: tuple[str, ...]
    asked: tuple[str, ...]
    parts: tuple[PartLine, ...]


def pitch_of(
    community: Community,
    found: Check,
    steps: Sequence[Taken],
    interests: Sequence[Interest],
    facts: PitchFacts,
    made_on: date,
    core_group: int,
) -> Pitch:
    answers = {one.question: one for one in found.answers}
    return Pitch(
        name=community.name,
        status=community.status,
        made_on=made_on.isoformat(),
        what=community.domain.strip(),
        topics=community.topics,
        skills=community.skill_names,
        purpose=facts.purpose,
        value=facts.value_proposition,
        audience=community.audience,
        for_whom=tuple(
            sentence
            for name in ("identify", "concern")
            if answers[name].state in ("met", "partly")
            for sentence in answers[name].evidence[:1]
        ),
        behind=tuple(_behind(steps, interests, facts)),
        would_do=tuple(_would_do(community, answers, facts)),
        goals=facts.goals,
        asked=tuple(_asked(community, found, facts, core_group)),
        parts=tuple(_part(part, found) for part in PARTS),
    )


def render_html(pitch: Pitch) -> str:
    return _environment(autoescape=True).get_template("pitch.html").render(pitch=pitch)


def render_markdown(pitch: Pitch) -> str:
    return _environment(autoescape=False).get_template("pitch.md").render(pitch=pitch).strip() + "\n"


def _environment(*, autoescape: bool) -> Environment:
    found = Environment(
        loader=PackageLoader("api.pages"), autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.filters["markdown"] = escaped
    found.filters["as_html"] = as_html
    return found


def escaped(text: str) -> str:
    """A text on one line in which Markdown sees no marks, and no HTML."""
    line = " ".join(text.split())
    marked = "".join(f"\\{sign}" if sign in "\\`*_[]<>#|~" else sign for sign in line).replace("&", "&amp;")
    # A number or a dash that begins a line would begin a list.
    return marked.replace("-", "\\-", 1) if marked.startswith(("- ", "+ ")) else marked


def _behind(steps: Sequence[Taken], interests: Sequence[Interest], facts: PitchFacts) -> list[str]:
    told: list[str] = []
    first = next((one for one in steps if one.step == "propose"), None)
    if first is not None and first.name is not None:
        told.append(f"Proposed by {first.name} on {first.at[:10]}.")
    if facts.sponsors:
        told.append(f"Sponsored by {', '.join(facts.sponsors)}.")
    if facts.leads:
        told.append(f"Led by {', '.join(facts.leads)}.")
    if interests:
        told.append(f"{len(interests)} {'person wants' if len(interests) == 1 else 'people want'} to take part.")
    hours = [one.hours for one in interests if one.hours is not None]
    if len(hours) >= LEAST:
        told.append(f"{len(hours)} of them would give {sum(hours):g} hours a month in all.")
    return told


def _would_do(community: Community, answers: dict[str, Answer], facts: PitchFacts) -> list[str]:
    told = list(facts.objectives)
    told += [f"Meet: {line}" for line in community.meetings]
    if facts.time_commitment:
        told.append(f"Time that it takes: {facts.time_commitment}")
    if answers["challenges"].state in ("met", "partly"):
        told.append(f"Take up what people ask: {answers['challenges'].evidence[0]}")
    return told


def _asked(community: Community, found: Check, facts: PitchFacts, core_group: int) -> list[str]:
    told: list[str] = []
    if not facts.sponsors:
        told.append("A sponsor, who sets the purpose and stands for it.")
    if community.status == "proposed":
        told.append("A decision to let it form.")
    elif community.status == "forming":
        told.append("A charter that its sponsor adopts.")
    if len(facts.leads) < core_group:
        told.append(f"A core group of {core_group} who lead it together.")
    for action in found.next_actions:
        if len(told) >= ASKED:
            break
        told.append(action)
    return told


def _part(part: str, found: Check) -> PartLine:
    answers = [one for one in found.answers if one.part == part]
    counts = [(STATES[state], sum(one.state == state for one in answers)) for state in STATES]
    said = ", ".join(f"{number} {state}" for state, number in counts if number)
    unmet = tuple((QUESTIONS[one.question][1], STATES[one.state]) for one in answers if one.state != "met")
    return PartLine(PARTS[part], said, unmet)
