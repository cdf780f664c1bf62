"""Where rows come from. A source yields rows with the place where a person finds them; it judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Row:
    """One row as read. `problem` says why it cannot even be read, as (field, reason)."""

    line: int
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: tuple[str, str] | None = None


class Table(Protocol):
    """The rows of one subject (`people`, `memberships`, ...)."""

    @property
    def subject(self) -> str: ...

    @property
    def file(self) -> str:
        """The file's name as a person knows it."""
        ...

    @property
    def size(self) -> int | None:
        """How many rows there are, about, for a progress bar; None where that costs a full read."""
        ...

    def rows(self) -> Iterator[Row]: ...


@dataclass(frozen=True)
class ListTable:
    """A table whose rows a source has in memory."""

    subject: str
    file: str
    listed: tuple[Row, ...]

    @property
    def size(self) -> int | None:
        return len(self.listed)

    def rows(self) -> Iterator[Row]:
        return iter(self.listed)


class Source(Protocol):
    """Raises InvalidInput from `tables` where the source as a whole cannot be used."""

    @property
    def name(self) -> str:
        """Under which its facts are owned: a second run with the same name updates them."""
        ...

    def fingerprint(self) -> str:
        """Equal for equal content: a run that was cut off goes on only over what it began with."""
        ...

    def tables(self) -> list[Table]: ...
