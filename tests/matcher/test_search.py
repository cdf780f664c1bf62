"""Catalogue search: what a person finds by words, names, slips and meaning, and what they may not find."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.database import Database
from graph.errors import InvalidInput
from graph.models import Community, Principal, Role
from graph.reads import vectors
from graph.reads.communities import Practice
from graph.reads.vectors import KeptVector
from graph.text import searchable
from matcher.catalogue import Catalogue
from matcher.community.signs import LastSigns
from matcher.indexing import index
from matcher.lexical import LexicalIndex, claimed
from matcher.search import (
    LONGEST_QUERY,
    MOST_TERMS,
    Filters,
    Query,
    SearchPage,
    cleaned,
    score_communities,
    search,
)
from matcher.snapshot import Snapshot, build
from tests.bench import search_kubernetes as bench
from tests.embedders import HashingEmbedder

ANYBODY = Principal()

# How many random texts are searched for.
TEXTS = 3_000


def add_community(database: Database, key: str, name: str, domain: str = "", **more: object) -> None:
    database.run_alone(
        "CREATE (c:Community {id: $id}) SET c += $more",
        id=key,
        more={
            "name": name,
            "domain": domain,
            **more,
            "search_name": searchable(name),
            "search_text": searchable(domain),
        },
    )


def add_skill(database: Database, key: str, name: str, *alt_labels: str) -> None:
    database.run_alone(
        "CREATE (s:Skill {id: $id, name: $name, alt_labels: $alt, search_name: $search_name, search_text: $text})",
        id=key, name=name, alt=list(alt_labels), search_name=searchable(name), text=searchable(*alt_labels),
    )  # fmt: skip


def add_person(database: Database, key: str, name: str, title: str = "", skills: tuple[str, ...] = (), **more: object):
    database.run_alone(
        "CREATE (p:Person {id: $id}) SET p += $more WITH p UNWIND $skills AS skill MATCH (s:Skill {id: skill}) "
        "CREATE (p)-[:HAS_SKILL {id: p.id + '/' + s.id, level: 3}]->(s)",
        id=key,
        skills=list(skills),
        more={"name": name, "title": title, **more, "search_name": searchable(name), "search_text": searchable(title)},
    )


@pytest.fixture
def organisation(database: Database) -> Database:
    add_community(
        database, "storage", "Storage", "Persistent volumes, snapshots and disks for containers.", topics=["volumes"]
    )
    add_community(
        database, "pki", "Trust", "Certificate issue and rotation. Keys are kept in hardware.", topics=["tls"]
    )
    add_community(database, "old", "Certificate Circle", "Certificate issue and rotation.", status="retired")
    add_community(
        database, "secret", "Acquisition", "The takeover of Zorbax.", visibility="restricted", topics=["deals"]
    )
    add_skill(database, "java", "Java", "JVM")
    add_skill(database, "tls", "Certificate management")
    database.run_alone("MATCH (c {id: 'pki'}), (s {id: 'tls'}) CREATE (c)-[:COVERS]->(s)")
    add_person(database, "ann", "Ann Berg", "Certificate engineer", ("tls",))
    add_person(database, "bo", "Bo Lind", "Developer", ("java",))
    add_person(database, "gone", "Cy Gone", "Certificate engineer", ("tls",), left_on="2020")
    database.run_alone(
        "MATCH (c {id: 'secret'}), (p {id: 'ann'}) CREATE (p)-[:MEMBER_OF {id: 'm'}]->(c) "
        "CREATE (top:OrgUnit {id: 'top', name: 'Top'})<-[:PART_OF]-(u:OrgUnit {id: 'unit', name: 'Unit'}) "
        "CREATE (p)-[:WORKS_IN]->(u)"
    )
    return database


def find(
    database: Database,
    text: str,
    *,
    embedder: HashingEmbedder | None = None,
    principal: Principal = ANYBODY,
    held: Snapshot | None = None,
    **options,
) -> SearchPage:
    """The page that somebody gets; `held` is a snapshot to answer from, read anew where it is None."""
    model = database.read(vectors.model())
    if embedder is None or model is None or model.name != embedder.name:
        embedder = model = None
    vector = embedder.encode([cleaned(text)])[0] if embedder and text.strip() else None
    held = held or database.follow(build(model))
    steps = search(held.catalogue, text, vector, visible=held.visible_to(principal), model=model, **options)
    return database.follow(steps)


def ids(page: SearchPage) -> list[str]:
    return [hit.id for hit in page.results]


def test_one_search_finds_communities_people_and_skills(organisation: Database):
    page = find(organisation, "certificate")
    assert {"pki", "old", "tls", "ann"} <= set(ids(page))
    assert page.facets["kind"] == {"community": 2, "skill": 1, "person": 1}
    assert page.facets["unit"] == {"Unit": 1}
    assert page.total == 4
    assert ids(find(organisation, "certificate", kinds=["skill"])) == ["tls"]


def posted(*days: str) -> Practice:
    return Practice(posts=days)


def test_a_hit_tells_when_something_went_on_there_last(organisation: Database):
    lives = LastSigns.of(
        {"pki": posted("2019-03", "2018-01-01"), "other": posted("2026-01-02", "2999-01-01")}, "2026-11-01"
    )
    (hit,) = find(organisation, "hardware keys", kinds=["community"], lives=lives).results
    assert hit.details["last_sign_of_life"] == "2019-03"
    assert "quiet: nothing dated since 2019-03" in hit.reasons
    recent = LastSigns.of({"pki": posted("2019-03"), "other": posted("2020-01-02")}, "2026-11-01")
    (hit,) = find(organisation, "hardware keys", kinds=["community"], lives=recent).results
    assert not any("quiet" in reason for reason in hit.reasons), "the data end in 2020: less than a year later"
    (hit,) = find(organisation, "hardware keys", kinds=["community"]).results
    assert "last_sign_of_life" not in hit.details


def test_a_hit_says_why_and_shows_where(organisation: Database):
    (hit,) = find(organisation, "hardware keys", kinds=["community"]).results
    assert (hit.id, hit.name) == ("pki", "Trust")
    assert {hit.snippet[start:end].strip(".") for start, end in hit.highlights} == {"Keys", "hardware"}
    assert any("hardware" in reason for reason in hit.reasons)


@pytest.mark.parametrize(
    "name", ["C", "C++", "C#", ".NET", "Node.js", "Café Zürich", "Go", "IT", "R&D", "Łódź", "日本語", "AND", "Java"]
)
@pytest.mark.parametrize("kind", ["skill", "community", "person"])
def test_a_name_finds_itself_first(database: Database, name: str, kind: str):
    others = ["C", "C++", "C#", ".NET", "Node.js", "Café Zürich", "Go", "IT", "R&D", "Łódź", "日本語", "AND", "Java"]
    add = {"skill": add_skill, "community": add_community, "person": add_person}[kind]
    for number, other in enumerate(others):
        add(database, f"{number:02}", other)
        add(database, f"{number:02}-more", f"{other} {other} group")
    assert find(database, name).results[0].name == name
    assert find(database, f"  {name.upper()} ").results[0].name == name


def test_a_name_without_its_accents_or_case_is_found(database: Database):
    add_community(database, "c", "Café Zürich")
    assert ids(find(database, "cafe zurich")) == ["c"]
    assert ids(find(database, "CAFÉ ZÜRICH")) == ["c"]


def test_the_exact_name_comes_before_a_text_that_is_full_of_it(database: Database):
    add_community(database, "exact", "Storage", "words of all sorts " * 30, status="retired")
    add_community(database, "full", "Storage storage", "storage storage storage")
    assert ids(find(database, "storage"))[0] == "exact"


@pytest.mark.parametrize("slip", ["certifcate", "certificaet", "cretificate", "certificates", "certific"])
def test_slips_and_beginnings_of_words_are_understood(organisation: Database, slip: str):
    found = set(ids(find(organisation, slip)))
    assert {"pki", "tls", "ann"} <= found
    assert "storage" not in found


def test_a_correction_is_told(organisation: Database):
    page = find(organisation, "snapshto disks")
    assert ids(page)[0] == "storage"
    assert any("snapshots" in note and "snapshto" in note for note in page.notes)


def test_a_weak_best_hit_stays_weak(organisation: Database):
    strong = find(organisation, "certificate rotation", kinds=["community"]).results[0].score
    weak = find(organisation, "certificate of attendance for a pottery evening", kinds=["community"]).results[0].score
    assert weak < 0.6 * strong


def test_both_kinds_of_evidence_add_up():
    communities = [Community(key, "Guild", "disks and tapes") for key in ("a", "b")]
    stored = {"a": np.array([1, 0], dtype=np.float32), "b": np.array([0, 1], dtype=np.float32)}
    known = Catalogue.of(communities, {key: KeptVector("", vector) for key, vector in stored.items()})
    score, lexical, dense = score_communities(known, ["disk"], stored["a"])
    assert lexical[0] == lexical[1] > 0
    assert dense[0] > dense[1] == 0
    np.testing.assert_allclose(score, lexical + dense)


def test_a_score_does_not_depend_on_what_else_is_asked_for(organisation: Database):
    alone = find(organisation, "certificate", kinds=["person"]).results[0]
    among = next(hit for hit in find(organisation, "certificate").results if hit.id == "ann")
    assert alone.score == among.score


def test_retired_communities_come_after_active_ones_unless_asked_for(organisation: Database):
    page = find(organisation, "certificate issue rotation", kinds=["community"])
    assert ids(page) == ["pki", "old"]
    assert "retired" in page.results[1].reasons
    assert page.facets["status"] == {"active": 1, "retired": 1}
    asked = find(organisation, "certificate rotation", kinds=["community"], filters=Filters(status="retired"))
    assert ids(asked) == ["old"]


def test_a_restricted_community_shows_to_members_and_managers_only(organisation: Database):
    for text in ("Acquisition", "takeover Zorbax", "zorbx", "the takeover"):
        page = find(organisation, text, kinds=["community"])
        assert ids(page) == []
        assert page.total == 0
        assert page.facets == {}
        assert "orbax" not in str(page.notes)  # a correction would give it away
        assert ids(find(organisation, text, principal=Principal("bo"), kinds=["community"])) == []
        assert ids(find(organisation, text, principal=Principal("ann"), kinds=["community"])) == ["secret"]
        for role in (Role.ADMIN, Role.KNOWLEDGE_MANAGER):
            assert "secret" in ids(find(organisation, text, principal=Principal(role=role)))


def test_who_left_the_restricted_community_does_not_see_it(organisation: Database):
    organisation.run_alone("MATCH (:Person {id: 'ann'})-[m:MEMBER_OF]->() SET m.left_on = '2021'")
    assert ids(find(organisation, "Acquisition", principal=Principal("ann"))) == []


def test_people_who_left_are_not_found(organisation: Database):
    assert "gone" not in ids(find(organisation, "Cy Gone"))
    assert "gone" not in ids(find(organisation, "certificate", kinds=["person"]))
    assert "gone" in ids(find(organisation, "Cy Gone", today="2019-01-01"))


def test_someone_is_found_by_the_skill_they_hold(organisation: Database):
    assert ids(find(organisation, "java", kinds=["person"])) == ["bo"]
    assert ids(find(organisation, "JVM", kinds=["skill"])) == ["java"]


def test_filters_narrow_hits_and_counts(organisation: Database):
    assert ids(find(organisation, "certificate", filters=Filters(topic="TLS"))) == ["pki"]
    assert set(ids(find(organisation, "certificate", filters=Filters(skill="tls")))) == {"pki", "ann"}
    assert set(ids(find(organisation, "certificate", filters=Filters(skill="certificate management")))) == {
        "pki",
        "ann",
    }
    page = find(organisation, "certificate", filters=Filters(unit="top"))
    assert ids(page) == ["ann"]
    assert page.facets == {"kind": {"person": 1}, "unit": {"Unit": 1}}
    assert page.total == 1


def test_pages_follow_one_another_without_gap_or_repeat(database: Database):
    for number in range(25):
        add_community(database, f"c{number:02}", f"Guild {number}", "certificate")
    whole = ids(find(database, "certificate", limit=100))
    pages, cursor = list[str](), None
    while True:
        page = find(database, "certificate", limit=10, cursor=cursor)
        assert page.total == 25
        pages += ids(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == whole
    assert len(set(whole)) == 25


@pytest.mark.parametrize("cursor", ["", "x", "é", "W10", "WzEsMl0", "bnVsbA", "[" * 9000])
def test_a_cursor_of_something_else_is_refused(database: Database, cursor: str):
    with pytest.raises(InvalidInput, match="cursor"):
        find(database, "certificate", cursor=cursor)


def test_a_limit_below_one_is_refused(database: Database):
    with pytest.raises(InvalidInput, match="limit"):
        find(database, "certificate", limit=0)


def test_before_indexing_words_alone_decide_and_it_is_said(organisation: Database):
    embedder = HashingEmbedder()
    page = find(organisation, "certificate", embedder=embedder)
    assert "pki" in ids(page)
    assert any("guildmap index" in note for note in page.notes)
    index(organisation, embedder)
    page = find(organisation, "certificate", embedder=embedder)
    assert page.notes == ()
    assert any("close in meaning" in reason for hit in page.results for reason in hit.reasons)
    other = find(organisation, "certificate", embedder=HashingEmbedder("other"))
    assert any("guildmap index" in note for note in other.notes)


def test_one_snapshot_answers_everybody_with_what_they_may_see(organisation: Database):
    embedder = HashingEmbedder()
    index(organisation, embedder)
    held = organisation.follow(build(organisation.read(vectors.model())))

    def found(text: str, principal: Principal = ANYBODY) -> list[str]:
        page = find(organisation, text, embedder=embedder, principal=principal, held=held, kinds=["community"])
        return [hit.id for hit in page.results if any("text holds" in reason for reason in hit.reasons)]

    assert found("Zorbax") == []
    assert found("Zorbax", Principal("ann")) == ["secret"]
    assert found("Zorbax", Principal("bo")) == []
    assert found("Zorbax", Principal(role=Role.ADMIN)) == ["secret"]


@pytest.mark.parametrize("text", ["{} certificate", "certificate {}", "hardware keys of {}"])
def test_a_word_of_hidden_texts_alone_is_as_unknown_as_nonsense(organisation: Database, text: str):
    # Whoever compares answers must not learn that the word is there: neither by a score, nor by a note or a completion.
    for hidden, nonsense in (("zorbax", "quxwyz"), ("takeover", "quxwyzqu"), ("zorb", "quxw"), ("zorbx", "quxwz")):
        pages = [find(organisation, text.format(word)) for word in (hidden, nonsense)]
        seen = [[(h.id, h.score, h.snippet, h.highlights, h.reasons) for h in page.results] for page in pages]
        assert seen[0] == seen[1]
        assert pages[0].notes == pages[1].notes
        told = find(organisation, text.format(hidden), principal=Principal("ann"), kinds=["community"])
        assert "secret" in ids(told)


def test_without_a_text_the_catalogue_is_listed_by_name(organisation: Database):
    page = find(organisation, "  ")
    assert [hit.name for hit in page.results] == ["Certificate Circle", "Storage", "Trust"]
    assert page.total == 3
    assert page.facets["topic"] == {"volumes": 1, "tls": 1}
    assert page.facets["status"] == {"active": 2, "retired": 1}
    assert page.results[1].snippet.startswith("Persistent volumes")
    assert page.notes == ()
    assert ids(find(organisation, "", principal=Principal("ann"))) == ["secret", "old", "storage", "pki"]
    assert ids(find(organisation, "", filters=Filters(topic="TLS"))) == ["pki"]
    assert ids(find(organisation, "", filters=Filters(topic="deals"))) == []
    assert ids(find(organisation, "", filters=Filters(status="retired"))) == ["old"]
    assert ids(find(organisation, "", filters=Filters(skill="tls"), kinds=["community"])) == ["pki"]
    first = find(organisation, "", limit=2)
    assert ids(first) + ids(find(organisation, "", limit=2, cursor=first.next_cursor)) == ["old", "storage", "pki"]


def test_long_texts_are_cut_and_it_is_said(organisation: Database):
    page = find(organisation, "certificate " * LONGEST_QUERY)
    assert "pki" in ids(page)
    assert any("characters" in note for note in page.notes)
    many = " ".join(f"word{n}" for n in range(MOST_TERMS)) + " certificate"
    page = find(organisation, many)
    assert any("most telling" in note for note in page.notes)


@pytest.mark.parametrize(
    "text", ["", "   ", "???", "\x00", "\ud800", "🙂", "AND", "OR NOT", "*:*", '"', "(" * 500, "~1"]
)
def test_empty_and_odd_texts_are_answered(organisation: Database, text: str):
    embedder = HashingEmbedder()
    index(organisation, embedder)
    find(organisation, text, embedder=embedder)


def test_an_empty_graph_answers(database: Database):
    page = find(database, "anything")
    assert (page.results, page.total, dict(page.facets), page.next_cursor) == ((), 0, {}, None)


LUCENE = st.sampled_from([*'+-&|!(){}[]^"~*?:\\/ .#', "AND", "OR", "NOT", "TO", "c++", "search_name:", "_exists_:"])
ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(LUCENE, st.text(max_size=6)), max_size=15).map("".join),
    st.text(st.characters(categories=["L", "N", "M", "S", "Cs", "Cn"]), max_size=30),
)


@pytest.fixture(scope="module")
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


def test_no_text_whatever_breaks_a_search(organisation: Database, embedder: HashingEmbedder):
    index(organisation, embedder)
    held = organisation.follow(build(organisation.read(vectors.model())))

    @settings(max_examples=TEXTS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(ANY_TEXT)
    def holds(text: str) -> None:
        page = find(organisation, text, embedder=embedder, held=held, limit=3)
        assert len(page.results) <= 3 <= max(3, page.total)
        assert "secret" not in ids(page)
        for hit in page.results:
            assert hit.reasons
            assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.highlights)

    holds()


def test_most_telling_words_are_the_rare_ones():
    known = Catalogue.of([Community(str(n), "Guild", "common words" + " rare" * (n == 0)) for n in range(9)], None)
    text = " ".join(f"unknown{n}" for n in range(MOST_TERMS - 1)) + " common rare"
    query = Query.of(known.lexical, text)
    assert query.cut
    assert "rare" in query.words
    assert "common" not in query.words


def test_similarity_is_that_of_the_formula():
    known = LexicalIndex.fit([["disk", "disk", "tape"], ["tape"], ["key"]])
    idf = {"disk": np.log(4 / 2) + 1, "tape": np.log(4 / 3) + 1}
    row = np.array([(1 + np.log(2)) * idf["disk"], idf["tape"]])
    expected = row[0] / np.linalg.norm(row)
    assert known.similarity(["disk"])[0] == pytest.approx(expected, rel=1e-5)
    assert known.similarity(["disk"])[1:].tolist() == [0, 0]
    assert known.shared_terms(["tape", "disks", "key"], 0) == ["disks", "tape"]
    assert known.bm25(["disk"])[0] <= known.best_bm25(["disk"])
    assert LexicalIndex.fit([]).similarity(["disk"]).shape == (0,)
    assert LexicalIndex.fit([[], ["disk"]]).similarity(["disk"]).tolist() == [0, pytest.approx(1)]


def test_a_narrowed_index_knows_the_terms_of_what_is_visible():
    known = LexicalIndex.fit([["disk", "tape"], ["tape", "key"]])
    assert known.narrowed(np.array([True, True])) is known
    mine = known.narrowed(np.array([True, False]))
    assert mine.known_names() == ["disk", "tape"]
    np.testing.assert_array_equal(mine.similarity(["tape", "key"]), known.similarity(["tape", "nonsense"]))
    np.testing.assert_array_equal(mine.bm25(["tape", "key"]), known.bm25(["tape", "nonsense"]))
    assert mine.best_bm25(["key"]) == known.best_bm25(["nonsense"])


def test_what_a_domain_leaves_to_others_does_not_count():
    text = "Disks. ## Scope ### In scope tapes ### Out of scope #### Also keys ### Roles chairs"
    assert claimed(text).split() == ["Disks.", "##", "Scope", "###", "In", "scope", "tapes", "###", "Roles", "chairs"]
    assert claimed("Disks\n- Out of scope: keys\nTapes") == "Disks\n\nTapes"
    assert claimed("## Non-goals\nkeys\n# Next\ndisks") == "# Next\ndisks"
    assert claimed("We scope disks out of scope creep") == "We scope disks out of scope creep"
    assert claimed("# Out of scope keys") == "# Out of scope keys"
    assert claimed("") == ""


def test_words_alone_find_owners_no_worse_than_plain_tfidf(shared_data: Path):
    asked = bench.task(shared_data / "kubernetes" / "bundle")
    words = bench.mrr_and_hit(bench.ours(asked, None), asked.owners)
    plain = bench.mrr_and_hit(bench.by_tfidf(asked), asked.owners)
    assert words[0] >= plain[0]
