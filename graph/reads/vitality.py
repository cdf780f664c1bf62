"""Reads of what the measures of vitality rest on, beside what the audit reads already."""

from dataclasses import dataclass

from graph.database import Read, Row


@dataclass(frozen=True)
class Given:
    """A piece of advice; '' is a day or a person that is not known."""

    advised_at: str
    helper_id: str
    followed_up: bool


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


def life() -> Read[dict[str, Life]]:
    """By community of which any of that is known."""

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

    return Read("read/life", {"ids": None}, parse)
