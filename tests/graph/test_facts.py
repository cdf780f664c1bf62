"""Several sources and a person's hand speak of one thing."""

import json

from graph.facts import BY_HAND, KINDS, content_hash, state, withdraw

PERSON = KINDS["person"]


def told(stored, source, claim, run="r1", order=()):
    """The stored properties after `source` said `claim`."""
    change = state(PERSON, stored, source, claim, run, content_hash(claim), order)
    after = {**(stored or {}), **change.properties}
    return {name: value for name, value in after.items() if value is not None}, change


def test_a_new_thing_holds_what_its_source_says() -> None:
    stored, change = told(None, "hr", {"name": "Ann", "title": "Engineer"})
    assert change.created
    assert stored["name"] == "Ann"
    assert stored["sources"] == ["hr"]
    assert stored["search_name"] == "ann"


def test_the_same_again_changes_nothing() -> None:
    stored, _ = told(None, "hr", {"name": "Ann"})
    _, change = told(stored, "hr", {"name": "Ann"}, run="r2")
    assert not change.content
    assert change.properties == {"seen_in": ["r2"]}


def test_a_field_that_a_source_drops_goes() -> None:
    stored, _ = told(None, "hr", {"name": "Ann", "title": "Engineer"})
    stored, change = told(stored, "hr", {"name": "Ann"})
    assert change.fields == {"title"}
    assert "title" not in stored


def test_the_stronger_source_wins_a_field_and_the_weaker_fills_the_gaps() -> None:
    stored, _ = told(None, "wiki", {"name": "Annie", "bio": "Likes graphs"}, order=["hr", "wiki"])
    stored, _ = told(stored, "hr", {"name": "Ann"}, order=["hr", "wiki"])
    assert (stored["name"], stored["bio"]) == ("Ann", "Likes graphs")


def test_without_an_order_the_first_source_keeps_its_fields() -> None:
    stored, _ = told(None, "zeta", {"name": "Z"})
    stored, _ = told(stored, "alpha", {"name": "A", "bio": "b"})
    assert (stored["name"], stored["bio"]) == ("Z", "b")


def test_the_hand_wins_over_every_source_and_may_empty_a_field() -> None:
    stored, _ = told(None, "hr", {"name": "Ann", "title": "Engineer"})
    stored, _ = told(stored, BY_HAND, {"name": "Anne", "title": None})
    stored, change = told(stored, "hr", {"name": "ANN", "title": "Manager"}, run="r2")
    assert stored["name"] == "Anne"
    assert "title" not in stored
    assert not change.content


def test_withdrawing_one_source_brings_back_what_the_other_says() -> None:
    stored, _ = told(None, "hr", {"name": "Ann", "title": "Engineer"}, order=["hr"])
    stored, _ = told(stored, "wiki", {"name": "Annie", "bio": "b"}, order=["hr"])
    change = withdraw(PERSON, stored, "hr", ["hr"])
    after = {**stored, **change.properties}
    assert not change.gone
    assert (after["name"], after["title"], after["bio"]) == ("Annie", None, "b")
    assert after["sources"] == ["wiki"]
    assert after["claims"] is None


def test_what_only_one_source_said_goes_with_it() -> None:
    stored, _ = told(None, "hr", {"name": "Ann"})
    assert withdraw(PERSON, stored, "hr", ()).gone


def test_a_thing_touched_by_hand_outlives_its_source() -> None:
    stored, _ = told(None, "hr", {"name": "Ann", "title": "Engineer"})
    stored, _ = told(stored, BY_HAND, {"name": "Anne"})
    change = withdraw(PERSON, stored, "hr", ())
    assert not change.gone
    assert json.loads(change.properties["claims"]) == {BY_HAND: {"name": "Anne"}}
