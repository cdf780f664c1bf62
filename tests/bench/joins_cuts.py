"""Joins replayed at several cuts: ours against the best peer of each segment.

    python -m tests.bench.joins_cuts [--set apache] [--cuts 2017-01-01 2018-01-01 ...] [--until 2021-01-01]

The same replay and peers as `guildmap backtest joins`, without a database and without vectors. Which peer is best is
seen in hindsight, at each cut anew.
"""

import argparse

import numpy as np

from matcher.backtest import joins, peers
from matcher.backtest.measures import Ranked
from tests import shared_data
from tests.bench.bundles import facts_of

CUTS = [f"{year}-01-01" for year in range(2017, 2022)]


def figures(cases: list[Ranked]) -> np.ndarray:
    """NDCG@10 and Recall@10."""
    return np.mean([case.measures()[:2] for case in cases], axis=0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", default="apache")
    parser.add_argument("--cuts", nargs="+", default=CUTS)
    parser.add_argument("--until", help="joins before this day alone, to tune without a look at what is held out")
    asked = parser.parse_args()
    facts = facts_of(shared_data.bundle(asked.set))
    rows: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {segment: [] for segment in joins.SEGMENTS}
    for cut in asked.cuts:
        replayed = joins.replay(facts, cut, asked.until)
        ours = joins.rank(replayed, replayed.cases, joins.ours(replayed), 10)
        others = [
            (name, joins.rank(replayed, replayed.cases, scorer, 10)) for name, scorer in peers.recommenders(replayed)
        ]
        for segment in joins.SEGMENTS:
            name, best = max(
                ((name, figures(found[segment])) for name, found in others), key=lambda pair: float(pair[1][0])
            )
            mine = figures(ours[segment])
            rows[segment].append((mine, best))
            print(
                f"{cut} {segment:9}{len(ours[segment]):5} cases  guildmap {mine[0]:.3f} {mine[1]:.3f}  "
                f"best peer {best[0]:.3f} {best[1]:.3f} ({name})"
            )
    for segment, pairs in rows.items():
        mine, best = (np.mean([pair[side] for pair in pairs], axis=0) for side in (0, 1))
        print(
            f"mean       {segment:9}            guildmap {mine[0]:.3f} {mine[1]:.3f}  "
            f"best peer {best[0]:.3f} {best[1]:.3f}: {mine[0] / best[0]:.2f} {mine[1] / best[1]:.2f} times"
        )


if __name__ == "__main__":
    main()
