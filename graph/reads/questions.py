"""What was asked in a community, and who advised."""

from dataclasses import dataclass
from typing import Any

from graph.database import Read, Row
from graph.models import Party

# In place of a day that nobody told: before all days, so that such questions come last.
UNDATED = "0"


@dataclass(frozen=True)
class Given:
    """Advice on a question. `text`: for those who are inside alone."""

    helper: Party
    at: str | None
    outcome: str | None
    text: str | None


@dataclass(frozen=True)
class Question:
    id: str
    title: str
    text: str
    asked_at: str | None
    asker: Party | None
    advice: tuple[Given, ...]

    @property
    def place(self) -> tuple[str, str]:
        """Its place in the list, behind which the next page begins."""
        return self.asked_at or UNDATED, self.id


def of_community(
    community_id: str, *, inside: bool, behind: tuple[str, str] | None = None, limit: int
) -> Read[list[Question]]:
    """What was asked in a community and is not private, the latest first. `inside`: also what nobody has answered yet,
    and what was advised."""
    at, key = behind or (None, "")
    parameters = {"id": community_id, "inside": inside, "before_at": at, "before_id": key, "limit": limit}
    return Read("read/questions_of_community", parameters, lambda rows: [_question(row) for row in rows])


def _question(row: Row) -> Question:
    advice = (_given(one) for one in row["advice"])
    at = None if row["at"] == UNDATED else row["at"]
    return Question(row["id"], row["title"], row["text"], at, _party(row["asker"]), tuple(advice))


def _given(one: dict[str, Any]) -> Given:
    helper = Party(one["helper"]["id"], one["helper"]["name"])
    return Given(helper, one["at"], one["outcome"], one["text"])


def _party(one: dict[str, Any] | None) -> Party | None:
    return Party(one["id"], one["name"]) if one else None
