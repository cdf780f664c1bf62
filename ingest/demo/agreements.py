"""What people of the demo organisation did about charters: no source tells of it, so it is done as they would do it."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.charters import NOTHING, Charter
from graph.database import Database, Transaction
from graph.models import Part, Principal, Role
from graph.reads import charters as reads
from graph.reads import sponsors as sponsor_reads
from graph.writes import charters, sponsors
from graph.writes.events import take_turn
from ingest.demo.layout import read

ACTOR = "demo"


def agree(database: Database, order: Sequence[str] = ()) -> int:
    """Does what agreements.yaml tells, once: a community where any of it was done is left as it is. How many acts."""
    return database.write(lambda transaction: _all(transaction, order))


def _all(transaction: Transaction, order: Sequence[str]) -> int:
    take_turn(transaction, ACTOR)
    done = 0
    for story in read("agreements"):
        community_id: str = story["community"]
        history = transaction.read(reads.history(community_id))
        asked = transaction.read(sponsor_reads.sponsorship(community_id))
        if all(one.source for one in history.versions) and not any(one.since for one in asked.people):
            parts = transaction.read(reads.parts(community_id))
            for act in story["acts"]:
                _act(transaction, community_id, act, parts, order)
                done += 1
    return done


def _act(
    transaction: Transaction,
    community_id: str,
    act: Mapping[str, Any],
    parts: Mapping[str, tuple[str, frozenset[Part]]],
    order: Sequence[str],
) -> None:
    who = first(parts, act["by"])
    person = Principal(who, Role.MEMBER, ACTOR)
    if "ask_to_sponsor" in act:
        sponsors.ask(transaction, person, community_id, act["ask_to_sponsor"])
        return
    history = transaction.read(reads.history(community_id))
    newest = history.newest
    if "draft" in act:
        said = {name: value for name, value in act["draft"].items() if name != "took_part"}
        people = tuple(first(parts, part) for part in act["draft"].get("took_part", ()))
        before = newest.charter if newest else NOTHING
        charter = Charter.model_validate({**before.model_dump(), **said, "took_part_ids": people})
        charters.draft(transaction, person, community_id, None, charter, act["comment"])
        return
    assert newest is not None
    about = (transaction, person, community_id, None)
    if "object" in act:
        charters.object_to(*about, newest.number, act["object"])
    elif "settle" in act:
        charters.settle(*about, newest.open[-1].id, act["settle"])
    elif "stand_behind" in act:
        charters.stand_behind(*about, newest.number)
    elif "adopt" in act:
        charters.adopt(*about, newest.number, order=order)
    else:
        charters.comment(*about, newest.number, act["comment"])


def first(parts: Mapping[str, tuple[str, frozenset[Part]]], part: str) -> str:
    """The first by id who is that; a member who is nothing more."""
    wanted = Part(part)
    return next(
        key
        for key, (_, held) in sorted(parts.items())
        if wanted in held and (wanted is not Part.MEMBER or held == {Part.MEMBER})
    )
