"""The ways through the graph that reasons rest on: as lines to read along, and as one picture of boxes and arrows.

A picture is laid out in columns by how many steps a node is away from where the ways begin, and drawn twice: across for
wide places, downwards for narrow ones. Its text is never scaled below what can be read.
"""

import textwrap
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from matcher.explain import Step

Key = tuple[str, str]  # label and id of a node
Slot = Key | tuple[Key, Key]  # what takes a place in a column: a node, or an arrow that passes it
Place = Callable[[float, float], tuple[float, float]]  # from along and beside to x and y

# Nodes side by side in one column: three with two lines of their name fit into the width of a telephone.
MOST_BESIDE = 3

# A way of more steps tells nobody anything.
LONGEST_WAY = 4

# Of one reason so many ways are looked at: a large unit offers hundreds, of which the first few are drawn.
MOST_WAYS = 20

# In units of the picture, which are pixels where it is shown at its full width: how wide a picture is; how high a box,
# how far apart two of one column, and what is left between two columns for what the arrows say.
WIDE, NARROW = 760.0, 300.0
HIGH, BESIDE, APART_WIDE, APART_NARROW = 54.0, 9.0, 86.0, 64.0
# The lane of an arrow that passes a column, a letter of a name, and what is free beside a name within its box.
LANE, LETTER, FREE = 10.0, 5.9, 6.0
# What an arrow says takes about so much; and where on its curve it may stand, the first that is free.
SAYS_WIDE, SAYS_HIGH = 66.0, 13.0
SHARES = (0.5, 0.38, 0.62, 0.28, 0.72, 0.18, 0.82)
LARGEST_BOX = 180.0
# From the middle of its base to the tip of an arrow, and half its base.
TIP, HALF = 8.0, 4.0


@dataclass(frozen=True)
class Stop:
    """A node on a path: what it is, and what it is called. `relation` leads to it from the stop before ('' at the
    first); `backwards` where that relationship points the other way."""

    label: str
    name: str
    relation: str
    backwards: bool


@dataclass(frozen=True)
class Box:
    """A node of a picture: its upper left corner and size; `lines` of its name that fit; `begins`, `ends`:
    whether the ways do there."""

    label: str
    name: str
    lines: Sequence[str]
    x: float
    y: float
    width: float
    height: float
    begins: bool
    ends: bool


@dataclass(frozen=True)
class Arrow:
    """A relationship of a picture, or several of one direction: its curve and its tip (as SVG has paths), and where the
    middle of what it says is."""

    relations: Sequence[str]
    curve: str
    tip: str
    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    width: float
    height: float
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


@dataclass(frozen=True)
class Drawing:
    """`told`: each relationship as label and name of where it begins, what it is, and label and name of where it ends.
    `left`: ways that are not drawn."""

    wide: Picture
    tall: Picture
    told: Sequence[tuple[Stop, Sequence[str], Stop]]
    left: int


def lines(steps: Sequence[Step], called: Mapping[Key, str]) -> list[list[Stop]]:
    """The steps as lines to read along: each goes on where the one before ended, else it begins another."""
    found: list[list[Stop]] = []
    at: Key | None = None
    for step in steps:
        start, end = _ends(step)
        backwards = at == end
        if at not in (start, end):
            found.append([_stop(start, called)])
        at = start if backwards else end
        found[-1].append(_stop(at, called, step.relation, backwards))
    return found


def drawing(reasons: Sequence[Sequence[Step]], begin: Key, end: Key, called: Mapping[Key, str]) -> Drawing | None:
    """One picture of the ways from `begin` to `end` that the reasons rest on, those that weigh most first. None where
    no reason has such a way."""
    ways = [list(_ways(steps, begin, end)) for steps in reasons]
    # The first way of each reason comes before the second of any.
    offered = [way for some in zip_longest(*ways) for way in some if way is not None]
    chosen: list[list[Step]] = []
    columns: list[list[Key]] = []
    for way in offered:
        tried = _columns([*chosen, way], begin, end)
        if tried is not None:
            chosen.append(way)
            columns = tried
    if not chosen:
        return None
    edges: dict[tuple[Key, Key], list[str]] = {}
    for step in (step for way in chosen for step in way):
        relations = edges.setdefault(_ends(step), [])
        if step.relation not in relations:
            relations.append(step.relation)
    told = [(_stop(start, called), relations, _stop(stop, called)) for (start, stop), relations in edges.items()]
    return Drawing(
        _laid_out(columns, edges, called, across=True), _laid_out(columns, edges, called, across=False), told,
        len(offered) - len(chosen),
    )  # fmt: skip


