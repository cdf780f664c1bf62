"""Being together: a rhythm of meetings, follow-up, shared work, and outside experts as guests."""

from graph.models import latest_day
from graph.reads.formation import Together
from graph.sentences import joined, per_cent, tell, tell_n
from matcher.community.formation.answers import DONE, LEAST, Answer, State
from matcher.community.formation.focus import Focus

# The share of those from outside from which on they are the mainstay.
GUESTS, MAINSTAY = 1 / 3, 0.5


def rhythm(focus: Focus) -> Answer:
    together = focus.draft.together
    if together is None and not focus.draft.meetings:
        return Answer(
            "rhythm", "cannot_tell", (tell("It is not stored, so no meeting could be planned."),),
            tell("Say when you would meet: once a month for an hour is a beginning."),
        )  # fmt: skip
    together = together or Together()
    day = focus.subject.snapshot.day
    ahead = sum(latest_day(one.day) >= day for one in together.meetings if one.day)
    held = sum(latest_day(one.day) < day for one in together.meetings if one.day)
    lines = len(focus.draft.meetings)
    told = (
        tell("Meetings: %(ahead)d ahead, %(held)d held; they recur.", ahead=ahead, held=held)
        if together.recurring
        else tell("Meetings: %(ahead)d ahead, %(held)d held; none recurs.", ahead=ahead, held=held),
        *((tell("It announces: %(meetings)s.", meetings=joined("; ", focus.draft.meetings)),) if lines else ()),
    )
    planned = together.recurring > 0 or ahead >= 2 or (lines > 0 and ahead + held > 0)
    state: State = "met" if planned else "partly" if ahead or lines else "missing"
    action = {
        "partly": tell("Put the next meetings into a calendar, at a day that recurs."),
        "missing": tell("Agree on a rhythm: once a month for an hour is a beginning."),
    }
    return Answer("rhythm", state, told, action.get(state, DONE))


def follow_up(focus: Focus) -> Answer:
    together = focus.draft.together or Together()
    day = focus.subject.snapshot.day
    held = sum(latest_day(one.day) < day for one in together.meetings if one.day)
    again = [often > 1 for _, often in together.items]
    moved = [state in ("progressed", "settled") for state, _ in together.items]
    if held < 2 and together.advice < LEAST:
        return Answer(
            "follow_up", "cannot_tell", (
                tell("It has met %(held)d times and given advice %(advice)d times.", held=held, advice=together.advice),
            ),
            tell("Begin the second meeting with what became of the first."),
        )  # fmt: skip
    told = (
        tell(
            "%(again)d of %(all)d agenda items came up again, %(moved)d went on or were settled.",
            again=sum(again),
            all=len(together.items),
            moved=sum(moved),
        ),
        tell(
            "%(number)d of %(all)d pieces of advice were followed up.", number=together.followed_up, all=together.advice
        ),
        tell("%(number)d meetings go on from another.", number=together.follows),
    )
    seen = sum(one or other for one, other in zip(again, moved, strict=True))
    # What comes up again and again and never gets on is not followed up.
    items = seen / len(together.items) if any(moved) else 0.0
    advice = together.followed_up / together.advice if together.advice else 0.0
    some = seen + together.followed_up + together.follows
    state: State = "met" if max(items, advice) >= 0.5 else "partly" if some else "missing"
    action = {
        "partly": tell(
            "Begin the next meeting with what became of the open items, and ask whoever got advice how it went."
        )
        if together.advice
        else tell("Begin the next meeting with what became of the open items."),
        "missing": tell("Keep an agenda whose items stay open until somebody says what became of them."),
    }
    return Answer("follow_up", state, told, action.get(state, DONE))


def shared_work(focus: Focus) -> Answer:
    together = focus.draft.together
    if together is None:
        return Answer(
            "shared_work", "cannot_tell", (tell("It is not stored, so nothing could be made together."),),
            tell("Name the first thing that you would make together: a checklist, a benchmark, a list of failures."),
        )  # fmt: skip
    number = together.artifacts
    state: State = "met" if number > 1 else "partly" if number else "missing"
    action = {
        "partly": tell("Make the second one with other people than the first."),
        "missing": tell("Name the first thing to make together: a checklist, a benchmark, a list of failures."),
    }
    made = tell_n("%(num)d thing was made together.", "%(num)d things were made together.", number)
    return Answer("shared_work", state, (made,), action.get(state, DONE))


def outside_experts(focus: Focus) -> Answer:
    together = focus.draft.together or Together()
    came = sum(one.came for one in together.meetings)
    outside = sum(one.outsiders for one in together.meetings)
    guests = sum(one.guests for one in together.meetings)
    counts = (
        (len(together.outsiders), len(together.members), tell("its members are")),
        (outside, came, tell("those who came to its meetings are")),
        (together.advice_from_outside, together.advice, tell("the advice given in it is")),
    )
    known = [(part / whole, what) for part, whole, what in counts if whole >= LEAST]
    if not known:
        return Answer(
            "outside_experts", "cannot_tell", (tell("Too few are in it, and it has hardly met."),),
            tell("Invite an expert from outside as a guest to the third meeting, not the first."),
        )  # fmt: skip
    most = max(part for part, _ in known)
    told = (
        *(tell("%(share)s of %(what)s from outside.", share=per_cent(part), what=what) for part, what in known),
        tell_n("Guests came %(num)d time.", "Guests came %(num)d times.", guests),
    )
    if most > MAINSTAY:
        return Answer("outside_experts", "missing", told, tell("Let people of your own lead the next meetings."))
    if most > GUESTS:
        return Answer(
            "outside_experts", "partly", told, tell("Ask those from outside as guests, to a question of yours.")
        )
    if not guests and not most:
        return Answer(
            "outside_experts", "partly", told, tell("Invite somebody from outside once, to a question of yours.")
        )
    return Answer("outside_experts", "met", told, DONE)
