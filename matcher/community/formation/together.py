"""Being together: a rhythm of meetings, follow-up, shared work, and outside experts as guests."""

from graph.models import latest_day
from graph.reads.formation import Together
from matcher.community.formation.answers import LEAST, Answer, State
from matcher.community.formation.focus import Focus

# The share of those from outside from which on they are the mainstay.
GUESTS, MAINSTAY = 1 / 3, 0.5


def rhythm(focus: Focus) -> Answer:
    together = focus.draft.together
    if together is None and not focus.draft.meetings:
        return Answer(
            "rhythm", "cannot_tell", ("It is not stored, so no meeting could be planned.",),
            "Say when you would meet: once a month for an hour is a beginning.",
        )  # fmt: skip
    together = together or Together()
    day = focus.subject.snapshot.day
    ahead = sum(latest_day(one.day) >= day for one in together.meetings if one.day)
    held = sum(latest_day(one.day) < day for one in together.meetings if one.day)
    lines = len(focus.draft.meetings)
    told = (
        f"Meetings: {ahead} ahead, {held} held; {'they recur' if together.recurring else 'none recurs'}.",
        *((f"It announces: {'; '.join(focus.draft.meetings)}.",) if lines else ()),
    )
    planned = together.recurring > 0 or ahead >= 2 or (lines > 0 and ahead + held > 0)
    state: State = "met" if planned else "partly" if ahead or lines else "missing"
    action = {
        "partly": "Put the next meetings into a calendar, at a day that recurs.",
        "missing": "Agree on a rhythm: once a month for an hour is a beginning.",
    }
    return Answer("rhythm", state, told, action.get(state, ""))


def follow_up(focus: Focus) -> Answer:
    together = focus.draft.together or Together()
    day = focus.subject.snapshot.day
    held = sum(latest_day(one.day) < day for one in together.meetings if one.day)
    again = [often > 1 for _, often in together.items]
    moved = [state in ("progressed", "settled") for state, _ in together.items]
    if held < 2 and together.advice < LEAST:
        return Answer(
            "follow_up", "cannot_tell", (f"It has met {held} times and given advice {together.advice} times.",),
            "Begin the second meeting with what became of the first.",
        )  # fmt: skip
    told = (
        f"{sum(again)} of {len(together.items)} agenda items came up again, {sum(moved)} went on or were settled.",
        f"{together.followed_up} of {together.advice} pieces of advice were followed up.",
        f"{together.follows} meetings go on from another.",
    )
    seen = sum(one or other for one, other in zip(again, moved, strict=True))
    # What comes up again and again and never gets on is not followed up.
    items = seen / len(together.items) if any(moved) else 0.0
    advice = together.followed_up / together.advice if together.advice else 0.0
    some = seen + together.followed_up + together.follows
    state: State = "met" if max(items, advice) >= 0.5 else "partly" if some else "missing"
    action = {
        "partly": "Begin the next meeting with what became of the open items, and ask whoever got advice how it went."
        if together.advice
        else "Begin the next meeting with what became of the open items.",
        "missing": "Keep an agenda whose items stay open until somebody says what became of them.",
    }
    return Answer("follow_up", state, told, action.get(state, ""))


def shared_work(focus: Focus) -> Answer:
    together = focus.draft.together
    if together is None:
        return Answer(
            "shared_work", "cannot_tell", ("It is not stored, so nothing could be made together.",),
            "Name the first thing that you would make together: a checklist, a benchmark, a list of failures.",
        )  # fmt: skip
    number = together.artifacts
    state: State = "met" if number > 1 else "partly" if number else "missing"
    action = {
        "partly": "Make the second one with other people than the first.",
        "missing": "Name the first thing to make together: a checklist, a benchmark, a list of failures.",
    }
    made = "1 thing was" if number == 1 else f"{number} things were"
    return Answer("shared_work", state, (f"{made} made together.",), action.get(state, ""))


def outside_experts(focus: Focus) -> Answer:
    together = focus.draft.together or Together()
    came = sum(one.came for one in together.meetings)
    outside = sum(one.outsiders for one in together.meetings)
    guests = sum(one.guests for one in together.meetings)
    counts = (
        (len(together.outsiders), len(together.members), "its members are"),
        (outside, came, "those who came to its meetings are"),
        (together.advice_from_outside, together.advice, "the advice given in it is"),
    )
    known = [(part / whole, whole, what) for part, whole, what in counts if whole >= LEAST]
    if not known:
        return Answer(
            "outside_experts", "cannot_tell", ("Too few are in it, and it has hardly met.",),
            "Invite an expert from outside as a guest to the third meeting, not the first.",
        )  # fmt: skip
    share = max(one for one, _, _ in known)
    told = (
        *(f"{one:.0%} of {what} from outside." for one, _, what in known),
        f"Guests came {guests} {'time' if guests == 1 else 'times'}.",
    )
    if share > MAINSTAY:
        return Answer("outside_experts", "missing", told, "Let people of your own lead the next meetings.")
    if share > GUESTS:
        return Answer("outside_experts", "partly", told, "Ask those from outside as guests, to a question of yours.")
    if not guests and not share:
        return Answer("outside_experts", "partly", told, "Invite somebody from outside once, to a question of yours.")
    return Answer("outside_experts", "met", told, "")
