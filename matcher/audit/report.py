"""The audit of one organisation: its communities against each other, against its units, and each by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.audit.attraction import attraction
from matcher.audit.breadth import Breadth, breadth
from matcher.audit.candidates import NEAREST
from matcher.audit.clarity import Clarity, clarity
from matcher.audit.gaps import Gap, gaps
from matcher.audit.measured import Measured
from matcher.audit.narrowness import Narrowness, narrowness
from matcher.audit.overlap import DuplicateGroup, Finding, overlaps
from matcher.audit.people import Profiles
from matcher.audit.subject import AuditFacts, Subject
from matcher.audit.verdict import LIKELY, SHIPPED, Calibration
from matcher.audit.vitality import PERIOD, Vitality, vitality
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Audit:
    """Likeliest first. `compared` counts communities, `pairs` those of them that were looked at closely."""

    overlaps: tuple[Finding, ...]
    unit_clashes: tuple[Finding, ...]
    groups: tuple[DuplicateGroup, ...]
    compared: int
    pairs: int
    breadth: tuple[Measured[Breadth], ...] = ()
    narrowness: tuple[Measured[Narrowness], ...] = ()
    clarity: tuple[Measured[Clarity], ...] = ()
    vitality: tuple[Measured[Vitality], ...] = ()
    gaps: tuple[Gap, ...] = ()


def audit(
    snapshot: Snapshot,
    facts: AuditFacts,
    encode: Callable[[Sequence[str]], FloatArray] | None,
    *,
    include_retired: bool = False,
    least: float = LIKELY,
    nearest: int = NEAREST,
    calibrations: Mapping[str, Calibration] | None = None,
    model: str | None = None,
    period: int = PERIOD,
) -> Audit:
    """Looks at all communities, those that are not retired if not told otherwise.

    `encode` gives vectors of names in the snapshot's model, float32 [n, dimension]; None: names are compared by
    letters and words. Overlaps below the probability `least` are left out; at 0 the nearest of each are all there.
    `calibrations` are what decisions on findings of a kind have taught, by kind (matcher.audit.calibrate); `model`
    names what `encode` encodes with. `period`: days, above 0, in which a community that lives shows a sign of it.
    """
    known = calibrations or {}
    subject = Subject(snapshot, facts, encode, include_retired)
    alike = overlaps(subject, least, nearest, known.get("overlap", SHIPPED), known.get("unit_clash", SHIPPED))
    profiles = Profiles(subject)
    # Of two that are one domain neither lies within the other.
    apart = (alike.near[0][~alike.same], alike.near[1][~alike.same])
    broad = breadth(subject, profiles, encode, model, apart)
    attracted = attraction(subject, profiles)
    return Audit(
        overlaps=alike.overlaps,
        unit_clashes=alike.unit_clashes,
        groups=alike.groups,
        compared=len(subject.rows),
        pairs=len(alike.near[0]),
        breadth=broad,
        narrowness=narrowness(subject, profiles, attracted, broad),
        clarity=clarity(subject, profiles, attracted, alike.near),
        vitality=vitality(subject, period),
        gaps=gaps(subject),
    )
