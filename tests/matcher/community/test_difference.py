"""Two versions side by side: every word of both, and which of them changed."""

from hypothesis import given
from hypothesis import strategies as st

from graph.charters import Charter, Objective
from matcher.community.difference import Piece, differences, said

SOME = st.builds(
    Charter,
    purpose=st.none() | st.text(st.sampled_from("ab \n"), max_size=20),
    needs=st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
    objectives=st.lists(st.builds(Objective, text=st.sampled_from("ab")), max_size=2).map(tuple),
)


def test_words_that_stay_go_and_come() -> None:
    one = Charter(purpose="Keep ropes dry", needs=("A loft", "Time"), objectives=(Objective(text="Lists"),))
    other = Charter(
        purpose="Keep all ropes dry", needs=("Time", "Tar"), objectives=(Objective(text="Lists", state="reached"),)
    )
    found = {difference.field: difference.pieces for difference in differences(one, other)}
    assert list(found) == ["purpose", "needs", "objectives"]
    assert found["purpose"] == (Piece("same", "Keep"), Piece("added", " all"), Piece("same", " ropes dry"))
    assert found["needs"] == (Piece("removed", "A loft\n"), Piece("same", "Time\n"), Piece("added", "Tar\n"))
    assert found["objectives"] == (Piece("removed", "open: Lists\n"), Piece("added", "reached: Lists\n"))


@given(SOME, SOME)
def test_no_word_of_either_is_missing(one: Charter, other: Charter) -> None:
    found = differences(one, other)
    changed = {field for field in Charter.model_fields if said(one, field) != said(other, field)}
    assert {difference.field for difference in found} == changed
    for difference in found:
        for charter, gone in ((one, "added"), (other, "removed")):
            text = "".join(piece.text for piece in difference.pieces if piece.change != gone)
            assert text.rstrip("\n") == said(charter, difference.field)
