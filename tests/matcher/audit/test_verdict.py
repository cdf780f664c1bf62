"""What text evidence makes of two names, with texts beside them or none."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.audit.evidence import ALIKE, AROUND, CROWDED, TEXT, Texts, around, compare_texts, text_evidence
from matcher.audit.verdict import DESCRIBED, TEXT_AGAINST, TextWeights, nameless, restrained, text_log_odds

FloatArray = NDArray[np.float32]
NOTHING = ""


def odds(one: tuple[str, str], other: tuple[str, str], **weights) -> float:
    """Log-odds that two (name, text) are of one domain, by words alone, among others that make words usual or rare."""
    things = [one, other, ("Marine Biology", "Fish and whales."), ("Baking", "Bread."), ("Chess", "Openings.")]
    texts = Texts.of([name for name, _ in things], [body for _, body in things], None, None)
    rows = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    alike = compare_texts(texts, *rows)
    values = text_evidence(alike, *rows, around(alike, *rows, len(things)))
    return float(text_log_odds(values, DESCRIBED, **weights)[0])


@pytest.mark.parametrize(
    ("text", "other", "by"),
    [(NOTHING, NOTHING, "bare"), ("Ships and sails.", NOTHING, "named"), (NOTHING, "Ships and sails.", "named")],
)
def test_which_weights_count_depends_on_the_texts_beside_the_names(text: str, other: str, by: str) -> None:
    pair = ("Boat Building", text), ("Building of Boats", other)
    usual = odds(*pair)
    silent = TextWeights(*([(0.0,) * len(TEXT)] * 3))
    assert usual != 0
    assert odds(*pair, **{by: silent}) == 0
    assert odds(*pair, **{"named" if by == "bare" else "bare": silent}) == usual


def test_two_bare_names_are_the_likelier_one_the_more_alike_they_are() -> None:
    bare = [
        odds((name, NOTHING), ("Machine Learning", NOTHING))
        for name in ("Machine Learning", "Machines that Learn", "Pottery")
    ]
    assert bare[0] > bare[1] > bare[2]
    assert bare[0] > 0 > bare[2]
    short = odds(("ML", NOTHING), ("Machine Learning", NOTHING))
    assert short > odds(("MB", NOTHING), ("Machine Learning", NOTHING))


def test_without_names_texts_are_left() -> None:
    values = np.array([[0.5, 0.0, 0.4, 0.3, 0.2, 0.6, 0.1, 0.5, 0.4, 0.3, 0.7, 0.2]], dtype=np.float32)
    left = nameless(values)[0]
    kept = [TEXT.index(name) for name in ("meaning", "words", "meaning_around", "words_around")]
    assert np.flatnonzero(~np.isnan(left)).tolist() == kept
    assert left[kept].tolist() == values[0, kept].tolist()


def alike(meanings: list[float]) -> FloatArray:
    """Pairs with texts of some likeness in meaning, and nothing else known."""
    found = np.full((len(meanings), len(ALIKE)), np.nan, dtype=np.float32)
    found[:, ALIKE.index("meaning")] = meanings
    found[:, ALIKE.index("words")] = 0.1
    return found


def test_to_be_near_says_less_where_many_are_near() -> None:
    pairs = list(combinations(range(12), 2))
    one, other = (np.array(side, dtype=np.int32) for side in zip(*pairs, strict=True))
    # The first six are as near to each other as the last two, who stand alone.
    near = alike([0.7 if second < 6 or first >= 10 else 0.2 for first, second in pairs])
    told = text_log_odds(text_evidence(near, one, other, around(near, one, other, 12)), DESCRIBED)
    assert told[pairs.index((10, 11))] > told[pairs.index((0, 1))] + 1
    # Who calls whom the first makes no difference.
    back = text_log_odds(text_evidence(near, other, one, around(near, other, one, 12)), DESCRIBED)
    assert back.tolist() == told.tolist()


def test_how_near_others_are_is_the_mean_of_the_nearest_few_and_unknown_among_fewer() -> None:
    one = np.zeros(AROUND + 1, dtype=np.int32)
    other = np.arange(1, AROUND + 2, dtype=np.int32)
    found = around(alike([0.9, 0.1, 0.8, 0.7, 0.6, 0.5]), one, other, AROUND + 2)
    column = CROWDED.index(ALIKE.index("meaning"))
    assert found[0, column] == pytest.approx((0.9 + 0.8 + 0.7 + 0.6 + 0.5) / AROUND)
    assert np.isnan(found[1:, column]).all()
    assert np.isnan(found[0, CROWDED.index(ALIKE.index("name_meaning"))])


def test_texts_say_less_against_than_for() -> None:
    said = np.array([-9, -3, -1, -0.1, 0, 2, 6], dtype=np.float32)
    found = restrained(said)
    assert (np.diff(found) > 0).all()
    assert found.min() > -TEXT_AGAINST - 1e-6
    assert found[3] == pytest.approx(-0.1, abs=0.01)
    assert found[4:].tolist() == said[4:].tolist()
