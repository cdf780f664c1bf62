"""An audit after changes takes over what still holds, and finds what one by the same weights finds."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from graph.models import Community
from graph.reads.communities import Asked, Roster, Told
from graph.reads.people import Colleague, Unit
from graph.reads.vectors import KeptVector
from matcher.audit import renewal
from matcher.audit.overlap import Overlaps, overlaps
from matcher.audit.report import Kept
from matcher.audit.subject import AuditFacts, Subject
from matcher.embedding import FloatArray, directions
from matcher.snapshot import Facts, Snapshot, assemble

WORDS = "oak elm ash fir yew bay box fig pear plum rose lime hazel cedar larch alder birch maple willow".split()  # noqa: SIM905
UNITS = (Unit("c001", "Oak and Elm"), Unit("u2", "Roses", "We look after the roses."))


def encode(texts: Sequence[str]) -> FloatArray:
    return directions(np.array([[text.count(one) + 0.1 for one in WORDS[:7]] for text in texts], dtype=np.float32))


class Organisation:
    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.people = {f"p{n:02d}": Colleague(f"p{n:02d}", f"Person {n}") for n in range(40)}
        self.communities: dict[str, Community] = {}
        self.members: dict[str, list[str]] = {}
        self.questions: list[Asked] = []
        self.meetings: list[Told] = []
        for _ in range(40):
            self.add()
        for _ in range(30):
            self.talk()

    def text(self, size: int) -> str:
        new = f" new{self.random.integers(99)}" if self.random.random() < 0.2 else ""
        return " ".join(self.random.choice(WORDS, size)) + new

    def any(self) -> str:
        return str(self.random.choice(sorted(self.communities)))

    def add(self) -> None:
        key = f"c{self.random.integers(1000):03d}"
        self.communities[key] = Community(key, self.text(2).title(), self.text(8) + ".", skill_ids=(), skill_names=())
        self.members[key] = self.random.choice(sorted(self.people), 5, replace=False).tolist()

    def change(self) -> None:
        key = self.any()
        one = self.communities[key]
        match int(self.random.integers(6)):
            case 0:
                self.communities[key] = replace(one, domain=self.text(9) + ".")
            case 1:
                self.communities[key] = replace(one, name=self.text(2).title())
            case 2:
                self.members[key] = sorted({*self.members[key], str(self.random.choice(sorted(self.people)))})
            case 3:
                self.add()
            case 4:
                self.communities[key] = replace(one, status="retired")
            case _:
                self.talk()

    def talk(self) -> None:
        self.questions = [*self.questions, Asked(f"q{len(self.questions)}", "", self.text(5), self.any())]
        item, number = self.text(4), len(self.meetings)
        self.meetings = [*self.meetings, Told(f"m{number}", f"On {self.text(2)}", "", (item,), self.any())]

    def state(self) -> tuple[Snapshot, AuditFacts]:
        vectors = encode([one.domain for one in self.communities.values()])
        rosters = {
            key: Roster(key, some, [""] * len(some), [""] * len(some), [""] * len(some), [""] * len(some))
            for key, some in self.members.items()
        }
        kept = {key: KeptVector("", vector) for key, vector in zip(self.communities, vectors, strict=True)}
        snapshot = assemble(Facts(dict(self.communities), rosters, self.people, vectors=kept), today="2026-11-01")
        return snapshot, AuditFacts(UNITS, self.questions, self.meetings)


def told(found: Overlaps) -> dict[tuple[str, str], tuple[object, ...]]:
    some = [*found.overlaps, *found.unit_clashes]
    said = [(one, one.evidence.text) for one in some]
    return {
        (one.a, one.b): (one.verdict, one.probability, text.short_form, text.terms, text.sentences, one.evidence.talk)
        for one, text in said
        if text is not None
    }


@pytest.mark.parametrize("seed", range(3))
def test_what_is_taken_over_gives_what_all_anew_gives_by_the_same_weights(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "WHOLE", 0)
    monkeypatch.setattr(renewal, "DRIFT", 1.0)
    here, kept = Organisation(seed), Kept()
    snapshot, facts = here.state()
    first = subject = kept.subject(snapshot, facts, encode, False)
    found = overlaps(subject, 0.0, 4)
    weights = subject.texts.weights
    for _ in range(5):
        for _ in range(int(here.random.integers(1, 4))):
            here.change()
        snapshot, facts = here.state()
        subject = kept.subject(snapshot, facts, encode, False)
        assert subject.texts.weights is weights
        found = overlaps(subject, 0.0, 4, before=found.compared)
        # All of this state, by the weights of the first one, and nothing taken over from the states between.
        anew = Subject(snapshot, facts, encode, False, first)
        assert (subject.talk[0].vectors != anew.talk[0].vectors).nnz == 0
        wanted = overlaps(anew, 0.0, 4)
        assert (subject.texts.lexical.vectors != anew.texts.lexical.vectors).nnz == 0
        assert (subject.texts.spellings != anew.texts.spellings).nnz == 0
        ours, theirs = told(found), told(wanted)
        assert ours.keys() == theirs.keys()
        for pair, (verdict, probability, *evidence) in theirs.items():
            assert (ours[pair][0], ours[pair][2:]) == (verdict, tuple(evidence))
            assert ours[pair][1] == pytest.approx(probability, abs=1e-5)


def test_after_many_changes_words_are_weighed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "WHOLE", 0)
    monkeypatch.setattr(renewal, "DRIFT", 0.1)
    here = Organisation(1)
    before = Subject(*here.state(), encode, False)
    key = here.any()
    here.communities[key] = replace(here.communities[key], domain="Something entirely new.")
    one = Subject(*here.state(), encode, False, before)
    assert one.texts.weights is before.texts.weights
    assert "entirely" not in one.texts.lexical.vocabulary
    for key in sorted(here.communities)[:6]:
        here.communities[key] = replace(here.communities[key], domain=f"Something entirely new for {key}.")
    many = Subject(*here.state(), encode, False, one)
    assert many.texts.weights is not before.texts.weights
    assert "entirely" in many.texts.lexical.vocabulary


def test_known_names_are_not_encoded_again() -> None:
    asked: list[str] = []

    def counted(texts: Sequence[str]) -> FloatArray:
        asked.extend(texts)
        return encode(texts)

    here = Organisation(2)
    before = Subject(*here.state(), counted, False)
    asked.clear()
    key = here.any()
    here.communities[key] = replace(here.communities[key], name="Rose and Lime")
    after = Subject(*here.state(), counted, False, before)
    assert asked == ["Rose and Lime"]
    assert after.texts.name_vectors is not None
    assert np.array_equal(after.texts.name_vectors, encode(after.names))
