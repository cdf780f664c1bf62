"""The audit as one page that stands alone: no other file and no other host is asked for anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

from api.wording import SCALES, VERDICTS, evidence_said, scale_title
from matcher.audit.findings import scales
from matcher.audit.overlap import Finding
from matcher.audit.pictures import FAINTEST, Heatmap, heatmap, rows_of
from matcher.audit.report import Audit
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]

CELL = 9  # pixels

# How many shades there are from the faintest cell to likeness 1.
SHADES = 8

MAP_WIDTH, MAP_HEIGHT = 1000, 640
# Letters of a label on the map take about so many units each, and a line so many.
LETTER, LINE = 6.2, 13.0


@dataclass(frozen=True)
class SaidEvidence:
    """`points`: log-odds for (above 0) or against both being of one domain."""

    kind: str
    points: float
    said: str


@dataclass(frozen=True)
class FindingCard:
    """One pair; `evidence` leaves out kinds of which nothing is known."""

    anchor: str
    a: str
    b: str
    a_name: str
    b_name: str
    said: str
    verdict: str
    probability: float
    evidence: tuple[SaidEvidence, ...]


@dataclass(frozen=True)
class GroupLine:
    names: tuple[str, ...]
    weakest: tuple[str, str]
    probability: float


@dataclass(frozen=True)
class FlaggedCard:
    """One community that is bad enough on a scale. `score` from 0 to 1; `reasons` are sentences."""

    id: str
    name: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ScaleSection:
    """A scale with who is flagged on it, worst first; `said` is what is said of these."""

    anchor: str
    said: str
    title: str
    flagged: tuple[FlaggedCard, ...]


@dataclass(frozen=True)
class Cell:
    """A rectangle of the heatmap; `shade` from 1 (faint) to SHADES, above the diagonal of text, below of members."""

    x: int
    y: int
    shade: int
    kind: str


@dataclass(frozen=True)
class HeatmapPicture:
    """`left_out`: so many communities are in no pair likely enough to find room."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    cell: int
    left_out: int

    @property
    def side(self) -> int:
        return len(self.names) * self.cell


@dataclass(frozen=True)
class Dot:
    """A community on the map. `label` is '' where it would cover another; `side` is which end of the label is at it."""

    id: str
    name: str
    status: str
    x: float
    y: float
    radius: float
    label: str
    side: str


@dataclass(frozen=True)
class MapPicture:
    """`lines`: from one dot to another (x1, y1, x2, y2) and the verdict that links them."""

    dots: tuple[Dot, ...]
    lines: tuple[tuple[float, float, float, float, str], ...]
    width: int
    height: int


@dataclass(frozen=True)
class AuditReport:
    """All that the page shows. `least` is the least probability of a listed pair."""

    made_on: str
    version: str
    compared: int
    pairs: int
    least: float
    overlaps: tuple[FindingCard, ...]
    unit_clashes: tuple[FindingCard, ...]
    groups: tuple[GroupLine, ...]
    scales: tuple[ScaleSection, ...]
    heatmap: HeatmapPicture | None
    map: MapPicture | None


def report_of(
    found: Audit, snapshot: Snapshot, places: Mapping[str, tuple[float, float]], made_on: str, least: float
) -> AuditReport:
    """`places` are those of the communities on the map, by id; one without is not drawn."""
    names = {community.id: community.name for community in snapshot.communities}
    return AuditReport(
        made_on=made_on,
        version=version("guildmap"),
        compared=found.compared,
        pairs=found.pairs,
        least=least,
        overlaps=_cards("pair", found.overlaps),
        unit_clashes=_cards("unit", found.unit_clashes),
        groups=tuple(
            GroupLine(
                tuple(names[key] for key in group.communities),
                (names[group.weakest[0]], names[group.weakest[1]]),
                group.probability,
            )
            for group in found.groups
            if len(group.communities) > 2
        ),
        scales=tuple(
            ScaleSection(
                name,
                SCALES[name][0],
                scale_title(name),
                tuple(FlaggedCard(one.id, one.name, one.score, one.reasons) for one in measured if one.flagged),
            )
            for name, measured in scales(found).items()
        ),
        heatmap=_heatmap_picture(found, snapshot, list(places)),
        map=_map_picture(found, snapshot, places),
    )


