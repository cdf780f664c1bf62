"""From a question to somebody, step by step, to how their advice worked out."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from graph.database import Database
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import log
from graph.reads import requests as reads
from graph.reads.people import dismissed_helpers
from graph.writes import by_hand
from graph.writes import requests as writes
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.days import today
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [
        {"id": "ann", "name": "Ann", "manager_id": "boss"},
        {"id": "boss", "name": "Boss"},
        {"id": "bob", "name": "Bob", "help_capacity": 2},
        {"id": "cy", "name": "Cy"},
        {"id": "dee", "name": "Dee"},
        {"id": "gone", "name": "Gone", "left_on": "2020-01-01"},
        {"id": "shy", "name": "Shy", "open_to_help": False},
    ],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "ropes"},
        {"id": "deals", "name": "Deals", "domain": "takeovers", "visibility": "restricted"},
    ],
    "memberships": [
        {"person_id": "ann", "community_id": "deals"},
        {"person_id": "cy", "community_id": "knots"},
        {"person_id": "cy", "community_id": "deals"},
    ],
    "questions": [
        {"id": "q1", "text": "Which knot?", "community_id": "knots", "asker_id": "ann", "asked_at": "2022"},
        {"id": "q2", "text": "Whose?", "asker_id": "dee"},
    ],
}


def as_member(person: str) -> Principal:
    return Principal(person, Role.MEMBER, f"key:{person}")


ANN, BOB, CY, DEE = (as_member(person) for person in ("ann", "bob", "cy", "dee"))


class Requests:
    """Steps as those who take them would."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(self, helper: str = "bob", asker: str = "ann", principal: Principal | None = None, **given: Any) -> str:
        if "question_id" not in given:
            given["question"] = {"text": "How do I splice?", **given.pop("question", {})}
        who = principal or as_member(asker)
        return self.database.write(lambda tx: writes.ask(tx, who, asker, helper, **given)).request.id

    def take(self, step: str, request_id: str, principal: Principal, *given: Any) -> reads.Seen:
        return self.database.write(lambda tx: getattr(writes, step)(tx, principal, request_id, *given))

    def see(self, request_id: str, principal: Principal) -> reads.Seen | None:
        return self.database.read(reads.request(request_id, principal))

    def advised(self) -> str:
        request = self.ask(question_id="q1")
        self.take("accept", request, BOB)
        self.take("advise", request, BOB, "A bowline.")
        return request


@pytest.fixture
def requests(database: Database, tmp_path: Path) -> Requests:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return Requests(database)


def test_a_request_goes_from_question_to_outcome(requests: Requests) -> None:
    before = requests.database.read(log.revision())
    request = requests.ask(question_id="q1")
    assert requests.take("accept", request, BOB).request.state == "accepted"
    advised = requests.take("advise", request, BOB, "A bowline.").request
    assert (advised.state, advised.advice) == ("advised", "A bowline.")
    given = "MATCH (h)-[:GAVE]->(a:Advice)-[:ANSWERS]->(q) RETURN h.id AS h, q.id AS q, properties(a) AS a"
    (row,) = requests.database.run_alone(given)
    assert (row["h"], row["q"], row["a"]["advised_at"], row["a"]["sources"]) == ("bob", "q1", today(), ["by-hand"])
    assert requests.take("tried", request, ANN).request.state == "tried"
    closed = requests.take("outcome", request, ANN, "partly").request
    assert (closed.state, closed.outcome) == ("closed", "partly")
    assert None not in (closed.decided_at, closed.advised_at, closed.tried_at, closed.ended_at)
    (row,) = requests.database.run_alone(given)
    assert (row["a"]["outcome"], row["a"]["followed_up_at"]) == ("partly", today())
    events = requests.database.read(log.events_after(before))
    assert [event.action for event in events] == [
        "ask.request", "accept.request", "advise.request", "tried.request", "outcome.request",
    ]  # fmt: skip
    assert {event.subjects[0] for event in events} == {f"help_request/{request}"}
    assert events[2].subjects[1] == events[4].subjects[1] == f"advice/q1/bob/{today()}"
    assert [event.actor for event in events] == ["key:ann", "key:bob", "key:bob", "key:ann", "key:ann"]


