"""The commands as a person types them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import main
from graph.database import Database
from graph.errors import Conflict
from tests.conftest import emptied
from tests.ingest.test_jobs import SMALL, write


@pytest.fixture
def loaded(cli, tmp_path: Path):
    result = cli("ingest", str(write(tmp_path / "small", SMALL)))
    assert result.exit_code == 0, result.output
    return cli


def test_ingest_tells_what_it_did_and_that_a_second_run_changed_nothing(loaded, tmp_path: Path) -> None:
    result = loaded("ingest", str(tmp_path / "small"))
    assert "nothing changed" in result.output
    body = json.loads(loaded("ingest", str(tmp_path / "small"), "--json").stdout)
    assert body["results"]["counts"]["person"]["unchanged"] == 2
    assert {"version", "revision", "timings"} <= set(body["meta"])


def test_search_finds_and_says_why(loaded) -> None:
    body = json.loads(loaded("search", "compilers", "--words-only", "--json").stdout)
    assert body["results"][0]["name"] == "Compilers"
    assert body["results"][0]["reasons"]
    assert "Compilers" in loaded("search", "compilers", "--words-only").output
    assert "Nothing found" in loaded("search", "zzzz", "--words-only").output


def test_a_backtest_prints_ours_beside_peers_and_writes_every_case(cli, tmp_path: Path) -> None:
    people = [f"p{number:02}" for number in range(12)]
    spells = [
        {
            "person_id": person,
            "community_id": f"c{(number * number + step) % 7}",
            "joined_on": f"20{18 + 2 * step}-03-01",
        }
        for number, person in enumerate(people)
        for step in range(3)
    ]
    questions = [
        {"id": f"q{year}", "text": "What is SSA?", "community_id": "c1", "asker_id": "p00", "asked_at": f"{year}-02-01"}
        for year in range(2018, 2024)
    ]
    write(
        tmp_path / "small",
        {
            "people": [{"id": person, "name": person} for person in people],
            "communities": [
                {"id": f"c{n}", "name": f"C{n}", "domain": f"work with {('glass', 'steel', 'glass fibre')[n % 3]}"}
                for n in range(7)
            ],
            "memberships": spells,
            "questions": questions,
            "advice": [
                {"question_id": q["id"], "helper_id": people[1 + at % 2], "advised_at": q["asked_at"]}
                for at, q in enumerate(questions)
            ],
        },
    )
    assert cli("ingest", str(tmp_path / "small")).exit_code == 0
    output = tmp_path / "cases.jsonl"
    result = cli("backtest", "joins", "--since", "2021-01-01", "--output", str(output))
    assert result.exit_code == 0, result.output
    assert {n for n in ("guildmap", "popularity", "EASE", "TF-IDF", "12 people") if n not in result.output} == set(), (
        result.output
    )
    cases = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(cases) == 12
    assert {"person_id", "ranked", "scores", "relevant", "segment"} == set(cases[0])
    assert cases[0]["scores"] == sorted(cases[0]["scores"], reverse=True)
    sampled = cli("backtest", "joins", "--since", "2021-01-01", "--sample", "5", "--no-peers", "--json")
    body = json.loads(sampled.stdout)
    assert body["meta"]["people"] == 5
    apart = [body["results"][segment] for segment in ("existing", "new")]
    assert sum(table["guildmap"]["cases"] for table in apart if table) == 5
    assert body["results"]["joint"]["guildmap"]["cases"] == 5
    newcomers = cli("backtest", "joins", "--since", "2018-02-01", "--cold", "--no-peers")
    assert "12 people" in newcomers.output
    hidden = cli("backtest", "joins", "--leave-one-out", "--seed", "3", "--no-peers")
    assert "12 people" in hidden.output
    result = cli("backtest", "helpers", "--since", "2020-01-01", "--output", str(output))
    assert result.exit_code == 0, result.output
    assert "the same, halved every year" in result.output
    assert "guildmap less " in result.output
    assert json.loads(output.read_text().splitlines()[0])["question_id"] == "q2020"
    body = json.loads(cli("backtest", "helpers", "--since", "2019-01-01", "--json").stdout)
    assert body["meta"]["skipped"] == {"undated": 0, "nobody_left": 1}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["joins"], "Give --since DAY (with --cold: newcomers), or --leave-one-out"),
        (["joins", "--since", "2021"], "--since: '2021' is not a day"),
        (["joins", "--since", "2100-01-01"], "choose an earlier day"),
        (["joins", "--leave-one-out"], "three communities or more"),
        (["helpers"], "--since DAY"),
        (["helpers", "--since", "2100-01-01"], "No question from 2100-01-01 on"),
    ],
)
def test_a_backtest_without_a_case_says_why(loaded, arguments: list[str], told: str) -> None:
    result = loaded("backtest", *arguments)
    assert result.exit_code == 1
    assert told in str(result.exception)


def test_recommend_for_a_described_newcomer(loaded) -> None:
    body = json.loads(loaded("recommend", "--text", "I write compilers", "--words-only", "--json").stdout)
    (first,) = body["results"]
    assert first["community_id"] == "c1"
    assert first["score"] == pytest.approx(sum(part["points"] for part in first["contributions"]), abs=1e-5)


def test_recommend_never_names_what_the_person_belongs_to(loaded) -> None:
    body = json.loads(loaded("recommend", "p1", "--words-only", "--json").stdout)
    assert body["results"] == []
    assert body["meta"]["set_aside"] == {"already_member": 1}


def test_a_dismissed_community_is_not_recommended(loaded) -> None:
    assert loaded("dismiss", "p2", "c1", "--reason", "no time").exit_code == 0
    body = json.loads(loaded("recommend", "p2", "--words-only", "--json").stdout)
    assert body["results"] == []
    assert body["meta"]["set_aside"] == {"dismissed": 1}


def test_help_for_names_who_advised_but_never_the_asker(loaded) -> None:
    body = json.loads(loaded("help-for", "What is SSA in compilers?", "--words-only", "--json").stdout)
    assert [one["person_id"] for one in body["results"]] == ["p1"]
    body = json.loads(loaded("help-for", "What is SSA?", "--person", "p1", "--words-only", "--json").stdout)
    assert body["results"] == []
    body = json.loads(loaded("help-for", "What is SSA?", "--person", "p2", "--words-only", "--json").stdout)
    assert body["results"] == [], "p2 manages p1: neither may be sent to the other"


def test_experts_from_outside_come_with_who_knows_them(loaded, database: Database) -> None:
    asked = ("help-for", "What is SSA in compilers?", "--words-only")
    assert "Nobody from outside" in loaded(*asked, "--outside").output
    database.run_alone("MATCH (p:Person {id: 'p1'}) SET p.external = true")
    assert json.loads(loaded(*asked, "--json").stdout)["results"] == []
    assert "--outside" in loaded(*asked).output
    body = json.loads(loaded(*asked, "--outside", "--json").stdout)
    (expert,) = body["results"]
    assert (expert["person_id"], [one["person_id"] for one in expert["known_by"]]) == ("p1", ["p2"])
    assert body["meta"]["inside"] == 0
    told = loaded(*asked, "--outside").output
    assert f"(p2): {expert['known_by'][0]['reasons'][0]}" in " ".join(told.split())
    assert "--as-of" in str(loaded(*asked, "--outside", "--as-of", "2026-01-01").exception)


def test_edit_wins_over_the_source(loaded, tmp_path: Path, database: Database) -> None:
    assert "changed" in loaded("edit", "person", "p1", "title=Wizard", "languages=en;de").output
    loaded("ingest", str(tmp_path / "small"))
    (row,) = database.run_alone("MATCH (p:Person {id: 'p1'}) RETURN p.title AS t, p.languages AS l")
    assert row == {"t": "Wizard", "l": ["en", "de"]}
    assert "nothing changed" in loaded("edit", "person", "p1", "title=Wizard").output


def test_config_shows_where_a_setting_comes_from_and_no_secret(cli) -> None:
    body = json.loads(cli("config", "--json").stdout)
    shown = {one["name"]: one for one in body["results"]}
    assert shown["GUILDMAP_NEO4J_URI"]["origin"] == "environment"
    assert shown["GUILDMAP_NEO4J_PASSWORD"]["value"] == "(set)"
    assert shown["GUILDMAP_DEADLINE"]["origin"] == "default"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["recommend", "nobody"], "no person with the id"),
        (["recommend"], "Give a person's id"),
        (["recommend", "p1", "--as-of", "soon"], "--as-of"),
        (["help-for", " "], "empty"),
        (["help-for", "x", "--community", "c9"], "no community"),
        (["search", "x", "--kind", "shoe"], "no kind"),
        (["search", "x", "--cursor", "garbage", "--words-only"], "cursor"),
        (["ingest", "/nowhere/at/all"], "not a folder"),
        (["ingest", ".", "--source", "fax"], "no source"),
        (["edit", "person", "p1", "joined_on=soon"], "joined_on"),
        (["edit", "person", "p9", "title=x"], "no person"),
        (["edit", "shoe", "p1", "title=x"], "no kind"),
        (["edit", "person", "p1", "title"], "FIELD=VALUE"),
        (["dismiss", "p1", "c9"], "no community"),
        (["dismiss", "p1", "c1", "--until", "soon"], "until"),
        (["db", "status"], "GUILDMAP_NEO4J_URI"),
        (["charter", "edit", "c1", "[bold]a.md", "--person", "p1"], "[bold]a.md cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    loaded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["guildmap", *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    assert told in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_is_named(cli, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("GUILDMAP_DEADLINE", "-3")
    monkeypatch.setattr(sys, "argv", ["guildmap", "config"])
    with pytest.raises(SystemExit):
        main()
    assert "GUILDMAP_DEADLINE" in capsys.readouterr().err


def test_commands_that_need_no_model_do_not_import_one() -> None:
    code = "import sys, api.cli; print([m for m in ('torch', 'sentence_transformers', 'sklearn') if m in sys.modules])"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output.strip() == "[]"


def test_a_backup_by_command_line_is_checked_and_restored(cli, database: Database, tmp_path: Path) -> None:
    database.run_alone("CREATE (:Skill {id: 'x', name: 'X'})")
    file = tmp_path / "all.jsonl.gz"
    made = json.loads(cli("backup", str(file), "--json").stdout)["results"]
    assert made["nodes"] == 1
    assert "whole: 1 nodes" in cli("restore", str(file), "--check").stdout
    refused = cli("restore", str(file))
    assert isinstance(refused.exception, Conflict)
    emptied(database)  # also of the act that making the backup was
    assert "restored: 1 nodes" in cli("restore", str(file)).stdout
    assert database.run_alone("MATCH (n:Skill) RETURN n.name AS name") == [{"name": "X"}]
