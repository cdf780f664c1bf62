"""Reads about questions that were answered, and by whom."""

from dataclasses import dataclass

from graph.database import Read, Row
from graph.models import Principal, known_before


@dataclass(frozen=True)
class AdviceGiven:
    """One piece of advice; `advised_at` and `outcome` may be unknown (None)."""

    helper_id: str
    advised_at: str | None
    outcome: str | None
    id: str = ""


@dataclass(frozen=True)
class AnsweredQuestion:
    id: str
    title: str
    text: str
    asked_at: str | None
    community_id: str | None
    asker_id: str | None
    advice: tuple[AdviceGiven, ...]


def answered_questions(as_of: str | None, principal: Principal) -> Read[list[AnsweredQuestion]]:
    """Questions that have advice, ordered by id, as evidence for the principal.

    A private question is evidence for who asked it only. In a replay, advice counts if dated before `as_of`,
    a question if at least one such piece is left; outcomes, which bear no date here, are hidden.
    """
    parameters = {"viewer_id": principal.person_id, "sees_restricted": principal.sees_restricted}

    def parse(rows: list[Row]) -> list[AnsweredQuestion]:
        found: list[AnsweredQuestion] = []
        for row in rows:
            advice = tuple(
                AdviceGiven(helper, at or None, None if as_of else outcome or None, advice_id)
                for helper, at, outcome, advice_id in row["advice"]
                if known_before(at or None, as_of)
            )
            if advice:
                found.append(
                    AnsweredQuestion(
                        row["id"],
                        row["title"],
                        row["text"],
                        row["asked_at"],
                        row["community_id"],
                        row["asker_id"],
                        advice,
                    )
                )
        return found

    return Read("read/answered_questions", parameters, parse)
