"""Sources, skills read out of texts, and people who may be one, from the command line."""

import json
from pathlib import Path

from tests.ingest.sources.test_slack_export import export
from tests.ingest.test_jobs import write

PEOPLE = {
    "hr": [{"id": "ada", "name": "Ada Byron", "bio": "Submerged arc welding since 2001."}],
    "wiki": [{"id": "ab", "name": "Ada Byron", "title": "Welder"}],
}


def _loaded(cli, folder: Path) -> None:
    for name, people in PEOPLE.items():
        bundle = write(folder / name, {"people": people, "skills": [{"id": "w", "name": "Submerged arc welding"}]})
        done = cli("ingest", str(bundle), "--name", name)
        assert done.exit_code == 0, done.output


def test_who_may_be_one_is_listed_decided_and_undone(cli, tmp_path: Path) -> None:
    _loaded(cli, tmp_path)
    pairs = json.loads(cli("identities", "list", "--json").stdout)["results"]
    assert [(pair["why"], pair["one"]["id"], pair["other"]["id"]) for pair in pairs] == [("name", "ab", "ada")]
    assert "Ada Byron, Welder, from wiki" in cli("identities", "list").stdout
    assert cli("identities", "different", "ada", "ab").exit_code == 0
    assert "There is nobody" in cli("identities", "list").stdout
    assert "ab is not ada" in cli("identities", "decided").stdout
    assert cli("identities", "undo", "ada", "ab").exit_code == 0
    assert cli("identities", "same", "ada", "ab").exit_code == 0
    (united,) = json.loads(cli("identities", "decided", "--json").stdout)["results"]["same"]
    assert (united["person_id"], united["gone_id"]) == ("ada", "ab")
    assert "ab is a person of their own again" in cli("identities", "undo", united["id"]).stdout
    assert len(json.loads(cli("identities", "list", "--json").stdout)["results"]) == 1


def test_skills_are_read_out_of_texts(cli, tmp_path: Path) -> None:
    _loaded(cli, tmp_path)
    tried = json.loads(cli("skills", "extract", "--dry-run", "--json").stdout)["results"]
    assert (tried["kept"], tried["created"]) == (1, 0)
    done = json.loads(cli("skills", "extract", "--json").stdout)["results"]
    assert (done["people"], done["kept"], done["created"]) == (2, 1, 1)
    assert "0 new" in cli("skills", "extract").stdout


def test_an_export_is_loaded_with_what_is_said_of_it(cli, tmp_path: Path) -> None:
    path = export(tmp_path / "slack.zip")
    (tmp_path / "channels.csv").write_text("channel,community_id\ncompilers,comp\n", encoding="utf-8")
    done = cli("ingest", str(path), "--source", "slack_export", "--channels", str(tmp_path / "channels.csv"), "--json")
    assert json.loads(done.stdout)["results"]["counts"]["community"]["created"] == 1
    refused = cli("ingest", str(tmp_path), "--topics")
    assert (refused.exit_code, "slack_export" in str(refused.exception)) == (1, True)


def test_a_key_for_provisioning_is_made_and_listed(cli) -> None:
    made = cli("keys", "create", "--provisioning", "--note", "directory")
    assert made.stdout.strip().rpartition("\n")[2].startswith("guildmap_")
    assert "provisioning" in cli("keys", "list").stdout
    for wrong in (["--provisioning", "--role", "admin"], []):
        assert cli("keys", "create", *wrong).exit_code == 1
