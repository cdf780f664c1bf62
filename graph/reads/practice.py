"""Reads of what people of communities did, beside meetings and agendas: what measures of practice and of vitality are
made of."""

from dataclasses import dataclass
from datetime import date

from graph.database import Read, Row


@dataclass(frozen=True)
class Given:
    """A piece of advice; '' is a day or a person that is not known. `external`: by somebody from outside the
    organisation."""

    advised_at: str
    helper_id: str
    external: bool = False
    outcome: str | None = None
    followed_up_at: str | None = None
    learned: str | None = None

    @property
    def followed_up(self) -> bool:
        """Whether somebody came back to it."""
        return self.outcome is not None or self.followed_up_at is not None


@dataclass(frozen=True)
class Question:
    id: str
    asked_at: str
    asker_id: str
    advice: tuple[Given, ...] = ()


@dataclass(frozen=True)
class Life:
    """Of one community: questions that are not private, the days of what was made together ('' where not known), and
    for each that joined the day and whether somebody greeted them."""

    questions: tuple[Question, ...] = ()
    artefacts: tuple[str, ...] = ()
    joined: tuple[tuple[str, bool], ...] = ()


def life(ids: list[str] | None = None) -> Read[dict[str, Life]]:
    """By community of which any of that is known; `ids` None: of all."""

    def parse(rows: list[Row]) -> dict[str, Life]:
        return {
            row["community_id"]: Life(
                tuple(
                    Question(key, at, who, tuple(Given(*one) for one in advice))
                    for key, at, who, advice in row["questions"]
                ),
                tuple(row["artefacts"]),
                tuple((day, greeted) for day, greeted in row["joined"]),
            )
            for row in rows
        }

    return Read("read/life", {"ids": ids}, parse)


def shared_members(community_id: str, least: int) -> Read[dict[str, int]]:
    """How many people each other community has in common with this one today, where it is `least` or more."""
    parameters = {"community_id": community_id, "least": least, "today": date.today().isoformat()}
    return Read("read/shared_members", parameters, lambda rows: {row["other"]: row["number"] for row in rows})
