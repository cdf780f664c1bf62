"""What two versions of a charter say differently, field by field and word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from graph.charters import Charter

# A word and the blanks before it: where a word goes, its blanks go too.
_WORD = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True)
class Piece:
    """Some words in a row. What is `removed` stands in the first version only, what is `added` in the second."""

    change: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True)
class Difference:
    """One field that is not the same. Entries of a list stand in lines, objectives with their state in front."""

    field: str
    pieces: tuple[Piece, ...]


def differences(one: Charter, other: Charter) -> list[Difference]:
    """The fields that differ, in the order of the charter."""
    found: list[Difference] = []
    for field in Charter.model_fields:
        before, after = said(one, field), said(other, field)
        if before != after:
            found.append(Difference(field, tuple(_pieces(before, after, field))))
    return found


def said(charter: Charter, field: str) -> str:
    """What a charter says in a field, as text; '' where it says nothing."""
    if field == "objectives":
        return "\n".join(objective.line for objective in charter.objectives)
    value: str | tuple[str, ...] | None = getattr(charter, field)
    return "\n".join(value) if isinstance(value, tuple) else value or ""


def _pieces(before: str, after: str, field: str) -> Iterator[Piece]:
    lists = isinstance(Charter.model_fields[field].get_default(), tuple)
    # An entry of a list is one thing: half of an id, or of a need, would tell nobody anything.
    one, other = (text.splitlines(keepends=True) if lists else _WORD.findall(text) for text in (before, after))
    if lists:
        one, other = ([entry.rstrip("\n") + "\n" for entry in some] for some in (one, other))
    for tag, i, j, k, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(one[i:j]))
            continue
        if j > i:
            yield Piece("removed", "".join(one[i:j]))
        if m > k:
            yield Piece("added", "".join(other[k:m]))
