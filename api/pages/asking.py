"""Ask for help: what was answered before, who has the experience, and one's requests from asking to what came of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Member
from api.pages import picker
from api.pages.frame import Look, Looking, going, router, valid, version_in
from api.pages.words import N_
from api.routes import answers, find, people, requests
from api.routes.answers import AnswersIn, EarlierOut
from api.routes.find import ExpertOut, HelpersIn, HelpersOut
from api.routes.people import PersonOut
from api.routes.requests import DueOut, Outcome, RequestNew, RequestOut
from graph.errors import InvalidInput
from graph.models import Principal
from graph.sentences import tell

routes = router()

# Helpers on the page, and experts from outside where nobody inside knows as much.
SHOWN, OUTSIDE = 5, 3

# What is said once after a step, by its name.
DONE = {
    "asked": N_("You asked. It is on their list now."),
    "accept": N_("You said yes. Give your advice here when you have it."),
    "decline": N_("You said no."),
    "advise": N_("Your advice is with them."),
    "tried": N_("Noted: you tried it. Say what came of it when you know."),
    "outcome": N_("Thank you: what came of it helps the next who ask."),
    "withdraw": N_("You took your question back."),
    "dismissed": N_("They are not suggested to you any more."),
}


@dataclass(frozen=True)
class Asking:
    """Who can help. `earlier`: like questions with what was advised; `found` None before anything is asked; `belongs`:
    the communities that it was taken to belong to (id, name, share); `helper` the one who is to be asked in particular.
    `communities` to choose from: (id, name)."""

    text: str
    community: str
    earlier: Sequence[EarlierOut]
    found: HelpersOut | None
    belongs: Sequence[tuple[str, str, float]]
    outside: Sequence[ExpertOut]
    helper: PersonOut | None
    communities: Sequence[tuple[str, str]]
    done: str


@dataclass(frozen=True)
class Requests:
    """One's requests, by one and to one, the latest first; `due` are those of which somebody is to be reminded."""

    asked: Sequence[RequestOut]
    received: Sequence[RequestOut]
    due: Sequence[DueOut]


@dataclass(frozen=True)
class OneRequest:
    """A request, with the steps that whoever looks can take now."""

    one: RequestOut
    version: str
    done: str
    mine: bool


class Asked(BaseModel):
    helper: str


class Send(BaseModel):
    helper_id: str = Field(min_length=1, max_length=500)
    text: str = Field(min_length=1, max_length=find.LONGEST_TEXT)
    title: str = Field("", max_length=300)
    community_id: str = Field("", max_length=500)
    private: bool = False
    recommended: bool = False


class NotThem(BaseModel):
    helper_id: str = Field(min_length=1, max_length=500)
    reason: str = Field("", max_length=2_000)
    to: str = "/ask"


class StepForm(BaseModel):
    version: str = ""
    text: str = Field("", max_length=20_000)
    outcome: Outcome | None = None


