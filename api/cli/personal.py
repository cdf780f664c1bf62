"""`guildmap personal-data`: show all that is held about somebody, erase them, let them come back."""

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from graph.acts import note
from graph.errors import InvalidInput, NotFound
from graph.models import LOCAL_ADMIN
from graph.reads import personal
from graph.suppression import SuppressionList
from graph.writes import erasure, suppression
from graph.writes.acts import record_act

app = typer.Typer(no_args_is_help=True)

Person = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]


@app.command()
def show(person: Person, as_json: AsJson = False) -> None:
    """Show all that is held about a person: each field with its source and purpose, each relation, each event."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        found = database.follow(personal.personal_data(person))
        if found is None:
            raise NotFound(f"There is no person with the id {person!r}.")
        database.write(lambda tx: record_act(tx, LOCAL_ADMIN, "export.person", person))
        note(database)
        if as_json:
            print_json(found, database, watch)
            return
    fields = Table("field", "value", "from", "what for", box=None, header_style="bold")
    for one in found.fields:
        fields.add_row(one.name, escape(str(one.value)), escape(one.source or ""), one.purpose or "")
    OUT.print(fields)
    relations = Table("relation", "with", "more", "from", "what for", box=None, header_style="bold")
    for one in found.relations:
        more = {**one.properties, **one.record}
        relations.add_row(
            one.relation, escape(f"{one.kind} {one.name or one.id or ''}"),
            escape(", ".join(f"{name}: {value}" for name, value in more.items() if name not in ("id", "name"))),
            escape(one.source or ""), one.purpose or "",
        )  # fmt: skip
    OUT.print()
    OUT.print(relations)
    events = Counter(("by them" if one.by_themselves else "about them", one.action) for one in found.events)
    notes = [
        *(f"made from it: {one}" for one in found.derived),
        *(f"{number} times {action}, {who}" for (who, action), number in sorted(events.items())),
        *(["preferences of their digest: " + str(found.digest)] if found.digest else []),
        *(["an address of their calendar"] if found.calendar_address else []),
        *([f"{len(found.api_keys)} API keys"] if found.api_keys else []),
        *([f"signed in {found.sessions} times"] if found.sessions else []),
        *([f"{found.noted_by_others} notes of others for their own eyes"] if found.noted_by_others else []),
    ]
    OUT.print()
    for one in notes:
        OUT.print(escape(one), highlight=False)


@app.command()
def erase(
    person: Person,
    keep_texts: Annotated[
        bool, typer.Option("--keep-texts", help="Keep the words of their questions and advice, without their name.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person for good: no import brings them back, and who restores an older backup erases them again.

    What they did counts on as nobody's. Backups that were made before, and Neo4j's transaction logs, hold them until
    they expire.
    """
    from matcher.embedding import forget_cached

    watch, settings = Stopwatch(), settings_module.load()
    with opened(settings) as database:
        if not yes and not typer.confirm(f"Erase {person} for good?"):
            raise typer.Abort
        done = erasure.erase(database, LOCAL_ADMIN, person, keep_texts=keep_texts, order=settings.source_order)
        forget_cached(settings.embedding_cache)
        note(database)
        if as_json:
            print_json(done, database, watch)
            return
    OUT.print(
        f"erased; of theirs {done.questions:,} questions and {done.advice:,} pieces of advice are nobody's now, and "
        f"{done.mentions:,} other things named them", highlight=False,
    )  # fmt: skip


@app.command()
def readmit(
    who: Annotated[
        str | None, typer.Argument(metavar="WHO", help="An id, an e-mail address, or SOURCE/ID of somebody erased.")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="Give the whole list up, as where its secret is lost.")
    ] = False,
) -> None:
    """Take somebody who was erased off the list: the next import brings them in as somebody new."""
    if (who is None) is not everybody:
        raise InvalidInput("Say who, or --everybody.")
    settings = settings_module.load()
    with opened(settings, settled=False) as database:
        known = SuppressionList(settings)
        if who is None:
            number = database.write(lambda tx: suppression.give_up(tx, LOCAL_ADMIN, known))
        else:
            number = database.write(lambda tx: suppression.lift(tx, LOCAL_ADMIN, known, who))
        note(database)
    OUT.print(f"{number} keyed hashes are off the list", highlight=False)
