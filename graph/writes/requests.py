"""Requests for help: ask, and each step from there to the outcome. Each leaves one event."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.facts import BY_HAND, Fields, spell_id
from graph.models import HelpRequest, Principal, Role, lasts
from graph.reads import requests as reads
from graph.reads.requests import Seen
from graph.sentences import possible_now, state_said, tell
from graph.writes.by_hand import seen_community
from graph.writes.events import now, record_event
from graph.writes.facts import create_by_hand, set_by_hand

OUTCOMES = ("worked", "partly", "did_not_work", "unknown")


@dataclass(frozen=True)
class Step:
    """A step that one of the two takes, from which states, to which, and which moment it marks."""

    by: str
    begins: tuple[str, ...]
    ends: str
    moment: str


# To say how advice worked out is to say that it was tried, so that `tried` may be passed over.
STEPS: Mapping[str, Step] = {
    "accept": Step("helper", ("asked",), "accepted", "decided_at"),
    "decline": Step("helper", ("asked",), "declined", "decided_at"),
    "advise": Step("helper", ("accepted",), "advised", "advised_at"),
    "tried": Step("asker", ("advised",), "tried", "tried_at"),
    "outcome": Step("asker", ("advised", "tried"), "closed", "ended_at"),
    "withdraw": Step("asker", ("asked", "accepted"), "withdrawn", "ended_at"),
}


def possible_steps(request: HelpRequest, by: frozenset[str]) -> list[str]:
    """What somebody who acts as asker, helper or both (see Seen.by) can do with the request as it stands."""
    return [name for name, step in STEPS.items() if request.state in step.begins and step.by in by]


def ask(
    transaction: Transaction,
    principal: Principal,
    asker_id: str,
    helper_id: str,
    *,
    question_id: str | None = None,
    question: Fields | None = None,
    recommended: bool = False,
    order: Sequence[str] = (),
) -> Seen:
    """Puts a question to a person: one that the asker owns, or a new one of these fields (text, title, community_id,
    private). `recommended`: whether the helper had been suggested.

    Raises NotFound, and Conflict where that person is not to be asked.
    """
    _may_be_asked(transaction, asker_id, helper_id, question_id)
    at = now()
    if question_id is None:
        given = {name: value for name, value in (question or {}).items() if value is not None}
        community_id = given.get("community_id")
        if community_id is not None:
            # As the asker sees it, whoever types for them.
            seen_community(transaction, Principal(asker_id, Role.MEMBER), community_id)
        question_id = f"q-{secrets.token_hex(8)}"
        fields = {**given, "asker_id": asker_id, "asked_at": _today()}
        create_by_hand(transaction, "question", question_id, fields, at=at, order=order)
    else:
        owners = [row["asker_id"] for row in transaction.run("read/question_asked", id=question_id)]
        if owners != [asker_id]:
            raise NotFound(
                tell(
                    "%(asker_id)r has asked no question with the id %(question_id)r.",
                    asker_id=asker_id,
                    question_id=question_id,
                )
            )
    request_id = f"r-{secrets.token_hex(8)}"
    transaction.run(
        "write/create_request", id=request_id, question_id=question_id, helper_id=helper_id, at=at, source=BY_HAND
    )
    _record(
        transaction, principal, "ask", request_id, [f"question/{question_id}"], asker_id=asker_id, helper_id=helper_id,
        recommended=recommended,
    )  # fmt: skip
    return seen_request(transaction, Principal(asker_id, Role.MEMBER), request_id)


def accept(transaction: Transaction, principal: Principal, request_id: str) -> Seen:
    return _take(transaction, principal, _ready(transaction, principal, request_id, "accept"), "accept")


def decline(transaction: Transaction, principal: Principal, request_id: str, reason: str | None = None) -> Seen:
    """`reason` is read by the two of them and by admins."""
    seen = _ready(transaction, principal, request_id, "decline")
    return _take(transaction, principal, seen, "decline", {"reason": reason})


def advise(
    transaction: Transaction, principal: Principal, request_id: str, text: str, order: Sequence[str] = ()
) -> Seen:
    """Writes the helper's advice, of today; what they said on the question earlier that day stays in front of it."""
    seen = _ready(transaction, principal, request_id, "advise")
    question_id, helper_id, today = seen.request.question_id, seen.request.helper.id, _today()
    # The key by which an import would tell of the same advice.
    key = spell_id(question_id, helper_id, today)
    if stored := transaction.run("read/stored_advice", ids=[key]):
        before: str = stored[0]["stored"].get("text") or ""
        text = before if text in before.split("\n\n") else f"{before}\n\n{text}".strip()
        set_by_hand(transaction, "advice", key, {"text": text}, at=now(), order=order)
    else:
        fields = {"question_id": question_id, "helper_id": helper_id, "advised_at": today, "text": text}
        create_by_hand(transaction, "advice", key, fields, at=now(), order=order)
    transaction.run("write/link_request_advice", id=request_id, advice_id=key, source=BY_HAND)
    return _take(transaction, principal, seen, "advise", subjects=[f"advice/{key}"])


def tried(transaction: Transaction, principal: Principal, request_id: str) -> Seen:
    return _take(transaction, principal, _ready(transaction, principal, request_id, "tried"), "tried")


