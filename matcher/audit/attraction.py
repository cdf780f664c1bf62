"""Whom the text of a community attracts, beside who is in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.audit.people import Profiles
from matcher.audit.subject import Subject

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# Columns of fits in one go: of 100,000 people they take 13 MB, the products of their sparse rows some times as much.
AT_ONCE = 32

# Whom a text fits best of all: so many people, fewer are chance.
FOREMOST = 10


@dataclass(frozen=True)
class Attraction:
    """Of each community, [communities]: `members` int32 who say anything of themselves; `auc` how likely a member fits
    better than somebody outside (0.5: as chance has it), NaN without members or outsiders; `fitting` int32 how many
    people fit at least as well as half of all members of all communities fit theirs: that is `line`, NaN where no
    member says anything; `pull` how well it fits the FOREMOST people whom it fits best, on the mean; `mean` and
    `deviation` how everybody fits it. `profiled` counts who says anything of themselves."""

    members: IntArray
    auc: FloatArray
    fitting: IntArray
    pull: FloatArray
    mean: FloatArray
    deviation: FloatArray
    line: float
    profiled: int


def attraction(subject: Subject, profiles: Profiles) -> Attraction:
    number = len(subject.rows)
    known = np.flatnonzero(profiles.known)
    entries = subject.members.tocoo()
    inside = np.bincount(entries.row[profiles.known[entries.col]], minlength=number).astype(np.int32)
    own = np.concatenate([np.zeros(0), *(_own(subject, profiles, row) for row in range(number))])
    line = float(np.median(own)) if len(own) else float("nan")
    areas, pull, mean, deviation = (np.full(number, np.nan, dtype=np.float32) for _ in range(4))
    fitting = np.zeros(number, dtype=np.int32)
    for start in range(0, number if len(own) else 0, AT_ONCE):
        rows = list(range(start, min(start + AT_ONCE, number)))
        fits = profiles.fits(rows)[known]
        fitting[rows] = (fits >= line).sum(axis=0)
        mean[rows], deviation[rows] = fits.mean(axis=0), fits.std(axis=0)
        foremost = min(FOREMOST, len(known))
        pull[rows] = np.partition(fits, len(known) - foremost, axis=0)[len(known) - foremost :].mean(axis=0)
        for column, row in enumerate(rows):
            members = subject.members.indices[subject.members.indptr[row] : subject.members.indptr[row + 1]]
            areas[row] = auc(fits[:, column], np.isin(known, members, assume_unique=True))
    return Attraction(inside, areas, fitting, pull, mean, deviation, line, len(known))


def _own(subject: Subject, profiles: Profiles, row: int) -> FloatArray:
    members = subject.members.indices[subject.members.indptr[row] : subject.members.indptr[row + 1]]
    return profiles.fits_among(members[profiles.known[members]], [row])[:, 0]


def auc(fit: FloatArray, inside: NDArray[np.bool_]) -> float:
    """The area under the ROC curve of `inside` among all, ties half; NaN where nobody is inside, or outside (Mann and
    Whitney, On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other, 1947)."""
    many = int(inside.sum())
    if not 0 < many < len(fit):
        return float("nan")
    ordered = np.sort(fit)
    mine = fit[inside]
    ranks = (np.searchsorted(ordered, mine, "left") + np.searchsorted(ordered, mine, "right") + 1) / 2
    return float((ranks.sum() - many * (many + 1) / 2) / (many * (len(fit) - many)))
