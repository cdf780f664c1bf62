"""What a community does together, in measures that each show the numbers behind them.

A measure says nothing where too little is known. Nothing here tells one person from another, and private questions
are counted in nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from graph.models import ordinal
from graph.reads.meetings import SETTLED, AgendaItem, Occurrence
from graph.reads.practice import Given, Question
from graph.sentences import Sentence, tell
from matcher.audit.collisions import Slot
from matcher.community.agenda import past
from matcher.community.counting import FEWEST, few, meeting_at_once, to_follow_up, waited


@dataclass(frozen=True)
class Measure:
    """`value`: a share, a number of days or a number of people, see `unit`; None: cannot tell, and `why`. `numbers`:
    what it was worked out from. `said`: short texts that belong to it."""

    name: str
    unit: str
    value: float | None
    numbers: Mapping[str, float]
    why: Sentence | None = None
    said: Sequence[str] = field(default=())


def measures(
    questions: Sequence[Question],
    meetings: Sequence[Occurrence],
    items: Sequence[AgendaItem],
    slots: Mapping[str, Sequence[Slot]],
    shared: Mapping[str, int],
    *,
    community_id: str,
    begins: str,
    today: str,
    now: datetime,
) -> list[Measure]:
    """All of them, over the days from `begins` to `today`; `meetings` those that began within, in order, `slots` when
    each community meets, and `shared` how many people each other one has in common with it."""

    def within(day: str) -> bool:
        return len(day) >= 10 and begins <= day[:10] <= today

    asked = [one for one in questions if within(one.asked_at)]
    given = [one for question in questions for one in question.advice if within(one.advised_at)]
    came_back = to_follow_up(questions, within, ordinal(today))
    return [
        first_answers(asked, today),
        helpers(asked, given),
        *followed(came_back),
        learned(given),
        revisited(items, begins, now),
        regular(meetings, now),
        dovetail(slots.get(community_id, ()), {key: slots[key] for key in shared if key in slots}, shared),
        outside_advice(given),
        outside_attendance(meetings),
    ]


def first_answers(asked: Sequence[Question], today: str) -> Measure:
    """Days to the first answer: median, with quartiles in `numbers`, by the Kaplan-Meier estimator (1958): a question
    that has no answer yet counts as one that took longer than it has waited."""
    waits = [wait for one in asked if (wait := waited(one, ordinal(today))) is not None]
    answered = sum(done for _, done in waits)
    numbers: dict[str, float] = {
        "questions": len(waits), "answered": answered, "unanswered": len(waits) - answered
    }  # fmt: skip
    for name, share in (("quartile_1", 0.25), ("median", 0.5), ("quartile_3", 0.75)):
        if (day := _by(waits, share)) is not None:
            numbers[name] = day
    if len(waits) < FEWEST:
        return Measure("first_answer", "days", None, numbers, few(len(waits), "question"))
    told = None
    if "median" not in numbers:
        told = tell("more than half of the questions wait longer than anybody has seen")
    return Measure("first_answer", "days", numbers.get("median"), numbers, told)


def _by(waits: Sequence[tuple[int, bool]], share: float) -> int | None:
    """The day by which this share is answered; None where that is not seen."""
    waiting = 1.0
    for day in sorted({day for day, done in waits if done}):
        at_risk = sum(other >= day for other, _ in waits)
        waiting *= 1 - sum(other == day and done for other, done in waits) / at_risk
        if waiting <= 1 - share + 1e-12:
            return day
    return None


def helpers(asked: Sequence[Question], given: Sequence[Given]) -> Measure:
    """How many different people chip in."""
    people = len({one.helper_id for one in given})
    numbers = {"questions": len(asked), "advice": len(given), "people": people}
    if len(asked) < FEWEST:
        return Measure("helpers", "people", None, numbers, few(len(asked), "question"))
    return Measure("helpers", "people", people, numbers)


def followed(ready: Sequence[Given]) -> list[Measure]:
    """The share of advice that was followed up, of what should be (`ready`), and of that the share that worked."""
    done = [one for one in ready if one.followed_up]
    counted = {"advice": len(ready), "followed_up": len(done)}
    known = [one.outcome for one in done if one.outcome]
    outcomes = {"followed_up": len(done), "known": len(known)}
    outcomes |= {name: known.count(name) for name in ("worked", "partly", "did_not_work")}
    return [
        _share("followed_up", len(done), len(ready), counted, "piece of advice"),
        _share("worked", known.count("worked"), len(known), outcomes, "outcome"),
    ]


def learned(given: Sequence[Given]) -> Measure:
    """What people wrote down that others could learn from, and for which share of outcomes they did."""
    done = [one for one in given if one.outcome or one.learned]
    said = [one.learned for one in done if one.learned]
    numbers = {"outcomes": len(done), "learned": len(said)}
    found = _share("learned", len(said), len(done), numbers, "outcome")
    return Measure(found.name, found.unit, found.value, numbers, found.why, tuple(said))


def revisited(items: Sequence[AgendaItem], begins: str, now: datetime) -> Measure:
    """The share of agenda items that a later meeting came back to, of those that were not settled when they were first
    raised and that a meeting since could have taken up."""
    raised = [(item, past(item, now)) for item in items]
    began = [(item, said) for item, said in raised if said and said[0].begins and _day(said[0].begins) >= begins]
    days = sorted({said.begins for _, every in raised for said in every if said.begins})
    could = [
        (item, said) for item, said in began
        if said[0].begins and days[-1] > said[0].begins and not (item.state == SETTLED and len(said) == 1)
    ]  # fmt: skip
    states = [item.state or "open" for item, _ in began]
    numbers = {"items": len(began), "could_be": len(could), "revisited": sum(len(said) > 1 for _, said in could)}
    numbers |= {state: states.count(state) for state in ("open", "progressed", SETTLED)}
    return _share("revisited", numbers["revisited"], len(could), numbers, "agenda item")


def regular(meetings: Sequence[Occurrence], now: datetime) -> Measure:
    """The share of the meetings planned by a rule that were held, as far as that is on record."""
    planned = [one for one in meetings if one.begins <= now and (one.meeting.rule or one.meeting.series_id)]
    held = sum(one.recorded and one.meeting.held for one in planned)
    cancelled = sum(one.cancelled for one in planned)
    numbers = {
        "planned": len(planned), "held": held, "cancelled": cancelled, "not_on_record": len(planned) - held - cancelled,
        "single": sum(one.begins <= now for one in meetings) - len(planned),
    }  # fmt: skip
    return _share("regular", held, len(planned), numbers, "meeting planned by a rule", fewest=3)


def dovetail(mine: Sequence[Slot], others: Mapping[str, Sequence[Slot]], shared: Mapping[str, int]) -> Measure:
    """The share of its hours (`mine`) on which none of those meets that share members with it (`others`); `shared`: how
    many each has in common with it."""
    free, meeting = meeting_at_once(mine, others)
    numbers = {"hours": len(mine), "free": free, "communities_that_share_members": len(others),
               "of_them_at_the_same_hour": len(meeting)}  # fmt: skip
    said = tuple(f"{key}: {shared[key]} members in common" for key in sorted(meeting, key=lambda k: (-shared[k], k)))
    if not mine:
        return Measure("dovetail", "share", None, numbers, tell("no hour is known at which it meets"))
    return Measure("dovetail", "share", free / len(mine), numbers, said=said)


def outside_advice(given: Sequence[Given]) -> Measure:
    """The share of advice that people from outside gave."""
    outside = sum(one.external for one in given)
    return _share("outside_advice", outside, len(given), {"advice": len(given), "from_outside": outside},
                  "piece of advice")  # fmt: skip


def outside_attendance(meetings: Sequence[Occurrence]) -> Measure:
    """The share of external people among all who came: outside experts are guests, not the mainstay."""
    came = [who for one in meetings if one.recorded for who in one.meeting.came]
    outside = sum(who.external for who in came)
    numbers = {"came": len(came), "guests": sum(who.guest for who in came), "from_outside": outside}
    return _share("outside_attendance", outside, len(came), numbers, "attendance")


def _share(name: str, part: int, whole: int, numbers: Mapping[str, float], what: str, fewest: int = FEWEST) -> Measure:
    if whole < fewest:
        return Measure(name, "share", None, numbers, few(whole, what, fewest))
    return Measure(name, "share", part / whole, numbers)


def _day(when: datetime) -> str:
    return date(when.year, when.month, when.day).isoformat()
