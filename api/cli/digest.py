"""`guildmap digest`: what is due for a person, listed, as a calendar, or sent."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json
from api.settings import Settings
from api.wording import PARTS_OF_DIGEST, item_said
from graph.database import Database, Transaction
from graph.errors import InvalidInput, MailFailed, NotFound
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import digest as reads
from graph.reads.digest import FREQUENCIES, PARTS, Preferences, Recipient
from graph.writes import digest as writes
from graph.writes.events import in_turn
from ingest.records import is_date
from matcher.community import digest as concluding

if TYPE_CHECKING:
    from api.mail import smtp
    from matcher.community.digest import Digest

app = typer.Typer(invoke_without_command=True)

Person = Annotated[str | None, typer.Option(metavar="ID", help="For whom.")]


@app.callback()
def digest(
    context: typer.Context,
    person: Person = None,
    ics: Annotated[Path | None, typer.Option(help="Write it as a calendar to this file.")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Show the e-mail that would be sent.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send it by e-mail, if it is time to.")] = False,
    everyone: Annotated[bool, typer.Option("--everyone", help="With --send: to all whose digest is due.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is due for a person: requests, meetings, newcomers, charters, findings; or send it."""
    if context.invoked_subcommand is not None:
        return
    if everyone and (person is not None or not send):
        raise InvalidInput("--everyone: goes with --send, and without --person.")
    if person is None and not everyone:
        raise InvalidInput("Say for whom: --person ID, or --send --everyone.")
    watch = Stopwatch()
    settings = settings_module.load()
    today = date.today().isoformat()
    with opened(settings) as database:
        if send:
            found = database.read(reads.recipients(person, today))
            if person is not None and not found:
                raise _unknown(person)
            sent = _send(database, settings, found, today)
            if as_json:
                print_json(sent, database, watch)
            if any(one["failed"] for one in sent.values()):
                raise typer.Exit(1)
            return
        assert person is not None
        who = _recipient(database, person, today)
        due = database.follow(concluding.read_facts(who, today))
        told = concluding.digest(who, due, today)
        if as_json:
            print_json(told, database, watch)
            return
    if ics is not None:
        _write_calendar(ics, told)
    elif mail and not told.items:
        OUT.print("Nothing is due, so no e-mail would be sent.")
    elif mail:
        from api.mail.digest import text_of

        OUT.print(text_of(told, who.preferences.frequency), markup=False, highlight=False, soft_wrap=True)
    else:
        _print(told)


@app.command()
def prefer(
    person: Annotated[str, typer.Option(metavar="ID", help="Whose digest.")],
    frequency: Annotated[str | None, typer.Option(help=f"One of {', '.join(FREQUENCIES)}.")] = None,
    part: Annotated[list[str] | None, typer.Option(help=f"{', '.join(PARTS)}; may be repeated.")] = None,
    pause_until: Annotated[str | None, typer.Option(help="Send nothing up to the end of this day.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="End the pause.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say how often a digest is sent, what it tells, and whether it rests; without an option, show that."""
    watch = Stopwatch()
    if pause_until is not None and not is_date(pause_until):
        raise InvalidInput(f"--pause-until: {pause_until!r} is not a day like 2026-03-31.")
    themselves = Principal(person, Role.ADMIN, LOCAL_ADMIN.actor)

    def change(transaction: Transaction) -> Preferences:
        before = writes.recipient(transaction, person).preferences
        until = None if resume else pause_until or before.paused_until
        wanted = Preferences(frequency or before.frequency, tuple(part) if part else before.parts, until)
        return writes.prefer(transaction, themselves, person, wanted)

    with opened(settings_module.load()) as database:
        if frequency is None and not part and pause_until is None and not resume:
            kept = _recipient(database, person, date.today().isoformat()).preferences
        else:
            kept = database.write(in_turn(LOCAL_ADMIN.actor, change))
        if as_json:
            print_json(kept, database, watch)
            return
    until = f", paused until {kept.paused_until}" if kept.paused_until else ""
    OUT.print(f"{kept.frequency}{until}: {', '.join(kept.parts) or 'nothing'}", highlight=False)


def _send(
    database: Database, settings: Settings, recipients: list[Recipient], today: str
) -> dict[str, dict[str, str | None]]:
    """Sends what is due to those whose time it is; by person, why it was not sent (`skipped`, `failed`), or neither.

    Raises MailFailed where the server is not reached: then nothing is noted as sent.
    """
    from api.mail import smtp

    done: dict[str, dict[str, str | None]] = {}
    with smtp.connected(settings) as outbox:
        for who in recipients:
            skipped, failed = _send_one(database, settings, outbox, who, today)
            done[who.id] = {"skipped": skipped, "failed": failed}
            if failed is not None:
                ERRORS.print(f"[bold red]not sent[/] to {escape(who.name)}: {escape(failed)}", highlight=False)
            elif len(recipients) == 1:
                OUT.print(f"not sent: {skipped}" if skipped else f"sent to {escape(who.name)}", highlight=False)
    sent = [key for key, one in done.items() if one["skipped"] is None and one["failed"] is None]
    if sent:
        database.write(lambda transaction: writes.record_sent(transaction, LOCAL_ADMIN, sent, today))
    if len(recipients) != 1:
        failures = sum(one["failed"] is not None for one in done.values())
        OUT.print(f"{len(sent)} sent, {len(done) - len(sent) - failures} not due, {failures} failed", highlight=False)
    return done


def _send_one(
    database: Database, settings: Settings, outbox: "smtp.Outbox", who: Recipient, today: str
) -> tuple[str | None, str | None]:
    """Why it was not sent, as (skipped, failed)."""
    from api.mail.digest import message

    reason = "no e-mail address" if not who.email else concluding.why_not(who.preferences, who.sent_on, today)
    if reason is not None:
        return reason, None
    told = concluding.digest(who, database.follow(concluding.read_facts(who, today)), today)
    if not told.items:
        return "nothing is due", None
    try:
        mail = message(told, who, settings.smtp_from or "")
    except InvalidInput as error:
        return None, str(error)
    if not database.write(lambda transaction: writes.claim(transaction, who, today)):
        return "sent by somebody else at this moment", None
    try:
        outbox.send(mail)
    except MailFailed as error:
        database.write(lambda transaction: writes.release(transaction, who, today))
        return None, str(error)
    return None, None


def _recipient(database: Database, person: str, today: str) -> Recipient:
    found = database.read(reads.recipients(person, today))
    if not found:
        raise _unknown(person)
    return found[0]


def _unknown(person: str) -> NotFound:
    return NotFound(f"There is no person with the id {person!r} who is still here.")


def _write_calendar(path: Path, told: "Digest") -> None:
    from api.reminders import calendar

    try:
        path.write_bytes(calendar(told))
    except OSError as error:
        raise InvalidInput(f"--ics: {path} cannot be written ({error.strerror}).") from error
    OUT.print(f"{len(told.items)} things written to {escape(str(path))}", highlight=False)


def _print(told: "Digest") -> None:
    if not told.items:
        OUT.print("Nothing is due.")
    for part in PARTS:
        if items := told.of(part):
            OUT.print(f"[bold]{PARTS_OF_DIGEST[part]}[/]")
            for item in items:
                OUT.print(Padding(escape(item_said(item)), (0, 0, 0, 3)), highlight=False)
