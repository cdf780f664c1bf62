"""Ways through the graph as one picture: what is drawn, where, and what is not."""

import re
from itertools import combinations

from api.pages.html import environment
from api.pages.paths import MOST_BESIDE, NARROW, WIDE, Drawing, Picture, drawing
from matcher.explain import Node, Step

ME, THERE = ("Person", "me"), ("Community", "there")
GUILD, UNIT, PYTHON = ("Community", "guild"), ("OrgUnit", "unit"), ("Skill", "python")
CALLED = {
    ME: "Mia",
    THERE: "Forecasting of what the wind pays",
    GUILD: "Guild & Co",
    UNIT: "The Yard",
    PYTHON: "Python",
}


def step(start: tuple[str, str], relation: str, end: tuple[str, str]) -> Step:
    return Step(Node(*start), relation, Node(*end))


def by(who: str) -> tuple[str, str]:
    return "Person", who


def colleagues(*who: str) -> list[Step]:
    found = [step(ME, "WORKS_IN", UNIT)]
    for one in who:
        found += [step(by(one), "WORKS_IN", UNIT), step(by(one), "MEMBER_OF", THERE)]
    return found


SHARED = [step(ME, "MEMBER_OF", GUILD), step(by("ann"), "MEMBER_OF", GUILD), step(by("ann"), "MEMBER_OF", THERE)]
SKILLED = [step(ME, "HAS_SKILL", PYTHON), step(THERE, "COVERS", PYTHON)]


def drawn(*reasons: list[Step]) -> Drawing:
    found = drawing(reasons, ME, THERE, CALLED)
    assert found is not None
    return found


def names(picture: Picture) -> list[str]:
    return [one.name for one in picture.boxes]


def test_ways_of_several_reasons_meet_in_one_picture() -> None:
    found = drawn(SHARED, SKILLED, colleagues("ann", "bob"))
    for picture in (found.wide, found.tall):
        assert len(picture.boxes) == 7, "each node once"
        assert [one.name for one in picture.boxes if one.begins] == ["Mia"]
        assert [one.name for one in picture.boxes if one.ends] == ["Forecasting of what the wind pays"]
        assert len(picture.arrows) == len(found.told) == 9
    told = {(start.name, *relations, end.name) for start, relations, end in found.told}
    assert ("Forecasting of what the wind pays", "COVERS", "Python") in told, "as the graph has it, not as it is walked"
    assert found.left == 0


def test_nothing_lies_over_anything_and_all_lies_within() -> None:
    found = drawn(SHARED, SKILLED, colleagues("ann", "bob", "cas"))
    for picture, widest in ((found.wide, WIDE), (found.tall, NARROW)):
        assert picture.width <= widest
        for one, other in combinations(picture.boxes, 2):
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)
        for one in picture.boxes:
            assert one.x >= 0
            assert one.y >= 0
            assert one.x + one.width <= picture.width
            assert one.y + one.height <= picture.height
        for arrow in picture.arrows:
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", arrow.curve)]
            corners = list(zip(numbers[::2], numbers[1::2], strict=True))
            for x, y in (corners[0], corners[-1]):
                inside = [b for b in picture.boxes if b.x < x < b.x + b.width and b.y < y < b.y + b.height]
                assert not inside, "an arrow ends where a box begins"


def test_an_arrow_points_as_the_relationship_does() -> None:
    found = drawn(SKILLED)
    by_relation = {one.relations[0]: one for one in found.wide.arrows}
    boxes = {one.name: one for one in found.wide.boxes}
    for relation in ("HAS_SKILL", "COVERS"):
        tip = [float(number) for number in re.findall(r"-?[\d.]+", by_relation[relation].tip)][:2]
        python = boxes["Python"]
        assert tip[0] in (python.x, round(python.x + python.width, 1)), "both lead to the skill"
    assert by_relation["HAS_SKILL"].x < boxes["Python"].x < by_relation["COVERS"].x


def test_what_is_too_much_is_counted_and_not_drawn() -> None:
    found = drawn(colleagues(*(f"c{number}" for number in range(9))), SHARED)
    assert found.left == 10 - MOST_BESIDE
    assert "Guild & Co" in names(found.wide), "the first way of each reason comes before the second of any"


def test_where_no_way_leads_there_is_no_picture() -> None:
    assert drawing([], ME, THERE, CALLED) is None
    assert drawing([[step(ME, "MEMBER_OF", GUILD)], [step(by("ann"), "MEMBER_OF", THERE)]], ME, THERE, CALLED) is None


def test_it_says_in_words_what_it_draws() -> None:
    template = '{% from "parts.html" import drawn_ways with context %}{{ drawn_ways(drawing, "w", "Forecasting") }}'
    for language, told in (("en", "Mia knows Python."), ("de", "Mia kann Python.")):
        text = environment(language).from_string(template).render(drawing=drawn(SKILLED, SHARED))
        assert text.count("<svg") == text.count('role="img"') == 2
        assert len(re.findall(r'id="([^"]+)"', text)) == len(set(re.findall(r'id="([^"]+)"', text)))
        assert told in text
        assert "Guild &amp; Co" in text
        assert "style=" not in text
