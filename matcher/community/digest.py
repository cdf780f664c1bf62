"""What is due for one person, in sentences, and when it is to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from graph.database import Steps, ask
from graph.models import RANKS, Principal, Role, lasts
from graph.reads import digest as reads
from graph.reads import findings as finding_reads
from graph.reads import meetings as meeting_reads
from graph.reads import newcomers as newcomer_reads
from graph.reads import requests as request_reads
from graph.reads.digest import PARTS, CharterMatter, LetIn, NewHere, Preferences, Recipient
from graph.reads.findings import KeptFinding
from graph.reads.join_requests import again_on
from graph.reads.meetings import Occurrence
from graph.reads.newcomers import Accompanied
from graph.reads.requests import Due
from graph.sentences import Sentence, joined, tell, tell_n

# More of one kind are for a list of their own.
MOST = 50
# Days ahead of which meetings are told.
AHEAD = 14
# A digest names the surest findings; the audit has them all.
FINDINGS = 5


@dataclass(frozen=True)
class Facts:
    """What a digest is made of."""

    requests: Sequence[Due] = ()
    meetings: Sequence[Occurrence] = ()
    newcomers: Sequence[NewHere] = ()
    accompanied: Sequence[Accompanied] = ()
    letting_in: Sequence[LetIn] = ()
    charters: Sequence[CharterMatter] = ()
    findings: Sequence[KeptFinding] = ()


@dataclass(frozen=True)
class Item:
    """`id` is of the thing that it is about, `since` when it began to wait; `starts_at` and `minutes` (None: nobody
    said how long): of a meeting."""

    part: str
    id: str
    said: Sentence
    community_id: str | None = None
    since: str | None = None
    starts_at: str | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class Digest:
    """Of one person on one day; what waits longest first within each part."""

    person_id: str
    name: str
    day: str
    items: tuple[Item, ...]

    def of(self, part: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.part == part)


def read_facts(who: Recipient, today: str) -> Steps[Facts]:
    """What there is for this person to do, as they may see it."""
    themselves = Principal(who.id, Role.MEMBER)
    wanted = who.preferences.parts
    due = (
        (yield from ask(request_reads.due(themselves, who.id, request_reads.due_limits(), limit=2 * MOST)))
        if "requests" in wanted
        else []
    )
    manages = RANKS.index(who.role) >= RANKS.index(Role.KNOWLEDGE_MANAGER)
    return Facts(
        requests=[one for one in due if one.waits_for is not None and one.waits_for.id == who.id][:MOST],
        meetings=(yield from _meetings_soon(who.id, today))[:MOST] if "meetings" in wanted else (),
        newcomers=(yield from ask(reads.new_here(who.id, today)))[:MOST] if "newcomers" in wanted else (),
        accompanied=(yield from ask(newcomer_reads.accompanied(who.id)))[:MOST] if "newcomers" in wanted else (),
        letting_in=(yield from ask(reads.letting_in(who.id, today, manages=manages)))[:MOST]
        if "newcomers" in wanted
        else (),
        charters=(yield from ask(reads.charter_matters(who.id, today)))[:MOST] if "charters" in wanted else (),
        findings=(
            yield from ask(
                finding_reads.findings(Principal(who.id, who.role), statuses=["open"], limit=FINDINGS)
            )
        )
        if manages and "findings" in wanted
        else (),
    )  # fmt: skip


def _meetings_soon(person_id: str, today: str) -> Steps[list[Occurrence]]:
    """Of the communities that the person is in, on record or as their series has them, the next first."""
    communities = yield from ask(meeting_reads.communities_of(person_id))
    begin = datetime.combine(date.fromisoformat(today), datetime.min.time(), UTC)
    stored = yield from ask(meeting_reads.meetings(communities, begin))
    soon = meeting_reads.rolled_out(stored, begin, begin + timedelta(days=AHEAD + 1))
    return [one for one in soon if not one.cancelled]


def digest(who: Recipient, facts: Facts, today: str) -> Digest:
    items = [
        *map(_of_request, facts.requests),
        *map(_of_meeting, facts.meetings),
        *map(_of_newcomer, facts.newcomers),
        *(_of_buddy(one) for one in facts.accompanied if one.state == "proposed" and not one.buddy_agrees),
        *map(_of_letting_in, facts.letting_in),
        *map(_of_charter, facts.charters),
        *map(_of_finding, facts.findings),
    ]
    wanted = [item for item in items if item.part in who.preferences.parts]
    return Digest(who.id, who.name, today, tuple(sorted(wanted, key=lambda item: PARTS.index(item.part))))


def why_not(preferences: Preferences, sent_on: str | None, today: str) -> str | None:
    """Why no digest is to be sent today; None: it is. A week begins on Monday."""
    if preferences.frequency == "never":
        return "they want none"
    if preferences.paused_until is not None and lasts(preferences.paused_until, today):
        return f"paused until {preferences.paused_until}"
    if sent_on is None:
        return None
    if preferences.frequency == "daily":
        return "sent today already" if sent_on >= today else None
    week = [date.fromisoformat(day).isocalendar()[:2] for day in (sent_on, today)]
    return "sent this week already" if week[0] >= week[1] else None


def _of_request(due: Due) -> Item:
    one = due.request
    what = " ".join((one.title or one.text).split())[:120]
    asker, helper = one.asker.name if one.asker else tell("Somebody"), one.helper.name
    said = {
        "asked": tell("%(name)s asks you for help: “%(what)s”. Say whether you can.", name=asker, what=what),
        "accepted": tell("You accepted to help %(name)s: “%(what)s”. Your advice is awaited.", name=asker, what=what),
        "advised": tell("%(name)s advised you on “%(what)s”. Try it, and say what came of it.", name=helper, what=what),
        "tried": tell("You tried what %(name)s advised on “%(what)s”. Say what came of it.", name=helper, what=what),
    }[one.state]
    return Item("requests", one.id, said, one.community_id, due.since[:10])


def _of_meeting(one: Occurrence) -> Item:
    meeting = one.meeting
    starts = one.begins.date().isoformat() if one.all_day else one.begins.isoformat(timespec="minutes")
    said = (
        tell("%(community)s meets: %(title)s.", community=meeting.community, title=meeting.title)
        if meeting.title
        else tell("%(community)s meets.", community=meeting.community)
    )
    return Item("meetings", one.id, said, meeting.community_id, starts_at=starts, minutes=meeting.minutes)


def _of_newcomer(one: NewHere) -> Item:
    said = tell(
        "%(name)s is new in %(community)s, and nobody is on record to have greeted them.",
        name=one.name, community=one.community,
    )  # fmt: skip
    return Item("newcomers", f"{one.community_id}/{one.person_id}", said, one.community_id, one.joined_on)


def _of_buddy(one: Accompanied) -> Item:
    said = tell(
        "You are asked to accompany %(name)s, who is new in %(community)s. Say whether you will.",
        name=one.name, community=one.community,
    )  # fmt: skip
    return Item("newcomers", f"{one.community_id}/{one.person_id}/buddy", said, one.community_id, one.since[:10])


def _of_letting_in(one: LetIn) -> Item:
    said = {
        "asked": tell("%(name)s asks to join %(community)s. Let them in, or say why not.",
                      name=one.name, community=one.community),
        "accepted": tell("You asked to join %(community)s: you are a member now.", community=one.community),
        "declined": tell("You asked to join %(community)s: declined. You may ask again from %(day)s on. %(reason)s",
                         community=one.community, day=again_on(one.at), reason=one.reason or ""),
    }[one.state]  # fmt: skip
    key = f"{one.community_id}/{one.person_id}/{one.what}"
    return Item("newcomers", key, said, one.community_id, one.at[:10])


def _of_charter(one: CharterMatter) -> Item:
    if one.what == "sponsorship":
        said = tell("You are asked to sponsor %(community)s. Say whether you will.", community=one.community)
    else:
        said = tell_n(
            "%(num)d objection to the charter of %(community)s waits to be settled.",
            "%(num)d objections to the charter of %(community)s wait to be settled.",
            one.number, community=one.community,
        )  # fmt: skip
    return Item("charters", f"{one.community_id}/{one.what}", said, one.community_id, one.at[:10])


# What the audit finds, as a sentence begins.
_VERDICTS = {
    "duplicate": tell("Duplicate"), "contained_in": tell("Contained in"), "overlapping": tell("Overlapping"),
    "complementary": tell("Complementary"), "same_name_only": tell("Same name only"), "too_broad": tell("Too broad"),
    "too_narrow": tell("Too narrow"), "unclear": tell("Unclear"), "not_alive": tell("Not alive"),
}  # fmt: skip


def _of_finding(one: KeptFinding) -> Item:
    names = joined(" / ", (about.name for about in one.about))
    verdict = one.judgement.verdict
    # A verdict of a kind that is new here is told by its own word.
    said = tell("%(verdict)s: %(names)s.", verdict=_VERDICTS.get(verdict, verdict.capitalize()), names=names)
    return Item("findings", one.id, said, since=one.found_at[:10])
