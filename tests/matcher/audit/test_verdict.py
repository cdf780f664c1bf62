"""What text evidence makes of two names, with texts beside them or none."""

import numpy as np
import pytest

from matcher.audit.evidence import TEXT, Texts, compare_texts
from matcher.audit.verdict import DESCRIBED, TextWeights, nameless, text_log_odds

NOTHING = ""


def odds(one: tuple[str, str], other: tuple[str, str], **weights) -> float:
    """Log-odds that two (name, text) are of one domain, by words alone, among others that make words usual or rare."""
    things = [one, other, ("Marine Biology", "Fish and whales."), ("Baking", "Bread."), ("Chess", "Openings.")]
    texts = Texts.of([name for name, _ in things], [body for _, body in things], None, None)
    values = compare_texts(texts, np.array([0], dtype=np.int32), np.array([1], dtype=np.int32))
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
    values = np.array([[0.5, 0.0, 0.4, 0.3, 0.2, 0.6, 0.1]], dtype=np.float32)
    left = nameless(values)
    assert np.isnan(left[0, :5]).all()
    assert left[0, 5:].tolist() == values[0, 5:].tolist()
