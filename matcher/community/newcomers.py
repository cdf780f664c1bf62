"""How newcomers are met in a community, what they can begin with, and who could accompany them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from graph.database import Steps, ask
from graph.errors import NotFound
from graph.models import LEADS, LOCAL_ADMIN, holds, ordinal
from graph.reads import newcomers as reads
from graph.reads import people
from graph.reads.newcomers import Buddy, Candidate, Greeting, Newcomer, Offers, WaitingQuestion
from graph.sentences import joined, tell
from graph.text import tokens

# Somebody is new for about a quarter: until then most have met their first meeting of any rhythm.
NEW_DAYS = 90

# Of buddies, three leave a choice; more would be a list to go through.
BUDDIES = 3
# Whoever is new themselves, or accompanies two already, has enough to do.
LEAST_DAYS_THERE = 90
MOST_NEWCOMERS = 2

# What fits a level: of each kind at most so many, the most fitting kind first. Whoever means to look on is not asked to
# work; whoever means to carry the community begins with what is to be done.
FITTING: dict[str | None, tuple[tuple[str, int], ...]] = {
    "peripheral": (("artefact", 2), ("person", 1), ("meeting", 1)),
    "occasional": (("meeting", 1), ("artefact", 1), ("person", 1), ("question", 1)),
    "active": (("meeting", 1), ("question", 2), ("person", 2), ("artefact", 1)),
    "core": (("question", 3), ("meeting", 1), ("person", 3), ("artefact", 1)),
}
UNDECLARED = "occasional"


@dataclass(frozen=True)
class Contact:
    """The first that a newcomer heard from the community: a greeting, a meeting or an answer, `days` after joining
    (None where the day of joining is not known)."""

    kind: str
    on: str
    days: int | None


@dataclass(frozen=True)
class Welcome:
    """How a newcomer was met. `buddy` is the one whom both agreed on, `proposed` those who are yet to be."""

    person_id: str
    name: str
    engagement: str | None
    joined_on: str | None
    first_contact: Contact | None
    greetings: tuple[Greeting, ...]
    buddy: Buddy | None
    proposed: tuple[Buddy, ...]


@dataclass(frozen=True)
class Welcomes:
    """All newcomers of a community, the first to join first; `median_days` to the first contact, if any had one."""

    since: str
    results: tuple[Welcome, ...]
    waiting: int
    median_days: float | None


@dataclass(frozen=True)
class FirstStep:
    """Something to begin with: a meeting, a question, an artefact or a person, by its id."""

    kind: str
    id: str | None
    title: str
    why: str


@dataclass(frozen=True)
class Suggested:
    person_id: str
    name: str
    why: str


@dataclass(frozen=True)
class Beginning:
    """What a newcomer sees: how they were met, what to begin with, and who might accompany them, in the order of
    names."""

    welcome: Welcome
    steps: tuple[FirstStep, ...]
    buddies: tuple[Suggested, ...]


def of_community(community_id: str, today: str, days: int = NEW_DAYS) -> Steps[Welcomes]:
    since = (date.fromisoformat(today) - timedelta(days=days)).isoformat()
    found = tuple(welcome(one) for one in (yield from ask(reads.newcomers(community_id, since))))
    contacts = [one.first_contact for one in found if one.first_contact is not None]
    known = [contact.days for contact in contacts if contact.days is not None]
    return Welcomes(since, found, len(found) - len(contacts), median(known) if known else None)


def beginning(community_id: str, person_id: str, today: str) -> Steps[Beginning]:
    """Raises NotFound for somebody who is no member."""
    newcomer = yield from ask(reads.member(community_id, person_id))
    person = yield from ask(people.person(person_id, None, LOCAL_ADMIN))
    if newcomer is None or person is None:
        raise NotFound(
            tell("%(person_id)r is no member of %(community_id)r.", person_id=person_id, community_id=community_id)
        )
    offers = yield from ask(reads.offers(community_id))
    candidates = yield from ask(reads.candidates(community_id, person_id, newcomer.spell))
    skills = [skill.name for skill in person.skills]
    suggested = buddies(newcomer, person.timezone, person.languages, candidates, today)
    return Beginning(welcome(newcomer), tuple(first_steps(newcomer, skills, offers)), tuple(suggested))


def welcome(newcomer: Newcomer) -> Welcome:
    return Welcome(
        newcomer.person_id, newcomer.name, newcomer.engagement, newcomer.joined_on, first_contact(newcomer),
        newcomer.greetings, next((one for one in newcomer.buddies if one.state == "agreed"), None),
        tuple(one for one in newcomer.buddies if one.state == "proposed"),
    )  # fmt: skip


def first_contact(newcomer: Newcomer) -> Contact | None:
    came = [
        *(("greeting", one.on) for one in newcomer.greetings[:1]),
        *([("meeting", newcomer.met_on)] if newcomer.met_on else []),
        *([("answer", newcomer.answered_on)] if newcomer.answered_on else []),
    ]
    if not came:
        return None
    kind, on = min(came, key=lambda one: one[1])
    joined = newcomer.joined_on
    exact = joined is not None and len(joined) == len(on) == len("2026-01-01")
    return Contact(kind, on, ordinal(on) - ordinal(joined) if joined is not None and exact else None)


def first_steps(newcomer: Newcomer, skills: Sequence[str], offers: Offers) -> Iterator[FirstStep]:
    """What fits the level that the newcomer declared, of what the community has."""
    found = {
        "meeting": list(_meetings(offers)),
        "question": list(_questions(skills, offers.questions)),
        "artefact": [FirstStep("artefact", key, title, tell("made here together")) for key, title in offers.artefacts],
        "person": list(_people(newcomer, offers)),
    }
    for kind, most in FITTING.get(newcomer.engagement, FITTING[UNDECLARED]):
        yield from found[kind][:most]


def _meetings(offers: Offers) -> Iterator[FirstStep]:
    for key, title, starts_at in offers.meetings:
        yield FirstStep("meeting", key, title or tell("Meeting"), tell("the next, on %(day)s", day=starts_at[:10]))
    if not offers.meetings:
        for line in offers.regular:
            yield FirstStep("meeting", None, line, tell("held regularly"))


def _questions(skills: Sequence[str], questions: Sequence[WaitingQuestion]) -> Iterator[FirstStep]:
    """Questions that nobody has answered and that name a skill of the newcomer."""
    known = [(name, set(tokens(name))) for name in skills]
    for one in questions:
        said = set(tokens(f"{one.title} {one.text}"))
        named = [name for name, words in known if words and words <= said]
        if named:
            yield FirstStep(
                "question",
                one.id,
                one.title or one.text,
                tell("nobody has answered; you know %(skill)s", skill=named[0]),
            )


def _people(newcomer: Newcomer, offers: Offers) -> Iterator[FirstStep]:
    """Leads first, as they can tell most; who has greeted is met already."""
    met = {newcomer.person_id, *(one.person_id for one in newcomer.greetings)}
    hosts = [host for host in offers.people if host.person_id not in met]
    for host in sorted(hosts, key=lambda host: not _leads(host.role)):
        what = host.role if holds(host.role) and host.role else tell("a core member")
        yield FirstStep("person", host.person_id, host.name, what)


def _leads(role: str | None) -> bool:
    return role is not None and holds(role) and LEADS.search(role.lower()) is not None


def buddies(
    newcomer: Newcomer,
    timezone: str | None,
    languages: Sequence[str],
    candidates: Sequence[Candidate],
    today: str,
) -> Iterator[Suggested]:
    """Up to BUDDIES members who are outside the reporting line of the newcomer, have been there for a while, and have
    room for somebody: those who speak a language with the newcomer and live by the same clock, before others. Whom of
    equals is drawn by lot, the same each time, so that the work is spread."""
    if any(one.state in ("proposed", "agreed") for one in newcomer.buddies):
        return
    settled = (date.fromisoformat(today) - timedelta(days=LEAST_DAYS_THERE)).isoformat()

    def near(one: Candidate) -> tuple[bool, bool, bool, bytes]:
        lot = hashlib.blake2b(f"{newcomer.spell}\n{one.person_id}".encode(), digest_size=8).digest()
        apart = bool(one.languages and languages) and not set(one.languages) & set(languages)
        elsewhere = bool(one.timezone and timezone) and one.timezone != timezone
        return apart, elsewhere, one.engagement not in ("core", "active"), lot

    fitting = [
        one for one in candidates
        if not one.in_line and not one.named_already and one.newcomers < MOST_NEWCOMERS
        and (one.joined_on or "") <= settled and one.engagement != "peripheral"
    ]  # fmt: skip
    for one in sorted(sorted(fitting, key=near)[:BUDDIES], key=lambda one: (one.name, one.person_id)):
        apart, elsewhere, outer, _ = near(one)
        reasons = [
            tell("outside your reporting line"),
            *([tell("speaks a language that you speak")] if not apart and languages and one.languages else []),
            *([tell("lives by your clock")] if not elsewhere and timezone and one.timezone else []),
            *([] if outer else [tell("core here") if one.engagement == "core" else tell("active here")]),
        ]
        yield Suggested(one.person_id, one.name, joined(", ", reasons))
