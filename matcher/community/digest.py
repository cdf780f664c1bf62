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
from graph.reads.meetings import Occurrence
from graph.reads.newcomers import Accompanied
from graph.reads.requests import Due

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
    said: str
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
    what = f"“{' '.join((one.title or one.text).split())[:120]}”"
    asker = one.asker.name if one.asker else "Somebody"
    said = {
        "asked": f"{asker} asks you for help: {what}. Say whether you can.",
        "accepted": f"You accepted to help {asker}: {what}. Your advice is awaited.",
        "advised": f"{one.helper.name} advised you on {what}. Try it, and say what came of it.",
        "tried": f"You tried what {one.helper.name} advised on {what}. Say what came of it.",
    }[one.state]
    return Item("requests", one.id, said, one.community_id, due.since[:10])


def _of_meeting(one: Occurrence) -> Item:
    meeting = one.meeting
    title = f": {meeting.title}" if meeting.title else ""
    starts = one.begins.date().isoformat() if one.all_day else one.begins.isoformat(timespec="minutes")
    said = f"{meeting.community} meets{title}."
    return Item("meetings", one.id, said, meeting.community_id, starts_at=starts, minutes=meeting.minutes)


def _of_newcomer(one: NewHere) -> Item:
    said = f"{one.name} is new in {one.community}, and nobody is on record to have greeted them."
    return Item("newcomers", f"{one.community_id}/{one.person_id}", said, one.community_id, one.joined_on)


def _of_buddy(one: Accompanied) -> Item:
    said = f"You are asked to accompany {one.name}, who is new in {one.community}. Say whether you will."
    return Item("newcomers", f"{one.community_id}/{one.person_id}/buddy", said, one.community_id, one.since[:10])


def _of_letting_in(one: LetIn) -> Item:
    said = {
        "asked": f"{one.name} asks to join {one.community}. Let them in, or say why not.",
        "accepted": f"You asked to join {one.community}: you are a member now.",
        "declined": f"You asked to join {one.community}: declined. {one.reason or ''}".rstrip(),
    }[one.state]
    key = f"{one.community_id}/{one.person_id}/{one.what}"
    return Item("newcomers", key, said, one.community_id, one.at[:10])


def _of_charter(one: CharterMatter) -> Item:
    if one.what == "sponsorship":
        said = f"You are asked to sponsor {one.community}. Say whether you will."
    else:
        said = f"{one.number} objection{'s' if one.number > 1 else ''} to the charter of {one.community} "
        said += "wait to be settled." if one.number > 1 else "waits to be settled."
    return Item("charters", f"{one.community_id}/{one.what}", said, one.community_id, one.at[:10])


def _of_finding(one: KeptFinding) -> Item:
    names = " / ".join(about.name for about in one.about)
    return Item("findings", one.id, f"{one.judgement.verdict.replace('_', ' ').capitalize()}: {names}.",
                since=one.found_at[:10])  # fmt: skip
