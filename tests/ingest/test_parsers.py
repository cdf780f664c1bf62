"""What a file holds is read, or refused by the errors that are meant for it; never anything else, nor does it hang."""

import json
import os
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from graph.backup import verify
from graph.errors import InvalidInput
from ingest import jobs, records
from ingest.records import RECORDS
from ingest.requests import read_requests
from ingest.scim import _address, _spoken_name
from ingest.sources import Source
from ingest.sources.bundle import BundleSource
from ingest.sources.esco import EscoSource
from ingest.sources.sigs_yaml import SigsYamlSource
from ingest.sources.slack_export import SlackExport
from tests.ingest.test_archives import packed

# A try may take long on a busy machine, but not for ever. The folder of a test is one for all that is tried in it: each
# try writes all files that it reads.
TRIED = settings(max_examples=150, deadline=30_000, suppress_health_check=[HealthCheck.function_scoped_fixture])

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


def nested(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5))


def read(source: Source) -> int:
    """Every row of every table, validated as a run does; how many facts there were."""
    number = 0
    for table in source.tables():
        facts, complaints = jobs._validated(RECORDS[table.subject], list(table.rows()), set())
        number += sum(map(len, facts.values()))
        assert all(one.rejected and one.reason for one in complaints)
    source.fingerprint()
    return number


def tried(open_source: Callable[[], Source]) -> None:
    try:
        read(open_source())
    except InvalidInput:
        return


SUBJECTS = st.sampled_from(sorted(RECORDS))
HEADERS = st.sampled_from(
    ["id,name,email,unit_id", "id,name,domain,skills", "person_id,community_id,joined_on", "x", ""]
)


@TRIED
@given(
    SUBJECTS, HEADERS, st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass"))
)
@example("people", "id,name", b'"a\nb,c')
@example("people", "id,name", b"\x00,\xff\n")
def test_a_table_of_a_bundle(tmp_path: Path, subject: str, header: str, content: bytes) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / f"{subject}.csv").write_bytes(header.encode() + b"\n" + content)
    tried(lambda: BundleSource(tmp_path))


COLUMNS = sorted({name for record in RECORDS.values() for name in record.model_fields})


@TRIED
@given(SUBJECTS, st.lists(nested(st.sampled_from(COLUMNS)), max_size=4), st.binary(max_size=40))
def test_lines_of_json_in_a_bundle(tmp_path: Path, subject: str, rows: list[Any], more: bytes) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    lines = [json.dumps(row).encode() for row in rows]
    (tmp_path / f"{subject}.jsonl").write_bytes(b"\n".join([*lines, more]))
    tried(lambda: BundleSource(tmp_path))
    (tmp_path / f"{subject}.jsonl").rename(tmp_path / "asked.jsonl")
    try:
        read_requests(tmp_path / "asked.jsonl")
    except InvalidInput:
        return


SIGS_KEYS = st.sampled_from(
    ["sigs", "workinggroups", "usergroups", "committees", "dir", "name", "mission_statement", "subprojects", "contact",
     "slack", "teams", "meetings", "leadership", "chairs", "tech_leads", "emeritus_leads", "github", "email", "label"]
)  # fmt: skip


@TRIED
@given(nested(SIGS_KEYS).map(lambda value: yaml.safe_dump({"sigs": value})) | st.text(max_size=80))
@example("sigs: [" + "[" * 3000)
@example("sigs: 2001-99-99")
@example("sigs:\n- ? [a]\n  : b")
@example("sigs:\n- !!python/object/apply:os.system [ls]")
def test_a_catalogue_in_yaml(tmp_path: Path, text: str) -> None:
    (tmp_path / "sigs.yaml").write_text(text, encoding="utf-8", errors="replace")
    tried(lambda: SigsYamlSource(tmp_path / "sigs.yaml"))


