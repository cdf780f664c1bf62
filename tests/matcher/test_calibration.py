"""Weights are learned from what people did, where that tells more than chance."""

from dataclasses import asdict, replace

import numpy as np

from graph.database import Database
from graph.models import LOCAL_ADMIN, Community
from graph.reads.communities import Roster
from graph.reads.weights import weights
from graph.writes.weights import forget_weights, keep_weights
from matcher import live
from matcher.calibration import Learned, learn, weights_of
from matcher.joins import SHIPPED
from matcher.snapshot import Facts


def facts(people: int = 400, seed: int = 1) -> Facts:
    """People join communities of their own circle of twenty, one after the other; and each has one that reads the same
    in the other circle."""
    random = np.random.default_rng(seed)
    ids = [f"c{number:02}" for number in range(40)]
    spells: dict[str, list[tuple[str, str]]] = {key: [] for key in ids}
    for person in range(people):
        own = 20 * (person % 2) + random.permutation(20)
        month = int(random.integers(0, 90))
        for number in own[:4].tolist():
            day = f"{2014 + month // 12}-{month % 12 + 1:02}-{int(random.integers(1, 29)):02}"
            spells[ids[number]].append((f"p{person:03}", day))
            month = min(month + int(random.integers(2, 14)), 119)
    rosters = {}
    for key, found in spells.items():
        nothing = [""] * len(found)
        rosters[key] = Roster(key, [who for who, _ in found], [on for _, on in found], nothing, nothing, nothing)
    return Facts(
        {key: Community(key, f"team {at % 20:02}", f"matter{at % 20:02}") for at, key in enumerate(ids)}, rosters
    )


def test_where_texts_mislead_others_weigh_more_than_shipped() -> None:
    found = learn(facts(), "2024-01-01")
    assert found
    assert found.better
    assert found.weights.co_membership > SHIPPED.co_membership
    assert found.quality > found.shipped_quality + found.error
    assert found.since < found.validated_since < found.until == "2024-01-01"
    assert (found.weights.skills, found.weights.colleagues) == (SHIPPED.skills, SHIPPED.colleagues)


def test_what_is_no_better_than_chance_is_refused_and_too_little_teaches_nothing() -> None:
    assert not Learned(SHIPPED, "2020-01-01", "2021-01-01", "2022-01-01", 500, 0.41, 0.40, 0.02).better
    assert learn(facts(people=40), "2024-01-01") is None
    undated = facts()
    undated = replace(
        undated,
        rosters={
            key: replace(roster, joined_on=[""] * len(roster.joined_on)) for key, roster in undated.rosters.items()
        },
    )
    assert learn(undated, "2024-01-01") is None


def test_nothing_from_the_day_on_is_looked_at() -> None:
    held = facts()
    cut = {
        key: roster.only([at for at, on in enumerate(roster.joined_on) if on < "2021-06-01"])
        for key, roster in held.rosters.items()
    }
    assert learn(held, "2021-06-01") == learn(replace(held, rosters=cut), "2021-06-01") is not None


def test_kept_weights_are_in_force_in_a_running_service_until_they_are_forgotten(database: Database) -> None:
    database.run_alone("CREATE (:Community {id: 'c', name: 'C', domain: 'd'})")
    state = database.follow(live.open_state())
    assert state.weights == SHIPPED
    mine = replace(SHIPPED, momentum=0.8)
    learned = Learned(mine, "2018-01-01", "2021-01-01", "2022-01-01", 500, 0.5, 0.4, 0.01)
    database.write(lambda tx: keep_weights(tx, LOCAL_ADMIN, learned.kept("2026-01-01T00:00:00Z")))
    kept = database.read(weights())
    assert kept
    assert (dict(kept.values), kept.quality, kept.joins) == (asdict(mine), 0.5, 500)
    state = database.follow(live.advance(state))
    assert state.weights == mine == weights_of(kept, "2022-01-01")
    assert weights_of(kept, "2021-12-31") == SHIPPED  # a replay must not know what came later
    assert weights_of(replace(kept, values={"bygone": 1.0})) == SHIPPED
    assert database.write(lambda tx: forget_weights(tx, LOCAL_ADMIN))
    assert not database.write(lambda tx: forget_weights(tx, LOCAL_ADMIN))
    assert database.follow(live.advance(state)).weights == SHIPPED