def _ends(step: Step) -> tuple[Key, Key]:
    return (step.start.label, step.start.id), (step.end.label, step.end.id)


def _stop(node: Key, called: Mapping[Key, str], relation: str = "", backwards: bool = False) -> Stop:
    return Stop(node[0], called.get(node, ""), relation, backwards)


def _ways(steps: Sequence[Step], begin: Key, end: Key) -> Iterator[list[Step]]:
    """Ways over the steps of one reason, whichever way these point, in the order in which it tells them."""
    beside: dict[Key, list[tuple[Key, Step]]] = {}
    for step in steps:
        one, other = _ends(step)
        beside.setdefault(one, []).append((other, step))
        beside.setdefault(other, []).append((one, step))
    number = 0
    waiting: list[tuple[Key, list[Step], frozenset[Key]]] = [(begin, [], frozenset([begin]))]
    while waiting and number < MOST_WAYS:
        at, way, been = waiting.pop()
        if at == end:
            number += 1
            yield way
        elif len(way) < LONGEST_WAY:
            on = [(node, [*way, step], been | {node}) for node, step in beside.get(at, ()) if node not in been]
            waiting.extend(reversed(on))


def _columns(ways: Sequence[Sequence[Step]], begin: Key, end: Key) -> list[list[Key]] | None:
    """The nodes by how far they are from the beginning, the end alone in the last column; None where too many would be
    beside each other, or a step would not lead on."""
    beside: dict[Key, list[Key]] = {}
    for one, other in (_ends(step) for way in ways for step in way):
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    far = {begin: 0}
    queue = deque([begin])
    while queue:
        at = queue.popleft()
        for node in beside[at]:
            if node not in far and node != end:
                far[node] = far[at] + 1
                queue.append(node)
    far[end] = max(far.values()) + 1
    columns: list[list[Key]] = [[] for _ in range(far[end] + 1)]
    for node, column in far.items():
        columns[column].append(node)
    leads_on = all(far[one] != far[other] for one, many in beside.items() for other in many)
    return columns if leads_on and all(len(one) <= MOST_BESIDE for one in columns) else None


