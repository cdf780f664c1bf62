"""Who does the batch work of a command."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from matcher.partitions import InProcess, Workers

OnDask = Annotated[
    str | None,
    typer.Option(
        "--dask", metavar="ADDRESS",
        help="Workers of Dask do it: the address of a scheduler (tcp://host:8786), or local:N for N processes here.",
    ),
]  # fmt: skip


@contextmanager
def workers(address: str | None) -> Generator[Workers]:
    """This process where no address is given. Raises InvalidInput."""
    if address is None:
        yield InProcess()
        return
    from matcher.on_dask import workers_at

    with workers_at(address) as found:
        yield found
