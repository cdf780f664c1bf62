"""`guildmap formation`: from a proposal to a community. Check it, say who is interested, take its steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.find import WordsOnly, asking_of
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from api.cli.writing import acting, written
from api.settings import Settings
from api.wording import PARTS, STATES
from graph.database import Database, Transaction
from graph.errors import InvalidInput
from graph.formation import LEVELS, possible_steps
from graph.models import LOCAL_ADMIN, Community, Role
from graph.reads import formation as reads
from graph.reads import people, resources
from graph.reads.formation import Interest, Invitation
from graph.writes import formation as writes

if TYPE_CHECKING:
    from matcher.audit.proposal import Standing
    from matcher.community.formation.answers import Check
    from matcher.community.formation.draft import Draft

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True)

CommunityId = Annotated[str, typer.Argument(metavar="ID", help="The community's id.")]
OfPerson = Annotated[str | None, typer.Option("--person", help="For whom (id).")]
Reason = Annotated[str | None, typer.Option(help="Why; it is kept with the step.")]


@dataclass(frozen=True)
class _Checker:
    """Checks drafts against what stands, which is read once."""

    standing: "Standing"
    encode: Callable[[Sequence[str]], Any] | None
    model: str | None
    core_group: int

    @classmethod
    def of(cls, settings: Settings, database: Database, words_only: bool) -> "_Checker":
        from matcher.audit import calibrate
        from matcher.audit.findings import OVERLAP, UNIT_CLASH
        from matcher.audit.proposal import Standing
        from matcher.audit.subject import Subject, read_facts
        from matcher.audit.verdict import SHIPPED

        asking = asking_of(settings, database, words_only)
        facts = database.follow(read_facts(asking.model))
        known = calibrate.in_use(database.follow(calibrate.read_calibrations()))
        encode = asking.embedder.encode if asking.embedder is not None and asking.model is not None else None
        subject = Subject(asking.snapshot, facts, encode, False)
        standing = Standing(subject, known.get(OVERLAP, SHIPPED), known.get(UNIT_CLASH, SHIPPED))
        return cls(standing, encode, asking.model.name if asking.model else None, settings.core_group)

    def check(self, draft: "Draft") -> "Check":
        """As whoever sits at the machine sees it: all communities."""
        from matcher.community.formation.check import check

        visible = np.ones(len(self.standing.subject.snapshot.communities), dtype=np.bool_)
        vectors = self.encode(draft.words.to_encode) if self.encode else None
        return check(
            self.standing, draft, visible, vectors, self.encode, model=self.model, core_group=self.core_group
        )  # fmt: skip


@app.command("check")
def check_one(
    community: Annotated[str | None, typer.Argument(metavar="ID", help="A community that is stored.")] = None,
    name: Annotated[str | None, typer.Option(help="Of one that is not stored: what it would be called.")] = None,
    domain: Annotated[str | None, typer.Option(help="What it would be about, in two to five sentences.")] = None,
    audience: Annotated[str | None, typer.Option(help="For whom it would be.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill it covers, by name or id; may be repeated.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="A topic; may be repeated.")] = None,
    words_only: WordsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Ask of a proposal what a good community of practice needs: each question with its state and evidence."""
    from matcher.audit.proposal import Proposal
    from matcher.community.formation.draft import Draft

    watch = Stopwatch()
    described = (name or "").strip(), (domain or "").strip()
    if (community is None) == (not all(described)):
        raise InvalidInput("Name a community that is stored, or give --name and --domain of one that is not.")
    settings = settings_module.load()
    with opened(settings) as database:
        if community is not None:
            draft = _draft(database, community)
        else:
            known = database.read(people.skills_named(list(skill or ())))
            for unknown in sorted(set(skill or ()) - known.keys()):
                ERRORS.print(f"[yellow]note:[/] there is no skill {escape(unknown)} yet", highlight=False)
            held = tuple(one.skill_id for one in known.values())
            words = Proposal(*described, audience or "", tuple(topic or ()), held)
            draft = Draft("", words, asked_at=database.read(reads.question_dates()))
        watch.lap("read")
        found = _Checker.of(settings, database, words_only).check(draft)
        watch.lap("check")
        if as_json:
            answers = [
                {"question": one.question, "part": one.part, "asked": one.asked, "state": one.state,
                 "evidence": one.evidence, "action": one.action} for one in found.answers
            ]  # fmt: skip
            print_json(answers, database, watch, identify=found.identify, next_actions=found.next_actions)
            return
        title = draft.words.name
        steps = database.read(reads.steps(community)) if community is not None else []
    _print_check(title, draft.status, found)
    if community is not None:
        _print_steps(draft.status, steps)


