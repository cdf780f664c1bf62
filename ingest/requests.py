"""Requests for help that are given to helpers together: a CSV or JSONL file, read whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from graph.errors import InvalidInput
from ingest.records import Listed, QuestionRecord
from ingest.sources.bundle import WIDE_BOMS, BundleTable

# So many mistakes of a file are told at a time.
MOST_TOLD = 5


def _one_if_unsaid(value: Any) -> Any:
    return 1 if value is None or value == "" else value


class RequestRecord(QuestionRecord):
    """A question, the ids of people it must not be given to, and how many helpers it wants."""

    conflicts: Listed = None
    helpers: Annotated[int, Field(ge=1, le=100), BeforeValidator(_one_if_unsaid)] = 1


class RequestsFile(BundleTable):
    """It has the columns of a bundle's questions, whatever it is called."""

    @property
    def subject(self) -> str:
        return "questions"


def read_requests(path: Path) -> dict[int, RequestRecord]:
    """The requests of a file by the line on which each begins, in that order.

    Raises InvalidInput that names file and line of what cannot be used: a question that is left out unnoticed would be
    one that nobody helps with.
    """
    table = RequestsFile(_checked(path))
    found: dict[int, RequestRecord] = {}
    problems: list[str] = []
    first: dict[str, int] = {}
    for row in table.rows():
        if row.problem is not None:
            problems.append(f"{path.name}, line {row.line}: {row.problem[1]}")
            continue
        try:
            request = RequestRecord.model_validate(row.data)
        except ValidationError as error:
            problems.extend(f"{path.name}, line {row.line}: {problem}" for problem in _told(error))
            continue
        if request.id in first:
            problems.append(f"{path.name}, line {row.line}: id {request.id!r} is that of line {first[request.id]} too")
            continue
        first[request.id] = row.line
        found[row.line] = request
    if problems:
        more = f"\n... and {len(problems) - MOST_TOLD:,} more" if len(problems) > MOST_TOLD else ""
        raise InvalidInput("\n".join(problems[:MOST_TOLD]) + more)
    if not found:
        raise InvalidInput(f"{path.name} holds no question.")
    return found


def _checked(path: Path) -> Path:
    if path.suffix not in (".csv", ".jsonl"):
        raise InvalidInput(f"{path} is neither a .csv nor a .jsonl file.")
    try:
        with path.open("rb") as file:
            if file.read(2) in WIDE_BOMS:
                raise InvalidInput(f"{path.name} is UTF-16: save it as UTF-8.")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}).") from error
    return path


def _told(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        if problem["type"] in ("missing", "string_type"):
            yield f"{problem['loc'][0]} is missing; every question needs it"
        else:
            field = f"{problem['loc'][0]}: " if problem["loc"] else ""
            yield field + problem["msg"].removeprefix("Value error, ")
