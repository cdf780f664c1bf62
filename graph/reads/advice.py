"""Reads about questions that were answered, and by whom."""

from dataclasses import dataclass, replace

from graph.database import Read, Row
from graph.models import Principal, known_before


@dataclass(frozen=True)
class AdviceGiven:
    """One piece of advice; `advised_at` and `outcome` may be unknown (None), and when that was found out."""

    helper_id: str
    advised_at: str | None
    outcome: str | None
    id: str = ""
    followed_up_at: str | None = None

    def as_known(self, as_of: str | None) -> "AdviceGiven":
        """What was known of it before the day `as_of`: an outcome that bears no date does not count."""
        if known_before(self.followed_up_at, as_of):
            return self
        return replace(self, outcome=None, followed_up_at=None)


@dataclass(frozen=True)
class AnsweredQuestion:
    id: str
    title: str
    text: str
    asked_at: str | None
    community_id: str | None
    asker_id: str | None
    advice: tuple[AdviceGiven, ...]
    private: bool = False

    @property
    def whole(self) -> str:
        """Title and text, as it was put."""
        return f"{self.title}\n{self.text}"


def answered_questions(as_of: str | None, principal: Principal, ids: list[str]) -> Read[dict[str, AnsweredQuestion]]:
    """Those of some questions that have advice and that the principal may see, by id and in its order.

    A private question is seen by who asked it; and by principals who see restricted communities, for a process that
    answers for everybody holds all of them: it has to look at `private`. In a replay, advice counts if dated before
    `as_of`, a question if at least one such piece is left; an outcome if it was found out before.
    """
    parameters = {
        "ids": ids,
        "viewer_id": principal.person_id,
        "sees_restricted": principal.sees_restricted,
    }

    def parse(rows: list[Row]) -> dict[str, AnsweredQuestion]:
        found: dict[str, AnsweredQuestion] = {}
        for row in rows:
            advice = tuple(
                AdviceGiven(helper, at or None, outcome or None, advice_id, followed_up or None).as_known(as_of)
                for helper, at, outcome, advice_id, followed_up in row["advice"]
                if known_before(at or None, as_of)
            )
            if advice:
                found[row["id"]] = AnsweredQuestion(
                    row["id"],
                    row["title"],
                    row["text"],
                    row["asked_at"],
                    row["community_id"],
                    row["asker_id"],
                    advice,
                    row["private"],
                )
        return found

    return Read("read/answered_questions", parameters, parse)


@dataclass(frozen=True)
class AdviceTold:
    """One piece of advice to read; `learned` is what others could learn of what came of it. `helper_id` None: of
    somebody who is forgotten."""

    id: str
    text: str
    advised_at: str | None
    outcome: str | None
    learned: str | None
    helper_id: str | None
    helper: str | None


def advice_told(ids: list[str]) -> Read[dict[str, AdviceTold]]:
    """By id. Whoever asks has made sure that the question may be seen."""
    return Read("read/advice_told", {"ids": ids}, lambda rows: {row["id"]: AdviceTold(**row) for row in rows})


def advice_ends(ids: list[str]) -> Read[dict[str, str]]:
    """Advice id to the id of the question that it answers, of those pieces of advice that are there."""
    return Read("read/advice_ends", {"ids": ids}, lambda rows: {row["id"]: row["question_id"] for row in rows})
