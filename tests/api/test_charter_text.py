"""A charter goes out as Markdown and comes back the same, whatever somebody wrote into it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.charter_text import base_of, markdown, parsed
from graph.charters import OBJECTIVE_STATES, Charter, Objective
from graph.errors import InvalidInput

# What Markdown makes something of, and what cuts lines somewhere.
AWKWARD = st.text(st.sampled_from("# \\\n-*`>ab:.\t\u2028\x85%/()é"), max_size=30)
TEXTS = st.none() | AWKWARD
LISTS = st.lists(AWKWARD, max_size=3)
IDS = st.lists(st.text(st.sampled_from("ab`%/# \n"), min_size=1, max_size=6), max_size=3)
OBJECTIVES = st.lists(
    st.builds(
        lambda text, state: {"text": f"x{text}", "state": state}, AWKWARD, st.sampled_from(OBJECTIVE_STATES)
    ),
    max_size=3,
)  # fmt: skip
CHARTERS = st.fixed_dictionaries(
    {
        name: OBJECTIVES
        if name == "objectives"
        else IDS
        if name.endswith("_ids")
        else LISTS
        if name in ("needs", "challenges", "opportunities")
        else TEXTS
        for name in Charter.model_fields
    }
).map(Charter.model_validate)


@settings(max_examples=200, deadline=None)
@given(CHARTERS, st.dictionaries(st.text(st.sampled_from("ab`%/# \n"), max_size=6), AWKWARD, max_size=3))
def test_nothing_is_lost_on_the_way_out_and_back(charter: Charter, names: dict[str, str]) -> None:
    assert parsed(markdown("Charter\nof # Ropes", charter, 3, names)) == charter


def test_it_reads_as_somebody_would_write_it() -> None:
    text = markdown(
        "Charter of Ropes",
        Charter(
            purpose="Keep ropes.\n\n# as long as they last",
            goal_ids=("safe",),
            objectives=(Objective(text="Dry lofts", state="progressed"),),
        ),
        2,
        {"safe": "Safe at sea"},
    )
    assert text.startswith(
        "# Charter of Ropes\n\n<!-- version 2 -->\n\n## Purpose\n\nKeep ropes.\n\n\\# as long as they last\n\n"
        "### Goals that it serves\n\n- `safe` Safe at sea\n\n## Needs\n\n## Challenges\n"
    )
    assert "## Objectives\n\n- progressed: Dry lofts\n" in text
    assert base_of(text) == 2


def test_what_is_typed_by_hand_is_understood() -> None:
    charter = parsed("# Ropes\n## purpose ##\nKeep\nropes.\n## OBJECTIVES\n* Dry lofts\n  of wood\n- reached: Lists\n")
    assert charter.purpose == "Keep\nropes."
    assert charter.objectives == (Objective(text="Dry lofts of wood"), Objective(text="Lists", state="reached"))
    assert parsed("### Who took part\n- ann\n").took_part_ids == ("ann",)
    assert base_of("# Ropes") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("## Purpos\nx", "line 1: no part of a charter is called 'Purpos'. Known: Purpose, "),
        ("hello\n## Purpose", "line 1: belongs to no part"),
        ("## Needs\n## Needs", "line 2: 'Needs' comes twice"),
        ("## Purpose\n" + "x" * 20_001, "purpose: String should have at most 20000 characters"),
        ("## Purpose\na\0b", "purpose: holds a NUL character"),
    ],
)
def test_what_belongs_nowhere_is_refused_and_not_dropped(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        parsed(text)
