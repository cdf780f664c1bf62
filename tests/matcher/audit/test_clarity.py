"""What the audit says of whether people can tell from a text that they belong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from graph.text import tokens
from matcher.audit.clarity import Clarity
from matcher.audit.measured import Measured
from matcher.audit.readability import is_english, process_share, reading_ease
from matcher.audit.report import audit
from matcher.audit.subject import AuditFacts
from matcher.snapshot import assemble
from tests.matcher.audit.test_report import BLADES, CRANES, LAW, OTHERS, people, snapshot_of

CIRCLE = "We gather in a circle, listen and share our stories. Questions open a space for learning and growth together."
GERMAN = (
    "Wir klären Fragen zum Arbeitsrecht, zur Mitbestimmung und zur Einstellung, die im Alltag der Führung auftreten."
)
TEXTS = {
    "blades": ("Blade Care", BLADES),
    "cranes": ("Lifting", CRANES),
    "law": ("Clauses", LAW),
    "circle": ("Horizon", CIRCLE),
    "recht": ("Arbeitsrecht", GERMAN),
}
TRADES = [BLADES, CRANES, LAW, *(text for _, text in OTHERS.values())]
PROFILES = {f"p{n}": TRADES[n // 30] for n in range(30 * len(TRADES))}
MEMBERS = {
    "blades": people(0, 20),
    "cranes": people(30, 50),
    "law": people(60, 80),
    "circle": [*people(20, 25), *people(50, 55), *people(80, 85)],
}


def measured(
    texts: Mapping[str, tuple[str, str]] = TEXTS,
    members: Mapping[str, Sequence[str]] | None = None,
    profiles: Mapping[str, str] | None = None,
    audience: Mapping[str, str] | None = None,
    language: Mapping[str, str] | None = None,
) -> dict[str, Measured[Clarity]]:
    facts = snapshot_of(texts, members, people=len(PROFILES)).facts
    communities = {
        key: replace(one, audience=(audience or {}).get(key), language=(language or {}).get(key))
        for key, one in facts.communities.items()
    }
    snapshot = assemble(replace(facts, communities=communities), today="2027-03-17")
    return {one.id: one for one in audit(snapshot, AuditFacts(profiles=profiles or {}), None).clarity}


@pytest.fixture(scope="module")
def found() -> dict[str, Measured[Clarity]]:
    stated = dict.fromkeys([*TEXTS, *OTHERS], "Engineers")
    return measured(TEXTS, MEMBERS, PROFILES, {key: who for key, who in stated.items() if key != "circle"})


def test_a_text_in_which_nobody_finds_themselves_is_least_clear_and_says_why(found) -> None:
    assert next(iter(found)) == "circle"
    assert len(found) == len(TEXTS) + len(OTHERS)
    one = found["circle"]
    assert one.flagged
    said = " ".join(one.reasons)
    assert "say how it sits together and not about what" in said
    assert "It does not say for whom it is; 91% of the communities do." in said
    assert "Even the ten people whom its text fits best" in said
    assert not found["blades"].flagged


def test_a_text_that_tells_members_from_others_speaks_for_it(found) -> None:
    clear, unclear = found["blades"].evidence.recognition, found["circle"].evidence.recognition
    assert clear is not None
    assert unclear is not None
    assert clear.auc > 0.9
    assert unclear.auc == pytest.approx(0.5, abs=0.1)
    assert clear.points < 0 < unclear.points


def test_members_whom_a_neighbours_text_fits_better_are_told_with_the_neighbour() -> None:
    members = {**MEMBERS, "cranes": people(0, 20), "blades": people(60, 75)}
    evidence = measured(TEXTS, members, PROFILES)["cranes"].evidence.ambiguity
    assert evidence is not None
    assert evidence.neighbour == ("blades", "Blade Care")
    assert evidence.share == 1
    both = {**MEMBERS, "cranes": people(0, 20), "blades": people(0, 20)}
    inside = measured(TEXTS, both, PROFILES)["cranes"].evidence.ambiguity
    assert inside is None or inside.neighbour[0] != "blades"


def test_what_is_not_known_is_said_and_adds_nothing() -> None:
    found = measured()
    evidence = found["blades"].evidence
    assert (evidence.pull, evidence.recognition, evidence.ambiguity, evidence.audience) == (None,) * 4
    said = "Not known, and so not counted: whom its text attracts, who would tell that they belong"
    assert found["blades"].reasons[-1].startswith(said)
    assert not found["blades"].flagged


def test_a_text_that_is_hardly_there_is_unclear() -> None:
    texts = {**TEXTS, "empty": ("Lighthouse", ""), "short": ("Beacon", "About our work.")}
    found = measured(texts)
    assert "It has no text that says what it is about." in found["empty"].reasons
    assert "too few to say what it is about" in found["short"].reasons[0]
    assert min(found["empty"].score, found["short"].score) > found["blades"].score


def test_how_a_text_reads_is_not_judged_where_it_is_not_english(found) -> None:
    assert found["recht"].evidence.wording.ease is None
    assert found["recht"].evidence.wording.process is None
    assert "Its text is not taken for English, so how it reads was not judged." in found["recht"].reasons
    assert measured(language={"circle": "de"})["circle"].evidence.wording.process is None


def test_words_that_nobody_else_uses_are_jargon_unless_profiles_use_them() -> None:
    texts = {**TEXTS, "jargon": ("Frobs", "Frobnicating widgetised quuxes, then the bazification of plughs.")}
    rare = measured(texts)["jargon"].evidence.wording
    assert rare.jargon == 1
    assert "bazification" in rare.own
    texts["jargon"] = ("Frobs", f"{texts['jargon'][1]} Quuxes, quuxes!")
    assert measured(texts)["jargon"].evidence.wording.own[0] == "quux"
    used = dict.fromkeys(PROFILES, texts["jargon"][1])
    assert measured(texts, profiles=used)["jargon"].evidence.wording.jargon == 0


def test_reading_ease_is_that_of_the_formula() -> None:
    # 6 words, 1 sentence, 6 syllables.
    assert reading_ease("The cat sat on the mat.") == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    hard = reading_ease("Organisational interdependencies necessitate multidisciplinary collaboration initiatives.")
    assert hard is not None
    assert hard < 0
    assert reading_ease("") is None
    assert reading_ease("one two three " * 30) is None


@pytest.mark.parametrize(
    ("text", "language", "english"),
    [
        (BLADES, None, True),
        (GERMAN, None, False),
        (GERMAN, "en", True),
        (BLADES, "de-AT", False),
        ("Kubernetes", None, False),
    ],
)
def test_what_is_taken_for_english(text: str, language: str | None, english: bool) -> None:
    assert is_english(text, language) is english


def test_words_of_sitting_together() -> None:
    assert process_share(tokens(CIRCLE)) > 0.5
    assert process_share(tokens(BLADES)) == 0
    assert process_share([]) == 0