def render(report: AuditReport) -> str:
    environment = Environment(
        loader=PackageLoader("api.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("audit_report.html").render(report=report)


def _cards(kind: str, findings: Sequence[Finding]) -> tuple[FindingCard, ...]:
    return tuple(
        FindingCard(
            f"{kind}-{number}", one.a, one.b, one.a_name, one.b_name, VERDICTS[one.verdict], one.verdict,
            one.probability, tuple(SaidEvidence(*said) for said in evidence_said(one.evidence)),
        )
        for number, one in enumerate(findings, 1)
    )  # fmt: skip


def _heatmap_picture(found: Audit, snapshot: Snapshot, compared: Sequence[str]) -> HeatmapPicture | None:
    rows, left_out = rows_of(snapshot, ((one.a, one.b) for one in found.overlaps), compared)
    if len(rows) < 2:
        return None
    picture = heatmap(snapshot, rows)
    return HeatmapPicture(
        names=tuple(snapshot.communities[row].name for row in picture.rows.tolist()),
        cells=tuple(_cells(picture)),
        cell=CELL,
        left_out=left_out,
    )


def _cells(picture: Heatmap) -> list[Cell]:
    above = np.triu(picture.text, 1)
    below = np.tril(picture.members, -1)
    found: list[Cell] = []
    for kind, values in (("text", above), ("members", below)):
        for y, x in np.argwhere(values >= FAINTEST).tolist():
            shade = 1 + int((float(values[y, x]) - FAINTEST) / (1 - FAINTEST) * (SHADES - 1) + 0.5)
            found.append(Cell(x * CELL, y * CELL, min(shade, SHADES), kind))
    return found


def _map_picture(found: Audit, snapshot: Snapshot, places: Mapping[str, tuple[float, float]]) -> MapPicture | None:
    if not places:
        return None
    at = _on_paper(places)
    sizes = snapshot.sizes
    radius = {key: 3 + 0.9 * float(np.sqrt(sizes[snapshot.row[key]])) for key in at}
    concerned = dict.fromkeys(key for one in found.overlaps for key in (one.a, one.b) if key in at)
    # Names find room in this order: those that are found something of, then the largest.
    first = [*concerned, *sorted(at.keys() - concerned.keys(), key=lambda key: (-radius[key], key))]
    labels = _labels(first, at, radius, {key: snapshot.communities[snapshot.row[key]].name for key in at})
    dots = tuple(
        Dot(key, snapshot.communities[snapshot.row[key]].name, snapshot.communities[snapshot.row[key]].status, x, y,
            round(radius[key], 1), *labels.get(key, ("", "start")))
        for key, (x, y) in at.items()
    )  # fmt: skip
    lines = tuple((*at[one.a], *at[one.b], one.verdict) for one in found.overlaps if one.a in at and one.b in at)
    return MapPicture(dots, lines, MAP_WIDTH, MAP_HEIGHT)


def _on_paper(places: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The places with equal scales of both axes, within the picture's margins."""
    points = np.array(list(places.values()), dtype=np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([MAP_WIDTH - 220, MAP_HEIGHT - 60])
    scale = float((room / np.maximum(high - low, 1e-9)).min()) if len(points) > 1 else 1.0
    moved = (points - (low + high) / 2) * scale + np.array([MAP_WIDTH, MAP_HEIGHT]) / 2
    return {key: (round(x, 1), round(y, 1)) for key, (x, y) in zip(places, moved.tolist(), strict=True)}


def _labels(
    order: Sequence[str],
    at: Mapping[str, tuple[float, float]],
    radius: Mapping[str, float],
    names: Mapping[str, str],
) -> dict[str, tuple[str, str]]:
    """For each that finds room beside its dot, right or else left: its label and which end of it is at the dot."""
    taken = [(x - radius[key], y - radius[key], x + radius[key], y + radius[key]) for key, (x, y) in at.items()]
    found: dict[str, tuple[str, str]] = {}
    for key in order:
        (x, y), name = at[key], names[key]
        width = LETTER * len(name)
        for side, left in (("start", x + radius[key] + 2), ("end", x - radius[key] - 2 - width)):
            box = (left, y - LINE / 2, left + width, y + LINE / 2)
            inside = box[0] >= 0 and box[2] <= MAP_WIDTH
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                found[key] = (name, side)
                break
    return found


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