def test_a_new_question_is_made_with_the_request(requests: Requests) -> None:
    request = requests.ask(question={"title": "Splice", "community_id": "deals", "private": True})
    seen = requests.see(request, ANN)
    assert seen is not None
    found = seen.request
    assert (found.title, found.text, found.community_id, found.private) == ("Splice", "How do I splice?", "deals", True)
    (row,) = requests.database.run_alone("MATCH (q:Question {id: $id}) RETURN q.asked_at AS at", id=found.question_id)
    assert row["at"] == today()
    inside = requests.see(request, BOB)
    assert inside is not None
    assert inside.request.community_id is None, "Bob may not know of that community"
    with pytest.raises(NotFound, match="no community"):
        requests.ask(asker="dee", question={"community_id": "deals"})
    with pytest.raises(NotFound, match="has asked no question"):
        requests.ask(question_id="q2")


def test_an_outcome_that_nobody_knows_closes_without_a_trial(requests: Requests) -> None:
    closed = requests.take("outcome", requests.advised(), ANN, "unknown").request
    assert (closed.state, closed.outcome, closed.tried_at) == ("closed", "unknown", None)
    (row,) = requests.database.run_alone("MATCH (a:Advice) RETURN a.outcome AS o, a.followed_up_at AS at")
    assert (row["o"], row["at"]) == (None, today())
    with pytest.raises(InvalidInput, match="worked, partly"):
        requests.take("outcome", requests.ask(question_id="q1"), ANN, "splendid")


def test_a_step_out_of_turn_says_what_is_possible(requests: Requests) -> None:
    request = requests.ask()
    with pytest.raises(
        Conflict, match="is asked, so `advise` is not possible; possible now: accept, decline, withdraw"
    ):
        requests.take("advise", request, BOB, "x")
    for step in ("tried", "withdraw", "outcome"):
        with pytest.raises(Forbidden, match="asker"):
            requests.take(step, request, BOB, *(["worked"] if step == "outcome" else []))
    for step in ("accept", "decline", "advise"):
        with pytest.raises(Forbidden, match="helper"):
            requests.take(step, request, ANN, *(["x"] if step == "advise" else []))
    requests.take("withdraw", request, ANN)
    with pytest.raises(Conflict, match="is withdrawn, so `accept` is not possible; nothing more"):
        requests.take("accept", request, BOB)
    declined = requests.ask()
    requests.take("decline", declined, BOB, "No time.")
    with pytest.raises(Conflict, match="declined"):
        requests.take("accept", declined, BOB)
    assert requests.take("accept", requests.ask(), LOCAL_ADMIN).request.state == "accepted"


def test_who_is_ruled_out_is_not_asked_and_nobody_learns_who_opted_out(requests: Requests) -> None:
    def refusal(helper: str, **given: Any) -> str:
        with pytest.raises(Conflict) as caught:
            requests.ask(helper, **given)
        return str(caught.value)

    assert "themselves" in refusal("ann")
    assert "left" in refusal("gone")
    assert "reporting line" in refusal("boss")
    assert "reporting line" in refusal("ann", asker="boss")
    for _ in range(2):
        requests.ask()
    opted_out, full = refusal("shy"), refusal("bob")
    requests.database.write(
        lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "person", "dee", {"help_paused_until": "2999-01"})
    )  # fmt: skip
    told = {opted_out.replace("Shy", "X"), full.replace("Bob", "X"), refusal("dee").replace("Dee", "X")}
    assert told == {"X takes no more requests at present. Ask somebody else, or in a community."}
    requests.database.write(
        lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "person", "dee", {"help_paused_until": today()[:4]})
    )
    assert "takes no more" in refusal("dee"), "a pause until a year lasts to its end"
    requests.database.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "person", "dee", {"help_paused_until": None}))
    requests.ask("dee", question_id="q1")
    assert "already" in refusal("dee", question_id="q1")
    with pytest.raises(NotFound):
        requests.ask("nobody")
    assert requests.database.run_alone("MATCH (q:Question) RETURN count(q) AS n") == [{"n": 4}], "none for a refusal"


def test_a_decision_or_an_end_frees_capacity(requests: Requests) -> None:
    first, second = requests.ask(), requests.ask()
    requests.take("decline", first, BOB)
    third = requests.ask()
    requests.take("accept", second, BOB)
    with pytest.raises(Conflict):
        requests.ask()
    requests.take("advise", second, BOB, "So.")
    requests.take("withdraw", third, ANN)
    requests.ask()


def test_a_request_is_seen_by_the_two_and_by_the_community_unless_private(requests: Requests) -> None:
    shared = requests.ask(question_id="q1")
    private = requests.ask(question={"community_id": "knots", "private": True})
    nowhere = requests.ask("cy", question={})
    for request, readers in ((shared, {ANN, BOB, CY}), (private, {ANN, BOB}), (nowhere, {ANN, CY})):
        for who in (ANN, BOB, CY, DEE, Principal("dee", Role.KNOWLEDGE_MANAGER)):
            assert (requests.see(request, who) is not None) == (who in readers), (request, who)
        assert requests.see(request, LOCAL_ADMIN) is not None
    with pytest.raises(NotFound):
        requests.take("accept", private, DEE)
    with pytest.raises(Forbidden):
        requests.take("accept", shared, CY)


