"""The command line: `guildmap COMMAND`."""

import sys

import typer
from rich.markup import escape

from api.cli import (
    acts,
    artifacts,
    assign,
    assistants,
    audit,
    backtest,
    charter,
    data,
    database,
    demo,
    digest,
    engagement,
    find,
    findings,
    formation,
    glossary,
    goals,
    identities,
    initiatives,
    keys,
    learn,
    meetings,
    members,
    newcomers,
    personal,
    power,
    propose,
    pulse,
    remedies,
    requests,
    retention,
    roles,
    serve,
    sessions,
    skills,
    sponsor,
    vitality,
)
from api.cli.output import ERRORS
from graph.errors import GuildmapError

app = typer.Typer(
    name="guildmap",
    help="Find communities of practice to join, people who can help, and what the catalogue holds.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    demo,
    data,
    find,
    assign,
    audit,
    propose,
    glossary,
    vitality,
    learn,
    newcomers,
    power,
    serve,
    assistants,
    database,
    retention,
):
    module.register(app)
app.add_typer(backtest.app, name="backtest", help="Replay history: how good would the recommendations have been?")
app.add_typer(members.app, name="member", help="Who is in a community, how deep and in which role: join it, leave it.")
app.add_typer(
    engagement.app, name="engagement", help="How deep people take part: as they declared it, each for themselves."
)
app.add_typer(digest.app, name="digest", help="What is due for a person: list it, send it, choose what to be told.")
app.add_typer(findings.app, name="findings", help="What the audit found: list it, decide on it, learn from decisions.")
app.add_typer(remedies.simulating, name="simulate", help="What would follow from a remedy; nothing is changed.")
app.add_typer(remedies.carrying, name="remedy", help="Do something about a community: merge, split, retire; undo it.")
app.add_typer(pulse.app, name="pulse", help="A short anonymous question now and then, and what the answers say.")
app.add_typer(requests.app, name="request", help="Ask somebody for help, and follow it up to its outcome.")
app.add_typer(meetings.app, name="meeting", help="Meetings: plan, move, cancel; who came, what was said, what is open.")
app.add_typer(
    meetings.measuring, name="practice", help="How a community's practice goes, in measures; what was asked in it."
)
app.add_typer(
    initiatives.app, name="initiative", help="Propose a meeting, a topic, something to make; what became of it."
)
app.add_typer(artifacts.app, name="artifact", help="What communities made together: list it, add to it.")
app.add_typer(charter.app, name="charter", help="What a community agreed on: draft it, stand behind it, adopt it.")
app.add_typer(sponsor.app, name="sponsor", help="Ask somebody to sponsor a community, and what they answer.")
app.add_typer(goals.app, name="goals", help="What the organisation wants, and which communities serve it.")
app.add_typer(formation.app, name="formation", help="From a proposal to a community: check it, take its steps.")
app.add_typer(database.app, name="db", help="The embedded database: start it, stop it, see how it is.")
app.add_typer(keys.app, name="keys", help="API keys: make one, list them, revoke one.")
app.add_typer(identities.app, name="identities", help="People who may be one: list them, decide, undo it.")
app.add_typer(skills.app, name="skills", help="Skills that people's own texts name.")
app.add_typer(roles.app, name="roles", help="Who is knowledge manager or admin, of those who sign in.")
app.add_typer(sessions.app, name="sessions", help="Who is signed in with a browser, and to end that.")
app.add_typer(personal.app, name="personal-data", help="All that is held about somebody: show it, erase it.")
app.add_typer(acts.app, name="acts", help="What was done by privilege, and whether the record of it is whole.")


def main() -> None:
    """Runs a command; an error that guildmap knows is one line on standard error and exit code 1."""
    try:
        app()
    except GuildmapError as error:
        ERRORS.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        ERRORS.print("interrupted; what was committed is kept")
        sys.exit(130)
