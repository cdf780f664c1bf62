"""What is concluded of the communities of Kubernetes: of real questions and advice over eight years."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graph.reads.communities import Asked, Practice
from graph.reads.practice import Given, Life, Question
from matcher.audit.proposal import Proposal, Standing
from matcher.audit.subject import AuditFacts, Subject
from matcher.community.formation.check import check
from matcher.community.formation.draft import Draft
from matcher.community.glossary import Language
from matcher.community.practice import Measure, measures
from matcher.community.vitality import Facts, Vitality, vitality
from matcher.snapshot import Snapshot, assemble
from tests.bench.bundles import facts_of, load


@dataclass(frozen=True)
class Kubernetes:
    snapshot: Snapshot
    life: dict[str, Life]
    asked: list[Asked]
    vitality: dict[str, Vitality]


@pytest.fixture(scope="module")
def kubernetes(shared_data: Path) -> Kubernetes:
    bundle = shared_data / "kubernetes" / "bundle"
    given: dict[str, list[Given]] = {}
    for row in load(bundle / "advice.jsonl"):
        piece = Given(row["advised_at"] or "", row["helper_id"], False, row["outcome"], row.get("followed_up_at"))
        given.setdefault(row["question_id"], []).append(piece)
    questions: dict[str, list[Question]] = {}
    asked: list[Asked] = []
    for row in load(bundle / "questions.jsonl"):
        one = Question(row["id"], row["asked_at"] or "", row["asker_id"] or "", tuple(given.get(row["id"], ())))
        questions.setdefault(row["community_id"], []).append(one)
        asked.append(Asked(row["id"], row["title"] or "", row["text"] or "", row["community_id"]))
    latest = max(one.asked_at for some in questions.values() for one in some)
    practice = {
        key: Practice((), [(one.asked_at, one.asker_id) for one in some],
                      [(piece.advised_at, piece.helper_id) for one in some for piece in one.advice])
        for key, some in questions.items()
    }  # fmt: skip
    snapshot = assemble(replace(facts_of(bundle), practice=practice), today=latest)
    life = {key: Life(tuple(some)) for key, some in questions.items()}
    return Kubernetes(snapshot, life, asked, vitality(snapshot, Facts(life, asked)))


def known(kubernetes: Kubernetes, name: str) -> dict[str, Any]:
    found = {
        key: next(one for one in told.measures if one.name == name) for key, told in kubernetes.vitality.items()
    }  # fmt: skip
    return {key: one for key, one in found.items() if one.value is not None}


def test_what_the_data_have_is_told_and_what_they_lack_is_not(kubernetes: Kubernetes) -> None:
    told = {name: len(known(kubernetes, name)) for name in ("answers", "engagement", "novelty")}
    # Most groups had fewer than five questions in the last year.
    assert (told["engagement"] >= 20, told["answers"] >= 3, told["novelty"] >= 1) == (True, True, True), told
    for lacking in ("welcome", "artefacts", "regularity", "dovetailing", "pulse"):
        assert known(kubernetes, lacking) == {}, lacking
    for name in told:
        for key, one in known(kubernetes, name).items():
            assert 0 <= one.value <= 1, key
            assert all(number >= 0 for number in one.numbers.values())


def test_measures_of_practice_agree_with_those_of_vitality(kubernetes: Kubernetes) -> None:
    ends = kubernetes.vitality["sig-node"].until
    begins = date.fromordinal(date.fromisoformat(ends).toordinal() - 364).isoformat()
    for key, life in kubernetes.life.items():
        found: dict[str, Measure] = {
            one.name: one
            for one in measures(
                life.questions, (), (), {}, {}, community_id=key, begins=begins, today=ends,
                now=datetime.fromisoformat(f"{ends}T12:00+00:00"),
            )
        }  # fmt: skip
        vital = {one.name: one for one in kubernetes.vitality[key].measures} if key in kubernetes.vitality else {}
        if vital:
            assert found["followed_up"].numbers == vital["follow_up"].numbers, key
            assert found["followed_up"].value == vital["follow_up"].value, key


def test_a_proposal_is_checked_by_what_the_data_have(kubernetes: Kubernetes) -> None:
    snapshot = kubernetes.snapshot
    standing = Standing(Subject(snapshot, AuditFacts(questions=kubernetes.asked), None, False))
    asked_at = {one.id: one.asked_at for life in kubernetes.life.values() for one in life.questions}
    words = Proposal(
        "Pod Placement",
        "Which node a pod runs on: the scheduler, its plugins and queue, preemption, affinity, taints and topology "
        "spread. Scheduling of batch workloads and the performance of the scheduler.",
    )  # fmt: skip
    everything = np.ones(len(snapshot.communities), dtype=np.bool_)
    found = {one.question: one for one in check(standing, Draft("", words, asked_at=asked_at), everything).answers}
    assert found["duplicates"].state in ("partly", "missing")
    assert "Scheduling" in found["duplicates"].evidence[0]
    assert found["challenges"].state in ("met", "partly"), "questions of scheduling are near to it"
    for lacking in ("identify", "concern", "wanted", "leaders", "disclosure"):
        assert found[lacking].state == "cannot_tell", "nobody says anything of themselves, and it is not stored"
        assert found[lacking].action


def test_each_group_speaks_its_own_language(kubernetes: Kubernetes) -> None:
    language = Language(kubernetes.snapshot.communities, kubernetes.asked, (), ())

    def terms(key: str) -> set[str]:
        return {one.term.lower() for one in language.candidates(key).found}

    assert "kubelet" in terms("sig-node")
    assert {"volume", "csi"} & terms("sig-storage")
    assert "scheduler" in terms("sig-scheduling")
    assert not terms("sig-node") & terms("sig-storage") & terms("sig-scheduling")