def test_lists_hold_what_one_asked_and_is_asked_the_latest_first(requests: Requests) -> None:
    asked = [requests.ask(), requests.ask("cy"), requests.ask("ann", asker="dee")]
    requests.take("accept", asked[0], BOB)

    def listed(person: str | None, **given: Any) -> list[str]:
        found = requests.database.read(reads.requests(LOCAL_ADMIN, person, **{"limit": 10, **given}))
        return [one.id for one in found]

    assert listed("ann") == listed(None) == asked[::-1]
    assert listed("ann", role="asker") == asked[1::-1]
    assert listed("ann", role="helper") == [asked[2]]
    assert listed("ann", states=["accepted"]) == [asked[0]]
    assert listed("dee") == [asked[2]]
    (first,) = requests.database.read(reads.requests(ANN, "ann", limit=1))
    assert listed("ann", behind=(first.requested_at, first.id)) == asked[1::-1]


def test_what_waits_too_long_is_due(requests: Requests) -> None:
    waiting, accepted, advised = requests.ask(), requests.ask("cy"), requests.ask("dee")
    requests.take("accept", accepted, CY)
    requests.take("accept", advised, DEE)
    requests.take("advise", advised, DEE, "So.")

    def due(days: int, person: str | None = None, **given: Any) -> list[tuple[str, str]]:
        moment = (date.today() + timedelta(days=1 - days)).isoformat()
        limits = dict.fromkeys(("asked", "accepted", "advised", "tried"), moment)
        found = requests.database.read(reads.due(LOCAL_ADMIN, person, limits, **{"limit": 10, **given}))
        return [(one.request.id, one.waits_for.id if one.waits_for else "") for one in found]

    assert due(2) == []
    assert due(0) == [(waiting, "bob"), (accepted, "cy"), (advised, "ann")]
    assert due(0, "cy") == [(accepted, "cy")]
    (first,) = requests.database.read(reads.due(ANN, "ann", {"asked": "9"}, limit=1))
    assert due(0, behind=(first.since, first.request.id)) == [(accepted, "cy"), (advised, "ann")]
    requests.take("outcome", advised, ANN, "worked")
    assert len(due(0)) == 2


def test_advice_given_twice_in_a_day_is_one(requests: Requests) -> None:
    first = requests.advised()
    requests.take("outcome", first, ANN, "did_not_work")
    second = requests.advised()
    closed = requests.take("outcome", second, ANN, "worked").request
    assert closed.advice_id == f"q1/bob/{today()}"
    third = requests.ask(question_id="q1")
    requests.take("accept", third, BOB)
    assert requests.take("advise", third, BOB, "Or a sheet bend.").request.advice == "A bowline.\n\nOr a sheet bend."
    assert requests.database.run_alone("MATCH (a:Advice) RETURN a.outcome AS o") == [{"o": "worked"}]


def test_an_import_takes_nothing_of_it_away(requests: Requests, tmp_path: Path) -> None:
    request = requests.advised()
    tables = {**TABLES, "questions": [], "people": TABLES["people"][:1]}
    source = BundleSource(write(tmp_path / "hr", tables), "hr")
    ingest(requests.database, source, rejects_folder=tmp_path / "rejects", sweep=True, prune_at_most=100)
    seen = requests.see(request, BOB)
    assert seen is not None
    assert (seen.request.question_id, seen.request.helper.id, seen.request.advice) == ("q1", "bob", "A bowline.")


@pytest.mark.parametrize(
    ("day", "known"),
    [
        ("2025-01-01", None),
        ("2025-01-02", ("asked", None)),
        ("2025-01-03", ("accepted", True)),
        ("2025-01-04", ("advised", True)),
        ("2025-01-05", ("closed", True)),
        (None, ("closed", True)),
    ],
)
def test_what_was_known_of_a_request_on_a_day(day: str | None, known: tuple | None) -> None:
    moments = [f"2025-01-0{number}T10:00:00.000Z" for number in range(1, 5)]
    found = reads.RequestFact("r", "h", "closed", *moments).as_known(day)
    assert (found and (found.state, found.accepted)) == known


