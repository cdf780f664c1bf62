"""Rights that were taken back, noted beside the graph: a restore of an older backup does not give them again.

The notes are a file of the data folder, which no restore touches. A key stands in it by its id, whoever had a role by a
keyed hash (graph.suppression): the file alone names nobody.
"""

from dataclasses import asdict, dataclass
from typing import Any

from graph.layout import append_lines, read_lines
from graph.models import Role
from graph.settings import DatabaseSettings
from graph.suppression import SuppressionList


@dataclass(frozen=True)
class Revocation:
    """`mark` is of a key or of a person; `role`, of a person, is the role that was left to them, None: none."""

    mark: str
    at: str
    role: Role | None = None


class Revocations:
    """What this installation knows to have been taken back."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.file = settings.data_dir / "revocations.jsonl"
        self._secret = SuppressionList(settings)

    def of_key(self, key_id: str) -> str:
        return f"key/{key_id}"

    def of_person(self, person_id: str) -> str:
        return self._secret.of_role(person_id)

    def read(self) -> dict[str, Revocation]:
        """By mark; of two lines on one the later moment counts."""
        found: dict[str, Revocation] = {}
        # What a line that a crash cut short was of was not done either.
        for one in read_lines(self.file, _parsed):
            if one.mark not in found or found[one.mark].at <= one.at:
                found[one.mark] = one
        return found

    def note(self, *given: Revocation) -> None:
        """To be called before the commit of what they say: whatever is committed is known here."""
        append_lines(self.file, map(asdict, given))


def _parsed(one: Any) -> Revocation:
    return Revocation(one["mark"], one["at"], Role(one["role"]) if one["role"] else None)
