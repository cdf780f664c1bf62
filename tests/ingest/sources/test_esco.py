"""The classification of skills as its portal offers it: labels, levels, and what cannot be used."""

from pathlib import Path

import pytest

from graph.database import Database
from graph.errors import InvalidInput
from ingest.jobs import ingest
from ingest.sources.esco import EscoSource

SKILLS = """conceptUri,skillType,preferredLabel,altLabels,hiddenLabels,status,description
http://x/s1,skill/competence,manage musical staff,"manage staff of music
coordinate duties of musical staff",,released,"Assign and manage staff tasks,
in areas such as scoring."
http://x/s2,knowledge,Haskell,"Haskell techniques
haskell",,released,The techniques of Haskell.
http://x/s3,skill/competence,gone,,,obsolete,
http://x/s4,skill/competence,,,,released,no name
"""

LEVELS = ",".join(f"Level {level} URI,Level {level} preferred term" for level in range(4))
HIERARCHY = f"""{LEVELS},Description
http://x/S,skills,,,,,,,Everything that one can do.
http://x/S,skills,http://x/S4,management skills,,,,,Managing people.
http://x/S,skills,http://x/S4,management skills,http://x/S4.1,leading,,,
"""

BROADER = """conceptType,conceptUri,broaderType,broaderUri
KnowledgeSkillCompetence,http://x/s1,SkillGroup,http://x/S4
KnowledgeSkillCompetence,http://x/s2,SkillGroup,http://x/unknown
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "esco"
    found.mkdir()
    for name, text in (("skills", SKILLS), ("skillsHierarchy", HIERARCHY), ("broaderRelationsSkillPillar", BROADER)):
        (found / f"{name}_en.csv").write_text(text, encoding="utf-8-sig")
    return found


def test_skills_have_their_labels_and_lie_in_their_groups(database: Database, folder: Path, tmp_path: Path) -> None:
    report = ingest(database, EscoSource(folder), rejects_folder=tmp_path / "rejects")
    rows = database.run_alone(
        "MATCH (s:Skill) RETURN s.id AS id, s.name AS name, s.kind AS kind, s.alt_labels AS labels, "
        "s.description AS text, COLLECT { MATCH (s)-[:BROADER]->(b) RETURN b.id } AS above ORDER BY id"
    )
    found = {row["id"].removeprefix("http://x/"): row for row in rows}
    assert set(found) == {"S", "S4", "S4.1", "s1", "s2"}
    assert found["s1"]["labels"] == ["manage staff of music", "coordinate duties of musical staff"]
    assert found["s1"]["text"].startswith("Assign and manage staff tasks,\nin areas")
    assert (found["s2"]["labels"], found["s2"]["kind"]) == (["Haskell techniques"], "topic")
    assert {key: row["above"] for key, row in found.items()} == {
        "S": [], "S4": ["http://x/S"], "S4.1": ["http://x/S4"], "s1": ["http://x/S4"], "s2": [],
    }  # fmt: skip
    assert found["S4"]["text"] == "Managing people."
    told = report.rejects.read_text(encoding="utf-8") if report.rejects else ""
    assert (report.rejected, report.reported) == (1, 1)
    assert '"field": "name"' in told
    assert "http://x/unknown" in told
    again = ingest(database, EscoSource(folder), rejects_folder=tmp_path / "rejects")
    assert again.changed == 0


def test_a_dry_run_tells_the_same_and_writes_nothing(database: Database, folder: Path, tmp_path: Path) -> None:
    report = ingest(database, EscoSource(folder), rejects_folder=tmp_path / "rejects", dry_run=True)
    assert (report.counts["skill"].created, report.rejected) == (5, 1)
    assert database.run_alone("MATCH (s:Skill) RETURN count(s) AS n") == [{"n": 0}]


def test_what_is_no_download_of_it_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a folder"):
        EscoSource(tmp_path / "nothing").tables()
    with pytest.raises(InvalidInput, match="holds no skills_en"):
        EscoSource(tmp_path).tables()
    (folder / "skills_de.csv").write_text(SKILLS, encoding="utf-8")
    with pytest.raises(InvalidInput, match="several languages"):
        EscoSource(folder).tables()
    (folder / "skills_de.csv").unlink()
    (folder / "skills_en.csv").write_text("uri,label\nx,y\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="conceptUri, preferredLabel is missing"):
        EscoSource(folder).tables()
