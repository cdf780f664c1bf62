"""How the audit grows: time and memory to find the nearest of each, beside peers, and what one change costs.

    python -m tests.bench.audit_scale [--communities 1000 10000 100000] [--svg docs/audit-scale.svg]

The nearest of each by vectors alone, ten and a hundred, beside `paraphrase_mining_embeddings` of sentence-transformers
with the same vectors and threads, and semhash where it is installed (it finds duplicates above a threshold, so it does
less); then by words, spelling of names and vectors together. Each in a process of its own, for the peak of memory.
Vectors and communities are generated. Everything is exact, at every size.
"""

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from graph.models import Community
from graph.reads.communities import Asked, Roster
from graph.reads.people import Colleague, SkillHolders, Unit
from graph.reads.vectors import KeptVector
from matcher.audit.attraction import attraction
from matcher.audit.breadth import breadth
from matcher.audit.candidates import NEAREST, nearest
from matcher.audit.clarity import clarity
from matcher.audit.evidence import Texts
from matcher.audit.narrowness import narrowness
from matcher.audit.nearest import nearest_of_all
from matcher.audit.overlap import overlaps
from matcher.audit.people import Profiles
from matcher.audit.proposal import Standing
from matcher.audit.report import Kept
from matcher.audit.subject import AuditFacts
from matcher.embedding import FloatArray, directions
from matcher.snapshot import Facts, assemble
from tests.bench.bundles import community_of
from tests.bench.large_organisation import TODAY, LargeSource, Sizes

T = TypeVar("T")

DIMENSION = 384


