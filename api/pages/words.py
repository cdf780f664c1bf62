"""What the graph's own words are called on pages, in English; catalogues of other languages have them too."""

from collections.abc import Mapping


def N_(text: str) -> str:  # noqa: N802, the name by which texts are collected
    """Marks a text for translation where it is shown."""
    return text


# Titles and texts of pages that say one thing alone: that something is wrong, that somebody signed out.
MESSAGES = (
    N_("You are not signed in"), N_("Signed out"), N_("Your session here is over."), N_("Sign in again"),
    N_("Sign out at the identity provider too"), N_("Try again"), N_("To the catalogue"),
    N_("There is no page at this address."), N_("Invalid input"), N_("Not found"), N_("Conflict"),
    N_("Changed meanwhile"), N_("Not authenticated"), N_("Not allowed"), N_("Too many requests"),
    N_("Identity provider unavailable"), N_("Database unavailable"), N_("Database busy"), N_("Not ready"),
    N_("Bad request"), N_("Body too large"), N_("Address too long"), N_("Too much at once"),
    N_("Error"),
    N_("It was changed since you read it. Read it again, and repeat your change on that."),
)  # fmt: skip

# What the graph's own words are called on pages, by what they are values of. Collected for translation as they stand.
WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {"community": N_("Communities"), "person": N_("People"), "skill": N_("Skills")},
    # What an import counts.
    "counted": {
        "org_unit": N_("units"), "goal": N_("goals"), "skill": N_("skills"), "person": N_("people"),
        "held_skill": N_("skills of people"), "wanted_skill": N_("skills that people want"),
        "community": N_("communities"), "charter": N_("charters"), "membership": N_("memberships"),
        "meeting": N_("meetings"), "agenda_item": N_("agenda items"),
        "artifact": N_("things made"), "question": N_("questions"), "advice": N_("advice"),
    },
    "one": {"community": N_("community"), "person": N_("person"), "skill": N_("skill")},
    "status": {
        "proposed": N_("proposed"), "forming": N_("forming"), "active": N_("active"), "dormant": N_("dormant"),
        "retired": N_("retired"),
    },
    "visibility": {"open": N_("open to all"), "listed": N_("on request"), "restricted": N_("by invitation")},
    "engagement": {
        "core": N_("core"), "active": N_("active"), "occasional": N_("occasional"), "peripheral": N_("peripheral"),
        "unstated": N_("not stated"), "outside": N_("not a member"),
    },
    # Why somebody or something was no candidate.
    "aside": {
        "already_member": N_("you are in it"), "left": N_("you left it"), "dismissed": N_("not for you, as you said"),
        "retired": N_("retired"), "proposed": N_("only proposed"), "reporting_line": N_("in your reporting line"),
        "from_outside": N_("from outside"), "out_of_capacity": N_("no time now"),
        "grade_gap": N_("far above your grade"),
    },
    "relation": {
        "MEMBER_OF": N_("is in"), "WORKS_IN": N_("works in"), "PART_OF": N_("is part of"), "HAS_SKILL": N_("knows"),
        "WANTS_TO_LEARN": N_("wants to learn"), "COVERS": N_("covers"), "BROADER": N_("is a kind of"),
        "REPORTS_TO": N_("reports to"), "GAVE": N_("gave"), "ANSWERS": N_("answers"), "ASKED": N_("asked"),
        "IN": N_("was asked in"), "ATTENDED": N_("was at"), "OF": N_("is of"), "SPONSORS": N_("sponsors"),
        "join_instead": N_("join it instead"), "sub_group_of": N_("could be a part of it"),
        "takes_in": N_("would take it in"), "clashes_with": N_("a unit does this"), "resembles": N_("resembles it"),
        "overlaps": N_("overlaps with it"), "shares_name": N_("has nearly this name"),
        "complements": N_("complements it"), "mentions": N_("mentions it"),
    },
    "node": {
        "Person": N_("person"), "Community": N_("community"), "Skill": N_("skill"), "OrgUnit": N_("unit"),
        "Advice": N_("advice"), "Question": N_("question"), "Meeting": N_("meeting"),
    },
    "label": {
        "Person": N_("you"), "Advice": N_("advice"), "Question": N_("a question"), "Community": N_("a community"),
        "Skill": N_("a skill"), "OrgUnit": N_("a unit"), "Meeting": N_("a meeting"),
    },
    "state": {
        "asked": N_("asked"), "accepted": N_("accepted"), "declined": N_("declined"), "advised": N_("advised"),
        "tried": N_("tried"), "closed": N_("closed"), "withdrawn": N_("taken back"),
        "met": N_("met"), "partly": N_("partly"), "missing": N_("missing"), "cannot_tell": N_("cannot tell"),
    },
    "outcome": {
        "worked": N_("it worked"), "partly": N_("it worked in part"), "did_not_work": N_("it did not work"),
        "unknown": N_("not known"),
    },
    "version": {"draft": N_("draft"), "adopted": N_("adopted"), "superseded": N_("superseded")},
    "part": {
        "sponsor": N_("Sponsors"), "lead": N_("Leads"), "core member": N_("Core members"), "member": N_("Members"),
        "domain": N_("A good domain"), "community": N_("A community"), "practice": N_("A practice"),
        "together": N_("Being together"),
    },
    "charter": {
        "purpose": N_("Purpose"), "goal_ids": N_("Goals that it serves"), "needs": N_("Needs"),
        "challenges": N_("Challenges"), "opportunities": N_("Opportunities"), "vision": N_("Vision"),
        "works_today": N_("What works today"), "could_be": N_("What could be"), "should_be": N_("What should be"),
        "will_be": N_("What will be"), "took_part_ids": N_("Who took part"), "strategy": N_("Strategy"),
        "objectives": N_("Objectives"), "value_proposition": N_("Value proposition"),
        "pitch": N_("In one paragraph"), "time_commitment": N_("Time to give"),
    },
    "objective": {
        "open": N_("open"), "progressed": N_("progressed"), "reached": N_("reached"), "dropped": N_("dropped"),
    },
    "meeting": {
        "planned": N_("planned"), "cancelled": N_("cancelled"), "held": N_("held"), "past": N_("nothing on record"),
    },
    "item": {"open": N_("open"), "progressed": N_("progressed"), "settled": N_("settled")},
    "initiative": {
        "proposed": N_("proposed"), "taken_up": N_("taken up"), "declined": N_("declined"),
        "withdrawn": N_("withdrawn"),
    },
    "initiative_kind": {"meeting": N_("meeting"), "topic": N_("topic"), "artifact": N_("something to make")},
    "buddy": {
        "proposed": N_("proposed"), "agreed": N_("agreed"), "declined": N_("declined"), "ended": N_("ended"),
    },
    "contact": {"greeting": N_("greeted"), "meeting": N_("came to a meeting"), "answer": N_("got an answer")},
    "sign": {
        "regularity": N_("Meets at its usual pace"), "dovetailing": N_("Meets when its members can"),
        "follow_up": N_("Advice is followed up"), "answers": N_("Questions are answered within 14 days"),
        "welcome": N_("Newcomers are greeted"), "artefacts": N_("Things made together"),
        "engagement": N_("Members who asked or advised"), "renewal": N_("New people among leads and core"),
        "novelty": N_("New questions come up"), "pulse": N_("Answers to the pulse, 1 to 5"),
    },
    "trend": {
        "rising": N_("rising"), "falling": N_("falling"), "no clear change": N_("no clear change"),
        "cannot tell": N_("cannot tell"), "up": N_("up"), "down": N_("down"), "as it was": N_("as it was"),
    },
    "band": {
        "lowest quarter": N_("in the lowest quarter"), "middle half": N_("in the middle half"),
        "highest quarter": N_("in the highest quarter"),
    },
    "digest": {
        "requests": N_("Requests for help"), "meetings": N_("Next meetings"),
        "newcomers": N_("Newcomers and who asks to join"), "charters": N_("Charters and sponsors"),
        "findings": N_("What the audit found"),
    },
    "frequency": {"daily": N_("every day"), "weekly": N_("every week"), "never": N_("never")},
    # What the audit finds: the kinds, what is found of two (as a heading, and between their names) and of one, what
    # became of it, and why it is dismissed.
    "finding": {
        "overlap": N_("Of one domain"), "unit_clash": N_("A unit under another name"), "breadth": N_("Too broad"),
        "narrowness": N_("Too narrow"), "clarity": N_("Unclear"), "vitality": N_("Not alive"),
    },
    "verdict": {
        "duplicate": N_("duplicate"), "contained_in": N_("one lies within the other"), "overlapping": N_("overlapping"),
        "complementary": N_("complementary"), "same_name_only": N_("the same name only"), "too_broad": N_("too broad"),
        "too_narrow": N_("too narrow"), "unclear": N_("unclear"), "not_alive": N_("not alive"),
    },
    "between": {
        "duplicate": N_("duplicates"), "contained_in": N_("lies within"), "overlapping": N_("overlaps with"),
        "complementary": N_("complements"), "same_name_only": N_("shares the name with"),
    },
    "finding_status": {
        "open": N_("to decide"), "accepted": N_("agreed"), "dismissed": N_("dismissed"), "done": N_("done"),
        "gone": N_("not found any more"),
    },
    "reason": {
        "not_so": N_("it is not so"), "intended": N_("it is meant to be"), "not_now": N_("not now"),
        "other": N_("another reason"),
    },
    # The steps of a proposal, as they are called before and after they are taken.
    "step": {
        "ask": N_("Ask for a decision"), "start": N_("Let it form"), "activate": N_("Make it active"),
        "decline": N_("Decline it"), "withdraw": N_("Withdraw it"), "reopen": N_("Bring it back"),
    },
    "taken": {
        "propose": N_("proposed"), "ask": N_("a decision was asked for"), "start": N_("let form"),
        "activate": N_("made active"), "decline": N_("declined"), "withdraw": N_("withdrawn"),
        "reopen": N_("brought back"),
    },
    "invited": {"asked": N_("waits for a decision"), "accepted": N_("may join"), "refused": N_("refused")},
    "message": {one: one for one in MESSAGES},
    "role": {"member": N_("member"), "knowledge_manager": N_("knowledge manager"), "admin": N_("admin")},
}  # fmt: skip