@app.command()
def queue(words_only: WordsOnly = False, as_json: AsJson = False) -> None:
    """What is proposed or forming, what has waited longest first, with how each stands."""
    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        waiting = database.read(reads.queue())
        checker = _Checker.of(settings, database, words_only) if waiting else None
        watch.lap("read")
        rows: list[tuple[reads.Queued, Check]] = []
        for one in waiting:
            assert checker is not None
            rows.append((one, checker.check(_draft(database, one.id))))
        watch.lap("check")
        if as_json:
            told = [
                {**vars(one), "counts": {state: found.count(state) for state in _states()},
                 "duplicates": [{"id": r.id, "relation": r.relation, "text": r.text} for r in found.duplicates]}
                for one, found in rows
            ]  # fmt: skip
            print_json(told, database, watch)
            return
    if not rows:
        OUT.print("Nothing is proposed or forming.")
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "status", "since", "proposed by", "interested", *STATES.values(), "may duplicate"):
        table.add_column(column)
    for one, found in rows:
        status = f"{one.status}, asked" if one.asked else one.status
        counts = [str(found.count(state)) for state in _states()]
        twins = ", ".join(relative.name for relative in found.duplicates[:3])
        since = (one.proposed_at or "not known")[:10]
        cells = (one.id, status, since, one.proposer or "", str(one.interested), *counts, twins)
        table.add_row(*(escape(cell) for cell in cells))
    OUT.print(table)


@app.command()
def ask(community: CommunityId, person: OfPerson = None, reason: Reason = None, as_json: AsJson = False) -> None:
    """Ask for a decision on a proposal."""
    _step("ask", community, person, reason, None, as_json)


@app.command()
def start(community: CommunityId, person: OfPerson = None, reason: Reason = None, as_json: AsJson = False) -> None:
    """Let a proposal form: its people may gather, and its sponsor adopts a charter."""
    _step("start", community, person, reason, None, as_json)


