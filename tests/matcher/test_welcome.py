"""How deep to begin is what people like one do."""

from graph.models import Community
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from matcher.features.profile import Profile
from matcher.snapshot import Facts, Snapshot, assemble
from matcher.welcome import Start, greeters, starts


def held(levels: dict[str, str], units: dict[str, str], other: tuple[str, ...] = ()) -> Snapshot:
    """Members of `c` with their levels, some in units, some in `other` too."""
    people = {one: Colleague(one, one, units.get(one, "")) for one in {*levels, *units, *other}}
    nothing = [""] * len(levels)
    rosters = {
        "c": Roster("c", list(levels), nothing, nothing, list(levels.values()), nothing),
        "other": Roster(
            "other", list(other), [""] * len(other), [""] * len(other), [""] * len(other), [""] * len(other)
        ),
    }
    communities = {key: Community(key, key.upper(), "d") for key in ("c", "other")}
    return assemble(Facts(communities, rosters, people, {"u": "Unit"}), today="2026-01-01")


LEVELS = {"a": "core", "b": "core", "c": "core", "d": "occasional", "e": "occasional", "f": "peripheral", "g": ""}


def test_people_like_oneself_tell_more_than_all() -> None:
    snapshot = held(LEVELS, {"d": "u", "e": "u", "f": "u", "me": "u"})
    assert starts(snapshot, Profile(unit_id="u"))(0) == Start(
        "occasional", "of 3 members who share a unit or another community with you, half are occasional or less"
    )
    shared = held(LEVELS, {}, other=("d", "e", "f"))
    assert starts(shared, Profile(communities=("other",)))(0) == starts(snapshot, Profile(unit_id="u"))(0)
    # Being in it oneself tells nothing of who else is alike.
    assert "who say" in str(starts(shared, Profile(communities=("c",)))(0))


def test_nobody_begins_in_the_core_and_where_too_little_is_known_nothing_is_said() -> None:
    snapshot = held(LEVELS, {"a": "u", "b": "u", "c": "u"})
    found = starts(snapshot, Profile(unit_id="u"))(0)
    assert found is not None
    assert found.engagement == "active"
    assert found.why.endswith("half are core or less; nobody begins there")
    assert starts(held({"a": "core", "b": "active", "g": ""}, {}), Profile())(0) is None


def test_who_led_once_is_greeted_only_as_the_core_member_that_they_are() -> None:
    members = ["a", "b", "d", "e"]
    roster = Roster(
        "c", members, [""] * 4, [""] * 4, ["active", "core", "", ""], ["emeritus", "Former chair", "chair", ""]
    )
    people = {one: Colleague(one, one) for one in members}
    snapshot = assemble(Facts({"c": Community("c", "C", "d")}, {"c": roster}, people), today="2026-01-01")
    assert [(one.person_id, one.why) for one in greeters(snapshot, Profile(), 0)] == [
        ("d", "chair"),
        ("b", "core member"),
    ]
