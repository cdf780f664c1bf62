"""Who outside the organisation knows about a question that nobody inside can answer, and who inside knows them?

Experts are found by the same evidence as helpers (matcher.helpers), among people of other organisations alone. Nobody
writes to a stranger: each comes with those inside who have had to do with them, who can be asked to introduce one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.reads.meetings import Met
from graph.sentences import Sentence, listed, tell, tell_n
from matcher.advice import HelpEvidence
from matcher.explain import Node, Reason, Step
from matcher.helpers import DEFAULT_LIMIT, Helper, HelperList, Scored, best, scored
from matcher.ranking import best_rows

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

# What two people have had to do with each other says how well they know each other, in this order: one advised the
# other, they sat in the same meetings, they are in the same communities. Set by hand: no data tells who knows whom.
ADVISED, MET, TOGETHER = 1.0, 0.7, 0.4
# Sums saturate as x / (x + HALF): the tenth meeting says less than the second.
ADVISED_HALF, MET_HALF, TOGETHER_HALF = 1.0, 2.0, 1.0
# So many who know an expert are named: one may be away, and to ask a fourth would be to send a circular.
KNOWN_BY = 3


@dataclass(frozen=True)
class Acquaintance:
    """Somebody inside who knows an expert; `points` order them and mean nothing else."""

    person_id: str
    name: str
    points: float
    why: tuple[Reason, ...]

    @property
    def reasons(self) -> list[Sentence]:
        return [reason.text for reason in self.why]


@dataclass(frozen=True)
class Expert:
    """`helper`: who it is, and what speaks for them. `known_by`: who inside knows them, the best first."""

    helper: Helper
    known_by: tuple[Acquaintance, ...]


@dataclass(frozen=True)
class Experts(HelperList):
    """`inside`: for how many people of the organisation at least as much speaks as for the first of them: they are to
    be asked first."""

    inside: int


def experts(
    evidence: HelpEvidence,
    text: str,
    *,
    asker: str | None,
    visible: BoolArray,
    community: str | None = None,
    limit: int = DEFAULT_LIMIT,
    vector: FloatArray | None = None,
    dismissed: Collection[str] = (),
) -> Experts:
    """People of other organisations who know about the question, the best first; all as for `matcher.helpers.help_for`.
    Who opted out, pauses or is dismissed is not among them."""

    def of(outside: bool) -> Scored:
        return scored(
            evidence, text, asker=asker, visible=visible, community=community, vector=vector, dismissed=dismissed,
            outside=outside,
        )  # fmt: skip

    outside, inside = of(True), of(False)
    found = best(evidence, outside, limit)
    line = max((float(outside.scores[row]) for row in np.flatnonzero(outside.possible)), default=0.0)
    nearer = int((inside.possible & (inside.scores >= line)).sum()) if found.results else 0
    return Experts(found.results, found.set_aside, found.communities, nearer)


def introduced(
    evidence: HelpEvidence,
    found: Sequence[Helper],
    met: Iterable[Met],
    *,
    asker: str | None,
    visible: BoolArray,
    dismissed: Collection[str] = (),
) -> tuple[Expert, ...]:
    """Each expert with who inside knows them, the asker too. `met`: who sat in meetings with them that the asker may
    know of. As with helpers, nobody is named who left, opted out, pauses or is dismissed."""
    people = evidence.snapshot.people
    may = ~people.gone & ~people.external & people.recommendable & people.open_to_help & ~people.paused
    may[[people.row[key] for key in dismissed if key in people.row]] = False
    myself = people.row.get(asker or "")
    usable = evidence.usable(asker, visible)
    meetings: dict[str, dict[int, Met]] = {}
    for one in met:
        if one.person_id in people.row:
            meetings.setdefault(one.other_id, {})[people.row[one.person_id]] = one
    return tuple(
        Expert(one, _Knowing(evidence, row, usable, visible, meetings.get(one.person_id, {})).best(may, myself))
        for one, row in ((one, people.row[one.person_id]) for one in found)
    )


class _Knowing:
    """What one expert (their row) has had to do with everybody."""

    def __init__(
        self, evidence: HelpEvidence, expert: int, usable: BoolArray, visible: BoolArray, met: Mapping[int, Met]
    ) -> None:
        self.evidence, self.expert, self.met = evidence, expert, met
        snapshot, table = evidence.snapshot, evidence.advice
        rows: list[int] = snapshot.members.indices[
            snapshot.members.indptr[expert] : snapshot.members.indptr[expert + 1]
        ].tolist()
        self.communities = [row for row in rows if visible[row]]
        known = snapshot.people.row
        askers = np.array([known.get(one.asker_id or "", -1) for one in evidence.questions], dtype=np.int32)
        counts = usable[table.question] & (askers[table.question] >= 0)
        # Places in the table of advice: what the expert gave, and what was given to them.
        self.gave = np.flatnonzero(counts & (table.helper == expert))
        self.got = np.flatnonzero(counts & (askers[table.question] == expert))
        self.askers = askers[table.question]

    def best(self, may: BoolArray, asker: int | None) -> tuple[Acquaintance, ...]:
        """Of those who `may` be named the KNOWN_BY who know them best; before them the asker, who may know them too."""
        people = self.evidence.snapshot.people
        points = self._points()
        points[self.expert] = 0
        others = may & (points > 0)
        own: list[int] = []
        if asker is not None:
            others[asker] = False
            own = [asker] if points[asker] > 0 else []
        rows = [*own, *best_rows(points, others, KNOWN_BY)]
        return tuple(
            Acquaintance(people.ids[row], people.names[row], float(points[row]), tuple(self._why(row))) for row in rows
        )

    def _points(self) -> FloatArray:
        number = len(self.evidence.snapshot.people.ids)
        advice = np.bincount(self.askers[self.gave], minlength=number).astype(np.float64)
        advice += np.bincount(self.evidence.advice.helper[self.got], minlength=number)
        met, together = np.zeros(number), np.zeros(number)
        for row, one in self.met.items():
            met[row] = one.meetings
        for row in self.communities:
            inside = self.evidence.snapshot.inside(row)
            # Adamic and Adar, Friends and neighbors on the web, 2003: in a small circle people know each other.
            together[inside] += 1 / np.log1p(len(inside))
        points = ADVISED * advice / (advice + ADVISED_HALF)
        points += MET * met / (met + MET_HALF) + TOGETHER * together / (together + TOGETHER_HALF)
        return points.astype(np.float32)

    def _why(self, row: int) -> Iterable[Reason]:
        snapshot, table = self.evidence.snapshot, self.evidence.advice
        them, expert = (Node("Person", snapshot.people.ids[at]) for at in (row, self.expert))
        for asked, places, helper in (
            (True, self.gave[self.askers[self.gave] == row], expert),
            (False, self.got[table.helper[self.got] == row], them),
        ):
            if len(places):
                latest = max((int(at) for at in places), key=lambda at: (table.day[at], table.id[at]))
                question = self.evidence.questions[int(table.question[latest])]
                asker, node = them if helper is expert else expert, Node("Question", question.id)
                advice = Node("Advice", table.id[latest])
                path = (Step(asker, "ASKED", node), Step(helper, "GAVE", advice), Step(advice, "ANSWERS", node))
                title = question.title or question.text[:60]
                text = (
                    tell("got advice from them on '%(title)s'", title=title)
                    if asked
                    else tell("advised them on '%(title)s'", title=title)
                )
                if when := table.day[latest][:7]:
                    text = tell("%(what)s in %(month)s", what=text, month=when)
                yield Reason(text, path)
        if (one := self.met.get(row)) is not None:
            last = Node("Meeting", one.latest_id)
            given = {"month": one.latest_on[:7], "community": one.community}
            text = (
                tell_n(
                    "was in a meeting with them in %(month)s (%(community)s)",
                    "was in %(num)d meetings with them, the latest in %(month)s (%(community)s)", one.meetings, **given,
                )
                if one.latest_on
                else tell_n(
                    "was in a meeting with them (%(community)s)", "was in %(num)d meetings with them (%(community)s)",
                    one.meetings, community=one.community,
                )
            )  # fmt: skip
            path = (Step(them, "ATTENDED", last), Step(expert, "ATTENDED", last))
            yield Reason(text, path)
        shared = [at for at in self.communities if row in snapshot.inside(at)]
        if shared:
            names = listed([snapshot.communities[at].name for at in shared])
            path = tuple(
                Step(who, "MEMBER_OF", Node("Community", snapshot.communities[at].id))
                for at in shared for who in (them, expert)
            )  # fmt: skip
            yield Reason(tell("is in %(names)s with them", names=names), path)