def generated(
    number: int, people: int, seed: int = 1
) -> tuple[Facts, AuditFacts, Callable[[Sequence[str]], FloatArray]]:
    """An organisation as facts in hand, with invented vectors: each word has a direction."""
    source = LargeSource(Sizes(number, people, 5 * people, number), seed)
    rows = source.rows
    random = np.random.default_rng(seed)
    directions_of: dict[str, FloatArray] = {}

    def word(one: str) -> FloatArray:
        if one not in directions_of:
            directions_of[one] = random.standard_normal(DIMENSION).astype(np.float32)
        return directions_of[one]

    def encode(texts: Sequence[str]) -> FloatArray:
        return directions(np.stack([np.sum([word(w) for w in (text.split() or ["?"])], axis=0) for text in texts]))

    def kept(things: Sequence[dict[str, Any]], text: Callable[[dict[str, Any]], str]) -> dict[str, KeptVector]:
        if not things:
            return {}
        found = encode([text(thing) for thing in things])
        pairs = zip(things, found, strict=True)
        return {thing["id"]: KeptVector(str(at), vector) for at, (thing, vector) in enumerate(pairs)}

    skills = {row["id"]: row["name"] for row in rows["skills"]}
    communities: dict[str, Community] = {}
    for row in rows["communities"]:
        ids = tuple(sorted(set(row["skills"])))
        communities[row["id"]] = replace(
            community_of(row), skill_ids=ids, skill_names=tuple(skills[key] for key in ids), status=row["status"],
            visibility=row["visibility"], founded_on=row["founded_on"],
        )  # fmt: skip
    rosters = {key: Roster(key, [], [], [], [], []) for key in communities}
    for row in rows["memberships"]:
        roster = rosters[row["community_id"]]
        roster.person_ids.append(row["person_id"])
        roster.joined_on.append(row["joined_on"])
        roster.left_on.append(row.get("left_on") or "")
        roster.engagement.append(row.get("engagement") or "")
        roster.role.append(row.get("role") or "")
    colleagues = {
        row["id"]: Colleague(row["id"], row["name"], row["unit_id"], row.get("manager_id") or "")
        for row in rows["people"]
    }
    holders: dict[str, SkillHolders] = {key: SkillHolders(key, name, (), [], []) for key, name in skills.items()}
    for row in rows["person_skills"]:
        if "level" in row:
            holders[row["skill_id"]].person_ids.append(row["person_id"])
            holders[row["skill_id"]].levels.append(row["level"])
    units = [Unit(row["id"], row["name"], "", row.get("parent_id")) for row in rows["org_units"]]
    questions = [Asked(row["id"], row["title"], row["text"], row["community_id"]) for row in rows["questions"]]
    facts = Facts(
        communities,
        {k: r for k, r in rosters.items() if r.person_ids},
        colleagues,
        {unit.id: unit.name for unit in units},
        vectors=kept(rows["communities"], lambda row: row["domain"]),
    )
    return (
        facts,
        AuditFacts(
            units=units,
            questions=questions,
            unit_vectors=kept(rows["org_units"], lambda row: row["name"]),
            question_vectors=kept(rows["questions"], lambda row: row["text"]),
            profiles={row["id"]: row["bio"] for row in rows["people"]},
            profile_vectors=kept(rows["people"], lambda row: row["bio"]),
            holders=holders,
        ),
        encode,
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def peak() -> float:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(*arguments: str) -> dict[str, float]:
    """What a process of its own measures, so that its peak is its own."""
    command = [sys.executable, "-m", "tests.bench.audit_scale", "--alone", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def unit_vectors(number: int, seed: int = 1) -> FloatArray:
    """Vectors about as near to each other as those of communities: some hundreds of topics, and noise."""
    random = np.random.default_rng(seed)
    topics = random.standard_normal((400, DIMENSION)).astype(np.float32)
    rows = topics[random.integers(len(topics), size=number)]
    rows += random.standard_normal(rows.shape, dtype=np.float32)
    return directions(rows)


def measure(what: str, number: int, k: int) -> dict[str, float]:
    """Seconds and MB of one way to find the nearest of each."""
    if what == "all three":
        rows = LargeSource(Sizes(number, people=1, memberships=0, questions=0)).rows["communities"]
        bodies = ["\n".join([row["domain"], *row["topics"]]) for row in rows]
        vectors = unit_vectors(number)
        texts, ready = timed(lambda: Texts.of([row["name"] for row in rows], bodies, vectors, None))
        _, spelt = timed(lambda: texts.spellings)
        held = peak()
        _, took = timed(lambda: nearest(texts, number, k))
        return {"seconds": took, "ready": ready + spelt, "held": held, "peak": peak()}
    vectors = unit_vectors(number)
    if what == "guildmap":
        held = peak()
        _, took = timed(lambda: nearest_of_all(vectors, [], k))
    elif what == "paraphrase_mining_embeddings":
        import torch
        from sentence_transformers.util import paraphrase_mining_embeddings

        tensor, held = torch.from_numpy(vectors), peak()
        _, took = timed(lambda: paraphrase_mining_embeddings(tensor, top_k=k))
    else:
        from semhash import SemHash  # no dependency: to be installed for this

        class Known:
            """An encoder that gives the vectors that the others get."""

            def encode(self, texts: Sequence[str], **_: Any) -> FloatArray:
                return vectors[[int(text) for text in texts]]

        held = peak()
        _, took = timed(lambda: SemHash.from_records([str(n) for n in range(number)], model=Known()).self_deduplicate())
    return {"seconds": took, "held": held, "peak": peak()}


def print_nearest(sizes: Sequence[int], largest_peer: int) -> dict[str, list[tuple[int, float]]]:
    drawn: dict[str, list[tuple[int, float]]] = {}
    semhash = importlib.util.find_spec("semhash") is not None
    if not semhash:
        print("semhash is not installed: left out")
    for number in sizes:
        for k in (10, 100):
            own = alone("guildmap", str(number), str(k))
            drawn.setdefault(f"nearest by vectors, {k}", []).append((number, own["seconds"]))
            print(f"{number:>7,} vectors, {k:>3} nearest: guildmap {told(own)}", flush=True)
            peers = ["paraphrase_mining_embeddings", *(["semhash"] if semhash and k == 10 else [])]
            for peer in peers if number <= largest_peer else []:
                theirs = alone(peer, str(number), str(k))
                drawn.setdefault(f"{peer}, {k}", []).append((number, theirs["seconds"]))
                print(f"{'':>29}{peer} {told(theirs)}: {theirs['seconds'] / own['seconds']:.1f} times", flush=True)
        three = alone("all three", str(number), "10")
        drawn.setdefault("nearest by words, names and vectors, 10", []).append((number, three["seconds"]))
        print(f"{number:>7,} by all three, 10: {told(three)}; words made ready in {three['ready']:.1f} s", flush=True)
    return drawn


def told(one: dict[str, float]) -> str:
    return f"{one['seconds']:.2f} s, peak {one['peak']:,.0f} MB (of which {one['held']:,.0f} before)"


def print_change(number: int, people: int) -> tuple[float, float]:
    """What the comparisons of an audit take, at first and after the text of one community changed."""
    facts, audit_facts, encode = generated(number, people)
    snapshot, kept = assemble(facts, today=TODAY.isoformat()), Kept()
    subject, ready = timed(lambda: kept.subject(snapshot, audit_facts, encode, False))
    found, first = timed(lambda: overlaps(subject))
    key = sorted(facts.communities)[number // 2]
    changed = replace(facts.communities[key], domain="Safety of hydrogen in storage and transport. " * 3)
    facts = replace(facts, communities={**facts.communities, key: changed})
    snapshot = assemble(facts, today=TODAY.isoformat(), before=snapshot)
    after, ready_after = timed(lambda: kept.subject(snapshot, audit_facts, encode, False))
    _, second = timed(lambda: overlaps(after, before=found.compared))
    _, standing = timed(lambda: Standing(after))
    ratio = (ready + first) / (ready_after + second)
    print(f"{number:>7,} communities: made ready {ready:.2f} s, compared {first:.2f} s; after one changed", end=" ")
    print(f"{ready_after:.2f} and {second:.2f} s ({ratio:.1f} times); proposals then {standing:.2f} s", end="; ")
    print(f"peak {peak():,.0f} MB", flush=True)
    return ready + first, ready_after + second


def print_measures(number: int, people: int) -> None:
    """What breadth, narrowness and clarity take, at first and after the text of one community changed."""
    facts, audit_facts, encode = generated(number, people)
    snapshot, kept = assemble(facts, today=TODAY.isoformat()), Kept()

    def measured(name: str) -> None:
        subject = kept.subject(snapshot, audit_facts, encode, False)
        alike = overlaps(subject, before=kept.compared(False, NEAREST))
        kept.keep(False, NEAREST, alike.compared)
        profiles, apart = Profiles(subject), tuple(side[~alike.same] for side in alike.near)
        broad, first = timed(lambda: breadth(subject, profiles, encode, None, apart, splits=kept.splits(False)))
        attracted, second = timed(lambda: attraction(subject, profiles))
        _, third = timed(lambda: narrowness(subject, profiles, attracted, broad))
        _, fourth = timed(lambda: clarity(subject, profiles, attracted, alike.near))
        print(f"{number:>7,} communities, {people:,} people, {name}: breadth {first:.1f} s, of which", end=" ")
        print(f"{sum(one.flagged for one in broad):,} are too broad; whom texts attract {second:.1f} s", end=", ")
        print(f"narrowness {third:.1f} s, clarity {fourth:.1f} s; peak {peak():,.0f} MB", flush=True)

    measured("at first")
    key = sorted(facts.communities)[number // 2]
    changed = replace(facts.communities[key], domain="Safety of hydrogen in storage and transport. " * 3)
    facts = replace(facts, communities={**facts.communities, key: changed})
    snapshot = assemble(facts, today=TODAY.isoformat(), before=snapshot)
    measured("after one changed")


COLOURS = ("#2a78c8", "#c8782a", "#2f9e62", "#a04fb0", "#888888", "#b8433f", "#6b7a1f")
DASHES = ("none", "6 4", "2 3")


def drawing(lines: dict[str, list[tuple[int, float]]], of: str = "communities", unit: str = "s", alike: int = 1) -> str:
    """Seconds, or what `unit` says, by number, both logarithmic, as SVG that reads on light and on dark ground. Each
    `alike` lines that follow each other share a colour, and are told apart by their strokes."""
    title = f"{'Seconds' if unit == 's' else unit} by number of {of}"
    points = [point for line in lines.values() for point in line]
    low_x, high_x = (fold(np.log10([x for x, _ in points])) for fold in (np.min, np.max))
    low_y = np.floor(np.log10(min(y for _, y in points)))
    high_y = np.ceil(np.log10(max(y for _, y in points)))

    def at(x: float, y: float) -> tuple[float, float]:
        across = (np.log10(x) - low_x) / max(high_x - low_x, 1e-9)
        return 60 + 400 * across, 340 - 300 * (np.log10(y) - low_y) / max(high_y - low_y, 1e-9)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 390" font-family="sans-serif" font-size="12">',
        f'<title>{title}</title><text x="60" y="22" font-weight="bold">{title}</text>',
        "<style>text{fill:#333}.g{stroke:#8884}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>",
    ]
    for power in range(int(low_y), int(high_y) + 1):
        y = at(10**low_x, 10.0**power)[1]
        parts.append(f'<line class="g" x1="60" x2="460" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts.append(f'<text x="52" y="{y + 4:.0f}" text-anchor="end">{10.0**power:g} {unit.partition(" ")[0]}</text>')
    for number in sorted({x for x, _ in points}):
        x = at(number, 10.0**low_y)[0]
        parts.append(f'<line class="g" x1="{x:.0f}" x2="{x:.0f}" y1="40" y2="340"/>')
        parts.append(f'<text x="{x:.0f}" y="360" text-anchor="middle">{number:,}</text>')
    for place, (name, line) in enumerate(lines.items()):
        colour = COLOURS[place // alike % len(COLOURS)]
        stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{DASHES[place % alike]}"'
        marks = [at(x, y) for x, y in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in marks)
        parts.append(f'<polyline points="{path}" fill="none" {stroke}/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in marks]
        parts.append(f'<line x1="480" x2="504" y1="{49 + 22 * place}" y2="{49 + 22 * place}" {stroke}/>')
        parts.append(f'<text x="512" y="{53 + 22 * place}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--communities", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--changed", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--measured", type=int, nargs="*", default=[1_000], help="communities, each by itself")
    parser.add_argument("--people", type=int, default=2, help="for each community of --changed and --measured")
    parser.add_argument("--largest-peer", type=int, default=100_000)
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        what, number, k = asked.alone
        print(json.dumps(measure(what, int(number), int(k))))
        return
    drawn = print_nearest(asked.communities, asked.largest_peer)
    changes = [(number, *print_change(number, asked.people * number)) for number in asked.changed]
    if changes:
        drawn["all comparisons, at first"] = [(number, first) for number, first, _ in changes]
        drawn["all comparisons, after one changed"] = [(number, after) for number, _, after in changes]
    for number in asked.measured:
        print_measures(number, asked.people * number)
    if asked.svg:
        asked.svg.write_text(drawing(drawn), encoding="utf-8")


if __name__ == "__main__":
    main()