def test_a_billion_laughs_are_refused(tmp_path: Path) -> None:
    lines = ["a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [
        f"{low}: &{low} [{', '.join(['*' + high] * 9)}]" for high, low in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (tmp_path / "sigs.yaml").write_text("\n".join([*lines, "sigs: *i"]), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"line 2: .*aliases"):
        SigsYamlSource(tmp_path / "sigs.yaml").tables()


CELLS = st.text(st.sampled_from(string.printable + "é\ud800"), max_size=12)
ESCO = {
    "skills": "conceptUri,skillType,preferredLabel,altLabels,status,description",
    "skillsHierarchy": "Level 0 URI,Level 0 preferred term,Level 1 URI,Level 1 preferred term,Description",
    "broaderRelationsSkillPillar": "conceptUri,broaderUri",
}


@TRIED
@given(st.fixed_dictionaries({name: st.lists(st.lists(CELLS, max_size=7), max_size=4) for name in ESCO}), st.booleans())
def test_a_classification_of_skills(tmp_path: Path, rows: dict[str, list[list[str]]], with_header: bool) -> None:
    for name, header in ESCO.items():
        lines = [",".join(cells) for cells in rows[name]]
        text = "\n".join([*([header] if with_header else []), *lines])
        (tmp_path / f"{name}_en.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    tried(lambda: EscoSource(tmp_path))


SLACK_KEYS = st.sampled_from(
    ["id", "name", "profile", "real_name", "email", "tz", "deleted", "is_bot", "is_archived", "purpose", "topic",
     "value", "members", "type", "user", "ts", "text", "subtype"]
)  # fmt: skip


@TRIED
@given(
    nested(SLACK_KEYS), nested(SLACK_KEYS), nested(SLACK_KEYS),
    st.dictionaries(st.text(max_size=12), st.binary(max_size=20), max_size=2),
)  # fmt: skip
def test_an_export_of_slack(tmp_path: Path, users: Any, channels: Any, messages: Any, more: dict[str, bytes]) -> None:
    said = [{"type": "message", "user": "U1", "ts": messages, "text": "soup"}, messages]
    members: dict[str, bytes | str] = {
        "users.json": json.dumps([{"id": "U1", "name": "u"}, users]), "c/2024-01-01.json": json.dumps(said),
        "channels.json": json.dumps([{"id": "C1", "name": "c", "members": messages}, channels]),
    }  # fmt: skip
    extra = {name: content for name, content in more.items() if name.isprintable()}
    packed(tmp_path / "slack.zip", {**members, **extra})
    tried(lambda: SlackExport(tmp_path / "slack.zip", topics=True))


@TRIED
@given(st.binary(max_size=300), st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_archive(tmp_path: Path, raw: bytes, at: int, flip: int) -> None:
    (tmp_path / "slack.zip").write_bytes(raw)
    tried(lambda: SlackExport(tmp_path / "slack.zip"))
    members = {"users.json": "[]", "channels.json": '[{"id": "C1", "name": "c"}]', "c/1.json": "[]"}
    whole = bytearray(packed(tmp_path / "slack.zip", members).read_bytes())
    whole[at % len(whole)] ^= flip
    (tmp_path / "slack.zip").write_bytes(whole)
    tried(lambda: SlackExport(tmp_path / "slack.zip"))


@TRIED
@given(st.text(max_size=20) | st.text("0123456789-T:+Z.W", max_size=30))
@example("0000-00-00")
@example("2021-02-30T25:61")
@example("٢٠٢١")
def test_days_moments_and_zones(text: str) -> None:
    for kind in (
        records.Day,
        records.Moment,
        records.Zone,
        records.Email,
        records.Link,
        records.Capacity,
        records.Posts,
    ):
        try:
            TypeAdapter(kind).validate_python(text)
        except ValidationError:
            continue
    assert records.is_date(text) in (True, False)


@TRIED
@given(
    st.binary(max_size=200),
    nested(st.sampled_from(["guildmap", "labels", "node", "properties", "type", "start", "sha256"])),
)
@example(b'{"guildmap": 1}\n{"labels": 3, "node": []}\n{"sha256": ""}', None)
def test_a_backup(tmp_path: Path, raw: bytes, line: Any) -> None:
    for name, content in (("a.jsonl", raw), ("a.jsonl.gz", raw), ("b.jsonl", json.dumps(line).encode() + b"\n" + raw)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InvalidInput):
            verify(tmp_path / name)


USERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("displayName", "userName"), LEAVES)
    | {"name": st.dictionaries(st.sampled_from(["givenName", "familyName", "formatted"]), st.none() | st.text())}
    | {"emails": st.none() | st.lists(st.fixed_dictionaries({"value": st.none() | st.text()}))},
)  # fmt: skip


@given(USERS)
def test_what_a_pushed_user_is_called(resource: dict[str, Any]) -> None:
    _spoken_name({**resource, "displayName": None, "userName": "u"})
    assert _address(resource) is None or isinstance(_address(resource), str)


@pytest.mark.skipif(os.name != "posix", reason="links of this kind")
def test_a_link_out_of_a_bundle_is_read_as_what_it_is(tmp_path: Path) -> None:
    """A bundle is a folder of the operator's own; its names are fixed, so no row leads to another file."""
    (tmp_path / "people.csv").write_text("id,name\n../../etc/passwd,Ada\n", encoding="utf-8")
    ((facts, _),) = (
        jobs._validated(RECORDS[table.subject], list(table.rows()), set()) for table in BundleSource(tmp_path).tables()
    )
    assert [fact.id for fact in facts["person"]] == ["../../etc/passwd"]