@app.command()
def activate(
    community: CommunityId,
    person: OfPerson = None,
    reason: Reason = None,
    exception: Annotated[
        str | None, typer.Option(help="Without a charter that its sponsor adopted: why it may do without.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make it active; who is interested is invited to join."""
    _step("activate", community, person, reason, exception, as_json)


@app.command()
def decline(community: CommunityId, person: OfPerson = None, reason: Reason = None, as_json: AsJson = False) -> None:
    """Decline it, and say why."""
    _step("decline", community, person, reason, None, as_json)


@app.command()
def withdraw(community: CommunityId, person: OfPerson = None, reason: Reason = None, as_json: AsJson = False) -> None:
    """Withdraw a proposal of one's own."""
    _step("withdraw", community, person, reason, None, as_json)


@app.command()
def reopen(community: CommunityId, person: OfPerson = None, reason: Reason = None, as_json: AsJson = False) -> None:
    """Propose again what was declined or withdrawn."""
    _step("reopen", community, person, reason, None, as_json)


@app.command("join-agreed")
def join_agreed(community: CommunityId, person: OfPerson = None, as_json: AsJson = False) -> None:
    """Make members of all who agreed beforehand to join when it is active."""
    joined = written(
        lambda tx, order: writes.join_agreed(tx, acting(tx, person), community, order), as_json
    )  # fmt: skip
    if not as_json:
        OUT.print(f"joined: {escape(', '.join(joined))}" if joined else "nobody who agreed beforehand is left to join")


@app.command()
def interest(
    community: CommunityId,
    person: Annotated[str, typer.Option(help="Who is interested (id).")],
    level: Annotated[str | None, typer.Option(help=f"How deep: {', '.join(LEVELS)}.")] = None,
    hours: Annotated[float | None, typer.Option(min=0, max=744, help="Hours a month that they would give.")] = None,
    lead: Annotated[bool, typer.Option("--lead", help="They would lead it, with others.")] = False,
    join: Annotated[bool, typer.Option("--join", help="They agree to be made a member when it is active.")] = False,
    note: Annotated[str | None, typer.Option(help="For those whose proposal it is.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how somebody would take part in what is proposed or forming."""
    if level is not None and level not in LEVELS:
        raise InvalidInput(f"--level: must be one of {', '.join(LEVELS)}, not {level!r}.")
    given = {"level": level, "hours": hours, "would_lead": lead, "join_when_active": join, "note": note}
    kept = written(lambda tx, _: writes.set_interest(tx, acting(tx, person), person, community, given), as_json)
    if not as_json:
        _print_interests([kept])


@app.command("no-interest")
def no_interest(
    community: CommunityId, person: Annotated[str, typer.Option(help="Who is interested no more (id).")]
) -> None:
    """Take back that somebody is interested."""
    written(lambda tx, _: writes.drop_interest(tx, acting(tx, person), person, community), False)
    OUT.print("taken back")


@app.command()
def interests(community: CommunityId, as_json: AsJson = False) -> None:
    """List who is interested."""
    found = read_out(reads.interests(community), as_json, community=community)
    if as_json:
        return
    _print_interests(found)


@app.command()
def invite(
    community: CommunityId,
    guest: Annotated[str, typer.Argument(help="The id of a person from outside.")],
    person: OfPerson = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Ask that somebody from outside the organisation may join."""
    _invited(lambda tx, _: writes.invite(tx, acting(tx, person), community, guest, reason), as_json)


@app.command()
def admit(
    community: CommunityId,
    guest: Annotated[str, typer.Argument(help="The id of a person from outside.")],
    refuse: Annotated[bool, typer.Option("--refuse", help="Do not let them in, or not any more.")] = False,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody from outside in who is invited, or not."""
    _invited(
        lambda tx, _: writes.decide_invitation(tx, LOCAL_ADMIN, community, guest, not refuse, note), as_json
    )  # fmt: skip


@app.command()
def invitations(community: CommunityId, as_json: AsJson = False) -> None:
    """List who is invited from outside."""
    found = read_out(reads.invitations(community), as_json, community=community)
    if as_json:
        return
    for one in found:
        _print_invitation(one)
    if not found:
        OUT.print("Nobody from outside is invited.")


@app.command()
def pitch(
    community: CommunityId,
    html: Annotated[Path | None, typer.Option(help="Save it as a page to print; else Markdown is printed.")] = None,
    words_only: WordsOnly = False,
) -> None:
    """The proposal on one page, for whoever is to decide or to join."""
    from api.pages import pitch as pages
    from matcher.community.formation.draft import read_draft

    settings = settings_module.load()
    with opened(settings) as database:
        found = database.follow(resources.seen(community, LOCAL_ADMIN)).community
        checked = _Checker.of(settings, database, words_only).check(database.follow(read_draft(found)))
        page = pages.pitch_of(
            found,
            checked,
            database.read(reads.steps(community)),
            database.read(reads.interests(community)),
            database.read(reads.pitch_facts(community)),
            date.today(),
            settings.core_group,
        )
    if html is None:
        typer.echo(pages.render_markdown(page), nl=False)
        return
    try:
        html.write_text(pages.render_html(page), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"--html: {html} cannot be written ({error.strerror}).") from error
    OUT.print(f"saved {escape(str(html))}", highlight=False)


def _draft(database: Database, community_id: str) -> "Draft":
    from matcher.community.formation.draft import read_draft

    found = database.follow(resources.seen(community_id, LOCAL_ADMIN)).community
    return database.follow(read_draft(found, date.today().isoformat()))


def _states() -> "list[Any]":
    return list(STATES)


def _step(
    name: str, community: str, person: str | None, reason: str | None, exception: str | None, as_json: bool
) -> None:
    def work(transaction: Transaction, order: Sequence[str]) -> Community:
        return writes.step(
            transaction, acting(transaction, person), community, name, reason=reason, exception=exception, order=order
        ).community  # fmt: skip

    after = written(work, as_json)
    if not as_json:
        OUT.print(f"[bold]{escape(after.name)}[/] is {after.status}", highlight=False)


def _invited(work: Callable[[Transaction, Sequence[str]], Invitation], as_json: bool) -> None:
    kept = written(work, as_json)
    if not as_json:
        _print_invitation(kept)


def _print_check(title: str, status: str, found: "Check") -> None:
    OUT.print(f"[bold]{escape(title)}[/]  {status}", highlight=False)
    part = ""
    for one in found.answers:
        if one.part != part:
            part = one.part
            OUT.print(f"\n[bold cyan]{PARTS[part]}[/]", highlight=False)
        OUT.print(f"{STATES[one.state]:<12} [bold]{escape(one.asked)}[/]", highlight=False)
        for sentence in one.evidence:
            OUT.print(f"             [dim]{escape(sentence)}[/]", highlight=False)
        if one.action:
            OUT.print(f"             next: {escape(one.action)}", highlight=False)
    counts = ", ".join(f"{found.count(state)} {said}" for state, said in zip(_states(), STATES.values(), strict=True))
    OUT.print(f"\n{counts}. The check tells and decides nothing.", highlight=False)


def _print_steps(status: str, steps: Sequence[reads.Taken]) -> None:
    for one in steps:
        who = f" by {one.name}" if one.name else ""
        why = "".join(f"; {text}" for text in (one.reason, one.exception) if text)
        OUT.print(f"[dim]{one.at[:10]}  {one.step}{escape(who)}: {one.ends}{escape(why)}[/]", highlight=False)
    can = possible_steps(status, steps[-1].step if steps else None, frozenset(), Role.ADMIN)
    if can:
        OUT.print(f"possible now: {', '.join(can)}", highlight=False)


def _print_interests(found: Sequence[Interest]) -> None:
    if not found:
        OUT.print("Nobody has said to be interested.")
        return
    table = Table(box=None, header_style="bold")
    for column in ("person", "name", "level", "hours", "would lead", "joins when active", "member", "note"):
        table.add_column(column)
    for one in found:
        hours = "" if one.hours is None else f"{one.hours:g}"
        flags = ["yes" if flag else "" for flag in (one.would_lead, one.join_when_active, one.member)]
        cells = (one.person_id, one.name, one.level or "", hours, *flags, one.note or "")
        table.add_row(*(escape(cell) for cell in cells))
    OUT.print(table)


def _print_invitation(one: Invitation) -> None:
    why = f": {one.reason}" if one.reason else ""
    OUT.print(f"{escape(one.name)} ({escape(one.person_id)})  {one.state}{escape(why)}", highlight=False)
