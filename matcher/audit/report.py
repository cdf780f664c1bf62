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
from matcher.audit.overlap import Compared, DuplicateGroup, Finding, overlaps
from matcher.audit.people import Profiles
from matcher.audit.split import Splits
from matcher.audit.subject import AuditFacts, Subject
from matcher.audit.verdict import LIKELY, SHIPPED, Calibration
from matcher.audit.vitality import PERIOD, Vitality, vitality
from matcher.partitions import Workers
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


class Kept:
    """What the audits of one organisation take over from one to the next, as long as vectors are of one model. After a
    change, text evidence costs as much as the things that changed; what people and their profiles have to do with it is
    found anew."""

    def __init__(self) -> None:
        self._subjects: dict[bool, Subject] = {}
        self._compared: dict[tuple[bool, int], Compared] = {}
        self._splits: dict[bool, Splits] = {}

    def subject(
        self,
        snapshot: Snapshot,
        facts: AuditFacts,
        encode: Callable[[Sequence[str]], FloatArray] | None,
        include_retired: bool,
    ) -> Subject:
        before = self._subjects.get(include_retired)
        same = before is not None and before.snapshot is snapshot and before.facts is facts
        if before is not None and same and (before.texts.name_vectors is None) == (encode is None):
            return before
        self._subjects[include_retired] = made = Subject(snapshot, facts, encode, include_retired, before)
        return made

    def splits(self, include_retired: bool) -> Splits:
        return self._splits.setdefault(include_retired, Splits())

    def compared(self, include_retired: bool, nearest: int) -> Compared | None:
        return self._compared.get((include_retired, nearest))

    def keep(self, include_retired: bool, nearest: int, found: Compared) -> None:
        self._compared[include_retired, nearest] = found


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
    kept: Kept | None = None,
    workers: Workers | None = None,
) -> Audit:
    """Looks at all communities, those that are not retired if not told otherwise.

    `encode` gives vectors of names in the snapshot's model, float32 [n, dimension]; None: names are compared by
    letters and words. Overlaps below the probability `least` are left out; at 0 the nearest of each are all there.
    `calibrations` are what decisions on findings of a kind have taught, by kind (matcher.audit.calibrate); `model`
    names what `encode` encodes with. `period`: days, above 0, in which a community that lives shows a sign of it.
    `kept` is what audits of the same organisation found before, with the same model; this one adds to it. `workers`
    share the search for the nearest of each.
    """
    known, kept = calibrations or {}, kept or Kept()
    subject = kept.subject(snapshot, facts, encode, include_retired)
    alike = overlaps(
        subject, least, nearest, known.get("overlap", SHIPPED), known.get("unit_clash", SHIPPED),
        kept.compared(include_retired, nearest), workers,
    )  # fmt: skip
    kept.keep(include_retired, nearest, alike.compared)
    profiles = Profiles(subject)
    # Of two that are one domain neither lies within the other.
    apart = (alike.near[0][~alike.same], alike.near[1][~alike.same])
    broad = breadth(subject, profiles, encode, model, apart, splits=kept.splits(include_retired))
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
