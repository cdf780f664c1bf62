"""Who may do what: each operation of the API once, classified. A new one has no rule, and a test fails until it has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.api.authorization.organisation import HIDDEN, INSIDE, OPEN, PLANS, day

MEMBERS = ("other", *INSIDE, "manager", "admin")
MANAGERS = ("manager", "admin")
EVERYBODY = ("outsider", *MEMBERS)

# What a request is about: by community, or by whose it is, or nothing of that kind.
COMMUNITY, PERSON, NOTHING = ("open", "hidden"), ("own", "another's"), ("",)

Who = tuple[str, ...]
Values = Mapping[str, str]
Body = Callable[[str, Values], Any]


@dataclass(frozen=True)
class Rule:
    """By place who is `allowed`, and of the others who is told so (403), since they may see that it is there
    (`visible`); for all else it is not there (404). `also`: answers to somebody allowed that are no refusal, where the
    state of things does not fit."""

    places: Who
    allowed: Mapping[str, Who]
    visible: Mapping[str, Who]
    values: Mapping[str, str] | None = None
    body: Body | None = None
    also: tuple[int, ...] = ()
    query: str = ""
    # Of another organisation: refused as such before anything is looked at, unless the rule says what they get.
    outsider: int | None = None

    def expected(self, who: str, place: str) -> int:
        """The status, 200 for all that means yes."""
        if who == "nobody":
            return 401
        if who == "outsider" and self.outsider is not None:
            return self.outsider
        if who in self.allowed[place]:
            return 200
        if who == "outsider":
            return 403
        return 403 if who in self.visible[place] else 404


def sees(**more: Any) -> Rule:
    """Whoever may see the community."""
    both = {"open": MEMBERS, "hidden": (*INSIDE, *MANAGERS)}
    return Rule(COMMUNITY, both, both, **more)


def parts(*who: str, managers: bool = True, admin: bool = True, **more: Any) -> Rule:
    """Those who are something in the community, and mostly knowledge managers and admins."""
    allowed = (*who, *(("manager",) if managers else ()), *(("admin",) if admin else ()))
    both = dict.fromkeys(COMMUNITY, allowed)
    return Rule(COMMUNITY, both, {"open": MEMBERS, "hidden": (*INSIDE, *MANAGERS)}, **more)


def as_themselves(*who: str, **more: Any) -> Rule:
    """Those who are something in the community, and nobody for them: roles in the service give nothing here, so that
    a restricted community is not there for an admin who is not in it."""
    return Rule(COMMUNITY, dict.fromkeys(COMMUNITY, who), {"open": MEMBERS, "hidden": INSIDE}, **more)


def between(*who: str, admin: bool = True, reads: Who = ("member", "core", "lead"), **more: Any) -> Rule:
    """What two people have between them, which those of the community read unless it is private."""
    both = dict.fromkeys(COMMUNITY, (*who, *(("admin",) if admin else ())))
    return Rule(COMMUNITY, both, dict.fromkeys(COMMUNITY, (*reads, "admin")), **more)


def letting_in(**more: Any) -> Rule:
    """What somebody asked whoever lets people in: for those, and for nobody else there."""
    return Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("lead", *MANAGERS)), dict.fromkeys(COMMUNITY, ()), **more)


def managing(places: Who = COMMUNITY, **more: Any) -> Rule:
    """Knowledge managers. What others ask for is not looked at."""
    return Rule(places, dict.fromkeys(places, MANAGERS), dict.fromkeys(places, EVERYBODY), **more)


def one(*who: str, **more: Any) -> Rule:
    """What is about nothing in particular."""
    return Rule(NOTHING, {"": who}, {"": EVERYBODY}, **more)


def themselves(*, admin: bool = True, others: Who = (), **more: Any) -> Rule:
    """The person, mostly an admin for them, and `others`."""
    allowed = {"own": MEMBERS, "another's": (*(("admin",) if admin else ()), *others)}
    return Rule(PERSON, allowed, dict.fromkeys(PERSON, EVERYBODY), **more)


def given(body: Any) -> Body:
    return lambda who, ids: body


def in_community(**more: Any) -> Body:
    return lambda who, ids: {"community_id": ids["community_id"], **more}


PLAN = {"community_id": "plan"}
AT = {"starts_at": f"{day(20)}T10:00"}
MEETING = {"open": MEMBERS, "hidden": (*INSIDE, *MANAGERS)}
ORGANISING = ("core", "lead", "sponsor")
PAST = {"meeting_id": "past"}

C, P = "/v1/communities/{community_id}", "/v1/people/{person_id}"
A, M = f"{C}/charter", "/v1/meetings/{meeting_id}"
HELP, J = "/v1/requests/{request_id}", "/v1/join-requests/{join_request_id}"

RULES: Mapping[str, tuple[Rule, ...]] = {
    # people
    f"GET {P}": (Rule(PERSON, {"own": EVERYBODY, "another's": MEMBERS}, dict.fromkeys(PERSON, EVERYBODY)),),
    f"PATCH {P}": (
        themselves(body=given({"bio": "Splices."})),
        Rule(PERSON, dict.fromkeys(PERSON, ("admin",)), dict.fromkeys(PERSON, EVERYBODY), body=given({"name": "X"})),
    ),
    f"PUT {P}/skills/{{skill_id}}": (themselves(values={"skill_id": "s1"}, body=given({"level": 4})),),
    f"DELETE {P}/skills/{{skill_id}}": (themselves(values={"skill_id": "s1"}),),
    f"PUT {P}/wants-to-learn/{{skill_id}}": (themselves(values={"skill_id": "s1"}),),
    f"DELETE {P}/wants-to-learn/{{skill_id}}": (themselves(values={"skill_id": "s2"}),),
    f"GET {P}/data": (
        Rule(PERSON, {"own": EVERYBODY, "another's": ("admin",)}, dict.fromkeys(PERSON, EVERYBODY)),
    ),
    # An admin erases people; whether they do so themselves is a setting (tests/api/test_privacy.py).
    f"DELETE {P}/data": (Rule(PERSON, dict.fromkeys(PERSON, ("admin",)), dict.fromkeys(PERSON, EVERYBODY)),),
    f"GET {P}/dismissals": (themselves(),),
    f"PUT {P}/dismissals/{{community_id}}": (
        themselves(values={"community_id": OPEN}, body=given({"reason": "no time"})),
        Rule(
            COMMUNITY, {"open": MEMBERS, "hidden": (*INSIDE, *MANAGERS)}, {"open": MEMBERS, "hidden": ()},
            values={"person_id": "own"}, body=given({}),
        ),
    ),
    f"DELETE {P}/dismissals/{{community_id}}": (themselves(values={"community_id": "splicing"}),),
    f"GET {P}/dismissed-helpers": (themselves(),),
    f"PUT {P}/dismissed-helpers/{{helper_id}}": (themselves(values={"helper_id": "asked"}, body=given({})),),
    f"DELETE {P}/dismissed-helpers/{{helper_id}}": (themselves(values={"helper_id": "guest"}),),
    f"GET {P}/engagement": (themselves(admin=False),),
    f"GET {P}/interests": (themselves(),),
    f"PUT {P}/calendar": (themselves(),),
    f"DELETE {P}/calendar": (themselves(),),
    f"GET {P}/digest": (themselves(),),
    f"GET {P}/digest.ics": (themselves(),),
    f"GET {P}/digest/preferences": (themselves(admin=False),),
    f"PUT {P}/digest/preferences": (themselves(admin=False, body=given({"frequency": "never"})),),
    f"GET {P}/accompanies": (themselves(),),
    "GET /v1/org-units/{unit_id}": (one(*MEMBERS, values={"unit_id": "u1"}),),
    "GET /v1/me": (one(*EVERYBODY),),
    # communities
    "GET /v1/communities": (one(*MEMBERS),),
    "POST /v1/communities": (
        one(*MEMBERS, body=given({"name": "Knots", "domain": "Knots.", "status": "proposed"})),
        one(*MANAGERS, body=given({"name": "Knots", "domain": "Knots.", "status": "active"})),
    ),
    f"GET {C}": (sees(outsider=404),),
    f"PATCH {C}": (parts("lead", body=given({"audience": "All"})), parts(body=given({"visibility": "listed"}))),
    f"POST {C}/retire": (managing(body=given({})),),
    f"GET {C}/members": (sees(outsider=404),),
    f"GET {C}/members/{{person_id}}": (sees(values={"person_id": "member"}),),
    f"PUT {C}/members/{{person_id}}": (
        Rule(
            COMMUNITY, {"open": MANAGERS, "hidden": ("lead", *MANAGERS)}, MEETING, values={"person_id": "guest"},
            body=given({}),
        ),
        # Those who are in it already are told so; a lead lets anybody in, themselves too.
        Rule(
            COMMUNITY, {"open": MEMBERS, "hidden": ("lead", *MANAGERS)}, MEETING, values={"person_id": "own"},
            body=given({}), also=(409,), outsider=404,
        ),
    ),
    f"PATCH {C}/members/{{person_id}}": (
        parts("lead", values={"person_id": "member"}, body=given({"role": "librarian"}), outsider=404),
        Rule(
            COMMUNITY, dict.fromkeys(COMMUNITY, ("member", *MANAGERS)), dict.fromkeys(COMMUNITY, EVERYBODY),
            values={"person_id": "member"}, body=given({"engagement": "core"}),
        ),
    ),
    f"DELETE {C}/members/{{person_id}}": (
        Rule(
            COMMUNITY, dict.fromkeys(COMMUNITY, ("member", *MANAGERS)), dict.fromkeys(COMMUNITY, EVERYBODY),
            values={"person_id": "member"},
        ),
    ),
    f"GET {C}/engagement": (sees(),),
    f"GET {C}/neighbours": (sees(query="?limit=50"),),
    f"GET {C}/vitality": (parts(*INSIDE),),
    f"GET {C}/power": (parts("lead"),),
    f"GET {C}/pulse": (parts(*INSIDE),),
    # charters
    f"GET {A}": (sees(),),
    f"PUT {A}": (
        as_themselves("core", "lead", body=given({"charter": {"purpose": "Rope for all", "vision": "New"}})),
        as_themselves(
            "core", "lead", "sponsor",
            body=lambda who, ids: {"charter": {"purpose": "New", "vision": f"{ids['word']} ever after"}},
        ),
    ),
    f"GET {A}/versions": (sees(),),
    f"GET {A}/versions/{{number}}": (sees(values={"number": "2"}),),
    f"GET {A}/versions/{{number}}/difference/{{other}}": (sees(values={"number": "1", "other": "2"}),),
    f"POST {A}/adoption": (
        as_themselves("sponsor", body=given({"version": 2, "despite_objections": True})),
        # Who names somebody is looked at first.
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("sponsor", "admin")), dict.fromkeys(COMMUNITY, EVERYBODY),
             query="?person_id=sponsor", body=given({"version": 2, "despite_objections": True})),
    ),
    f"GET {A}/alignment": (sees(),),
    f"PUT {A}/alignment": (
        as_themselves(*INSIDE, body=given({"stance": "stands_behind", "version": 2})),
    ),
    f"GET {A}/objections": (sees(),),
    f"POST {A}/objections/{{objection_id}}/settlement": (
        as_themselves("core", "sponsor", body=given({"reason": "Less now."})),
    ),
    f"GET {A}/comments": (sees(),),
    f"POST {A}/comments": (
        as_themselves(*INSIDE, body=given({"version": 2, "text": "Why?"})),
    ),
    f"GET {A}/suggestions": (parts("core", "lead", "sponsor"),),
    f"GET {C}/sponsorship": (sees(),),
    f"POST {C}/sponsorship": (parts("lead", body=given({"person_id": "guest"})),),
    f"POST {C}/sponsorship/accept": (
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("admin",)), dict.fromkeys(COMMUNITY, EVERYBODY),
             query="?person_id=asked"),
    ),
    f"POST {C}/sponsorship/decline": (
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("admin",)), dict.fromkeys(COMMUNITY, EVERYBODY),
             query="?person_id=asked", body=given({})),
    ),
    f"POST {C}/sponsorship/step-down": (
        Rule(COMMUNITY, MEETING, {"open": MEMBERS, "hidden": ()}, also=(409,)),
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("sponsor", "admin")), dict.fromkeys(COMMUNITY, EVERYBODY),
             query="?person_id=sponsor"),
    ),
    # goals
    "GET /v1/identities/doubles": (one("admin"),),
    "GET /v1/identities/decisions": (one("admin"),),
    "POST /v1/identities/decisions": tuple(
        one("admin", body=given({"person_id": "helper", "other_id": "guest", "verdict": verdict}))
        for verdict in ("same", "different")
    ),
    "DELETE /v1/identities/same/{decision_id}": (one("admin", values={"decision_id": "none"}, also=(404,)),),
    "DELETE /v1/identities/different/{one_id}/{other_id}": (
        one("admin", values={"one_id": "helper", "other_id": "guest"}, also=(404,)),
    ),
    "GET /v1/goals": (one(*MEMBERS),),
    "POST /v1/goals": (one(*MANAGERS, body=given({"name": "Fewer knots"})),),
    "GET /v1/goals/{goal_id}": (one(*MEMBERS, values={"goal_id": "g1"}),),
    "PATCH /v1/goals/{goal_id}": (one(*MANAGERS, values={"goal_id": "g1"}, body=given({"description": "x"})),),
    # meetings and what people make
    f"GET {C}/meetings": (sees(),),
    f"POST {C}/meetings": (parts("core", "lead", body=given(AT)),),
    f"GET {C}/meetings.ics": (sees(),),
    f"GET {M}": (sees(),),
    f"PATCH {M}": (parts("core", "lead", body=given({"place": "Hall"})),),
    f"POST {M}/move": (parts("core", "lead", body=given(AT)),),
    f"POST {M}/cancel": (parts("core", "lead", body=given({})),),
    f"PUT {M}/attendance/{{person_id}}": (
        parts("core", "lead", values={**PAST, "person_id": "helper"}, body=given({})),
        Rule(COMMUNITY, MEETING, {"open": MEMBERS, "hidden": ()}, values={**PAST, "person_id": "own"},
             body=given({"guest": True})),
    ),
    f"DELETE {M}/attendance/{{person_id}}": (parts("core", "lead", "member",
                                                   values={**PAST, "person_id": "member"}),),
    f"PUT {M}/notes": (parts("core", "lead", values=PAST, body=given({"summary": "Ropes."})),),
    f"POST {M}/agenda": (parts("core", "lead", body=given({"title": "Something new"})),),
    f"POST {M}/discussions": (parts("core", "lead", values=PAST, body=given({"title": "New", "note": "Said."})),),
    f"GET {C}/agenda": (sees(),),
    f"GET {C}/artifacts": (sees(),),
    f"POST {C}/artifacts": (
        parts(*INSIDE, body=given({"title": "Mine"})),
        parts("core", "lead", body=given({"title": "Theirs", "maker_ids": ["helper"]})),
    ),
    "GET /v1/artifacts/{artifact_id}": (sees(),),
    "PATCH /v1/artifacts/{artifact_id}": (parts("core", "lead", body=given({"title": "Better"})),),
    f"GET {C}/initiatives": (sees(),),
    f"GET {C}/questions": (sees(),),
    f"POST {C}/initiatives": (
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
             body=given({"kind": "topic", "title": "Knots"})),
    ),
    "POST /v1/initiatives/{initiative_id}/take-up": (parts("core", "lead", body=given({})),),
    "POST /v1/initiatives/{initiative_id}/decline": (parts("core", "lead", body=given({"reason": "No."})),),
    "POST /v1/initiatives/{initiative_id}/withdraw": (parts("member", managers=False),),
    f"GET {C}/practice": (sees(),),
    # to be let in
    f"GET {C}/join-requests": (parts("lead"),),
    # Who is in it, or may just join it, has nothing to ask for.
    f"POST {C}/join-requests": (
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
             body=given({"words": "Ropes."}), also=(409,)),
    ),
    f"GET {P}/join-requests": (themselves(),),
    f"POST {J}/accept": (letting_in(body=given({})),),
    f"POST {J}/decline": (letting_in(body=given({"reason": "No."})),),
    f"POST {J}/withdraw": (
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("admin",)), dict.fromkeys(COMMUNITY, ("lead", "manager"))),
    ),
    # newcomers
    f"GET {C}/newcomers": (parts("core", "lead"),),
    f"GET {C}/newcomers/{{person_id}}": (parts("core", "lead", "member", values={"person_id": "member"}),),
    f"POST {C}/newcomers/{{person_id}}/greetings": (
        as_themselves(*INSIDE, values={"person_id": "helper"}),
    ),
    f"POST {C}/newcomers/{{person_id}}/buddies": (
        # Whoever is new asks for one, others bring two together.
        parts("core", "lead", "member", values={"person_id": "member"}, body=given({"buddy_id": "core"})),
    ),
    f"POST {C}/newcomers/{{person_id}}/buddies/{{buddy_id}}/{{step}}": (
        parts("member", managers=False, admin=False,
              values={"person_id": "member", "buddy_id": "helper", "step": "agree"}),
    ),
    # formation
    f"GET {C}/formation": (sees(values=PLAN),),
    "POST /v1/formation": (one(*MEMBERS, body=given({"name": "Knots", "domain": "Knots and ropes."})),),
    "GET /v1/formation/queue": (one(*MANAGERS),),
    f"POST {C}/formation/steps": (
        parts("sponsor", values=PLAN, body=given({"step": "start"})),
        parts("lead", managers=False, values=PLAN, body=given({"step": "ask"})),
        parts("sponsor", values=PLAN, body=given({"step": "decline", "reason": "No."})),
    ),
    f"POST {C}/formation/joins": (parts("lead", "sponsor"),),
    f"GET {C}/formation/pitch": (sees(values=PLAN),),
    f"GET {C}/interests": (parts(*ORGANISING, values=PLAN),),
    f"GET {C}/interests/{{person_id}}": (parts(*ORGANISING, values={**PLAN, "person_id": "core"}),),
    f"PUT {C}/interests/{{person_id}}": (
        Rule(COMMUNITY, MEETING, {"open": MEMBERS, "hidden": ()}, values={**PLAN, "person_id": "own"},
             body=given({"level": "active"})),
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("core", "admin")), dict.fromkeys(COMMUNITY, EVERYBODY),
             values={**PLAN, "person_id": "core"}, body=given({"level": "active"})),
    ),
    f"DELETE {C}/interests/{{person_id}}": (
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, ("core", "admin")), dict.fromkeys(COMMUNITY, EVERYBODY),
             values={**PLAN, "person_id": "core"}),
    ),
    f"GET {C}/invitations": (parts("lead", "sponsor"),),
    f"PUT {C}/invitations/{{person_id}}": (
        parts("lead", "sponsor", values={"person_id": "outsider"}, body=given({}), also=(409,)),
    ),
    f"POST {C}/invitations/{{person_id}}/decision": (
        managing(values={"person_id": "outsider"}, body=given({"accepted": True})),
    ),
    # search, recommendations, the pulse
    "GET /v1/search": (one(*MEMBERS, query="?text=quokkawood"), one(*MEMBERS), one(*MEMBERS, query="?text=locks")),
    "POST /v1/recommendations/communities": (
        one(*MEMBERS, body=given({"limit": 50, "what_if": True})),
        one(*MEMBERS, body=given({"profile": {"text": "quokkawood vaults", "skills": ["s2"]}, "limit": 50})),
        themselves(body=lambda who, ids: {"person_id": ids["person_id"]}),
    ),
    "POST /v1/recommendations/helpers": (
        one(*MEMBERS, body=given({"text": "Quokkawood, marmalade, gallimaufry and ropes?", "limit": 50})),
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
             body=in_community(text="Ropes?")),
        themselves(body=lambda who, ids: {"person_id": ids["person_id"], "text": "Ropes?"}),
    ),
    "POST /v1/recommendations/answers": (
        one(*MEMBERS, body=given({"text": "Quokkawood, marmalade, gallimaufry and ropes?", "limit": 20})),
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
             body=in_community(text="Ropes?")),
        themselves(body=lambda who, ids: {"person_id": ids["person_id"], "text": "Ropes?"}),
    ),
    "POST /v1/recommendations/newcomers": (
        themselves(others=("manager",), body=lambda who, ids: {"person_ids": [ids["person_id"]]}),
    ),
    "POST /v1/recommendations/outside-experts": (
        one(*MEMBERS, body=given({"text": "Quokkawood, marmalade, gallimaufry and ropes?", "limit": 50})),
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
             body=in_community(text="Ropes?")),
        themselves(body=lambda who, ids: {"person_id": ids["person_id"], "text": "Ropes?"}),
    ),
    "POST /v1/feedback": (
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
             body=lambda who, ids: {"recommendation": "community", "subject_id": ids["community_id"], "thumb": "up"}),
    ),
    "GET /v1/pulse": (one(*MEMBERS),),
    # One who is not asked is told the same, whether the community is there for them or not.
    "POST /v1/pulse/answers": (
        Rule(COMMUNITY, dict.fromkeys(COMMUNITY, MEMBERS), dict.fromkeys(COMMUNITY, ()),
             body=in_community(question="candour", answer=3), also=(409,)),
    ),
    # the audit
    "GET /v1/audit": (one(*MANAGERS, query="?include_retired=true&min_probability=0"),),
    "POST /v1/audit": (one(*MANAGERS),),
    "GET /v1/audit/findings": (one(*MEMBERS, query="?limit=200"), one(*MEMBERS, query=f"?community={HIDDEN}")),
    "GET /v1/audit/findings/{finding_id}": (
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": (*INSIDE, *MANAGERS)}, {"open": MEMBERS, "hidden": ()}),
    ),
    "GET /v1/audit/findings/{finding_id}/decisions": (managing(),),
    "POST /v1/audit/findings/{finding_id}/decision": (managing(body=given({"status": "accepted"})),),
    "GET /v1/audit/map": (one(*MANAGERS),),
    "GET /v1/audit/heatmap": (one(*MANAGERS),),
    "GET /v1/audit/calibrations": (one(*MANAGERS),),
    "POST /v1/audit/calibrations/{kind}": (one(*MANAGERS, values={"kind": "overlap"}),),
    "DELETE /v1/audit/calibrations/{kind}": (one(*MANAGERS, values={"kind": "overlap"}),),
    "POST /v1/proposals": (
        one(*MEMBERS, body=given({"name": "Quokkawood", "domain": "Quokkawood vaults and marmalade in them."})),
    ),
    "POST /v1/audit/simulations": (
        managing(body=lambda who, ids: {"remedy": "retire", "community_id": ids["community_id"]}),
    ),
    "POST /v1/audit/remedies": (
        managing(body=lambda who, ids: {"remedy": "retire", "community_id": ids["community_id"]}),
    ),
    "GET /v1/audit/remedies": (one(*MANAGERS),),
    "GET /v1/audit/remedies/{remedy_id}": (managing(),),
    "POST /v1/audit/remedies/{remedy_id}/undo": (managing(),),
    # requests for help
    "POST /v1/requests": (
        Rule(
            COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
            body=lambda who, ids: {
                "helper_id": "guest", "question": {"text": "Ropes?", "community_id": ids["community_id"]}
            },
        ),
    ),
    "GET /v1/requests": (one(*MEMBERS), themselves(query="?person_id={person_id}")),
    "GET /v1/requests/due": (one(*MEMBERS, query="?undecided=0&unadvised=0&unfollowed=0"),
                             themselves(query="?person_id={person_id}")),
    f"GET {HELP}": (
        between("member", "core", "lead"),
        Rule(("open",), {"open": ("member", "admin")}, {"open": ()}, values={"request_id": "private"}),
        Rule(("open",), {"open": ("member", "core", "admin")}, {"open": ()}, values={"request_id": "told"}),
    ),
    f"POST {HELP}/accept": (between(),),
    f"POST {HELP}/decline": (between(body=given({"reason": "Away."})),),
    f"POST {HELP}/advise": (between(values={"request_id": "accepted"}, body=given({"text": "So."})),),
    f"POST {HELP}/tried": (between("member", values={"request_id": "advised"}),),
    f"POST {HELP}/outcome": (between("member", values={"request_id": "advised"}, body=given({"outcome": "worked"})),),
    f"POST {HELP}/withdraw": (
        between("member"),
        Rule(("open",), {"open": ("member", "admin")}, {"open": ()}, values={"request_id": "private"}),
    ),
    # the community's words
    f"GET {C}/glossary": (sees(),),
    f"GET {C}/glossary/{{term}}": (sees(),),
    f"PUT {C}/glossary/{{term}}": (parts("lead", body=given({"state": "rejected"})),),
    f"DELETE {C}/glossary/{{term}}": (parts("lead"),),
    "GET /v1/events": (one("admin", query="?limit=1000"),),
    # who runs the service
    "GET /v1/admin/runs": (one("admin"),),
    "GET /v1/admin/runs/stream": (one("admin"),),
    "GET /v1/admin/runs/{run_id}/rejects": (
        one("admin", values={"run_id": "2026-01-01T00:00:00.000Z-abcdef"}, also=(404,)),
    ),
    "GET /v1/admin/model": (one("admin"),),
    "GET /v1/admin/keys": (one("admin"),),
    "POST /v1/admin/keys": (one("admin", body=given({"role": "admin"})),),
    "POST /v1/admin/keys/{key_id}/revoke": (one("admin", values={"key_id": "abcdef"}, also=(404,)),),
    "GET /v1/admin/sessions": (one("admin"),),
    "POST /v1/admin/sessions/end": (one("admin", body=given({"person_id": "member"})),),
    "GET /v1/admin/settings": (one("admin"),),
    "GET /v1/admin/health": (one("admin"),),
}  # fmt: skip

# Open to whoever reaches the service: what a supervisor asks, a calendar whose address is its key, signing in and out.
PUBLIC = {
    "GET /health/live", "GET /health/ready", "GET /v1/calendar/{secret}.ics",
    "GET /v1/calendar/{secret}/{community_id}.ics", "GET /sign-in", "GET /sign-in/callback", "GET /account",
    "POST /sign-out", "GET /signed-out", "GET /.well-known/oauth-protected-resource",
}  # fmt: skip


def values_for(rule: Rule, who: str, place: str, made: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What stands in the path, the query and the body of a request by `who`."""
    about = HIDDEN if place == "hidden" else OPEN
    found = {**made[about], "word": "Marmalade" if about == HIDDEN else "Rope"}
    found["request_id"] = found["request_asked"]
    person = who if who in EVERYBODY else "other"
    another = "core" if who == "member" else "member"
    found["person_id"] = another if place == "another's" else person
    for name, value in (rule.values or {}).items():
        if (name, value) == ("community_id", "plan"):
            value = PLANS[about]
        elif (name, value) == ("meeting_id", "past"):
            value = found["past_id"]
        elif (name, value) == ("person_id", "own"):
            value = person
        elif name == "request_id":
            value = found[f"request_{value}"]
        found[name] = value
    return found


