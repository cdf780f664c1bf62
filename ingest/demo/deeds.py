"""What people of the demo organisation did that no source tells of: levels that they changed, what meetings said of an
item, meetings that were called off or moved, what they proposed to communities, whom they asked for help. It is done as
they would do it, and then dated back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from graph.database import Database, Transaction
from graph.models import Principal, Role
from graph.reads import charters, engagement, meetings, resources
from graph.reads import requests as reads
from graph.writes import meetings as meeting_writes
from graph.writes import practice, requests
from graph.writes.events import record_event, take_turn
from graph.writes.facts import set_by_hand
from ingest.demo.agreements import first
from ingest.demo.layout import read

ACTOR = "demo"

# Whoever changed their level had been in for so many days, at the least.
BEFORE = 60

# Days ahead in which a series has the meetings that are called off or moved.
AHEAD = 120


def act(database: Database, today: date, order: Sequence[str] = ()) -> int:
    """Does what deeds.yaml tells, once: a community in which anybody changed their level, proposed anything, noted what
    a meeting said of an item or changed one meeting of a series, and a person who asked for help, are left as they
    are. How many deeds."""
    return database.write(lambda transaction: _all(transaction, today, order))


def _all(transaction: Transaction, today: date, order: Sequence[str]) -> int:
    take_turn(transaction, ACTOR)
    told = read("deeds")
    done = 0
    for community_id, changes in told["levels"].items():
        if not any(spell.history for spell in transaction.read(engagement.levels(community_id))):
            done += _levels(transaction, community_id, changes, today, order)
    for community_id, items in told["notes"].items():
        done += _notes(transaction, community_id, items, order)
    for community_id, changes in told["ahead"].items():
        done += _ahead(transaction, community_id, changes, today, order)
    begun = {key for key in {one["community"] for one in told["initiatives"]}
             if transaction.read(meetings.initiatives(key))}  # fmt: skip
    for story in (one for one in told["initiatives"] if one["community"] not in begun):
        _initiative(transaction, story, today, order)
        done += 1
    for story in told["requests"]:
        done += _request(transaction, story, today, order)
    return done


def _levels(
    transaction: Transaction,
    community_id: str,
    changes: Sequence[Mapping[str, Any]],
    today: date,
    order: Sequence[str],
) -> int:
    done = 0
    spells = transaction.read(engagement.levels(community_id))
    moved: set[str] = set()
    for change in changes:
        day = today - timedelta(days=change["days"])
        early = (day - timedelta(days=BEFORE)).isoformat()
        able = (
            spell
            for spell in spells
            if spell.engagement == change["now"] and spell.left_on is None and spell.person_id not in moved
            and len(spell.joined_on or "") == 10 and (spell.joined_on or "") <= early
        )  # fmt: skip
        spell = next(able, None)
        if spell is None:
            continue
        moved.add(spell.person_id)
        key = transaction.read(resources.spells(spell.person_id, community_id))[0].id
        history = [f"{spell.joined_on} {change['before']}", f"{day.isoformat()} {change['now']}"]
        set_by_hand(transaction, "membership", key, {"history": history}, at=_moment(day), order=order)
        record_event(
            transaction, actor=ACTOR, action="change.membership",
            subjects=[f"membership/{key}", f"person/{spell.person_id}", f"community/{community_id}"],
            details={"fields": ["engagement"]},
        )  # fmt: skip
        done += 1
    return done


def _lead(transaction: Transaction, community_id: str) -> Principal:
    return _as(first(transaction.read(charters.parts(community_id)), "lead"))


def _notes(
    transaction: Transaction, community_id: str, items: Mapping[str, Sequence[str]], order: Sequence[str]
) -> int:
    known = {one.title: one for one in transaction.read(meetings.agenda(community_id))}
    if any(said.note for one in known.values() for said in one.discussions):
        return 0
    lead = _lead(transaction, community_id)
    for title, notes in items.items():
        held = [one for one in known[title].discussions if one.begins and one.begins < datetime.now(UTC)]
        for note, said in zip(notes, held[-len(notes) :], strict=True):
            meeting_writes.discuss(transaction, lead, said.meeting_id, title, text=note, order=order)
    return sum(map(len, items.values()))


def _ahead(
    transaction: Transaction,
    community_id: str,
    changes: Sequence[Mapping[str, Any]],
    today: date,
    order: Sequence[str],
) -> int:
    begin = datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=1)
    stored = transaction.read(meetings.meetings([community_id], begin))
    soon = meetings.rolled_out(stored, begin, begin + timedelta(days=AHEAD))
    if any(one.meeting.series_id for one in soon):
        return 0
    lead = _lead(transaction, community_id)
    for change in changes:
        one = soon[change["place"]]
        if "cancel" in change:
            meeting_writes.cancel(transaction, lead, one.id, change["cancel"], order)
        else:
            later = (one.begins + timedelta(days=change["later"])).replace(tzinfo=None)
            meeting_writes.move(transaction, lead, one.id, later.isoformat(timespec="minutes"), order)
    return len(changes)


def _initiative(transaction: Transaction, story: Mapping[str, Any], today: date, order: Sequence[str]) -> None:
    community_id, proposer = story["community"], _as(story["by"])
    fields = {name: story[name] for name in ("kind", "title", "text", "url") if name in story}
    if "in_days" in story:
        fields["starts_at"] = f"{(today + timedelta(days=story['in_days'])).isoformat()}T13:00"
    made = practice.propose(transaction, proposer, story["by"], community_id, fields)
    then: Mapping[str, Any] = story.get("then", {})
    if "withdraw" in then:
        practice.withdraw(transaction, proposer, made.id)
    elif then:
        decider = _as(first(transaction.read(charters.parts(community_id)), then["by"]))
        if "decline" in then:
            practice.decline(transaction, decider, made.id, then["decline"])
        else:
            practice.take_up(transaction, decider, made.id, order=order)


def _request(transaction: Transaction, story: Mapping[str, Any], today: date, order: Sequence[str]) -> int:
    asker, helper = _as(story["asker"]), _as(story["helper"])
    if transaction.read(reads.requests(asker, story["asker"], role="asker", limit=1)):
        return 0
    question = {"title": story["title"], "text": story["text"], "community_id": story["community"]}
    made = requests.ask(transaction, asker, story["asker"], story["helper"], question=question, order=order).request
    for step in story["steps"]:
        match step:
            case "accept":
                requests.accept(transaction, helper, made.id)
            case "decline":
                requests.decline(transaction, helper, made.id, story["reason"])
            case "advise":
                requests.advise(transaction, helper, made.id, story["advice"], order)
            case "tried":
                requests.tried(transaction, asker, made.id)
            case "outcome":
                requests.outcome(transaction, asker, made.id, story["outcome"], order, story.get("learned"))
            case _:
                requests.withdraw(transaction, asker, made.id)
    _date_back(transaction, made.id, today, story["days"], order)
    return 1


def _date_back(transaction: Transaction, request_id: str, today: date, days: int, order: Sequence[str]) -> None:
    """The last step lies so many days back, each before it two days more."""
    found = requests.seen_request(transaction, Principal(role=Role.ADMIN, actor=ACTOR), request_id).request
    moments = ("requested_at", "decided_at", "advised_at", "tried_at", "ended_at")
    taken = [name for name in moments if getattr(found, name) is not None]
    then = {name: today - timedelta(days=days + 2 * back) for back, name in enumerate(reversed(taken))}
    transaction.run("write/step_request", id=request_id, set={name: _moment(day) for name, day in then.items()})
    asked = then["requested_at"].isoformat()
    set_by_hand(transaction, "question", found.question_id, {"asked_at": asked}, at=_moment(today), order=order)
    if found.advice_id is not None:
        dated = {"advised_at": then["advised_at"].isoformat()}
        if "ended_at" in then:
            dated["followed_up_at"] = then["ended_at"].isoformat()
        set_by_hand(transaction, "advice", found.advice_id, dated, at=_moment(today), order=order)


def _moment(day: date) -> str:
    return (
        datetime(day.year, day.month, day.day, 9, tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _as(person_id: str) -> Principal:
    return Principal(person_id, Role.MEMBER, ACTOR)