@routes.get("/ask")
async def ask(
    look: Look,
    principal: Member,
    text: Annotated[str, Query(max_length=find.LONGEST_TEXT)] = "",
    community: Annotated[str, Query(max_length=500)] = "",
    helper: Annotated[str, Query(max_length=500)] = "",
    done: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """A need in one's own words: what was answered before, then who has the experience."""
    service, wanted = look.service, text.strip()
    earlier: Sequence[EarlierOut] = ()
    found: HelpersOut | None = None
    outside: Sequence[ExpertOut] = ()
    if wanted:
        need = {"text": wanted, "community_id": community or None}
        asked = valid(HelpersIn, {**need, "limit": SHOWN})
        told, found, experts = await asyncio.gather(
            answers.recommend_answers(valid(AnswersIn, need), service, principal),
            find.recommend_helpers(asked, service, principal),
            find.recommend_outside_experts(asked.model_copy(update={"limit": OUTSIDE}), service, principal),
        )
        earlier = told.results
        outside = experts.results if experts.meta.inside == 0 else ()
    person = await _named(look, principal, helper) if helper.strip() else None
    snapshot = service.state.snapshot
    visible = snapshot.visible_to(principal)
    offered = sorted(
        ((one.id, one.name) for row, one in enumerate(snapshot.communities) if visible[row] and snapshot.in_use[row]),
        key=lambda one: one[1].casefold(),
    )
    belongs = [
        (key, snapshot.communities[snapshot.row[key]].name, share)
        for key, share in (found.meta.communities.items() if found else ())
        if key in snapshot.row
    ]
    shown = Asking(text, community, earlier, found, belongs, outside, person, offered, DONE.get(done, ""))
    return await look.page("asking.html", shown, "asking", block="answers")


async def _named(look: Looking, principal: Principal, helper: str) -> PersonOut | None:
    """Who is to be asked in particular; None where that cannot be told, which the page says beside the field."""
    try:
        return await people.get_person(await picker.meant(look, helper), look.service, principal, Response())
    except InvalidInput as error:
        await picker.refuse(look, "helper", helper, Asked(helper=helper), error.told)
        return None


@routes.post("/ask/send")
async def send(look: Look, principal: Member) -> Response:
    """Sends a request to a helper."""
    form = await look.filled(Send)
    asker = look.somebody()
    question = {
        "text": form.text, "title": form.title.strip() or None, "community_id": form.community_id or None,
        "private": form.private,
    }  # fmt: skip
    given = {"helper_id": form.helper_id, "person_id": asker, "question": question, "recommended": form.recommended}
    new = valid(RequestNew, given)
    made = await requests.ask(new, principal, look.write())
    key = RequestOut.model_validate_json(bytes(made.body)).id
    return going(f"/requests/{key}", done="asked")


@routes.post("/ask/not-them")
async def not_them(look: Look, principal: Member) -> Response:
    """Never suggests somebody as helper again. They do not learn of it."""
    form = await look.filled(NotThem)
    dismissal = valid(people.DismissalIn, {"reason": form.reason.strip() or None})
    await people.dismiss_helper(look.somebody(), form.helper_id, dismissal, principal, look.write())
    return going("/ask", done="dismissed")


@routes.get("/requests")
async def my_requests(look: Look, principal: Member) -> Response:
    """What I asked, what I was asked, and what waits for somebody."""
    service = look.service
    if principal.person_id is None:
        return await look.page("requests.html", Requests((), (), ()), "asking")
    asked, received, due = await asyncio.gather(
        requests.list_requests(service, principal, principal.person_id, "asker", None, 100),
        requests.list_requests(service, principal, principal.person_id, "helper", None, 100),
        requests.list_due(service, principal, principal.person_id, limit=50),
    )
    return await look.page("requests.html", Requests(asked.results, received.results, due.results), "asking")


@routes.get("/requests/{request_id}")
async def one_request(
    look: Look, principal: Member, request_id: requests.RequestId, done: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """One request and its follow-up."""
    told = Response()
    one = await requests.get_request(request_id, look.service, principal, told)
    mine = one.asker is not None and one.asker.id == principal.person_id
    shown = OneRequest(one, version_in(told), DONE.get(done, ""), mine)
    return await look.page("request.html", shown, "asking")


@routes.post("/requests/{request_id}/{step}")
async def take_step(
    look: Look,
    principal: Member,
    request_id: requests.RequestId,
    step: Literal["accept", "decline", "advise", "tried", "outcome", "withdraw"],
) -> Response:
    """Takes a step: accept, decline, advise, tried, outcome, withdraw."""
    form = await look.filled(StepForm)
    write = look.write(form.version or None)
    words = form.text.strip()
    if step == "accept":
        await requests.accept(request_id, principal, write)
    elif step == "decline":
        await requests.decline(request_id, valid(requests.DeclineIn, {"reason": words or None}), principal, write)
    elif step == "advise":
        if not words:
            raise InvalidInput(tell("Your advice is empty."))
        await requests.advise(request_id, valid(requests.AdviseIn, {"text": words}), principal, write)
    elif step == "tried":
        await requests.tried(request_id, principal, write)
    elif step == "outcome":
        if form.outcome is None:
            raise InvalidInput(tell("Say what came of it."))
        told = valid(requests.OutcomeIn, {"outcome": form.outcome, "learned": words or None})
        await requests.outcome(request_id, told, principal, write)
    else:
        await requests.withdraw(request_id, principal, write)
    return going(f"/requests/{request_id}", done=step)
