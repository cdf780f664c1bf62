"""How commands write for somebody: what is given is checked as over HTTP, and done in turn."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from api import settings as settings_module
from api.cli.output import Stopwatch, opened, print_json
from graph.database import Database, Read, Transaction
from graph.errors import InvalidInput, NotFound
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import identities
from graph.writes.events import in_turn

T = TypeVar("T")


def acting(transaction: Transaction, person: str | None) -> Principal:
    """For a named person what that one may, by their part and the role that they were given; whoever sits at the
    machine may do all. Raises NotFound for an id of nobody."""
    if person is None:
        return LOCAL_ADMIN
    found = transaction.read(_standing(person))
    if not found:
        raise nobody(person)
    (one,) = found
    return Principal(one.person_id, one.role, LOCAL_ADMIN.actor, one.external and one.role is Role.MEMBER)


def known(database: Database, person: str | None) -> None:
    """Raises NotFound for an id of nobody: what is told of nobody would lead whoever mistyped it astray."""
    if person is not None and not database.read(_standing(person)):
        raise nobody(person)


def nobody(person: str) -> NotFound:
    return NotFound(f"There is no person with the id {person!r}. `guildmap search NAME` finds people.")


def _standing(person: str) -> Read[list[identities.Standing]]:
    return identities.signed_in(person, None, date.today().isoformat())


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
