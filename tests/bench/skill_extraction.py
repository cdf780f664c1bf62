"""Skills named in text: precision and recall, beside plain search for the labels.

    python -m tests.bench.skill_extraction

Sentences and labels are ours (skill_sentences.yaml), the skills are those of the demo organisation. The limit is fitted
on every second pair of sentences: of those that keep nine of ten right, the one that finds most. Figures are of the
other pairs.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ingest.demo.people import skill_rows
from matcher.embedding import SentenceTransformerEmbedder
from matcher.extraction import NEAR, Labels, Mention, SkillText, confirmed

WANTED_PRECISION = 0.9


def skills() -> list[SkillText]:
    entries = {one["id"]: one for one in skill_rows()}

    def above(key: str) -> list[str]:
        found: list[str] = []
        for broader in entries[key].get("broader_ids", []):
            found += [entries[broader]["name"], *above(broader)]
        return found

    return [
        SkillText(key, one["name"], tuple(one.get("alt_labels", ())), tuple(above(key))) for key, one in entries.items()
    ]


def plain(known: Sequence[SkillText], sentence: str) -> set[str]:
    """The labels that stand in the sentence as words, whatever their case: what the rest is held against."""
    return {
        one.id
        for one in known
        for label in (one.name, *one.alt_labels)
        if re.search(rf"(?<!\w){re.escape(label)}(?!\w)", sentence, re.IGNORECASE)
    }


def told(found: Sequence[set[str]], wanted: Sequence[set[str]]) -> tuple[float, float, int, int, int]:
    hits = sum(len(a & b) for a, b in zip(found, wanted, strict=True))
    said, there = sum(map(len, found)), sum(map(len, wanted))
    return hits / max(1, said), hits / max(1, there), hits, said, there


def main() -> None:
    rows = yaml.safe_load(Path(__file__).with_name("skill_sentences.yaml").read_text(encoding="utf-8"))
    texts, wanted = [row[0] for row in rows], [set(row[1]) for row in rows]
    known = skills()
    assert all(one <= {skill.id for skill in known} for one in wanted)
    labels, embedder = Labels(known), SentenceTransformerEmbedder()
    by_id = {one.id: one for one in known}
    mentions: list[list[Mention]] = [labels.mentions(text) for text in texts]
    flat = [one for some in mentions for one in some]
    around = embedder.encode([one.around for one in flat])
    about = embedder.encode([by_id[one.skill_id].text for one in flat])

    def kept(near: float) -> list[set[str]]:
        yes = iter(confirmed(flat, around, about, near))
        return [{one.skill_id for one in some if next(yes)} for some in mentions]

    def half(some: Sequence[Any], number: int) -> list[Any]:
        return [one for place, one in enumerate(some) if place // 2 % 2 == number]

    best: tuple[float, float, float] | None = None
    for near in (round(float(x), 3) for x in np.arange(-0.1, 0.5, 0.025)):
        precision, recall, *_ = told(half(kept(near), 0), half(wanted, 0))
        if precision >= WANTED_PRECISION and (best is None or (recall, precision) > best[:2]):
            best = (recall, precision, near)
    print("fitted on one half:", best)
    print(f"{'the other half':32} precision recall  right said there")
    for name, found in (
        ("plain labels", [plain(known, text) for text in texts]),
        ("labels by their rules", kept(-1.0)),
        ("as fitted", kept(best[2]) if best else kept(NEAR)),
        ("as shipped", kept(NEAR)),
    ):
        precision, recall, hits, said, there = told(half(found, 1), half(wanted, 1))
        print(f"{name:32} {precision:9.3f} {recall:6.3f} {hits:6} {said:4} {there:5}")
    for text, found, right in half(list(zip(texts, kept(NEAR), wanted, strict=True)), 1):
        if found != right:
            print(f"  {text}\n    wrong {sorted(found - right)}, missed {sorted(right - found)}")


if __name__ == "__main__":
    main()
