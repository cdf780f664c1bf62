"""Is a community alive: what is dated of it, who carries and who sponsors it, and whether it is getting less.

What the organisation's data do not know says nothing: a kind of sign that bears no date anywhere in the period, who
sponsors where nobody does, engagement where nobody declares any. An unknown date is never a sign of death.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.stats import binomtest  # pyright: ignore[reportMissingTypeStubs]

from graph.models import Community, ordinal
from graph.sentences import Sentence, joined, per_cent, state_said, tell, tell_n, whole
from matcher.audit.measured import Measured
from matcher.audit.subject import Subject
from matcher.community.signs import KINDS, Signs, latest_sign

# The kinds of signs as none of them is told, and as several.
NO_SUCH = {
    "meetings": tell("no meeting"), "questions": tell("no question"), "advice": tell("no advice"),
    "posts": tell("no month of posts"), "joins": tell("no joining"),
}  # fmt: skip
MANY = {
    "meetings": tell("meetings"), "questions": tell("questions"), "advice": tell("advice"),
    "posts": tell("months with posts"), "joins": tell("joins"),
}  # fmt: skip

# The ways in which a community shows that it lives, and how much silence in each says where the others are not known:
# who writes no proposals may well meet. Set by hand, at most 1 together. Advice is given on questions, and says nothing
# of its own when both are silent.
WAYS = ((("meetings",), 0.6), (("questions", "advice", "posts"), 0.4), (("joins",), 0.2))

# Days in which something has to go on.
PERIOD = 365

# The pace of a community is that of so many periods before this one; further back it was another.
PACE_PERIODS = 4

# How much each adds to the score: they are joined as if independent, 1 - (1 - a)(1 - b)... Set by hand. Being silent is
# nearly all where all ways are known. What makes a community frail is less than a half, so that no frail one that is at
# work ranks above a silent one. Missing members, core and sponsor count by the share of communities that have any.
SILENT, FADING, CARRIED, NO_CORE, NO_MEMBERS, NO_SPONSOR = 0.95, 0.45, 0.45, 0.35, 0.5, 0.15

FLAGGED = 0.4

# Nobody has noted down anything of a community, ever: it may be silent, or nobody notes things down there.
NEVER_NOTED = 0.5

# Fewer pieces of advice are given by one person by chance; fewer members have no choice.
LEAST_ADVICE, LEAST_MEMBERS = 5, 3

# Where fewer communities have any members, it is not known who is in those that have none; so with who leads them.
HALF_KNOW = 0.5

# So many of one kind tell what is known of that kind.
OF_A_KIND = 10

# A fall counts if so large a one comes by chance in fewer cases.
BY_CHANCE = 0.05


@dataclass(frozen=True)
class Vitality:
    """`signs` gives for each kind that the organisation's data know how many are dated in the period and in the one
    before; `undated` those of unknown date. `last_sign` is a day at its latest possible; `expected` how many signs the
    community's own earlier pace (or the organisation's) lets expect in the period. `core` counts who is declared core
    or bears a role, `sponsors` who sponsors it and is still there; None: not known. `people` (id, name) are the one who
    gave the most of the `advice` pieces of two periods, `carried` their share."""

    since: str
    until: str
    status: str
    signs: dict[str, tuple[int, int]]
    undated: dict[str, int]
    last_sign: str | None
    last_kind: str | None
    expected: float
    members: int | None
    core: int | None
    sponsors: int | None
    advice: int
    carried: float | None
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Known:
    """What the data of the organisation know at all; `usual` is the median of signs in the period over communities that
    are not retired, `whole` all signs in the period and in the one before. `leading` is for each community the share of
    those of its kind of which anybody is known who leads."""

    now: int
    period: int
    kinds: tuple[str, ...]
    usual: float
    whole: tuple[int, int]
    memberships: float
    leading: tuple[float, ...]
    sponsored: float

    @property
    def share(self) -> float:
        """What is expected to be of this period of the signs of both. That all others grow makes nobody fade, who only
        stays as they are."""
        return min(0.5, (self.whole[0] + 1) / (sum(self.whole) + 2))


def vitality(subject: Subject, period: int = PERIOD) -> tuple[Measured[Vitality], ...]:
    """All communities, least alive first. `period` in days, above 0; it ends today or, where the data end earlier, on
    the last day that anything in them is dated."""
    today = ordinal(subject.snapshot.day)
    signs = [subject.snapshot.signs[row] for row in subject.rows]
    known = _known(subject, signs, today, period)
    found = [_judge(subject, row, signs[row], known) for row in range(len(subject.rows))]
    return tuple(sorted(found, key=lambda one: (-one.score, one.id)))


def _known(subject: Subject, signs: list[Signs], today: int, period: int) -> _Known:
    latest = latest_sign(signs, today)
    kinds = tuple(kind for kind in KINDS if any(one.between(kind, latest - period, latest) for one in signs))
    now = [sum(one.between(kind, latest - period, latest) for kind in kinds) for one in signs]
    before = [sum(one.between(kind, latest - 2 * period, latest - period) for kind in kinds) for one in signs]
    used = [row for row, one in enumerate(subject.communities) if one.status == "active"]
    spells = subject.snapshot.spells
    led = [bool(spells.leading[spells.of(row)].any()) for row in subject.rows]
    return _Known(
        now=latest,
        period=period,
        kinds=kinds,
        usual=float(np.median([now[row] for row in used])) if used else 0.0,
        whole=(sum(now), sum(before)),
        memberships=float(np.mean(np.diff(subject.members.indptr) > 0)) if used else 0.0,
        leading=_by_kind([one.kind for one in subject.communities], led),
        sponsored=float(np.mean([one.id in subject.facts.sponsors for one in subject.communities])) if used else 0.0,
    )


def _judge(subject: Subject, row: int, signs: Signs, known: _Known) -> Measured[Vitality]:
    community = subject.communities[row]
    since = known.now - known.period
    counts = {
        kind: (signs.between(kind, since, known.now), signs.between(kind, since - known.period, since))
        for kind in known.kinds
    }
    now, before = (sum(pair[side] for pair in counts.values()) for side in (0, 1))
    last = max(((int(days.max()), kind) for kind, days in signs.days.items() if len(days)), default=None)
    telling = [kind for kind in known.kinds if signs.tells(kind)]
    expected = _expected(community, signs, known, telling)
    begun = community.status not in ("proposed", "retired")
    ways = sum(weight for kinds, weight in WAYS if any(kind in telling for kind in kinds))
    telling_all = min(1.0, ways)
    silence = float(1 - np.exp(-expected)) * telling_all if begun and now == 0 else 0.0
    fading = _fading(now, before, known.share) * telling_all if begun else 0.0

    people = subject.snapshot.people
    members = int(subject.members[[row]].sum()) if known.memberships >= HALF_KNOW else None
    core = _core(subject, row) if known.leading[row] >= HALF_KNOW else None
    sponsors = _sponsors(subject, community.id) if known.sponsored else None
    advice, carrier = _carrier(subject, community.id, since - known.period, known.now)
    share = carrier[1] / advice if carrier else None
    enough = advice >= LEAST_ADVICE and members is not None and members >= LEAST_MEMBERS
    carried = max(0.0, 2 * share - 1) * advice / (advice + LEAST_ADVICE) if share is not None and enough else 0.0

    parts: list[tuple[float, Sentence]] = []
    if silence:
        parts.append((SILENT * silence, _silent(community, signs, known, last, expected)))
    if fading:
        said = tell_n(
            "%(num)d sign of life since %(day)s after %(before)d in the period before; "
            "all communities together %(all)d after %(all_before)d.",
            "%(num)d signs of life since %(day)s after %(before)d in the period before; "
            "all communities together %(all)d after %(all_before)d.",
            now, day=_day(since), before=before, all=known.whole[0], all_before=known.whole[1],
        )  # fmt: skip
        parts.append((FADING * fading, said))
    if members == 0 and begun:
        parts.append((NO_MEMBERS * known.memberships, tell("Nobody who is still here is in it.")))
    elif core == 0 and begun:
        parts.append((NO_CORE * known.leading[row], _no_core(members)))
    if carried and carrier is not None:
        said = tell(
            "One person gave %(number)d of the %(all)d pieces of advice of two periods.", number=carrier[1], all=advice
        )
        parts.append((CARRIED * carried, said))
    if sponsors == 0 and begun:
        said = tell("No sponsor; %(share)s of the communities have one.", share=per_cent(known.sponsored))
        parts.append((NO_SPONSOR * known.sponsored, said))
    score = float(1 - np.prod([1 - part[0] for part in parts]))
    contradicted = community.status in ("dormant", "retired") and now > 0
    reasons = [said for _, said in sorted(parts, key=lambda part: -part[0])]
    if contradicted:
        given = ((str(pair[0]), MANY[kind]) for kind, pair in counts.items() if pair[0])
        told = tell(
            "Declared %(state)s, but active since %(day)s: %(signs)s.",
            state=state_said(community.status), day=_day(since),
            signs=joined(", ", (joined(" ", one) for one in given)),
        )  # fmt: skip
        reasons.insert(0, told)
    unknown = _unknown(community, known, signs, telling)
    if unknown:
        reasons.append(unknown)
    return Measured(
        community.id,
        community.name,
        score,
        contradicted or score >= FLAGGED,
        Vitality(
            _day(since), _day(known.now), community.status, counts,
            {kind: signs.undated[kind] for kind in known.kinds if signs.undated[kind]},
            _day(last[0]) if last else None, last[1] if last else None, expected, members, core, sponsors, advice,
            share, ((carrier[0], people.names[people.row[carrier[0]]]),) if carrier else (),
        ),
        tuple(reasons),
    )  # fmt: skip


def _expected(community: Community, signs: Signs, known: _Known, telling: list[str]) -> float:
    """How many signs of the kinds that tell the period would have by the community's own pace before it; by what is
    usual in the organisation, discounted, where nothing earlier is known. Of one that is younger than the period, for
    the part that it has lived."""
    since = known.now - known.period
    founded = ordinal(community.founded_on) if community.founded_on else None
    lived = 1.0 if founded is None else min(1.0, max(0.0, (known.now - founded) / known.period))
    days = [signs.days[kind] for kind in telling if kind != "joins"]
    if "joins" in telling and len(joined := signs.days["joins"]):
        # Who is in it from its first day founded it: that is no pace at which others joined.
        days.append(joined[joined > joined.min()])
    earlier = np.sort(np.concatenate(days)) if days else np.zeros(0, dtype=np.int64)
    earlier = earlier[earlier <= since]
    if not len(earlier):
        return NEVER_NOTED * known.usual * lived
    # A community that fell silent long ago is measured by the periods before it did.
    until = min(since, int(earlier[-1]))
    begun = max(min(founded, int(earlier[0])) if founded else int(earlier[0]), until - PACE_PERIODS * known.period)
    counted = int((earlier >= begun).sum())
    return counted / max(1.0, (until - begun) / known.period)


def _fading(now: int, before: int, share: float) -> float:
    """By how much this period lies below what the one before lets expect, from 0 to 1; 0 where it may be chance
    (binomial test, one-sided)."""
    expected = before * share / (1 - share)
    if not now or now >= expected or binomtest(now, now + before, share, alternative="less").pvalue >= BY_CHANCE:
        return 0.0
    return 1 - now / expected


def _by_kind(kinds: Sequence[str | None], known: Sequence[bool]) -> tuple[float, ...]:
    """The share of those of each one's kind that are known: catalogues tell other things of other kinds, as who leads
    of projects and not of those under trial. Of a kind with few others the share of all."""
    of_kind: dict[str | None, list[bool]] = {}
    for kind, one in zip(kinds, known, strict=True):
        of_kind.setdefault(kind, []).append(one)
    return tuple(float(np.mean(of_kind[kind] if len(of_kind[kind]) >= OF_A_KIND else known)) for kind in kinds)


def _core(subject: Subject, row: int) -> int:
    spells, people = subject.snapshot.spells, subject.snapshot.people
    of = spells.of(subject.rows[row])
    who = spells.person[of][spells.leading[of]]
    return len(np.unique(who[~people.gone[who]]))


def _sponsors(subject: Subject, community: str) -> int:
    people = subject.snapshot.people
    given = subject.facts.sponsors.get(community, ())
    return sum(key in people.row and not people.gone[people.row[key]] for key in given)


def _carrier(subject: Subject, community: str, after: int, until: int) -> tuple[int, tuple[str, int] | None]:
    """How many pieces of advice were given behind the day `after`, and by whom the most, with how many."""
    practice = subject.snapshot.facts.practice.get(community)
    pieces = practice.advice if practice else ()
    given = Counter(who for day, who in pieces if day and who and after < ordinal(day) <= until)
    known = {who: number for who, number in given.items() if who in subject.snapshot.people.row}
    if not known:
        return 0, None
    return sum(known.values()), min(known.items(), key=lambda entry: (-entry[1], entry[0]))


def _no_core(members: int | None) -> Sentence:
    if members is None:
        return tell("No core group: nobody in it is declared core or bears a role.")
    return tell_n(
        "No core group: its %(num)d member is not declared core and bears no role.",
        "No core group: none of the %(num)d members is declared core or bears a role.", members,
    )  # fmt: skip


def _silent(
    community: Community, signs: Signs, known: _Known, last: tuple[int, str] | None, expected: float
) -> Sentence:
    said = tell(
        "%(nothing)s since %(day)s",
        nothing=joined(", ", (NO_SUCH[kind] for kind in known.kinds)), day=_day(known.now - known.period),
    )  # fmt: skip
    if last is None:
        said = tell(
            "%(said)s, nor any before; half of the communities had %(usual).0f or more", said=said, usual=known.usual
        )
    else:
        said = tell(
            "%(said)s: the last was of %(day)s, %(months).0f months ago; "
            "by its earlier pace there would have been %(expected)d",
            said=said, day=_day(last[0]), months=(known.now - last[0]) / 30.44, expected=max(1, round(expected)),
        )  # fmt: skip
    if community.status == "dormant":
        return joined(" ", [whole(said), tell("It says itself that it is dormant.")])
    return joined(" ", [whole(said), tell("Its status is %(state)s.", state=state_said(community.status))])


def _unknown(community: Community, known: _Known, signs: Signs, telling: list[str]) -> Sentence | None:
    # Few organisations import posts; the others miss nothing.
    missing = [kind for kind in KINDS if kind not in known.kinds and kind != "posts"]
    undated = [kind for kind in known.kinds if kind not in telling]
    said: list[Sentence] = []
    if missing:
        names = joined(", ", (MANY[kind] for kind in missing))
        said.append(tell("no %(signs)s are dated anywhere in the period", signs=names))
    if community.meetings and "meetings" in missing:
        said.append(tell("of the regular meetings that it announces none is dated"))
    said += [tell("most of its %(signs)s bear no date", signs=MANY[kind]) for kind in undated]
    return tell("Not known, and so not counted: %(what)s.", what=joined("; ", said)) if said else None


def _day(day: int) -> str:
    return date.fromordinal(day).isoformat()
