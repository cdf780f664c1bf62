"""The command that compares a domain that somebody proposes with all that exists, and may store the proposal."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from api import settings as settings_module
from api.cli.audit import print_evidence
from api.cli.find import WordsOnly, asking_of
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json
from api.cli.writing import acting
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import people
from graph.writes import by_hand
from graph.writes.events import in_turn

if TYPE_CHECKING:
    from matcher.audit.proposal import Answer


def register(app: typer.Typer) -> None:
    app.command()(propose)


def propose(
    name: Annotated[str, typer.Argument(help="What the community would be called.")],
    domain: Annotated[str, typer.Argument(help="What it would be about, in two to five sentences.")],
    audience: Annotated[str | None, typer.Option(help="For whom it would be.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill it covers, by name or id; may be repeated.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="A topic; may be repeated.")] = None,
    create: Annotated[bool, typer.Option("--create", help="Store it too, as a community that is proposed.")] = False,
    person: Annotated[str | None, typer.Option(help="With --create: who proposes it (id).")] = None,
    words_only: WordsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Before a community starts: what to join instead, which unit it clashes with, what it would be a part of."""
    from matcher.audit import calibrate
    from matcher.audit.findings import OVERLAP, UNIT_CLASH
    from matcher.audit.proposal import Proposal, Standing
    from matcher.audit.subject import Subject, read_facts
    from matcher.audit.verdict import SHIPPED

    watch = Stopwatch()
    if not name.strip() or not domain.strip():
        raise InvalidInput("A proposal needs a name and a domain: two to five sentences on what it would be about.")
    settings = settings_module.load()
    with opened(settings) as database:
        watch.lap("open")
        skills = database.read(people.skills_named(list(skill or ())))
        for unknown in sorted(set(skill or ()) - skills.keys()):
            ERRORS.print(f"[yellow]note:[/] there is no skill {escape(unknown)} yet", highlight=False)
        asking = asking_of(settings, database, words_only)
        facts = database.follow(read_facts(asking.model))
        known = calibrate.in_use(database.follow(calibrate.read_calibrations()))
        encode = asking.embedder.encode if asking.embedder is not None and asking.model is not None else None
        subject = Subject(asking.snapshot, facts, encode, False)
        standing = Standing(subject, known.get(OVERLAP, SHIPPED), known.get(UNIT_CLASH, SHIPPED))
        watch.lap("read")
        held = tuple(one.skill_id for one in skills.values())
        proposal = Proposal(name.strip(), domain.strip(), audience or "", tuple(topic or ()), held)
        everything = np.ones(len(asking.snapshot.communities), dtype=np.bool_)
        answers = standing.check(proposal, everything, encode(proposal.to_encode) if encode else None)
        watch.lap("compare")
        made: str | None = None
        if create:
            made = by_hand.id_from_name(proposal.name)
            given: dict[str, Any] = {
                "name": proposal.name, "domain": proposal.domain, "audience": audience, "status": "proposed",
                "topics": topic, "skill_ids": skill,
            }  # fmt: skip
            fields = {name: value for name, value in given.items() if value}

            def store(transaction: Transaction) -> None:
                proposer = acting(transaction, person)
                by_hand.create(transaction, proposer, "community", made, fields, settings.source_order)

            database.write(in_turn(LOCAL_ADMIN.actor, store))
        if as_json:
            print_json([asdict(one) for one in answers], database, watch, created=made)
            return
    _print(answers)
    if made:
        OUT.print(f"stored as [bold]{escape(made)}[/], proposed", highlight=False)


def _print(answers: "list[Answer]") -> None:
    if not answers:
        OUT.print("Nothing that exists is near to it: no community, no proposal, no unit.")
    for one in answers:
        status = f", {one.status}" if one.status not in (None, "active") else ""
        kind = "unit " if one.kind == "org_unit" else ""
        OUT.print(
            f"{one.probability:.2f}  [bold]{escape(one.text)}[/]  [dim]{kind}{escape(one.id)}{status}[/]",
            highlight=False,
        )
        print_evidence(one.evidence)
    if answers:
        told = "The number is the probability that both are of one domain, from what is known before anybody is in it."
        OUT.print(Padding(Text(told, "dim"), (0, 0, 0, 0)))
