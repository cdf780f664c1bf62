"""`guildmap assign`: a file of questions, each given to somebody."""

import json
from inspect import signature
from pathlib import Path

import pytest

from api.cli.assign import UNSERVED
from api.cli.assign import assign as command
from matcher import assign
from tests.ingest.test_jobs import write

# `both` knows of glass and of steel, `glass` of glass alone: whoever gives the first question to the best leaves the
# second to nobody.
ORGANISATION = {
    "people": [
        {"id": "both", "name": "Both", "help_capacity": 1},
        {"id": "glass", "name": "Glass"},
        {"id": "boss", "name": "Boss"},
        {"id": "asker", "name": "Asker", "manager_id": "boss"},
        {"id": "shy", "name": "Shy", "open_to_help": False},
    ],
    "skills": [{"id": "g", "name": "Glass"}, {"id": "s", "name": "Steel"}, {"id": "t", "name": "Timber"}],
    "person_skills": [
        {"person_id": "both", "skill_id": "g", "level": 5},
        {"person_id": "both", "skill_id": "s", "level": 2},
        {"person_id": "glass", "skill_id": "g", "level": 3},
        {"person_id": "boss", "skill_id": "s", "level": 5},
        {"person_id": "shy", "skill_id": "t", "level": 5},
    ],
    "communities": [{"id": "c1", "name": "Gardens", "domain": "flowers"}],
}
QUESTIONS = [
    {"id": "q1", "text": "How does glass break?", "asker_id": "asker", "community_id": "c1"},
    {"id": "q2", "title": "Steel", "text": "Does it rust?", "asker_id": "asker"},
    {"id": "q3", "text": "Who knows glass best?", "conflicts": ["both", "glass"]},
    {"id": "q4", "text": "Which timber floats?"},
]


@pytest.fixture
def organisation(cli, tmp_path: Path):
    result = cli("ingest", str(write(tmp_path / "small", ORGANISATION)))
    assert result.exit_code == 0, result.output
    return cli


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS))
    return path


def test_each_question_goes_to_the_best_for_all_together(organisation, file: Path, tmp_path: Path) -> None:
    output = tmp_path / "given.jsonl"
    arguments = ("assign", "--questions", str(file), "--words-only", "--output", str(output))
    body = json.loads(organisation(*arguments, "--json").stdout)
    given = {one["question_id"]: [helper["person_id"] for helper in one["helpers"]] for one in body["results"]}
    assert given == {"q1": ["glass"], "q2": ["both"], "q3": [], "q4": []}
    assert {one["question_id"]: one["unserved"] for one in body["results"] if one["unserved"]} == {
        "q3": assign.RULED_OUT,
        "q4": assign.NOBODY,  # of those who opted out nothing is told
    }
    first = body["results"][0]["helpers"][0]
    assert first["reasons"] == ["holds the skill Glass at level 3"]
    meta = body["meta"]
    assert (meta["balance"]["served"], meta["greedy"]["served"]) == (2, 1)
    assert meta["balance"]["worst_served"] > meta["greedy"]["worst_served"] == 0
    assert (meta["balance"]["max_load"], meta["balance"]["gini"]) == (1, 0)
    assert [json.loads(line) for line in output.read_text().splitlines()] == body["results"]
    told = organisation(*arguments).output
    for part in ("How does glass break?", "holds the skill Glass", "2 of 4", "greedy", UNSERVED[assign.RULED_OUT]):
        assert part in told


def test_csv_is_read_too_and_a_question_may_want_several(organisation, tmp_path: Path) -> None:
    path = tmp_path / "batch.csv"
    path.write_text("id,text,asker_id,conflicts,helpers\nq1,On glass,asker,,2\nq2,More on glass,,both;shy,\n")
    body = json.loads(organisation("assign", "--questions", str(path), "--words-only", "--json").stdout)
    given = {one["question_id"]: [helper["person_id"] for helper in one["helpers"]] for one in body["results"]}
    assert given == {"q1": ["both", "glass"], "q2": ["glass"]}
    told = organisation("assign", "--questions", str(path), "--words-only", "--max-load", "1", "--json").stdout
    assert sum(len(one["helpers"]) for one in json.loads(told)["results"]) == 2


def test_fit_is_that_of_help_for(organisation, file: Path) -> None:
    body = json.loads(organisation("assign", "--questions", str(file), "--words-only", "--json").stdout)
    single = json.loads(
        organisation(
            "help-for", "How does glass break?", "--person", "asker", "--community", "c1", "--words-only", "--json"
        ).stdout
    )
    (glass,) = [one for one in single["results"] if one["person_id"] == "glass"]
    assert body["results"][0]["helpers"] == [glass]


def test_the_command_says_what_the_solver_means() -> None:
    """It does not import the solver for its help."""
    assert set(UNSERVED) == {assign.NOBODY, assign.RULED_OUT, assign.CAPACITY}
    assert signature(command).parameters["protect"].default == assign.DEFAULT_SHARE


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("q.jsonl", '{"id": "a", "text": "x"}\n{"id": "b"}\n', "q.jsonl, line 2: text is missing"),
        ("q.jsonl", '{"id": "a", "text": "x"}\n\nnonsense\n', "q.jsonl, line 3: is not a JSON object"),
        ("q.jsonl", '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', "line 2: id 'a' is that of line 1 too"),
        ("q.jsonl", '{"id": "a", "text": "x", "helpers": 0}\n', "line 1: helpers: "),
        ("q.jsonl", '{"id": "a", "text": "x", "asker_id": "p9"}\n', "line 1: asker_id: there is no person"),
        ("q.jsonl", '{"id": "a", "text": "x", "conflicts": ["p9"]}\n', "line 1: conflicts: there is no person"),
        ("q.jsonl", '{"id": "a", "text": "x", "community_id": "c9"}\n', "line 1: community_id: there is no community"),
        ("q.jsonl", "", "holds no question"),
        ("q.jsonl", "nonsense\n" * 9, "... and 4 more"),
        ("q.csv", "id,title\na,x\n", "q.csv, line 1: the column text is missing"),
        ("q.csv", "id,text\na,x,y\n", "q.csv, line 2: has 3 cells"),
        ("q.txt", "x", "neither a .csv nor a .jsonl"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(
    organisation, tmp_path: Path, name: str, content: str, told: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    result = organisation("assign", "--questions", str(path), "--words-only")
    assert result.exit_code == 1
    assert told in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--min-load", "4"], "--min-load 4 is more than --max-load 3"),
        (["--min-load", "2"], "minimum load of 2 cannot be met for everybody: too few"),
    ],
)
def test_loads_that_cannot_be_are_told(organisation, file: Path, arguments: list[str], told: str) -> None:
    result = organisation("assign", "--questions", str(file), "--words-only", *arguments)
    assert result.exit_code == 1
    assert told in str(result.exception)


def test_a_file_that_is_not_there_is_told(organisation, tmp_path: Path) -> None:
    result = organisation("assign", "--questions", str(tmp_path / "none.csv"))
    assert "cannot be read" in str(result.exception)
