"""The demo organisation is sound, always looks alive, and holds what the audit is shown on."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.demo.layout import FOLDER, slug
from ingest.demo.organisation import (
    KNOWLEDGE_MANAGER,
    MEMBER_OF_THREE,
    NEWCOMER,
    NEWCOMERS_MANAGER,
    NEWCOMERS_QUESTION,
    DemoSource,
    organisation,
)
from ingest.records import RECORDS
from ingest.sources.bundle import unknown_columns

TODAY = date(2027, 3, 17)
PLANTED: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("demo_planted.yaml").read_text(encoding="utf-8")
)
Rows = dict[str, list[dict[str, Any]]]

COUNTS = {
    "org_units": (25, 35),
    "goals": (6, 10),
    "skills": (150, 210),
    "people": (580, 620),
    "communities": (55, 70),
    "charters": (22, 28),
    "meetings": (200, 440),
    "questions": (150, 225),
    "advice": (120, 260),
}


@pytest.fixture(scope="module")
def rows() -> Rows:
    return {table.subject: [row.data for row in table.rows()] for table in DemoSource(TODAY).tables()}


@pytest.fixture(scope="module")
def communities(rows: Rows) -> dict[str, dict[str, Any]]:
    return by_id(rows["communities"])


@pytest.fixture(scope="module")
def members(rows: Rows) -> dict[str, set[str]]:
    """Community to its members of today."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows["memberships"]:
        if "left_on" not in row:
            found[row["community_id"]].add(row["person_id"])
    return found