# The same for pages: whom they are shown to. Whoever is nobody is sent to sign in.
PAGES: Mapping[str, tuple[Rule, ...]] = {
    "/": (one(*MEMBERS), one(*MEMBERS, query="?text=quokkawood"), one(*MEMBERS, query="?topic=xylocanary")),
    "/find": (
        one(*MEMBERS),
        one(*MEMBERS, query="?text=quokkawood+vaults&skills=Locks"),
    ),
    "/find/newcomers": (
        one(*MEMBERS),
        themselves(others=("manager",), query="?people={person_id}"),
    ),
    "/ask": (
        one(*MEMBERS),
        one(*MEMBERS, query="?text=Quokkawood,+marmalade,+gallimaufry+and+ropes?"),
        Rule(COMMUNITY, {"open": MEMBERS, "hidden": INSIDE}, {"open": MEMBERS, "hidden": ()},
             query="?text=Ropes?&community={community_id}"),
        one(*MEMBERS, query="?helper=core"),
    ),
    "/requests": (one(*MEMBERS),),
    "/requests/{request_id}": RULES[f"GET {HELP}"],
    "/people": (one(*MEMBERS), one(*MEMBERS, query="?name=member")),
    "/people/{person_id}": (Rule(PERSON, dict.fromkeys(PERSON, MEMBERS), dict.fromkeys(PERSON, EVERYBODY)),),
    "/me": (one(*EVERYBODY),),
    "/me/skills": (one(*MEMBERS, query="?text=lock"),),
    "/me/choices": (one(*MEMBERS),),
    "/me/data": (one(*EVERYBODY),),
    "/me/data.json": (one(*EVERYBODY),),
    "/me/due": (one(*MEMBERS),),
    "/communities/{community_id}": (sees(outsider=404),),
    "/communities/{community_id}/charter": (sees(),),
    "/communities/{community_id}/charter/edit": (parts("core", "lead", "sponsor", managers=False, admin=False),),
    "/communities/{community_id}/meetings": (sees(),),
    "/communities/{community_id}/meetings/{meeting_id}": (sees(),),
    "/communities/{community_id}/people": (sees(outsider=404),),
    "/communities/{community_id}/newcomers/{person_id}": (
        parts("core", "lead", "member", values={"person_id": "member"}),
    ),
    "/communities/{community_id}/questions": (sees(),),
    "/communities/{community_id}/practice": (sees(),),
    "/communities/{community_id}/vitality": (parts(*INSIDE),),
    "/audit": (one(*MANAGERS), one(*MANAGERS, query="?status=any&text=zirconium")),
    "/audit/findings/{finding_id}": (managing(),),
    "/audit/groups": (one(*MANAGERS),),
    "/audit/map": (one(*MANAGERS),),
    "/audit/heatmap": (one(*MANAGERS),),
    "/audit/remedies": (one(*MANAGERS),),
    "/audit/remedies/new": (
        managing(query="?remedy=retire&community={community_id}"),
        managing(query="?remedy=split&community={community_id}"),
        managing(query="?remedy=merge&community={community_id}&other=splicing"),
        managing(query="?remedy=clarify&community={community_id}"),
    ),
    "/proposals": (one(*MEMBERS),),
    "/proposals/new": (
        one(*MEMBERS),
        one(*MEMBERS, query="?name=Quokkawood&domain=Quokkawood+vaults+and+marmalade+in+them."),
    ),
    "/proposals/{community_id}": (sees(values=PLAN),),
    "/admin": (one("admin"),),
    "/admin/model": (one("admin"),),
    "/admin/access": (one("admin"),),
    "/admin/settings": (one("admin"),),
}  # fmt: skip