def test_thumbs_and_dismissed_helpers_are_kept(requests: Requests) -> None:
    database = requests.database
    database.write(lambda tx: by_hand.thumb(tx, ANN, "ann", "person", "bob", True))
    database.write(lambda tx: by_hand.thumb(tx, ANN, "ann", "community", "deals", False))
    with pytest.raises(NotFound):
        database.write(lambda tx: by_hand.thumb(tx, BOB, "bob", "community", "deals", True))
    with pytest.raises(NotFound):
        database.write(lambda tx: by_hand.thumb(tx, ANN, "ann", "person", "nobody", True))
    events = database.read(log.events_after(0))[-2:]
    assert [(event.action, event.subjects[1], event.details["thumb"]) for event in events] == [
        ("thumb.person", "person/bob", "up"), ("thumb.community", "community/deals", "down"),
    ]  # fmt: skip
    database.write(lambda tx: by_hand.dismiss_helper(tx, ANN, "ann", "bob", "we fell out", "2020"))
    assert database.read(dismissed_helpers("ann")) == frozenset()
    database.write(lambda tx: by_hand.dismiss_helper(tx, ANN, "ann", "bob", None, today()))
    assert database.read(dismissed_helpers("ann")) == {"bob"}
    database.write(lambda tx: by_hand.undo_helper_dismissal(tx, ANN, "ann", "bob"))
    assert database.read(dismissed_helpers("ann")) == frozenset()


PEOPLE = ("ann", "boss", "bob", "cy", "dee")
TEXTS = ("A bowline.", "Two half hitches.", "Ask the loft.")
STEPS = ("accept", "decline", "advise", "tried", "outcome", "withdraw")


def test_no_sequence_loses_advice_or_lets_anybody_take_the_step_of_another(database: Database) -> None:
    person, number = st.sampled_from(PEOPLE), st.integers(0, 5)

    class Helping(RuleBasedStateMachine):
        @initialize()
        def load(self) -> None:
            database.run_alone("MATCH (n) WHERE NOT n:Migration AND NOT n:Meta DETACH DELETE n")
            folder = Path(mkdtemp())
            ingest(database, BundleSource(write(folder / "hr", TABLES), "hr"), rejects_folder=folder / "rejects")
            self.asked: list[tuple[str, str, str]] = []
            self.given: dict[tuple[str, str], set[str]] = {}
            self.over: set[str] = set()

        @rule(asker=person, helper=person, again=st.booleans())
        def ask(self, asker: str, helper: str, again: bool) -> None:
            given = {"question_id": "q1"} if again else {"question": {"text": "How do I splice?"}}
            try:
                made = database.write(lambda tx: writes.ask(tx, as_member(asker), asker, helper, **given)).request
            except (Conflict, NotFound):
                return
            assert asker != helper
            assert {asker, helper} != {"ann", "boss"}, "nobody asks their own line"
            assert not again or asker == "ann", "only who asked it before asks it again"
            self.asked.append((made.id, asker, helper))

        @rule(who=person, which=number, step=st.sampled_from(STEPS), text=st.sampled_from(TEXTS))
        def take(self, who: str, which: int, step: str, text: str) -> None:
            if not self.asked:
                return
            request_id, asker, helper = self.asked[which % len(self.asked)]
            told = {"advise": (text,), "outcome": ("worked",)}.get(step, ())
            try:
                found = database.write(lambda tx: getattr(writes, step)(tx, as_member(who), request_id, *told)).request
            except (Conflict, Forbidden, NotFound):
                return
            assert who == (helper if step in ("accept", "decline", "advise") else asker)
            assert request_id not in self.over
            if step in ("decline", "outcome", "withdraw"):
                self.over.add(request_id)
            if step == "advise":
                self.given.setdefault((found.question_id, helper), set()).add(text)

        @rule()
        def come_again(self) -> None:
            """The source tells the same again, and less."""
            folder = Path(mkdtemp())
            tables = {**TABLES, "questions": []}
            source = BundleSource(write(folder / "hr", tables), "hr")
            ingest(database, source, rejects_folder=folder / "rejects", sweep=True, prune_at_most=100)

        @invariant()
        def nothing_is_lost(self) -> None:
            rows = database.run_alone(
                "MATCH (p:Person)-[:GAVE]->(a:Advice)-[:ANSWERS]->(q:Question) RETURN q.id AS q, p.id AS p, a.text AS t"
            )
            kept = {(row["q"], row["p"]): row["t"] for row in rows}
            for key, texts in getattr(self, "given", {}).items():
                assert all(text in kept.get(key, "") for text in texts), key

    run_state_machine_as_test(
        Helping,
        settings=settings(
            max_examples=8, stateful_step_count=30, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
