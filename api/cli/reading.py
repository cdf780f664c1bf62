"""How commands read: as whoever sits at the machine, who may see all; printed as JSON where that is wanted."""

from typing import TypeVar

from api import settings as settings_module
from api.cli.output import Stopwatch, opened, print_json
from api.cli.writing import known
from graph.database import Read, Steps
from graph.models import LOCAL_ADMIN
from graph.reads import resources

T = TypeVar("T")


def read_out(asked: Read[T] | Steps[T], as_json: bool, *, community: str | None = None, person: str | None = None) -> T:
    """What is asked for; printed as JSON where that is wanted, and else left to the command to tell.

    Raises NotFound where it is asked of a community or of a person that is not there.
    """
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        known(database, person)
        if community is not None:
            database.follow(resources.seen(community, LOCAL_ADMIN))
        found = database.read(asked) if isinstance(asked, Read) else database.follow(asked)
        if as_json:
            print_json(found, database, watch)
    return found
