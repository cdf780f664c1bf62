"""The command that compares communities with each other and with the units of the organisation."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api import settings as settings_module
from api.cli.find import WordsOnly, asking_of
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from graph.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.audit.overlap import Finding
    from matcher.audit.report import Audit

# So many gaps are read; there are always more small ones.
GAPS = 10

# A verdict as it is said of two communities.
SAID = {
    "duplicate": "duplicates",
    "contained_in": "lies within",
    "overlapping": "overlaps with",
    "complementary": "complements",
    "same_name_only": "shares the name with",
}


def register(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    include_retired: Annotated[
        bool, typer.Option("--include-retired", help="Compare retired communities too.")
    ] = False,
    min_probability: Annotated[
        float, typer.Option(min=0, max=1, help="Least probability listed; 0 lists the ten nearest of every community.")
    ] = 0.5,
    output: Annotated[Path | None, typer.Option(help="Write the results to this file, as JSON.")] = None,
    words_only: WordsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Find communities that are of one domain, and communities that are a unit under another name."""
    from matcher.audit import report
    from matcher.audit.subject import read_facts

    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        watch.lap("open")
        asking = asking_of(settings, database, words_only)
        facts = database.follow(read_facts(asking.model))
        snapshot = asking.snapshot
        watch.lap("read")
        encode = asking.embedder.encode if asking.embedder is not None and asking.model is not None else None
        found = report.audit(
            snapshot, facts, encode, include_retired=include_retired, least=min_probability,
            model=asking.model.name if asking.model is not None else None,
        )  # fmt: skip
        watch.lap("compare")
        results = results_of(found)
        if output is not None:
            _write(output, results)
        if as_json:
            print_json(results, database, watch, communities=found.compared, pairs=found.pairs)
            return
    print_audit(found)
    if output is not None:
        OUT.print(f"written to {escape(str(output))}", highlight=False)


def results_of(found: "Audit") -> dict[str, list[dict[str, Any]]]:
    return {
        "overlaps": [asdict(one) for one in found.overlaps],
        "unit_clashes": [asdict(one) for one in found.unit_clashes],
        "groups": [asdict(one) for one in found.groups],
        "breadth": [asdict(one) for one in found.breadth],
        "gaps": [asdict(one) for one in found.gaps],
    }


def _write(path: Path, results: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps({"results": results}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"--output: {path} cannot be written ({error.strerror}).") from error


def print_audit(found: "Audit") -> None:
    _print_findings("Communities of one domain", found.overlaps)
    _print_findings("Communities and units", found.unit_clashes)
    larger = [group for group in found.groups if len(group.communities) > 2]
    if larger:
        table = Table(title="Groups, each two of which are likely duplicates", title_justify="left", box=None)
        table.add_column("communities")
        table.add_column("weakest link")
        for group in larger:
            link = f"{' and '.join(group.weakest)} ({group.probability:.2f})"
            table.add_row(escape(", ".join(group.communities)), escape(link))
        OUT.print(table)
    _print_breadth(found)
    _print_gaps(found)
    OUT.print(f"[dim]{found.compared} communities, {found.pairs:,} pairs compared closely[/]", highlight=False)


def _print_breadth(found: "Audit") -> None:
    OUT.print("[bold cyan]Too broad: could everyone belong?[/]")
    flagged = [one for one in found.breadth if one.flagged]
    if not flagged:
        OUT.print("   none")
    for one in flagged:
        OUT.print(f"{one.score:.2f}  [bold]{escape(one.name)}[/]  [dim]{escape(one.id)}[/]", highlight=False)
        for reason in one.reasons:
            _indented(escape(reason))
        parts = one.evidence.split
        if parts is None:
            _indented(f"[dim]no split proposed: {escape(one.evidence.no_split or '')}[/]")
            continue
        _indented(f"could be split, by its {parts.by}:")
        for part in parts.parts:
            who = f"{len(part.people)} people" if parts.by == "members" else _shortened("; ".join(part.says))
            _indented(f"- {escape(part.name)} ({escape(who)})", 9)
        if parts.nowhere:
            _indented(f"- {len(parts.nowhere)} fit nowhere in particular", 9)
    OUT.print()


def _print_gaps(found: "Audit") -> None:
    OUT.print("[bold cyan]What no community covers[/]")
    if not found.gaps:
        OUT.print("   nothing found")
    for gap in found.gaps[:GAPS]:
        OUT.print(f"{gap.people:4}  [bold]{escape(gap.name)}[/]", highlight=False)
        leaders = ", ".join(name for _, name in gap.leaders)
        _indented(f"might lead it: {escape(leaders)}")
        for _, title in gap.questions[:2]:
            _indented(f"unanswered: “{escape(_shortened(title))}”")
    if len(found.gaps) > GAPS:
        OUT.print(f"   … and {len(found.gaps) - GAPS} smaller ones (--json has all)", highlight=False)
    OUT.print()


def _indented(markup: str, left: int = 6) -> None:
    OUT.print(Padding(Text.from_markup(markup), (0, 0, 0, left)))


def _print_findings(title: str, findings: "Sequence[Finding]") -> None:
    OUT.print(f"[bold cyan]{title}[/]")
    if not findings:
        OUT.print("   none as likely as that; --min-probability lists the less likely ones", highlight=False)
    for one in findings:
        OUT.print(
            f"{one.probability:.2f}  [bold]{escape(one.a_name)}[/] {SAID[one.verdict]} [bold]{escape(one.b_name)}[/]  "
            f"[dim]{escape(one.a)}, {escape(one.b)}[/]",
            highlight=False,
        )
        for points, said in _evidence(one):
            OUT.print(Padding(Text.from_markup(f"[dim]{points:+.1f}[/] {escape(said)}"), (0, 0, 0, 6)))
    OUT.print()


def _evidence(one: "Finding") -> Iterator[tuple[float, str]]:
    """What speaks for the two being of one domain (above 0) or against it, in log-odds."""
    evidence = one.evidence
    if evidence.text is not None:
        text = evidence.text
        said = f"texts share {', '.join(text.terms)}" if text.terms else "texts share no telling word"
        if text.short_form:
            said += "; one name is short for the other"
        if text.sentences:
            said += f": “{_shortened(text.sentences[0])}” / “{_shortened(text.sentences[1])}”"
        yield text.points, said
    if evidence.skills is not None:
        skills = evidence.skills
        shared = f": {', '.join(skills.shared)}" if skills.shared else ""
        yield skills.points, f"skills: {skills.of_a:.0%} and {skills.of_b:.0%} in common{shared}"
    if evidence.members is not None:
        members = evidence.members
        named = ", ".join(name for _, name in members.people)
        who = f": {named}{', …' if members.both > len(members.people) else ''}" if named else ""
        yield (
            members.points,
            f"{members.both} people in both, {members.of_a:.0%} of the first and {members.of_b:.0%} of the second "
            f"({members.by_chance:.0%} by chance){who}",
        )
    if evidence.talk is not None:
        talk = evidence.talk
        told = f"both ask about {', '.join(talk.terms)}" if talk.points > 0 and talk.terms else "they ask other things"
        if talk.points > 0 and talk.questions:
            told += f": “{_shortened(talk.questions[0])}” / “{_shortened(talk.questions[1])}”"
        yield talk.points, told


def _shortened(text: str, most: int = 90) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= most else whole[:most].rsplit(" ", 1)[0] + " …"
