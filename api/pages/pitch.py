"""A proposal on one page, for whoever is to decide or to join: as Markdown, or as HTML to print that stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.pages.html import environment
from api.wording import PARTS, STATES
from graph.models import Community
from graph.reads.formation import Interest, PitchFacts, Taken
from graph.sentences import tell, tell_n
from matcher.community.formation.answers import Answer, Check

# Fewer people than this are not told by kind.
LEAST = 5
# A page has room for so many things to do.
ASKED = 4


@dataclass(frozen=True)
class PartLine:
    """One part of the guide: how many of its questions are in each state; `open_questions` are those not met, each
    with its state."""

    part: str
    counts: tuple[tuple[int, str], ...]
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


def render_html(pitch: Pitch, language: str = "en") -> str:
    return environment(language).get_template("pitch.html").render(pitch=pitch, language=language)


def render_markdown(pitch: Pitch, language: str = "en") -> str:
    made = environment(language).overlay(autoescape=False)
    return made.get_template("pitch.md").render(pitch=pitch).strip() + "\n"


def _behind(steps: Sequence[Taken], interests: Sequence[Interest], facts: PitchFacts) -> list[str]:
    told: list[str] = []
    first = next((one for one in steps if one.step == "propose"), None)
    if first is not None and first.name is not None:
        told.append(tell("Proposed by %(name)s on %(day)s.", name=first.name, day=first.at[:10]))
    if facts.sponsors:
        told.append(tell("Sponsored by %(names)s.", names=", ".join(facts.sponsors)))
    if facts.leads:
        told.append(tell("Led by %(names)s.", names=", ".join(facts.leads)))
    if interests:
        told.append(tell_n("%(num)d person wants to take part.", "%(num)d people want to take part.", len(interests)))
    hours = [one.hours for one in interests if one.hours is not None]
    if len(hours) >= LEAST:
        summed = f"{sum(hours):g}"
        told.append(
            tell("%(people)d of them would give %(hours)s hours a month in all.", people=len(hours), hours=summed)
        )
    return told


def _would_do(community: Community, answers: dict[str, Answer], facts: PitchFacts) -> list[str]:
    told = list(facts.objectives)
    told += [tell("Meet: %(meeting)s", meeting=line) for line in community.meetings]
    if facts.time_commitment:
        told.append(tell("Time that it takes: %(time)s", time=facts.time_commitment))
    if answers["challenges"].state == "met":
        told.append(tell("Take up what people ask: %(asked)s", asked=answers["challenges"].evidence[0]))
    return told


def _asked(community: Community, found: Check, facts: PitchFacts, core_group: int) -> list[str]:
    told: list[str] = []
    if not facts.sponsors:
        told.append(tell("A sponsor, who sets the purpose and stands for it."))
    if community.status == "proposed":
        told.append(tell("A decision to let it form."))
    elif community.status == "forming":
        told.append(tell("A charter that its sponsor adopts."))
    if len(facts.leads) < core_group:
        told.append(tell("A core group of %(people)d who lead it together.", people=core_group))
    return [*told, *found.next_actions[: max(0, ASKED - len(told))]]


def _part(part: str, found: Check) -> PartLine:
    answers = [one for one in found.answers if one.part == part]
    counts = ((sum(one.state == state for one in answers), state) for state in STATES)
    unmet = tuple((one.asked, one.state) for one in answers if one.state != "met")
    return PartLine(part, tuple((number, state) for number, state in counts if number), unmet)
