"""Skills that people's own texts name: which words count, and what is kept of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.database import Database
from graph.models import LOCAL_ADMIN, Principal
from graph.reads.log import revision
from graph.reads.people import person
from graph.writes.by_hand import drop_skill
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from matcher.embedding import FloatArray
from matcher.extracting import extract
from matcher.extraction import Labels, SkillText, confirmed
from tests.ingest.test_jobs import write

SKILLS = [
    SkillText("c", "C"), SkillText("cpp", "C++", ("C plus plus",)), SkillText("r", "R"), SkillText("go", "Go"),
    SkillText("rest", "API design", ("REST",)), SkillText("js", "JavaScript"), SkillText("java", "Java"),
    SkillText("weld", "Welding"), SkillText("sub", "Submerged arc welding"), SkillText("node", "Node.js", ("Node",)),
]  # fmt: skip
LABELS = Labels(SKILLS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I write C++.", {"cpp"}),
        ("I write C and C++.", {"c", "cpp"}),
        ("Vitamin C is good for you.", set()),
        ("Programs in R.", {"r"}),
        ("Plan R it is.", set()),
        ("Go home.", set()),
        ("Services in Go, Java and Node.js.", {"go", "java", "node"}),
        ("JavaScript only.", {"js"}),
        ("A REST interface.", {"rest"}),
        ("The rest of us.", set()),
        ("submerged ARC WELDING all day", {"sub"}),
        ("Welding\nSubmerged arc welding", {"weld", "sub"}),
        ("I want to learn welding.", set()),
        ("No experience in welding. I do Java.", {"java"}),
        ("Prewelding, welding_rods", set()),
        ("Née Wélding ß İ Java", {"java"}),
    ],
)
def test_labels_count_as_words_where_a_skill_would_stand(text: str, found: set[str]) -> None:
    assert {one.skill_id for one in LABELS.mentions(text)} == found


def test_a_mention_has_its_sentence_and_what_is_around_it() -> None:
    (one,) = LABELS.mentions("First this. I do welding at sea! Then that.")
    assert (one.label, one.sentence, one.around) == ("welding", "I do welding at sea!", "I do   at sea!")


@given(st.text(max_size=200))
def test_every_text_can_be_read(text: str) -> None:
    for one in LABELS.mentions(text):
        assert one.label in one.sentence


def test_a_word_counts_only_in_a_sentence_about_it() -> None:
    one, other = LABELS.mentions("Welding. Submerged arc welding.")
    near, far = np.array([[1, 0], [0, 1]], np.float32), np.array([[0, 1], [1, 0]], np.float32)
    assert confirmed([one, other], near, near) == [True, True]
    assert confirmed([one, other], near, far) == [False, True]  # several words say enough by themselves
    assert confirmed([], near[:0], near[:0]) == []


class Twofold:
    """Two directions: what is about steel, and all else."""

    name, dimension = "twofold", 2

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return np.array([[1, 0] if "steel" in text.lower() else [0, 1] for text in texts], np.float32).reshape(-1, 2)


PEOPLE = [
    {"id": "ada", "name": "Ada", "bio": "Welding of thick steel. Welding friendships."},
    {"id": "bob", "name": "Bob", "bio": "Welding friendships."},
    {"id": "eve", "name": "Eve", "bio": "I join steel by welding.", "left_on": "2020-01-01"},
    {"id": "tom", "name": "Tom", "bio": "Steel and welding."},
    {"id": "zoe", "name": "Zoe", "bio": "Steel, welding, all that."},
]


def _graph(database: Database, folder: Path, people: list[dict]) -> None:
    tables = {
        "skills": [{"id": "w", "name": "Welding", "description": "Joining steel."}],
        "people": people,
        "person_skills": [
            {"person_id": "tom", "skill_id": "w", "level": 5},
            {"person_id": "zoe", "skill_id": "w", "wants_to_learn": True},
        ],
    }
    ingest(database, BundleSource(write(folder / "hr", tables), "hr"), rejects_folder=folder / "rejects")


def test_what_a_text_names_is_kept_with_its_sentence_until_it_is_dropped(database: Database, tmp_path: Path) -> None:
    _graph(database, tmp_path, PEOPLE)
    assert extract(database, Twofold(), dry_run=True).kept == 1
    report = extract(database, Twofold())
    assert (report.found, report.kept, report.created) == (2, 1, 1)

    def held(key: str):
        return database.read(person(key, None, Principal(key))).skills

    assert [(one.skill_id, one.evidence) for one in held("ada")] == [("w", "Welding of thick steel.")]
    assert [(one.level, one.evidence) for one in held("tom")] == [(5, None)]
    assert held("bob") == held("eve") == held("zoe") == ()
    before = database.read(revision())
    assert extract(database, Twofold()).updated == 0
    assert database.read(revision()) == before
    database.write(lambda tx: drop_skill(tx, LOCAL_ADMIN, "ada", "w", "held_skill"))
    extract(database, Twofold())
    extract(database, Twofold())
    assert held("ada") == ()


def test_what_a_text_says_no_more_is_withdrawn(database: Database, tmp_path: Path) -> None:
    _graph(database, tmp_path, PEOPLE)
    extract(database, Twofold())
    _graph(database, tmp_path, [{**PEOPLE[0], "bio": "I paint."}, *PEOPLE[1:]])
    assert extract(database, Twofold()).removed == 1
    assert database.run_alone("MATCH (:Person {id: 'ada'})-[h:HAS_SKILL]->() RETURN h") == []
