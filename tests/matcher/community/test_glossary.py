"""Which words a community uses and others do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.models import Community
from graph.reads.communities import Asked, Told
from matcher.community.glossary import Language, term_key

BLADES = Community("blades", "Blade Care", "We repair blades. A tap test tells what is hollow.")
DIVERS = Community("divers", "Divers", "We dive and write reports about what we saw under water.")
LAW = Community("law", "Clauses", "We read contracts and write reports about clauses.")
DEALS = Community("deals", "Deals", "The target is Harrow. Harrow has a data room.", visibility="restricted")

QUESTIONS = [
    Asked("q1", "Hollow sound", "A tap test gave a hollow sound. Anna heard it. Do we write reports on it?", "blades"),
    Asked("q2", "Second tap test", "The second tap test was clear, says Will Stone. We will write reports.", "blades"),
    Asked("q3", "", "How deep may one dive? We write reports about each dive.", "divers"),
    *(
        Asked(f"l{n}", "", f"Which clause binds buyer {n} where goods come late, and who bears costs?", "law")
        for n in range(6)
    ),
    Asked("q4", "", "Is Harrow in the data room? The data room of Harrow is empty. Harrow!", "deals"),
]
MEETINGS = [
    Told("m1", "Three pictures", "Tap tests from now on, said Anna.", ("Tap test and ultrasound",), "blades"),
    Told("m2", "Three pictures", "", ("Tap test and ultrasound",), "blades"),
]
NAMES = ("Anna Hollow", "Will Stone")

LANGUAGE = Language((BLADES, DIVERS, LAW, DEALS), QUESTIONS, MEETINGS, NAMES)


def terms_of(language: Language, community: str, *decided: str) -> list[str]:
    return [one.term for one in language.candidates(community, decided).found]


def test_a_phrase_that_only_one_community_uses_comes_first_with_sentences_of_its_own() -> None:
    (first, *others) = LANGUAGE.candidates("blades").found
    assert first.term == "tap test"
    assert (first.here, first.elsewhere) == (6, 0)
    assert first.z > 1.96
    assert [one.kind for one in first.samples] == ["domain", "meeting"]
    assert first.samples[0].text == "A tap test tells what is hollow."
    assert not {"tap", "test", "report", "write reports", "Three pictures"} & {one.term for one in others}


def test_a_word_that_all_use_is_no_candidate_however_often_it_is_said() -> None:
    everywhere = [Asked(f"x{n}", "", f"On reports, case {n}.", who) for n in range(9) for who in ("blades", "law")]
    assert "reports" not in terms_of(Language((BLADES, LAW), everywhere), "blades")


def test_names_of_people_are_left_out_but_for_those_that_are_words() -> None:
    asked = [
        Asked(f"a{n}", "", f"Anna and Stone, case {n}: the stone is loose, says Anna.", "divers") for n in range(5)
    ]
    found = terms_of(Language((BLADES, DIVERS, LAW), [*asked, *QUESTIONS], MEETINGS, NAMES), "divers")
    assert "stone" in found
    assert not any("Anna" in term for term in found)
    samples = [sample.text for one in LANGUAGE.candidates("blades").found for sample in one.samples]
    assert not any("Anna" in text or "Will" in text for text in samples)


def test_what_a_restricted_community_says_shows_in_no_number_of_another() -> None:
    without = Language((BLADES, DIVERS, LAW), QUESTIONS, MEETINGS, NAMES)
    assert LANGUAGE.candidates("divers") == without.candidates("divers")
    assert terms_of(LANGUAGE, "deals")[0] in ("Harrow", "data room")


def test_what_was_decided_is_suggested_no_more() -> None:
    assert "tap test" not in terms_of(LANGUAGE, "blades", "Tap  Tests")


def test_a_community_that_says_nothing_has_no_words() -> None:
    language = Language((Community("empty", "Empty"), BLADES), QUESTIONS)
    found = language.candidates("empty")
    assert (found.found, found.words) == ((), 0)
    assert Language((BLADES,), QUESTIONS).candidates("blades").found == ()


@pytest.mark.parametrize(
    ("term", "key"), [("Root joints", "root joint"), ("C++", "c++"), ("Anna’s", "anna"), ("on-call", "on-call")]
)
def test_spellings_of_a_term_are_one(term: str, key: str) -> None:
    assert term_key(term) == key


@settings(deadline=None, max_examples=25)
@given(st.integers(3, 60), st.integers(0, 60))
def test_z_rises_with_uses_here_and_falls_with_uses_elsewhere(here: int, there: int) -> None:
    def z(mine: int, others: int) -> float:
        filler = "alpha beta gamma delta epsilon " * 20
        # One passage each, or the same words would count once.
        asked = [Asked(f"h{n}", "", f"zeppelin. {n} n{n}.", "blades") for n in range(mine)]
        asked += [Asked(f"t{n}", "", f"zeppelin. {n} m{n}.", "law") for n in range(others)]
        asked += [Asked("f1", "", filler, "blades"), Asked("f2", "", filler, "law")]
        found = Language((BLADES, LAW), asked).candidates("blades", most=200).found
        return next((one.z for one in found if one.term == "zeppelin"), -np.inf)

    assert z(here + 1, there) >= z(here, there)
    assert z(here, there + 1) <= z(here, there)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_counted(domain: str, text: str) -> None:
    language = Language((Community("a", "A", domain), LAW), [Asked("q", text, text, "a")] * 3, (), (text,))
    for one in language.candidates("a").found:
        assert one.here >= 3
        assert one.term.strip()
