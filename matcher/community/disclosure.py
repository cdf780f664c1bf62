"""What may be told of a few people to somebody who is not one of them."""

# Fewer people than this are never told of by a number.
LEAST = 5


def rounded(people: int) -> int | None:
    """`people` rounded down to a multiple of LEAST; None for fewer than that, none included.

    Each number told stands for LEAST possible ones, and no total is told beside it. So neither a total that is known
    from elsewhere nor the other cells give a cell away, which is what complementary suppression is for; and a person
    more or less mostly leaves every number as it is.
    """
    return people // LEAST * LEAST or None
