"""Groups of likely duplicates."""

from matcher.audit.groups import groups


def test_a_chain_is_no_group_of_three() -> None:
    (found,) = groups([0, 1], [1, 2], [0.9, 0.8], 3, 0.5)
    assert found.rows == (0, 1)


def test_three_that_are_all_linked_are_a_group_and_show_the_weakest_link() -> None:
    (found,) = groups([0, 2, 0], [1, 1, 2], [0.9, 0.6, 0.8], 4, 0.5)
    assert found.rows == (0, 1, 2)
    assert found.weakest == (1, 2)
    assert found.probability == 0.6


def test_a_pair_that_is_hardly_likely_links_nothing() -> None:
    assert groups([0], [1], [0.4], 2, 0.5) == []
    assert groups([], [], [], 0, 0.5) == []


def test_two_groups_apart_come_the_surer_first() -> None:
    found = groups([0, 2], [1, 3], [0.6, 0.9], 4, 0.5)
    assert [group.rows for group in found] == [(2, 3), (0, 1)]
