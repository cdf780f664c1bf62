"""How commands write for somebody: what is given is checked as over HTTP, and done in turn."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from api import settings as settings_module
from api.cli.output import Stopwatch, opened, print_json
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.writes.events import in_turn

T = TypeVar("T")


def acting(person: str | None) -> Principal:
    """For a named person what that one may; whoever sits at the machine may do all."""
    return LOCAL_ADMIN if person is None else Principal(person, Role.MEMBER, LOCAL_ADMIN.actor)


def written(work: Callable[[Transaction, Sequence[str]], T], as_json: bool) -> T:
    """Does `work` while no other write by hand goes on; prints what came of it as JSON where that is wanted."""
    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        done = database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: work(tx, settings.source_order)))
        if as_json:
            print_json(done, database, watch)
    return done


def checked(option: str, kind: Any, value: Any) -> Any:
    """The value of an option as ingest.records has it. Raises InvalidInput, naming the option, where it is none."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        (problem, *_) = error.errors(include_url=False)
        raise InvalidInput(f"{option}: {problem['msg'].removeprefix('Value error, ')}") from None