def _laid_out(
    columns: Sequence[Sequence[Key]],
    edges: Mapping[tuple[Key, Key], Sequence[str]],
    called: Mapping[Key, str],
    *,
    across: bool,
) -> Picture:
    """`along` counts in the direction in which the ways lead, `beside` at right angles to it."""
    column_of = {node: number for number, some in enumerate(columns) for node in some}
    # An arrow that leads past a column has a lane of its own there, so that it meets no box.
    slots: list[list[Slot]] = [list(some) for some in columns]
    # Of each arrow the column in which it begins to lead on, and its places from there.
    routes: dict[tuple[Key, Key], tuple[int, list[Slot]]] = {}
    for pair in edges:
        near, far = sorted(pair, key=lambda node: column_of[node])
        passed = range(column_of[near] + 1, column_of[far])
        for column in passed:
            slots[column].append(pair)
        routes[pair] = column_of[near], [near, *(pair for _ in passed), far]
    _untangle(slots, list(routes.values()))
    most = max(len(some) for some in columns)
    if across:
        size = min(LARGEST_BOX, (WIDE - APART_WIDE * (len(columns) - 1)) / len(columns))
        apart, box_along, box_beside = APART_WIDE, size, HIGH
    else:
        lanes = max(sum(one in edges for one in some) for some in slots)
        room = NARROW - lanes * (LANE + BESIDE) - BESIDE * (most - 1)
        size = min(LARGEST_BOX, room / most)
        apart, box_along, box_beside = APART_NARROW, HIGH, size
    breadth = [
        sum(LANE if one in edges else box_beside for one in some) + BESIDE * (len(some) - 1) for some in slots
    ]  # fmt: skip
    whole = max(*breadth, 0.0 if across else NARROW)
    middle: dict[tuple[int, Slot], float] = {}
    for number, some in enumerate(slots):
        at = (whole - breadth[number]) / 2
        for one in some:
            takes = LANE if one in edges else box_beside
            middle[number, one] = at + takes / 2
            at += takes + BESIDE
    starts = [number * (box_along + apart) for number in range(len(columns))]

    def place(along: float, beside: float) -> tuple[float, float]:
        return (along, beside) if across else (beside, along)

    boxes: list[Box] = []
    for number, some in enumerate(columns):
        for node in some:
            x, y = place(starts[number], middle[number, node] - box_beside / 2)
            name = called.get(node, "")
            fits = textwrap.wrap(name, max(4, int((size - FREE) / LETTER)), max_lines=2, placeholder="…")
            begins, ends = number == 0, number == len(columns) - 1
            boxes.append(Box(node[0], name, fits, _round(x), _round(y), _round(size), HIGH, begins, ends))
    arrows: list[Arrow] = []
    said: list[tuple[float, float]] = []
    for pair, relations in edges.items():
        first, route = routes[pair]
        forwards = pair[0] == route[0]
        corners = [(first + step, middle[first + step, one]) for step, one in enumerate(route)]
        inner = [
            (starts[column] + (box_along if number == 0 else 0.0), beside, starts[column] + box_along)
            for number, (column, beside) in enumerate(corners)
        ]
        points = [(inner[0][0], inner[0][1])]
        for along, beside, out in inner[1:-1]:
            points += [(along, beside), (out, beside)]
        points.append((starts[corners[-1][0]], corners[-1][1]))
        tip = points[-1] if forwards else points[0]
        back = -TIP if forwards else TIP
        # The curve ends where the tip begins.
        if forwards:
            points[-1] = (points[-1][0] - TIP, points[-1][1])
        else:
            points[0] = (points[0][0] + TIP, points[0][1])
        (a, p), (b, q) = points[0], points[1]
        offered = [place(a + (b - a) * share, p + (q - p) * _eased(share)) for share in SHARES]
        free = (one for one in offered if not any(_meet(one, other) for other in said))
        x, y = next(free, offered[0])
        said.append((x, y))
        tips = [tip, (tip[0] + back, tip[1] - HALF), (tip[0] + back, tip[1] + HALF)]
        arrows.append(Arrow(relations, _curve(points, place), _polygon(tips, place), _round(x), _round(y)))
    length = starts[-1] + box_along
    width, height = place(length, whole)
    return Picture(_round(width), _round(height), boxes, arrows)


def _untangle(slots: Sequence[list[Slot]], routes: Sequence[tuple[int, Sequence[Slot]]]) -> None:
    """Orders each column by where that lies with which it is joined in the one before, then in the one behind."""
    joined: dict[tuple[int, Slot], list[tuple[int, Slot]]] = {}
    for first, route in routes:
        for one, other in pairwise((first + step, place) for step, place in enumerate(route)):
            joined.setdefault(one, []).append(other)
            joined.setdefault(other, []).append(one)
    onwards, back = range(1, len(slots)), range(len(slots) - 2, -1, -1)
    for columns, towards in ((onwards, -1), (back, 1), (onwards, -1)):
        for column in columns:
            beside = slots[column + towards]
            at = {one: number / max(1, len(beside) - 1) for number, one in enumerate(beside)}
            means: dict[Slot, float] = {}
            for one in slots[column]:
                known = [at[other] for where, other in joined.get((column, one), ()) if where == column + towards]
                means[one] = sum(known) / len(known) if known else 0.5
            slots[column].sort(key=means.__getitem__)


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) < SAYS_WIDE and abs(one[1] - other[1]) < SAYS_HIGH


def _eased(share: float) -> float:
    """How far beside a curve of `_curve` is at a share of its parameter; along it is nearly even."""
    return share * share * (3 - 2 * share)


def _curve(points: Sequence[tuple[float, float]], place: Place) -> str:
    told = "M{} {}".format(*map(_round, place(*points[0])))
    for (a, p), (b, q) in pairwise(points):
        half = (a + b) / 2
        corners = [place(half, p), place(half, q), place(b, q)]
        told += "C" + " ".join(f"{_round(x)} {_round(y)}" for x, y in corners)
    return told


def _polygon(points: Sequence[tuple[float, float]], place: Place) -> str:
    return "M" + "L".join("{} {}".format(*map(_round, place(*one))) for one in points) + "Z"


def _round(number: float) -> float:
    return round(number, 1)
