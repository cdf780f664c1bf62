"""What is wrong with a field is a sentence, and in English just what pydantic says."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.field_errors import said_of
from graph.sentences import Sentence, tell
from ingest.records import Day


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    needed: str = ""
    level: Literal["core", "active", "occasional"] = "core"
    only: Literal["one"] = "one"
    number: int = Field(1, ge=1, le=5)
    within: int = Field(1, gt=0, lt=2)
    share: float = Field(0.5, ge=0, le=1, allow_inf_nan=False)
    part: float = Field(0.5, gt=0.25, lt=1e6)
    yes: bool = True
    text: str = Field("abc", min_length=2, max_length=4, pattern=r"^\w+$")
    single: str = Field("a", min_length=1, max_length=1)
    some: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    by_name: dict[str, int] = {}
    day: Day = None
    own: str = ""

    @field_validator("own")
    @classmethod
    def of_ours(cls, value: str) -> str:
        if value:
            raise ValueError(tell("%(what)s is too much", what=value))
        return value


class Within(BaseModel):
    needed: str
    inner: Asked | None = None


def problem(model: type[BaseModel], given: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate(given)
    (found,) = raised.value.errors(include_url=False, include_input=False)
    return dict(found)


@pytest.mark.parametrize(
    "given",
    [
        {"nonsense": 1}, {"level": "keen"}, {"only": "two"}, {"number": 0}, {"number": 6}, {"within": 0}, {"within": 2},
        {"number": "many"}, {"number": None}, {"number": 1.5}, {"number": "9" * 5_000}, {"share": "nan"},
        {"share": "half"}, {"share": 1.5}, {"share": -1}, {"part": 0.25}, {"part": 1e7}, {"share": None},
        {"yes": "perhaps"}, {"yes": None}, {"text": "a"}, {"text": "abcde"},
        {"text": "a b"}, {"text": 3}, {"single": ""}, {"single": "ab"}, {"some": []}, {"some": [1, 2, 3]}, {"some": 1},
        {"by_name": 1},
    ],
)  # fmt: skip
def test_it_says_what_pydantic_says(given: dict[str, Any]) -> None:
    found = problem(Asked, given)
    said = said_of(found)
    assert said == found["msg"]
    assert isinstance(said, Sentence), found["type"]


def test_so_it_does_of_what_is_missing_or_of_another_shape() -> None:
    for given in ({}, {"needed": "a", "inner": 3}):
        found = problem(Within, given)
        assert said_of(found) == found["msg"]
    assert isinstance(said_of(problem(Within, {})), Sentence)


def test_validators_of_ours_are_told_as_they_speak() -> None:
    said = said_of(problem(Asked, {"own": "this"}))
    assert said == "this is too much"
    assert isinstance(said, Sentence)
    day = said_of(problem(Asked, {"day": "soon"}))
    assert day == "is not a date like 2021-04-30, 2021-04 or 2021: 'soon'"
    assert isinstance(day, Sentence)


def test_of_another_pydantic_its_own_words_stand() -> None:
    found = {**problem(Asked, {"number": 0}), "msg": "Too small"}
    assert said_of(found) == "Too small"
    assert said_of({"type": "unheard_of", "msg": "Odd", "ctx": {}}) == "Odd"
