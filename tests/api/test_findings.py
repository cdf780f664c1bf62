"""The audit over HTTP and by command: what is found is kept, decided on, learned from; and proposals are compared."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.reads import log
from graph.reads.findings import Judgement
from graph.writes.findings import FindingRow, decide, store_findings
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.ingest.test_jobs import write

KNOTS = "Ropes and how to splice, whip and knot them so that they hold in wind and salt water for years."
AGAIN = "How to knot, whip and splice ropes so that they hold for years in salt water and wind."
SKILLS = ["Splicing", "Whipping", "Knots"]
SUBJECTS = ("payroll", "gardens", "compilers", "seabirds", "radio", "tunnels", "cheese", "clocks")

TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": f"p{number}", "name": f"P {number}"} for number in range(40)],
    "org_units": [{"id": "yard", "name": "Hull Yard", "description": "Careens hulls."}],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": KNOTS, "skills": SKILLS},
        {"id": "splices", "name": "Splices", "domain": AGAIN, "skills": SKILLS},
        {"id": "secret", "name": "Rope Secrets", "domain": KNOTS, "skills": SKILLS, "visibility": "restricted"},
        *({"id": one, "name": f"Filler {one}", "domain": f"All of {one} and what {one} folk ask."} for one in SUBJECTS),
    ],
    "memberships": [
        *({"person_id": f"p{number}", "community_id": "knots"} for number in range(12)),
        *({"person_id": f"p{number}", "community_id": "splices"} for number in range(6, 18)),
        *({"person_id": f"p{number}", "community_id": "secret"} for number in range(4, 16)),
    ],
}  # fmt: skip


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


class Asking:
    """Those who have to do with findings, each with a key: a member outside, one inside, a manager."""

    def __init__(self, database: Database, client: httpx.Client) -> None:
        self.client = client
        given = {"outside": (Role.MEMBER, "p30"), "inside": (Role.MEMBER, "p5"), "km": (Role.KNOWLEDGE_MANAGER, None)}
        self.keys = {
            name: database.write(lambda tx, role=role, person=person: create_key(tx, LOCAL_ADMIN, role, person, None))
            for name, (role, person) in given.items()
        }

    def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.keys[who]}", **headers}
        return self.client.request(method, f"/v1{path}", json=body, headers=given)

    def listed(self, who: str, query: str = "") -> list[dict[str, Any]]:
        return self(who, "GET", f"/audit/findings{query}").json()["results"]

    def pairs(self, who: str) -> set[frozenset[str]]:
        return {frozenset(about["id"] for about in one["about"]) for one in self.listed(who)}


KEPT = frozenset(("knots", "splices"))


def test_findings_are_kept_and_decided_on_over_http(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        ask = Asking(loaded, client)
        assert ask("outside", "GET", "/audit").status_code == ask("inside", "POST", "/audit").status_code == 403
        now = ask("km", "GET", "/audit").json()
        assert {"overlaps", "unit_clashes", "groups"} <= set(now["results"])
        assert KEPT in [{one["a"], one["b"]} for one in now["results"]["overlaps"]]
        assert now["results"]["overlaps"][0]["finding"] is None
        assert ask.listed("km") == []
        made = ask("km", "POST", "/audit").json()
        assert (made["new"], made["changed"], made["gone"]) == (3, 0, 0)
        assert ask("km", "POST", "/audit").json()["new"] == 0
        assert ask.pairs("km") == ask.pairs("inside") == {KEPT, frozenset(("knots", "secret")), frozenset(
            ("splices", "secret"))}  # fmt: skip
        assert ask.pairs("outside") == {KEPT}
        hidden = next(one["id"] for one in ask.listed("km", "?community=secret"))
        assert ask("outside", "GET", f"/audit/findings/{hidden}").status_code == 404

        (finding,) = ask.listed("outside")
        path = f"/audit/findings/{finding['id']}"
        dismissal = {"status": "dismissed", "reason": "intended", "note": "One for each pier."}
        assert ask("outside", "POST", f"{path}/decision", dismissal).status_code == 403
        assert ask("km", "POST", f"{path}/decision", {"status": "dismissed"}).status_code == 422
        assert ask("km", "POST", f"{path}/decision", dismissal, **{"If-Match": '"old"'}).status_code == 412
        tag = ask("km", "GET", path).headers["ETag"]
        decided = ask("km", "POST", f"{path}/decision", dismissal, **{"If-Match": tag}).json()
        assert (decided["status"], decided["decision"]["note"]) == ("dismissed", "One for each pier.")
        assert ask.listed("km", "?status=dismissed")[0]["id"] == finding["id"]
        assert loaded.read(log.events_after(0))[-1].action == "decide.finding"

        after = ask("km", "GET", "/audit").json()
        assert KEPT not in [{one["a"], one["b"]} for one in after["results"]["overlaps"]]
        assert after["meta"]["dismissed"] == 1
        everything = ask("km", "GET", "/audit?include_dismissed=true&min_probability=0").json()["results"]["overlaps"]
        (pair,) = (one for one in everything if {one["a"], one["b"]} == KEPT)
        assert pair["finding"] == {"id": finding["id"], "status": "dismissed", "changed": []}
        assert ask("km", "POST", f"{path}/decision", {"status": "open"}).json()["decision"] is None


def test_lists_are_paged(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        ask = Asking(loaded, client)
        ask("km", "POST", "/audit")
        seen, cursor = [], ""
        while cursor is not None:
            page = ask("km", "GET", f"/audit/findings?limit=1{cursor and '&cursor=' + cursor}").json()
            seen += [one["id"] for one in page["results"]]
            cursor = page["next_cursor"]
        assert seen == [one["id"] for one in ask.listed("km")]
        assert len(seen) == 3
        assert ask("km", "GET", "/audit/findings?cursor=nan_x").status_code == 422
        assert ask("km", "GET", "/audit/findings?kind=unit_clash").json()["results"] == []


def decisions(database: Database, agree: bool) -> None:
    """Forty decisions: on what is likelier than not by text alone they disagree, on what members support they agree."""
    rows: list[FindingRow] = []
    for number in range(40):
        by_members = number % 2 == 0
        points = {"text": 1.0 + number % 5 / 10, "members": 2.5} if by_members else {"text": 3.5 + number % 5 / 10}
        judgement = Judgement("duplicate", 0.7, {}, points)
        rows.append(FindingRow(f"f{number:02}", "overlap", ("community/knots", "community/splices"), judgement,
                               {}, (), ()))  # fmt: skip
    noted = {"status": "open", "present": True, "found_at": "2026-01-01"}
    database.write(lambda tx: store_findings(tx, [(row, noted) for row in rows]))
    for number in range(40):
        said = number % 2 == 0 if agree else number % 4 < 2
        given: dict[str, Any] = {"status": "accepted"} if said else {"status": "dismissed", "reason": "not_so"}
        database.write(lambda tx, key=f"f{number:02}", given=given: decide(tx, LOCAL_ADMIN, key, **given))


def test_decisions_calibrate_over_http_and_the_audit_says_so(loaded: Database) -> None:
    decisions(loaded, agree=True)
    with served(loaded, auth="keys") as client:
        ask = Asking(loaded, client)
        before = ask("km", "GET", "/audit?min_probability=0").json()
        assert ask("inside", "GET", "/audit/calibrations").status_code == 403
        shown = ask("km", "GET", "/audit/calibrations").json()["results"][0]
        assert (shown["kind"], shown["decisions"], shown["at_threshold"]["precision"]) == ("overlap", 40, 0.5)
        assert shown["versions"] == []
        taken = ask("km", "POST", "/audit/calibrations/overlap").json()
        assert taken["refused"] is None
        assert [one["version"] for one in taken["versions"]] == [1]
        assert taken["learned"]["loss"] < taken["learned"]["shipped_loss"]
        wait_until(lambda: "overlap" in ask("km", "GET", "/audit").json()["meta"]["calibrations"])
        after = ask("km", "GET", "/audit?min_probability=0").json()
        assert probability(after) != pytest.approx(probability(before), abs=1e-4)
        assert ask("km", "DELETE", "/audit/calibrations/overlap").status_code == 204
        wait_until(lambda: not ask("km", "GET", "/audit").json()["meta"]["calibrations"])
        assert ask("km", "POST", "/audit/calibrations/unit_clash").json()["learned"] is None
        assert ask("km", "POST", "/audit/calibrations/breadth").status_code == 422


def probability(audit: dict[str, Any]) -> float:
    return next(one["probability"] for one in audit["results"]["overlaps"] if {one["a"], one["b"]} == KEPT)


def test_a_proposal_is_checked_and_then_stored(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        ask = Asking(loaded, client)
        asked = {"name": "Knotting", "domain": AGAIN, "skills": [*SKILLS, "Yodelling"], "topics": ["rope"]}

        def related(who: str) -> dict[str, str]:
            return {one["id"]: one["relation"] for one in ask(who, "POST", "/proposals", asked).json()["results"]}

        checked = ask("outside", "POST", "/proposals", asked)
        assert (checked.status_code, checked.json()["community"]) == (200, None)
        assert checked.json()["meta"]["notes"] == ["there is no skill 'Yodelling' yet"]
        first = checked.json()["results"][0]
        assert first["relation"] in ("join_instead", "sub_group_of")
        assert first["evidence"]["text"]["points"] > 0
        assert {"knots", "splices"} <= related("outside").keys()
        assert "secret" not in checked.text
        assert "Rope Secrets" not in checked.text
        assert "secret" in related("inside")
        new = {**asked, "skills": SKILLS, "create": True}
        made = ask("outside", "POST", "/proposals", new, **{"Idempotency-Key": "a"})
        assert (made.status_code, made.json()["community"]["status"]) == (201, "proposed")
        assert made.headers["Location"] == "/v1/communities/knotting"
        assert ask("outside", "POST", "/proposals", new).status_code == 409
        wait_until(lambda: "knotting" in related("outside"))
        second = ask("outside", "POST", "/proposals", asked).json()["results"]
        assert any("is proposed already" in one["text"] for one in second if one["id"] == "knotting")
        assert ask("outside", "POST", "/proposals", {"name": "x", "domain": " "}).status_code == 422
        assert (
            ask("outside", "POST", "/proposals", {"name": "Origami", "domain": "Folding paper."}).json()["results"]
            == []
        )


def test_findings_by_command(cli, loaded: Database) -> None:
    def results(*arguments: str) -> Any:
        result = cli(*arguments, "--json")
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.stdout)["results"]

    for unusual in (["--words-only"], ["--include-retired"], ["--min-probability", "0.9"]):
        assert cli("audit", *unusual).exit_code == 0
        assert results("findings", "list") == [], "who looks otherwise than usual keeps nothing"
    told = cli("audit")
    assert "3 new" in told.output, told.exception
    assert "nothing new" in cli("audit").output
    found = results("findings", "list", "--community", "splices")
    one = next(one for one in found if {about["id"] for about in one["about"]} == KEPT)
    assert one["id"] in cli("findings").output
    dismissed = cli("findings", "dismiss", one["id"], "--reason", "intended", "--note", "Two piers.")
    assert "dismissed on" in dismissed.output, dismissed.exception
    assert "Two piers." in dismissed.output
    assert "1 dismissed and left out" in cli("audit").output
    assert KEPT not in [{pair["a"], pair["b"]} for pair in results("audit")["overlaps"]]
    assert KEPT in [{pair["a"], pair["b"]} for pair in results("audit", "--include-dismissed")["overlaps"]]
    assert one["id"] not in [other["id"] for other in results("findings", "list")]
    gone = "MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: 'splices'}) WHERE p.id IN ['p6', 'p7', 'p8'] DELETE m"
    loaded.run_alone(gone)
    again = cli("audit").output
    assert "1 back" in again
    assert "again:" in again
    shown = cli("findings", "show", one["id"]).output
    assert "again: 25% of the members of knots are in the other, not 50%" in shown
    assert "accepted on" in cli("findings", "accept", one["id"]).output
    assert cli("findings", "done", one["id"]).exit_code == 0
    assert results("findings", "reopen", one["id"])["status"] == "open"
    assert "no finding" in str(cli("findings", "show", "f-0").exception)
    assert "not a day" in str(cli("findings", "dismiss", one["id"], "--reason", "other", "--until", "soon").exception)


def test_decisions_calibrate_by_command(cli, loaded: Database) -> None:
    decisions(loaded, agree=True)
    tried = json.loads(cli("findings", "calibrate", "--dry-run", "--json").stdout)["results"]["overlap"]
    assert (tried["decisions"], tried["taken"], tried["refused"]) == (40, False, None)
    assert "calibrated" not in cli("audit").output
    told = cli("findings", "calibrate").output
    assert "Taken" in told
    assert "0.5 or more" in told
    assert "calibrated by 40 decisions here (version 1" in cli("audit").output
    assert "in force again" in cli("findings", "calibrate", "--forget").output
    assert "calibrated" not in cli("audit").output


def test_decisions_that_do_not_follow_the_evidence_are_refused(cli, loaded: Database) -> None:
    decisions(loaded, agree=False)
    told = cli("findings", "calibrate").output
    assert "Refused" in told
    assert "calibrated" not in cli("audit").output


def test_a_proposal_by_command(cli, loaded: Database) -> None:
    arguments = ["propose", "Knotting", AGAIN, "--skill", "Knots", "--topic", "rope", "--words-only"]
    told = cli(*arguments)
    assert told.exit_code == 0, told.exception
    assert "Knotting" in told.output
    made = json.loads(cli(*arguments, "--create", "--json").stdout)
    assert made["meta"]["created"] == "knotting"
    assert "is proposed already" in cli(*arguments).output
    assert cli("propose", "Knotting", " ").exit_code == 1
    assert "Nothing that exists" in cli("propose", "Origami", "Folding paper.", "--words-only").output
