"""`guildmap keys`: who may use the service over HTTP."""

from typing import Annotated

import typer
from rich.table import Table

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, opened
from api.cli.reading import read_out
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN, Role
from graph.reads import keys as reads
from graph.revocations import Revocations
from graph.writes.events import in_turn
from graph.writes.keys import create_key, revoke_key

app = typer.Typer(no_args_is_help=True)


@app.command()
def create(
    role: Annotated[
        Role | None, typer.Option(help="What the key may do: each role may do all that the one before it may.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="The id of the person for whom it acts.")] = None,
    note: Annotated[str | None, typer.Option(help="What it is for, to know it again in the list.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help="Days for which it opens anything.")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="It changes nothing, whatever its role may.")] = False,
    provisioning: Annotated[
        bool, typer.Option("--provisioning", help="For an identity provider: it opens /scim/v2 and nothing else.")
    ] = False,
) -> None:
    """Make a key. It is shown this once; the graph keeps its digest only."""
    if role is None and not provisioning:
        raise InvalidInput("Say what it may do: --role, or --provisioning for an identity provider.")
    with opened(settings_module.load()) as database:
        key = database.write(
            in_turn(
                LOCAL_ADMIN.actor,
                lambda tx: create_key(
                    tx, LOCAL_ADMIN, role or Role.MEMBER, person, note,
                    days=days, reads_only=read_only, provisions=provisioning,
                ),
            )
        )  # fmt: skip
    ERRORS.print("Keep it now; it cannot be shown again. Send it as `Authorization: Bearer KEY`.", highlight=False)
    OUT.print(key, soft_wrap=True, highlight=False)


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List all keys, revoked ones too."""
    found = read_out(reads.keys(), as_json)
    if as_json:
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "role", "person", "note", "made", "until", "revoked"):
        table.add_column(column)
    for key in found:
        role = "provisioning" if key.provisions else f"{key.role}, reads only" if key.reads_only else key.role
        table.add_row(key.id, role, key.person_id or "", key.note or "", key.created_at[:16],
                      (key.expires_at or "")[:16], (key.revoked_at or "")[:16])  # fmt: skip
    OUT.print(table if found else "There are no keys.")


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `guildmap keys list` shows it.")]) -> None:
    """Revoke a key: from now on it opens nothing."""
    with opened(settings_module.load()) as database:
        known = Revocations(database.settings)
        database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: revoke_key(tx, LOCAL_ADMIN, known, key_id)))
    OUT.print(f"{key_id} is revoked")