def by_id(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def planted(*kinds: str) -> list[Any]:
    """The entries of these kinds, named by their ids in the test's name."""
    return [pytest.param(entry, id="+".join(entry["ids"])) for entry in PLANTED if entry["kind"] in kinds]


def days_ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


# --- Rows ---------------------------------------------------------------------------------------------------------


def test_every_row_is_taken_as_it_is(rows: Rows) -> None:
    for subject, listed in rows.items():
        for row in listed:
            RECORDS[subject].model_validate(row)
            assert not unknown_columns(RECORDS[subject], row), (subject, row)


def test_there_is_a_table_for_each_subject_with_numbered_rows() -> None:
    tables = DemoSource(TODAY).tables()
    assert [table.subject for table in tables] == list(RECORDS)
    for table in tables:
        assert [row.line for row in table.rows()] == list(range(1, (table.size or 0) + 1))
        assert not any(row.problem for row in table.rows())


@pytest.mark.parametrize("subject", COUNTS)
def test_counts_are_those_of_a_small_organisation(rows: Rows, subject: str) -> None:
    low, high = COUNTS[subject]
    assert low <= len(rows[subject]) <= high


def test_no_two_rows_are_about_the_same_thing(rows: Rows) -> None:
    for subject, listed in rows.items():
        keys = Counter(RECORDS[subject].model_validate(row).key() for row in listed)
        assert [key for key, count in keys.items() if count > 1] == [], subject


def test_nobody_shares_name_or_address_with_another(rows: Rows) -> None:
    assert len({person["name"] for person in rows["people"]}) == len(rows["people"])
    assert len({person["email"] for person in rows["people"]}) == len(rows["people"])
    assert all(person["email"].endswith(".example") for person in rows["people"])


def test_ids_can_be_read(rows: Rows) -> None:
    for subject in ("org_units", "goals", "skills", "people", "communities", "meetings", "questions"):
        for row in rows[subject]:
            assert row["id"] == slug(row["id"]), (subject, row["id"])


def test_the_same_day_gives_the_same_rows_and_another_day_other_dates() -> None:
    once, again, later = DemoSource(TODAY), DemoSource(TODAY), DemoSource(TODAY + timedelta(days=1))
    assert organisation(TODAY) == organisation(TODAY)
    assert once.fingerprint() == again.fingerprint() != later.fingerprint()


def test_only_dates_depend_on_the_day(rows: Rows) -> None:
    """Ids, people and texts stay when the demo is loaded again another day, so that it is updated, not doubled."""
    another = organisation(TODAY + timedelta(days=123))
    for subject in ("people", "communities", "questions"):
        assert by_id(another[subject]).keys() == by_id(rows[subject]).keys()
    seats = Counter((row["person_id"], row["community_id"]) for row in rows["memberships"])
    assert Counter((row["person_id"], row["community_id"]) for row in another["memberships"]) == seats


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_the_files_say_the_same_where_yaml_has_no_c_library(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    loaded = yaml.load(text, yaml.SafeLoader)
    assert loaded
    if hasattr(yaml, "CSafeLoader"):
        assert loaded == yaml.load(text, yaml.CSafeLoader)


# --- References ---------------------------------------------------------------------------------------------------

REFERENCES = {
    ("org_units", "parent_id"): "org_units",
    ("skills", "broader_ids"): "skills",
    ("people", "unit_id"): "org_units",
    ("people", "manager_id"): "people",
    ("person_skills", "person_id"): "people",
    ("person_skills", "skill_id"): "skills",
    ("communities", "skills"): "skills",
    ("communities", "goals"): "goals",
    ("charters", "community_id"): "communities",
    ("charters", "sponsor_id"): "people",
    ("memberships", "person_id"): "people",
    ("memberships", "community_id"): "communities",
    ("meetings", "community_id"): "communities",
    ("meetings", "follows_id"): "meetings",
    ("meetings", "attendee_ids"): "people",
    ("meetings", "guest_ids"): "people",
    ("agenda_items", "community_id"): "communities",
    ("agenda_items", "owner_id"): "people",
    ("artifacts", "community_id"): "communities",
    ("artifacts", "maker_ids"): "people",
    ("questions", "community_id"): "communities",
    ("questions", "asker_id"): "people",
    ("advice", "question_id"): "questions",
    ("advice", "helper_id"): "people",
}


@pytest.mark.parametrize(("subject", "column"), REFERENCES)
def test_references_resolve(rows: Rows, subject: str, column: str) -> None:
    known = {row["id"] for row in rows[REFERENCES[subject, column]]}
    named: set[str] = set()
    for row in rows[subject]:
        value = row.get(column)
        named.update(value if isinstance(value, list) else [value] if value else [])
    assert named
    assert named <= known


@pytest.mark.parametrize(("subject", "column"), [("org_units", "parent_id"), ("people", "manager_id")])
def test_all_lines_lead_to_one_top(rows: Rows, subject: str, column: str) -> None:
    above = {row["id"]: row.get(column) for row in rows[subject]}
    assert sum(1 for up in above.values() if up is None) == 1
    for start in above:
        seen, at = {start}, above[start]
        while at is not None:
            assert at not in seen, f"a circle through {at}"
            seen.add(at)
            at = above[at]


def test_no_skill_is_broader_than_itself(rows: Rows) -> None:
    above = {row["id"]: row.get("broader_ids", []) for row in rows["skills"]}

    def climb(skill: str, seen: tuple[str, ...]) -> None:
        assert skill not in seen
        for up in above[skill]:
            climb(up, (*seen, skill))

    for skill in above:
        climb(skill, ())


def test_meetings_of_a_community_follow_one_another(rows: Rows) -> None:
    meetings = by_id(rows["meetings"])
    for meeting in meetings.values():
        if "follows_id" in meeting:
            before = meetings[meeting["follows_id"]]
            assert before["community_id"] == meeting["community_id"]
            assert before["starts_at"] < meeting["starts_at"]


# --- Times --------------------------------------------------------------------------------------------------------


def test_nothing_but_announced_meetings_lies_ahead(rows: Rows) -> None:
    today = TODAY.isoformat()
    for subject, listed in rows.items():
        for row in listed:
            for column, value in row.items():
                if column.endswith(("_on", "_at")) and value[:10] > today:
                    assert (subject, column) == ("meetings", "starts_at")
                    assert "attendee_ids" not in row
                    assert "summary" not in row


def test_people_belong_and_meet_only_while_they_are_here(rows: Rows) -> None:
    people, communities = by_id(rows["people"]), by_id(rows["communities"])
    for spell in rows["memberships"]:
        joined = spell.get("joined_on", "")
        begin = people[spell["person_id"]].get("joined_on", "")
        if len(joined) == len(begin) == 10:
            assert joined > begin
        founded = communities[spell["community_id"]]["founded_on"]
        assert not joined or joined[: len(founded)] >= founded[: len(joined)]
    for meeting in rows["meetings"]:
        for person_id in (*meeting.get("attendee_ids", []), *meeting.get("guest_ids", [])):
            person = people[person_id]
            assert meeting["starts_at"][:10] >= person.get("joined_on", "")[:10]
            assert meeting["starts_at"][:10] <= person.get("left_on", "9999")
        assert not set(meeting.get("attendee_ids", [])) & set(meeting.get("guest_ids", []))


def test_nobody_belongs_twice_at_a_time(rows: Rows) -> None:
    spells: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows["memberships"]:
        spells[row["person_id"], row["community_id"]].append((row.get("joined_on", ""), row.get("left_on", "9999")))
    assert any(len(listed) > 1 for listed in spells.values()), "nobody ever came back"
    for listed in spells.values():
        for (_, left), (joined, _) in pairwise(sorted(listed)):
            assert left < joined


def test_who_left_the_company_left_its_communities(rows: Rows) -> None:
    gone = {person["id"] for person in rows["people"] if "left_on" in person}
    assert gone
    assert [row for row in rows["memberships"] if row["person_id"] in gone and "left_on" not in row] == []


def test_advice_comes_after_the_question_and_from_somebody_else(rows: Rows) -> None:
    questions, people = by_id(rows["questions"]), by_id(rows["people"])
    for advice in rows["advice"]:
        question = questions[advice["question_id"]]
        assert advice["advised_at"] >= question["asked_at"]
        assert advice.get("followed_up_at", "9999") > advice["advised_at"]
        assert advice["helper_id"] != question["asker_id"]
        assert people[advice["helper_id"]].get("joined_on", "")[:10] <= advice["advised_at"]


def test_life_goes_on_to_this_week(rows: Rows) -> None:
    """Whenever it is loaded, there are recent joins, questions and meetings, and some meeting ahead."""
    for today in (date(2026, 1, 1), date(2027, 8, 15), date(2030, 2, 28)):
        laid_out = organisation(today)
        week, month = (str(today - timedelta(days=days)) for days in (8, 31))
        assert any(week <= meeting["starts_at"][:10] <= str(today) for meeting in laid_out["meetings"])
        assert any(meeting["starts_at"][:10] > str(today) for meeting in laid_out["meetings"])
        assert sum(month <= row.get("joined_on", "") for row in laid_out["memberships"]) >= 5
        assert sum(month <= row["asked_at"] for row in laid_out["questions"]) >= 3


# --- Variety ------------------------------------------------------------------------------------------------------


def test_people_differ_as_they_do_in_a_company(rows: Rows) -> None:
    people = rows["people"]

    def count(column: str, value: Any = None) -> int:
        return sum(1 for person in people if (person.get(column) == value if value is not None else column in person))

    assert 0.28 <= count("bio") / len(people) <= 0.42
    assert 10 <= count("external", True) <= 80
    assert 15 <= count("left_on") <= 60
    assert 15 <= count("open_to_help", False) <= 90
    assert 5 <= count("recommendable", False) <= 40
    assert count("help_capacity") >= 40
    assert len({language for person in people for language in person.get("languages", [])}) >= 12
    assert len({person["timezone"] for person in people if "timezone" in person}) >= 6
    assert {len(person.get("joined_on", "")) for person in people} == {0, 4, 7, 10}
    assert {len(row.get("joined_on", "")) for row in rows["memberships"]} == {0, 4, 7, 10}
    assert {row.get("engagement") for row in rows["memberships"]} >= {"core", "active", "occasional", "peripheral"}


def test_bios_are_told_once(rows: Rows) -> None:
    bios = [person["bio"] for person in rows["people"] if "bio" in person]
    assert len(bios) == len(set(bios))


def test_names_with_signs_and_accents_are_among_the_skills(rows: Rows) -> None:
    names = {skill["name"] for skill in rows["skills"]}
    assert names >= {"C++", "C#", ".NET", "Node.js"}
    assert any(not name.isascii() for name in names)
    assert {skill["kind"] for skill in rows["skills"]} == {"skill", "topic"}
    assert sum(1 for skill in rows["skills"] if skill.get("alt_labels")) >= 80
    assert sum(1 for skill in rows["skills"] if skill.get("broader_ids")) >= 60


def test_meetings_carry_on_what_was_open_and_have_guests(rows: Rows) -> None:
    agendas = Counter(
        (meeting["community_id"], item) for meeting in rows["meetings"] for item in meeting.get("agenda", [])
    )
    assert sum(1 for count in agendas.values() if count > 1) >= 60
    assert sum(1 for meeting in rows["meetings"] if meeting.get("guest_ids")) >= 25
    assert sum(1 for meeting in rows["meetings"] if meeting.get("summary")) >= 40


def test_agenda_items_stand_in_every_state_and_have_been_discussed(rows: Rows) -> None:
    told = {(meeting["community_id"], item) for meeting in rows["meetings"] for item in meeting.get("agenda", [])}
    assert {item["state"] for item in rows["agenda_items"]} == {"open", "progressed", "settled"}
    assert {(item["community_id"], item["title"]) for item in rows["agenda_items"]} <= told


def test_some_series_lie_ahead_and_somebody_from_outside_was_a_guest(rows: Rows) -> None:
    series = [meeting for meeting in rows["meetings"] if "timezone" in meeting]
    assert len(series) >= 2
    assert all(one["recurrence"].startswith("FREQ=") and one["starts_at"][:10] > str(TODAY) for one in series)
    people = by_id(rows["people"])
    guests = {guest for meeting in rows["meetings"] for guest in meeting.get("guest_ids", [])}
    assert "hakon-nordby" in guests
    assert people["hakon-nordby"]["external"] is True


def test_artefacts_are_of_several_kinds_and_one_is_no_longer_in_use(rows: Rows) -> None:
    assert len({artifact["kind"] for artifact in rows["artifacts"]}) >= 3
    assert [artifact["id"] for artifact in rows["artifacts"] if "retired_on" in artifact] == ["persistence-correction"]


def test_advice_has_every_outcome(rows: Rows) -> None:
    outcomes = Counter(advice.get("outcome") for advice in rows["advice"])
    assert min(outcomes[outcome] for outcome in ("worked", "partly", "did_not_work", None)) >= 10
    assert sum(1 for advice in rows["advice"] if "text" in advice) >= 60
    asked = {question["id"] for question in rows["questions"]}
    assert len(asked - {advice["question_id"] for advice in rows["advice"]}) >= 20, "some wait for an answer"


def test_some_charters_are_drafts(rows: Rows) -> None:
    adopted = sum(1 for charter in rows["charters"] if "adopted_on" in charter)
    assert 2 <= len(rows["charters"]) - adopted <= 8


# --- Texts --------------------------------------------------------------------------------------------------------


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def shared_runs(texts: dict[str, str], length: int) -> list[tuple[str, str, str]]:
    first: dict[tuple[str, ...], str] = {}
    found: list[tuple[str, str, str]] = []
    for name, text in texts.items():
        again = [run for run in runs(text, length) if first.setdefault(run, name) != name]
        found += [(first[run], name, " ".join(run)) for run in again]
    return found


def test_a_shared_run_of_words_would_be_found() -> None:
    texts = {"a": "We meet once a month, in the old hall.", "b": "They say: we meet once a month in the tower."}
    assert shared_runs(texts, 7) == [("a", "b", "we meet once a month in the")]
    assert shared_runs(texts, 8) == []


def test_no_two_domains_were_cut_from_one_pattern(rows: Rows) -> None:
    texts = {row["id"]: row["domain"] for row in rows["communities"]}
    assert shared_runs(texts, 7) == []
    sentences = Counter(
        sentence.casefold() for text in texts.values() for sentence in set(re.split(r"(?<=[.?!])\s+", text))
    )
    assert [sentence for sentence, count in sentences.items() if count > 1] == []
    assert all(len(text.split()) >= 15 for text in texts.values())


def test_no_two_questions_were_cut_from_one_pattern(rows: Rows) -> None:
    assert shared_runs({row["id"]: row["text"] for row in rows["questions"]}, 10) == []
    assert len({row["text"] for row in rows["questions"]}) == len(rows["questions"])


def test_no_two_other_texts_were_cut_from_one_pattern(rows: Rows) -> None:
    texts = {f"{a['question_id']} {place}": a["text"] for place, a in enumerate(rows["advice"]) if "text" in a}
    texts |= {meeting["id"]: meeting["summary"] for meeting in rows["meetings"] if "summary" in meeting}
    assert shared_runs(texts, 10) == []


def test_domains_do_not_give_the_planting_away(rows: Rows) -> None:
    telling = re.compile(r"duplicat|overlap|too broad|too narrow|dormant|unclear|merge with|same as", re.IGNORECASE)
    assert [row["id"] for row in rows["communities"] if telling.search(row["domain"])] == []


# --- What was planted ---------------------------------------------------------------------------------------------


def test_what_is_planted_exists_and_is_explained(rows: Rows, communities: dict[str, dict[str, Any]]) -> None:
    people = {row["id"] for row in rows["people"]}
    for entry in PLANTED:
        assert set(entry["ids"]) <= (people if entry["kind"] == "person" else communities.keys())
        assert entry["why"].strip()
    kinds = Counter(entry["kind"] for entry in PLANTED)
    assert 4 <= kinds["duplicate"] <= 6
    assert 1 <= kinds["contained"] <= 2
    assert 2 <= kinds["overlapping"] <= 3
    assert kinds["complementary"] == kinds["same_name"] == kinds["duplicates_unit"] == kinds["unclear"] == 2
    assert 3 <= kinds["too_broad"] <= 4
    assert 3 <= kinds["too_narrow"] <= 4
    assert 4 <= kinds["dormant"] <= 5
    assert kinds["retired"] == kinds["restricted"] == 2


def share(members: dict[str, set[str]], one: str, other: str) -> float:
    """Of the smaller community, the part that is in the other too."""
    both = members[one] & members[other]
    return len(both) / min(len(members[one]), len(members[other]))


@pytest.mark.parametrize("entry", planted("duplicate"))
def test_duplicates_share_part_of_their_members(members: dict[str, set[str]], entry: dict[str, Any]) -> None:
    assert 0.35 <= share(members, *entry["ids"]) <= 0.75


def test_there_is_a_chain_whose_ends_are_no_duplicates(members: dict[str, set[str]]) -> None:
    pairs = [set(entry["ids"]) for entry in PLANTED if entry["kind"] == "duplicate"]
    chained = [one ^ other for one, other in pairwise(pairs) if len(one & other) == 1]
    assert chained == [set(entry["ids"]) for entry in PLANTED if entry["kind"] == "not_duplicate"]
    for ends in chained:
        assert share(members, *sorted(ends)) <= 0.1


@pytest.mark.parametrize("entry", planted("contained"))
def test_the_contained_one_lies_within_the_other(members: dict[str, set[str]], entry: dict[str, Any]) -> None:
    inner, outer = (members[community] for community in entry["ids"])
    assert inner <= outer
    assert len(inner) < len(outer) / 2


@pytest.mark.parametrize("entry", planted("overlapping"))
def test_overlapping_ones_share_many_members(members: dict[str, set[str]], entry: dict[str, Any]) -> None:
    assert share(members, *entry["ids"]) >= 0.4


@pytest.mark.parametrize("entry", planted("complementary"))
def test_complementary_ones_share_guests_and_a_goal_but_hardly_members(
    rows: Rows, members: dict[str, set[str]], communities: dict[str, dict[str, Any]], entry: dict[str, Any]
) -> None:
    one, other = entry["ids"]
    assert share(members, one, other) <= 0.1
    assert set(communities[one]["goals"]) & set(communities[other]["goals"])
    guests = {
        guest
        for meeting in rows["meetings"]
        if meeting["community_id"] in (one, other)
        for guest in meeting.get("guest_ids", [])
    }
    assert guests & members[one]
    assert guests & members[other]


@pytest.mark.parametrize("entry", planted("same_name"))
def test_those_of_one_name_have_other_people_and_skills(
    members: dict[str, set[str]], communities: dict[str, dict[str, Any]], entry: dict[str, Any]
) -> None:
    one, other = (communities[community] for community in entry["ids"])
    assert one["name"].split()[0] == other["name"].split()[0]
    assert not set(one["skills"]) & set(other["skills"])
    assert share(members, *entry["ids"]) <= 0.1


@pytest.mark.parametrize("entry", planted("duplicates_unit"))
def test_a_community_that_is_a_unit_has_its_people(
    rows: Rows, members: dict[str, set[str]], entry: dict[str, Any]
) -> None:
    unit = {p["id"] for p in rows["people"] if p["unit_id"] == entry["unit_id"] and "left_on" not in p}
    there = members[entry["ids"][0]]
    assert len(unit & there) / len(unit) >= 0.8
    assert len(unit & there) / len(there) >= 0.75


def test_no_other_community_is_a_unit(rows: Rows, members: dict[str, set[str]]) -> None:
    unit_of = {person["id"]: person["unit_id"] for person in rows["people"]}
    sizes = Counter(person["unit_id"] for person in rows["people"] if "left_on" not in person)
    alike = set[str]()
    for community, there in members.items():
        unit, count = Counter(unit_of[person] for person in there).most_common(1)[0]
        if count / len(there) >= 0.75 and count / sizes[unit] >= 0.75:
            alike.add(community)
    assert alike == {entry["ids"][0] for entry in PLANTED if entry["kind"] == "duplicates_unit"}


def units_of(rows: Rows, members: dict[str, set[str]], community: str) -> Counter[str]:
    unit_of = {person["id"]: person["unit_id"] for person in rows["people"]}
    return Counter(unit_of[person] for person in members[community])


@pytest.mark.parametrize("entry", planted("too_broad"))
def test_broad_ones_draw_from_everywhere(rows: Rows, members: dict[str, set[str]], entry: dict[str, Any]) -> None:
    units = units_of(rows, members, entry["ids"][0])
    assert len(units) >= 18
    assert max(units.values()) / sum(units.values()) <= 0.2


def test_only_broad_ones_draw_from_everywhere(rows: Rows, members: dict[str, set[str]]) -> None:
    wide = {community for community in members if len(units_of(rows, members, community)) >= 15}
    assert wide == {entry["ids"][0] for entry in PLANTED if entry["kind"] == "too_broad"}


@pytest.mark.parametrize("entry", planted("too_narrow"))
def test_narrow_ones_have_hardly_any_members(members: dict[str, set[str]], entry: dict[str, Any]) -> None:
    assert 2 <= len(members[entry["ids"][0]]) <= 4


def last_activity(rows: Rows, community: str) -> str:
    """The latest day on which somebody met, asked, advised or joined."""
    questions = {row["id"] for row in rows["questions"] if row.get("community_id") == community}
    return max(
        *(row["starts_at"][:10] for row in rows["meetings"] if row["community_id"] == community),
        *(row["asked_at"] for row in rows["questions"] if row["id"] in questions),
        *(row["advised_at"] for row in rows["advice"] if row["question_id"] in questions),
        *(row.get("joined_on", "") for row in rows["memberships"] if row["community_id"] == community),
        "",
    )


@pytest.mark.parametrize("entry", planted("dormant"))
def test_dormant_ones_have_been_silent_for_a_year(
    rows: Rows, communities: dict[str, dict[str, Any]], entry: dict[str, Any]
) -> None:
    community = communities[entry["ids"][0]]
    assert community["status"] == ("dormant" if entry["says_so"] else "active")
    assert "" < last_activity(rows, community["id"]) < days_ago(400)


def test_all_others_have_been_active_within_a_year(rows: Rows, communities: dict[str, dict[str, Any]]) -> None:
    silent = {entry["ids"][0] for entry in PLANTED if entry["kind"] in ("dormant", "retired")}
    stale = {c for c in communities if c not in silent and last_activity(rows, c) < days_ago(330)}
    assert stale == set()


@pytest.mark.parametrize("entry", planted("retired"))
def test_retired_ones_have_an_end_and_no_members(
    rows: Rows, members: dict[str, set[str]], communities: dict[str, dict[str, Any]], entry: dict[str, Any]
) -> None:
    community = communities[entry["ids"][0]]
    assert community["status"] == "retired"
    assert last_activity(rows, community["id"]) <= community["retired_on"]
    assert not members[community["id"]]
    if "successor_id" in entry:
        assert communities[entry["successor_id"]]["name"] in community["domain"]


@pytest.mark.parametrize("entry", planted("proposed", "forming"))
def test_young_ones_say_so(communities: dict[str, dict[str, Any]], entry: dict[str, Any]) -> None:
    community = communities[entry["ids"][0]]
    assert community["status"] == entry["kind"]
    assert community["founded_on"] >= days_ago(200)


@pytest.mark.parametrize("entry", planted("restricted", "listed"))
def test_closed_doors_are_marked(communities: dict[str, dict[str, Any]], entry: dict[str, Any]) -> None:
    assert communities[entry["ids"][0]]["visibility"] == entry["kind"]


# --- People of the tour -------------------------------------------------------------------------------------------


def memberships_of(rows: Rows, person: str) -> list[str]:
    return sorted(
        row["community_id"] for row in rows["memberships"] if row["person_id"] == person and "left_on" not in row
    )


def test_the_tour_is_told_of_the_people_in_the_list() -> None:
    told = {entry["role"]: entry["ids"] for entry in PLANTED if entry["kind"] == "person"}
    assert told == {
        "newcomer": [NEWCOMER],
        "newcomers_manager": [NEWCOMERS_MANAGER],
        "knowledge_manager": [KNOWLEDGE_MANAGER],
        "member_of_three": [MEMBER_OF_THREE],
    }


def test_the_newcomer_joined_lately_and_waits_for_an_answer(rows: Rows) -> None:
    newcomer = by_id(rows["people"])[NEWCOMER]
    assert days_ago(35) <= newcomer["joined_on"] <= days_ago(14)
    assert newcomer["manager_id"] == NEWCOMERS_MANAGER
    assert newcomer["unit_id"]
    assert newcomer["interests"]
    assert memberships_of(rows, NEWCOMER) == ["python-guild"]
    held = [row for row in rows["person_skills"] if row["person_id"] == NEWCOMER]
    assert any(row.get("wants_to_learn") for row in held)
    assert any("level" in row for row in held)
    question = by_id(rows["questions"])[NEWCOMERS_QUESTION]
    assert question["asker_id"] == NEWCOMER
    assert question["asked_at"] >= newcomer["joined_on"]
    assert not [row for row in rows["advice"] if row["question_id"] == NEWCOMERS_QUESTION]


def test_somebody_can_help_the_newcomer_who_is_not_her_manager(rows: Rows) -> None:
    """The older question on ice was answered with success by people who are here and open to help."""
    people = by_id(rows["people"])
    icing = [
        row["id"] for row in rows["questions"] if "ice" in row["title"].casefold() and row["id"].startswith("q-ice")
    ]
    helpers = {row["helper_id"] for row in rows["advice"] if row["question_id"] in icing and row["outcome"] == "worked"}
    assert len(helpers) >= 2
    for helper in helpers:
        assert people[helper].get("open_to_help") is True
        assert "left_on" not in people[helper]
        assert helper != NEWCOMERS_MANAGER
    assert any(row["helper_id"] == NEWCOMERS_MANAGER for row in rows["advice"])


def test_newcomers_have_found_one_community_at_most(rows: Rows) -> None:
    newcomers = {row["id"] for row in rows["people"] if len(row.get("joined_on", "")) == 10} & {
        row["id"] for row in rows["people"] if row.get("joined_on", "") > days_ago(88)
    }
    counts = Counter(len(memberships_of(rows, person)) for person in newcomers)
    assert len(newcomers) >= 10
    assert set(counts) == {0, 1}


def test_the_member_of_three_belongs_to_three(rows: Rows) -> None:
    assert len(memberships_of(rows, MEMBER_OF_THREE)) == 3


def test_colleagues_share_communities(rows: Rows) -> None:
    """Two of one unit meet in a community far oftener than two of the whole company: units shape who joins what."""
    unit_of = {person["id"]: person["unit_id"] for person in rows["people"]}
    mine: dict[str, set[str]] = defaultdict(set)
    for row in rows["memberships"]:
        if "left_on" not in row:
            mine[row["person_id"]].add(row["community_id"])
    joined = sorted(mine)
    same: list[bool] = []
    other: list[bool] = []
    for place, one in enumerate(joined):
        for two in joined[place + 1 :]:
            (same if unit_of[one] == unit_of[two] else other).append(bool(mine[one] & mine[two]))
    assert sum(same) / len(same) > 4 * sum(other) / len(other)


def test_skills_shape_who_joins(rows: Rows, members: dict[str, set[str]]) -> None:
    """Members hold the skills of their community about twice as often as their colleagues of the same units do."""
    unit_of = {person["id"]: person["unit_id"] for person in rows["people"] if "left_on" not in person}
    held: dict[str, set[str]] = defaultdict(set)
    for row in rows["person_skills"]:
        held[row["person_id"]].add(row["skill_id"])
    inside: list[float] = []
    beside: list[float] = []
    for community in rows["communities"]:
        there, skills = members[community["id"]], set(community.get("skills", []))
        if len(there) < 10 or not skills:
            continue
        units = {unit_of[person] for person in there}
        inside += [len(held[person] & skills) for person in there]
        beside += [len(held[p] & skills) for p, unit in unit_of.items() if unit in units and p not in there]
    assert sum(inside) / len(inside) > 1.7 * sum(beside) / len(beside)
