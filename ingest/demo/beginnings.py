"""How communities of the demo organisation begin: proposals, who is interested, and the steps that were taken."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.database import Database, Transaction
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import formation as reads
from graph.reads import resources
from graph.writes import by_hand, formation
from graph.writes.events import take_turn
from ingest.demo.layout import dice, read
from ingest.demo.organisation import KNOWLEDGE_MANAGER
from ingest.demo.people import Person, people

ACTOR = "demo"

# What people say to give, in hours a month, by how deep they mean to take part.
HOURS = {"core": (4.0, 6.0, 8.0), "active": (2.0, 3.0, 4.0), "occasional": (1.0, 1.5), "peripheral": (0.5,)}


def begin(database: Database, order: Sequence[str] = ()) -> int:
    """Does what beginnings.yaml tells, once: a community of which any of it was done is left as it is. How many
    communities it was done for."""
    everybody = people()
    return database.write(lambda transaction: _all(transaction, everybody, order))


def _all(transaction: Transaction, everybody: Mapping[str, Person], order: Sequence[str]) -> int:
    take_turn(transaction, ACTOR)
    done = 0
    for story in read("beginnings"):
        community_id: str = story["community"]
        there = transaction.read(resources.community(community_id, LOCAL_ADMIN)) is not None
        begun = transaction.read(reads.steps(community_id)) or transaction.read(reads.interests(community_id))
        if not begun and there != ("new" in story):
            _begin(transaction, community_id, story, everybody, order)
            done += 1
    return done


def _begin(
    transaction: Transaction,
    community_id: str,
    story: Mapping[str, Any],
    everybody: Mapping[str, Person],
    order: Sequence[str],
) -> None:
    proposer = Principal(story["by"], Role.MEMBER, ACTOR)
    manager = Principal(KNOWLEDGE_MANAGER, Role.KNOWLEDGE_MANAGER, ACTOR)
    if "new" in story:
        by_hand.create(transaction, proposer, "community", community_id, {**story["new"], "status": "proposed"}, order)
    for person, said in _interested(community_id, story, everybody):
        formation.set_interest(transaction, Principal(person, Role.MEMBER, ACTOR), person, community_id, said)
    for act in story["acts"]:
        principal = {"proposer": proposer, "manager": manager}[act["as"]]
        _act(transaction, principal, community_id, act, order)


def _act(
    transaction: Transaction, principal: Principal, community_id: str, act: Mapping[str, Any], order: Sequence[str]
) -> None:
    reason = act.get("reason")
    if "join" in act:
        formation.join_agreed(transaction, principal, community_id, order)
    elif "outsiders" in act:
        allowed = {"externals_allowed": act["outsiders"]}
        by_hand.edit(transaction, principal, "community", community_id, allowed, order)
    elif "invite" in act:
        formation.invite(transaction, principal, community_id, act["invite"], reason)
    elif "decide" in act:
        formation.decide_invitation(transaction, principal, community_id, act["decide"], act["accepted"], reason)
    else:
        formation.step(
            transaction, principal, community_id, act["step"], reason=reason, exception=act.get("exception"),
            order=order,
        )  # fmt: skip


def _interested(
    community_id: str, story: Mapping[str, Any], everybody: Mapping[str, Person]
) -> list[tuple[str, dict[str, Any]]]:
    """Who is interested, and what they say; the first drawn mean to be core."""
    rng, asked = dice("interested", community_id), story["interested"]
    managing = {person.manager_id for person in everybody.values()}
    able = [
        key
        for key, person in everybody.items()
        if person.here(0)
        and not person.external
        and not person.newcomer
        and key != KNOWLEDGE_MANAGER
        and ("units" not in asked or person.unit_id in asked["units"])
        and (not asked.get("managers") or key in managing)
    ]
    found: list[tuple[str, dict[str, Any]]] = []
    for at, key in enumerate(rng.sample(able, min(asked["number"], len(able)))):
        level = "core" if at < asked["core"] else rng.choice(("active", "active", "occasional", "peripheral"))
        hours = rng.choice(HOURS[level])
        said = {
            "level": level,
            "hours": hours,
            "would_lead": at < asked["leading"],
            "join_when_active": at < asked["agreed"],
        }
        found.append((key, said))
    return found
