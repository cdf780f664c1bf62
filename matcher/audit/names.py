"""How alike names are: spellings, short forms (`k8s`, `ML` for `machine learning`), words in common."""

import re
from collections.abc import Collection, Sequence

from graph.text import fold
from matcher.lexical import STOP_WORDS, stem

# Words that say what kind of thing it is, not of what: two guilds are not alike for being guilds.
KIND_WORDS = frozenset(
    ("chapter", "circle", "club", "cohort", "collective", "committee", "community", "cop", "department", "forum",
     "group", "guild", "hub", "league", "network", "sig", "society", "special", "squad", "team", "tribe", "unit",
     "user", "users", "wg", "working")
)  # fmt: skip

# A word of up to so many letters may be short for others.
LONGEST_SHORT = 6

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SIGNS = str.maketrans({"+": " plus ", "#": " sharp ", "&": " and "})
_NUMBERED = re.compile(r"(?<=[^\W\d_])\d+$")
_NUMERONYM = re.compile(r"([a-z])(\d{1,2})([a-z])")


def words(name: str) -> tuple[str, ...]:
    """The words of a name that tell its subject, folded, signs spelt out; all of them where none does."""
    found = _WORD.findall(fold(_CAMEL.sub(" ", name)).translate(_SIGNS))
    telling = tuple(word for word in found if word not in STOP_WORDS and word not in KIND_WORDS)
    return telling or tuple(found)


def narrower(one: Sequence[str], other: Sequence[str]) -> int | None:
    """Which of two names (as `words`) says all that the other says and more: 0 or 1, None for neither. To add the
    other's short form (`robotic process automation rpa`) says no more."""
    mine, theirs = frozenset(map(stem, one)), frozenset(map(stem, other))
    if mine > theirs:
        inner, more = 0, [shortens(word, other) for word in one if stem(word) not in theirs]
    elif theirs > mine:
        inner, more = 1, [shortens(word, one) for word in other if stem(word) not in mine]
    else:
        return None
    return inner if min(more) < 1 else None


def unnumbered(name: Sequence[str]) -> tuple[str, ...]:
    """The words without numbers at their ends and without those that are numbers: versions and years."""
    kept = tuple(_NUMBERED.sub("", word) for word in name if not word.isdigit())
    return kept or tuple(name)


def shortens(short: str, long: Sequence[str], text: Collection[str] = ()) -> float:
    """How certainly one word stands for several, or for a long one, from 0 to 1.

    1: its initials (`ml`, machine learning) or what is left out, counted (`k8s`, kubernetes). 0.7: initials with a
    word of the `text` behind (`ldjam`, Ludum Dare, a game jam). 0.5: letters of one word in their order, from the first
    on (`rkt`, racket), which happens by chance too.
    """
    whole = "".join(long)
    if not short or not whole or short == whole:
        return 0.0
    if match := _NUMERONYM.fullmatch(short):
        first, left_out, last = match.groups()
        return float(len(whole) == int(left_out) + 2 and whole[0] == first and whole[-1] == last)
    initials = "".join(word[0] for word in long)
    if len(initials) > 1:
        if short == initials:
            return 1.0
        if short.startswith(initials) and short[len(initials) :] in text:
            return 0.7
    if len(long) > 1 or not 2 <= len(short) <= min(LONGEST_SHORT, len(whole) // 2) or short[0] != whole[0]:
        return 0.0
    left = iter(whole)
    return 0.5 if all(letter in left for letter in short) else 0.0


def short_form(
    one: Sequence[str], other: Sequence[str], text: Collection[str] = (), other_text: Collection[str] = ()
) -> float:
    """How certainly two names (as `words`) are one but for a short form, also with words in common around it.

    `text` and `other_text` are the words of what the names stand for.
    """
    best = 0.0
    for mine, theirs in ((one, other), (unnumbered(one), unnumbered(other))):
        both = {stem(word) for word in mine} & {stem(word) for word in theirs}
        left = [word for word in mine if stem(word) not in both]
        right = [word for word in theirs if stem(word) not in both]
        if len(left) == 1:
            best = max(best, shortens(left[0], right, other_text))
        if len(right) == 1:
            best = max(best, shortens(right[0], left, text))
    return best
