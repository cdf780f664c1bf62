"""What a row may look like, and what a person is told of one that may not."""

import pytest
from pydantic import ValidationError

from ingest.records import (
    LONGEST_FIELD,
    RECORDS,
    ArtifactRecord,
    CommunityRecord,
    MeetingRecord,
    MembershipRecord,
    PersonRecord,
    PersonSkillRecord,
    spell_id,
)


def reason(record, **row) -> str:
    with pytest.raises(ValidationError) as caught:
        record.model_validate(row)
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in caught.value.errors())


@pytest.mark.parametrize("date", ["2021", "2021-04", "2021-04-30"])
def test_dates_are_kept_in_their_own_precision(date: str) -> None:
    assert PersonRecord(id="a", name="A", joined_on=date).joined_on == date


def test_a_time_behind_a_date_is_cut() -> None:
    assert PersonRecord(id="a", name="A", joined_on="2021-04-30T10:00:00Z").joined_on == "2021-04-30"


@pytest.mark.parametrize("date", ["30.4.2021", "2021-13", "2021-02-30", "yesterday", "0000"])
def test_what_is_no_date_is_named(date: str) -> None:
    assert "joined_on" in reason(PersonRecord, id="a", name="A", joined_on=date)


def test_an_empty_date_is_unknown() -> None:
    assert PersonRecord(id="a", name="A", joined_on="").joined_on is None


def test_a_nul_character_is_refused() -> None:
    assert "NUL" in reason(PersonRecord, id="a", name="A\x00B")


def test_broken_encoding_is_refused() -> None:
    assert "UTF-8" in reason(PersonRecord, id="a", name="caf\udce9")


def test_a_field_of_a_megabyte_is_refused() -> None:
    assert f"{LONGEST_FIELD:,}" in reason(PersonRecord, id="a", name="A", bio="x" * 1_000_000)


def test_lists_come_as_lists_or_with_semicolons() -> None:
    assert PersonRecord(id="a", name="A", interests="x; y;;x").interests == ["x", "y"]
    assert PersonRecord(id="a", name="A", interests=["x", "y"]).interests == ["x", "y"]


def test_nobody_manages_themselves() -> None:
    assert "their own manager" in reason(PersonRecord, id="a", name="A", manager_id="a")


def test_leaving_lies_behind_joining() -> None:
    assert "before" in reason(
        MembershipRecord, person_id="a", community_id="c", joined_on="2021-05-01", left_on="2021-04-01"
    )
    assert MembershipRecord(person_id="a", community_id="c", joined_on="2021-05-01", left_on="2021")


def test_levels_run_from_one_to_five() -> None:
    assert "level" in reason(PersonSkillRecord, person_id="a", skill_id="s", level=6)


def test_a_skill_is_held_wanted_or_both() -> None:
    def kinds(**row):
        return [kind for kind, _, _ in PersonSkillRecord(person_id="a", **row).facts()]

    assert kinds(skill_id="s") == ["held_skill"]
    assert kinds(skill_id="s", wants_to_learn="yes") == ["wanted_skill"]
    assert kinds(skill_id="s", level=2, wants_to_learn=True) == ["wanted_skill", "held_skill"]
    assert kinds(skill="Go") == ["skill", "held_skill"]


def test_status_is_one_of_the_known() -> None:
    assert "status" in reason(CommunityRecord, id="c", name="C", domain="d", status="sleeping")
    assert CommunityRecord(id="c", name="C", domain="d", status="Active").status == "active"


def test_a_regular_meeting_becomes_a_line() -> None:
    meetings = [{"description": "Sync", "frequency": "weekly", "day": "Monday", "time": "9:00", "tz": "UTC"}]
    assert CommunityRecord(id="c", name="C", domain="d", meetings=meetings).meetings == [
        "Sync: weekly, Monday 9:00 UTC"
    ]


@pytest.mark.parametrize(
    ("one", "other"), [(("a/b", "c"), ("a", "b/c")), (("a", None), ("a", "?")), (("a%2Fb",), ("a/b",))]
)
def test_spells_of_different_parts_have_different_ids(one, other) -> None:
    assert spell_id(*one) != spell_id(*other)


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_optional_value_is_unknown_in_every_record(empty: str | None) -> None:
    required = {"id": "a", "name": "A", "domain": "d", "text": "t", "person_id": "p", "community_id": "c"}
    required |= {"question_id": "q", "helper_id": "h", "starts_at": "2021", "skill_id": "s", "title": "T"}
    for record in RECORDS.values():
        optional = [info.alias or name for name, info in record.model_fields.items() if not info.is_required()]
        valid = record.model_validate({**dict.fromkeys(optional, empty), **required})
        stated = {name for _, _, fields in valid.facts() for name in fields}
        assert stated <= set(required), (record, stated)


def meeting(**fields: object) -> MeetingRecord:
    return MeetingRecord.model_validate({"id": "m", "community_id": "c", "starts_at": "2027-03-02T10:00", **fields})


def test_a_recurrence_is_a_rule_in_one_spelling_or_text_for_people() -> None:
    assert meeting(recurrence="RRULE:freq=weekly; interval=2").recurrence == "FREQ=WEEKLY;INTERVAL=2"
    assert meeting(recurrence="every full moon").recurrence == "every full moon"
    with pytest.raises(ValidationError, match="recurrence: BYDAY must be days like TU,TH"):
        meeting(recurrence="FREQ=WEEKLY;BYDAY=Tuesday")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"timezone": "Oslo"}, "no time zone like Europe/Oslo"),
        ({"series_id": "s"}, "both series_id and recurs_at"),
        ({"recurs_at": "2027-03-02T10:00"}, "both series_id and recurs_at"),
        ({"series_id": "s", "recurs_at": "2027-03-02T10:00", "recurrence": "FREQ=DAILY"}, "belongs to the series"),
        ({"minutes": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_meeting_that_cannot_be_is_told_why(fields: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        meeting(**fields)


def test_an_artefact_has_an_address_of_the_web() -> None:
    made = ArtifactRecord.model_validate({"id": "a", "community_id": "c", "title": "T", "url": "https://x.example/a"})
    assert next(made.facts())[2]["url"] == "https://x.example/a"
    for address in ("javascript:alert(1)", "file:///etc/passwd", "https://x.example/a b", "x"):
        with pytest.raises(ValidationError, match="no address"):
            ArtifactRecord.model_validate({"id": "a", "community_id": "c", "title": "T", "url": address})