def outcome(
    transaction: Transaction,
    principal: Principal,
    request_id: str,
    told: str,
    order: Sequence[str] = (),
    learned: str | None = None,
) -> Seen:
    """Closes a request with one of OUTCOMES, which is written to the advice too, as is what was `learned` by it."""
    if told not in OUTCOMES:
        raise InvalidInput(
            tell("outcome: must be one of %(names)s, not %(told)r.", names=", ".join(OUTCOMES), told=told)
        )
    seen = _ready(transaction, principal, request_id, "outcome")
    subjects: list[str] = []
    if seen.request.advice_id is not None:
        # An advice has no outcome `unknown`: it has none, and the day says that somebody was asked.
        known = {"outcome": told} if told != "unknown" else {}
        fields = {**known, "followed_up_at": _today(), **({"learned": learned} if learned else {})}
        set_by_hand(transaction, "advice", seen.request.advice_id, fields, at=now(), order=order)
        subjects.append(f"advice/{seen.request.advice_id}")
    given: Fields = {"outcome": told, **({"learned": learned} if learned else {})}
    if told != "unknown" and seen.request.tried_at is None:
        given["tried_at"] = now()
    return _take(transaction, principal, seen, "outcome", given, subjects, outcome=told)


def withdraw(transaction: Transaction, principal: Principal, request_id: str) -> Seen:
    return _take(transaction, principal, _ready(transaction, principal, request_id, "withdraw"), "withdraw")


def seen_request(transaction: Transaction, principal: Principal, request_id: str) -> Seen:
    """The request as the principal may see it. Raises NotFound where there is none that they may."""
    found = transaction.read(reads.request(request_id, principal))
    if found is None:
        raise reads.no_request(request_id)
    return found


def _may_be_asked(transaction: Transaction, asker_id: str, helper_id: str, question_id: str | None) -> None:
    """Raises NotFound or Conflict unless the asker may put the question to the helper."""
    rows = transaction.run("read/asking", asker_id=asker_id, helper_id=helper_id, question_id=question_id)
    if not rows:
        raise NotFound(
            tell("There is no person %(asker_id)r, or no person %(helper_id)r.", asker_id=asker_id, helper_id=helper_id)
        )
    (row,) = rows
    name, today = row["name"], _today()
    if asker_id == helper_id:
        raise Conflict(tell("Nobody asks themselves for help: name somebody else."))
    if row["left_on"] is not None and row["left_on"] <= today:
        raise Conflict(tell("%(name)s has left the organisation.", name=name))
    if row["external"]:
        # What is asked inside would go to another organisation, and they could not read it here anyway.
        raise Conflict(
            tell("%(name)s is from outside the organisation. Ask whoever knows them to introduce you.", name=name)
        )
    if row["in_line"]:
        raise Conflict(
            tell(
                "%(name)s is in the asker's reporting line. Ask somebody who does not judge, nor is judged.", name=name
            )
        )
    paused = row["help_paused_until"] is not None and lasts(row["help_paused_until"], today)
    full = row["help_capacity"] is not None and row["open"] >= row["help_capacity"]
    if not row["open_to_help"] or paused or full:
        # One answer for all three, or it would tell who opted out.
        raise Conflict(
            tell("%(name)s takes no more requests at present. Ask somebody else, or in a community.", name=name)
        )
    if row["asked_already"]:
        raise Conflict(tell("%(name)s has been asked this already, and that request is not over.", name=name))


def _ready(transaction: Transaction, principal: Principal, request_id: str, name: str) -> Seen:
    """The request, if this principal can take the step `name` now. Raises NotFound, Forbidden or Conflict."""
    seen, step = seen_request(transaction, principal, request_id), STEPS[name]
    if step.by not in seen.by(principal):
        raise Forbidden(tell("Only the %(by)s, or an admin, may do this.", by=step.by))
    state = seen.request.state
    if state not in step.begins:
        can = [other for other, one in STEPS.items() if state in one.begins]
        told = possible_now(can, tell("nothing more can be done with it"))
        raise Conflict(
            tell(
                "This request is %(state)s, so `%(name)s` is not possible; %(told)s.",
                state=state_said(state),
                name=name,
                told=told,
            )
        )
    return seen


def _take(
    transaction: Transaction,
    principal: Principal,
    seen: Seen,
    name: str,
    given: Fields | None = None,
    subjects: Sequence[str] = (),
    **told: Any,
) -> Seen:
    step, request_id = STEPS[name], seen.request.id
    transaction.run("write/step_request", id=request_id, set={**(given or {}), "state": step.ends, step.moment: now()})
    _record(transaction, principal, name, request_id, subjects, **told)
    return seen_request(transaction, principal, request_id)


def _record(
    transaction: Transaction,
    principal: Principal,
    action: str,
    request_id: str,
    subjects: Sequence[str],
    **details: Any,
) -> None:
    record_event(
        transaction, actor=principal.actor, action=f"{action}.request",
        subjects=[f"help_request/{request_id}", *subjects], details=details,
    )  # fmt: skip


def _today() -> str:
    return date.today().isoformat()
