"""Sentences are texts in English wherever they go, and can be said in another language where people read them."""

import copy
import json
import pickle

import numpy as np

from graph.sentences import Sentence, joined, listed, recalled, tell, tell_n, template_of, whole

GERMAN = {
    "%(names)s and %(last)s": "%(names)s und %(last)s",
    "it covers %(skills)s, %(share)s%% of all": "sie umfasst %(skills)s, %(share)s%% von allen",
    "a knot": "ein Knoten",
    "%(num)d knots": "%(num)d Knoten",
}


def german(one: str, many: str, number: int) -> str:
    template = many if many and number != 1 else one
    return GERMAN.get(template, template)


def test_it_is_a_text_and_stays_one() -> None:
    said = tell("it covers %(skills)s, %(share)s%% of all", skills=listed(["Ropes", "Knots"]), share=5)
    assert said == "it covers Ropes and Knots, 5% of all"
    assert json.loads(json.dumps({"said": said})) == {"said": str(said)}
    for again in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert (again, again.by(german)) == (said, said.by(german))


def test_what_it_is_made_of_is_translated_too() -> None:
    said = tell("it covers %(skills)s, %(share)s%% of all", skills=listed(["Ropes", "Knots"]), share=5)
    assert said.by(german) == "sie umfasst Ropes und Knots, 5% von allen"
    assert joined("; ", [said, "100% hemp"]).by(german) == "sie umfasst Ropes und Knots, 5% von allen; 100% hemp"


def test_a_number_chooses_the_words() -> None:
    for number, english, translated in ((1, "a knot", "ein Knoten"), (3, "3 knots", "3 Knoten")):
        said = tell_n("a knot", "%(num)d knots", number)
        assert (said, said.by(german)) == (english, translated)


def test_a_part_becomes_a_whole() -> None:
    said = whole(tell_n("a knot", "%(num)d knots", 1))
    assert (said, said.by(german)) == ("A knot.", "Ein Knoten.")
    assert whole(tell("It is one.")) == "It is one."
    assert whole("%s of it.").by(german) == "%s of it."


def test_names_are_listed_up_to_a_number() -> None:
    assert [listed(["A", "B", "C", "D", "E"][:number]) for number in range(6)] == [
        "", "A", "A and B", "A, B and C", "A, B, C and 1 more", "A, B, C and 2 more",
    ]  # fmt: skip
    assert listed([]).by(german) == ""
    assert isinstance(listed(["A"]), Sentence)


def test_what_was_stored_is_a_sentence_again() -> None:
    def again(said: str) -> str:
        return recalled(json.loads(json.dumps(str(said))), json.loads(json.dumps(template_of(said))))

    share = tell("it covers %(skills)s, %(share)s%% of all", skills=listed(["Ropes", "50% hemp"]), share=5)
    counted = whole(joined("; ", [tell_n("a knot", "%(num)d knots", 3), share, joined("", [])]))
    for said in (share, counted, tell("%(fit).2f of %(all)d", fit=np.float32(0.25), all=np.int64(7)), joined("", [])):
        found = again(said)
        assert isinstance(found, Sentence)
        assert (str(found), found.by(german)) == (str(said), said.by(german))
    assert counted.by(german) == "3 Knoten; sie umfasst Ropes und 50% hemp, 5% von allen; ."
    assert template_of("a text") is None


def test_of_what_is_stored_otherwise_the_text_stands() -> None:
    """An earlier release stores texts alone, and may leave beside a new one what belongs to an old one."""
    knot = template_of(tell("a knot"))
    for beside in (None, knot, [], {}, {"template": "%(gone)s"}, {"template": 3}, {"template": "%d"}):
        assert recalled("a rope", beside) == "a rope"
        assert not isinstance(recalled("a rope", beside), Sentence)
    assert isinstance(recalled("a knot", knot), Sentence)
