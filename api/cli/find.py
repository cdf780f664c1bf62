"""Commands that answer: search, recommend, help-for."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json, progress_bar
from api.cli.working import OnDask, workers
from api.settings import Settings
from graph.database import Database
from graph.errors import InvalidInput
from graph.reads import vectors
from matcher.diversity import DIVERSITY

if TYPE_CHECKING:
    from api.cli.asking import Asking
    from matcher.explain import Contribution
    from matcher.helpers import Helper, HelperList
    from matcher.joins import Recommendation, Recommendations
    from matcher.outside import Expert, Experts
    from matcher.partitions import Workers
    from matcher.search import SearchPage

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Answer as on that day, from what was known before it (YYYY-MM-DD)."),
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="How many to list.")]
WordsOnly = Annotated[bool, typer.Option("--words-only", help="Do not load the model; compare words alone.")]


# Points below this are shown as +0.000.
LEAST_SHOWN = 0.0005


def register(app: typer.Typer) -> None:
    app.command()(search)
    app.command()(recommend)
    app.command("help-for")(help_for)


def asking_of(
    settings: Settings,
    database: Database,
    words_only: bool,
    day: str | None = None,
    workers: "Workers | None" = None,
) -> "Asking":
    """With the model, if there are vectors to compare with: without them it need not be loaded."""
    from api.cli.asking import Asking
    from matcher.embedding import open_embedder

    embedder = None
    if not words_only and database.read(vectors.model()) is None:
        ERRORS.print("[yellow]note:[/] compared by words alone; run `guildmap index` to compare by meaning too")
    elif not words_only:
        embedder = open_embedder(settings.model, settings.embedding_cache, settings.backend)
    return Asking(database, embedder, day, workers=workers)


def as_day(option: str, day: str | None) -> str | None:
    """The day that an option gives, or None. Raises InvalidInput where it is none."""
    if day is not None:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise InvalidInput(f"{option}: {day!r} is not a day like 2026-03-31.") from None
    return day


def search(
    text: Annotated[str, typer.Argument(help="Words, a name, or a whole question.")],
    kind: Annotated[list[str] | None, typer.Option(help="community, person or skill; may be repeated.")] = None,
    status: Annotated[str | None, typer.Option(help="Communities of this status.")] = None,
    topic: Annotated[str | None, typer.Option(help="Communities with this topic.")] = None,
    skill: Annotated[str | None, typer.Option(help="What covers, or who holds, this skill.")] = None,
    unit: Annotated[str | None, typer.Option(help="People of this unit, or of one below it (id).")] = None,
    limit: Limit = 10,
    cursor: Annotated[str | None, typer.Option(help="Go on where a page ended.")] = None,
    words_only: WordsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Search communities, people and skills."""
    from matcher.search import KINDS, Filters

    watch = Stopwatch()
    unknown = sorted(set(kind or ()) - set(KINDS))
    if unknown:
        raise InvalidInput(f"There is no kind {', '.join(unknown)}. Known: {', '.join(KINDS)}.")
    settings = settings_module.load()
    with opened(settings) as database:
        watch.lap("open")
        page = asking_of(settings, database, words_only).search(
            text, kinds=[one for one in KINDS if not kind or one in kind],
            filters=Filters(status, topic, skill, unit), limit=limit, cursor=cursor,
        )  # fmt: skip
        watch.lap("search")
        if as_json:
            print_json(
                page.results, database, watch, total=page.total, facets=page.facets, next_cursor=page.next_cursor,
                notes=page.notes,
            )  # fmt: skip
            return
    print_page(page)


def print_page(page: "SearchPage") -> None:
    for note in page.notes:
        ERRORS.print(f"[yellow]note:[/] {escape(note)}")
    if not page.results:
        OUT.print("Nothing found. Try fewer or other words.")
    for hit in page.results:
        OUT.print(
            f"[bold]{escape(hit.name)}[/]  [dim]{hit.kind} {escape(hit.id)}  {hit.score:.2f}[/]",
            highlight=False,
        )
        if hit.snippet:
            snippet = Text("   " + hit.snippet)
            for start, end in hit.highlights:
                snippet.stylize("bold yellow", start + 3, end + 3)
            OUT.print(snippet)
        if hit.reasons:
            OUT.print(f"   [dim]{escape('; '.join(hit.reasons))}[/]", highlight=False)
    if page.total:
        counts = ", ".join(f"{number} {name}" for name, number in page.facets.get("kind", {}).items())
        OUT.print(f"\n{len(page.results)} of {page.total} shown ({counts})", highlight=False)
    if page.next_cursor:
        OUT.print(f"more: --cursor {page.next_cursor}", highlight=False)


def recommend(
    person: Annotated[str | None, typer.Argument(help="A person's id; leave out for a profile given below.")] = None,
    text: Annotated[str | None, typer.Option(help="What the newcomer says about themselves.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill's name or id; may be repeated.")] = None,
    wants: Annotated[list[str] | None, typer.Option(help="A skill that they want to learn; may be repeated.")] = None,
    unit: Annotated[str | None, typer.Option(help="Their unit's id.")] = None,
    everyone: Annotated[bool, typer.Option("--everyone", help="For all who have not left, into the --output.")] = False,
    output: Annotated[Path | None, typer.Option(help="With --everyone: a JSON line a person.")] = None,
    dask: OnDask = None,
    limit: Limit = 10,
    as_of: AsOf = None,
    words_only: WordsOnly = False,
    diversity: Annotated[
        float,
        typer.Option(min=0, max=1, help="The share of its score that a copy of one listed above loses."),
    ] = DIVERSITY,
    as_json: AsJson = False,
) -> None:
    """Recommend communities to a known person, to a profile that is not stored, or to everyone."""
    from api import profiles
    from matcher.joins import Recommendations

    watch = Stopwatch()
    described = bool(text or skill or wants or unit)
    if everyone or output:
        if output is None or not everyone or person or described:
            raise InvalidInput("For everyone give --everyone and --output FILE, and nobody in particular.")
        _recommend_everyone(output, limit, as_day("--as-of", as_of), words_only, dask, as_json, watch)
        return
    if dask is not None:
        raise InvalidInput("--dask: goes with --everyone; one list is found sooner here.")
    if bool(person) == described:
        raise InvalidInput("Give a person's id, or describe a profile by --text, --skill, --wants and --unit.")
    day = as_day("--as-of", as_of)
    settings = settings_module.load()
    with opened(settings) as database:
        watch.lap("open")
        asking = asking_of(settings, database, words_only, day)
        note = None
        if person:
            known = asking.person(person)
            note = profiles.pause_note(known, day)
            who, found = known.name, Recommendations((), {})
            if note is None:
                found = asking.what_if(known, asking.recommend(known, limit, diversity))
        else:
            who = "this profile"
            profile = asking.described(text or "", skill or (), wants or (), unit)
            found = asking.recommend_described(profile, limit, diversity)
        watch.lap("recommend")
        if as_json:
            results = [{**asdict(one), "reasons": one.reasons} for one in found.results]
            print_json(results, database, watch, set_aside=dict(found.set_aside), notes=[note] if note else [])
            return
    if note:
        OUT.print(f"Nothing to recommend: {escape(note)}.")
    else:
        print_recommendations(found, who)


def _recommend_everyone(
    output: Path, limit: int, day: str | None, words_only: bool, dask: str | None, as_json: bool, watch: Stopwatch
) -> None:
    from api.cli.everyone import Lists, ranges
    from matcher.embedding import open_embedder

    settings = settings_module.load()
    with opened(settings) as database, workers(dask) as found:
        watch.lap("open")
        asking = asking_of(settings, database, words_only, day, None if dask is None else found)
        total = int((~asking.snapshot.people.gone).sum())
        opening = (
            partial(open_embedder, settings.model, settings.embedding_cache, settings.backend)
            if asking.embedder
            else None
        )
        job = Lists(database.reached_by(), opening, limit, asking.snapshot.learned, day)
        watch.lap("read")
        began = time.perf_counter()
        number = 0
        try:
            with output.open("w", encoding="utf-8") as file, progress_bar() as progress:
                for lines in found.run(job, ranges(asking), asking):
                    file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
                    number += len(lines)
                    progress("recommending", number, total)
        except OSError as error:
            raise InvalidInput(f"--output: {output} cannot be written ({error.strerror}).") from error
        rate = number / (time.perf_counter() - began)
        watch.lap("recommend")
        if as_json:
            print_json({"people": number, "rows_per_second": rate}, database, watch)
            return
    OUT.print(f"{number:,} people, {rate:,.0f} a second: {escape(str(output))}", highlight=False)


def print_recommendations(found: "Recommendations", who: str) -> None:
    if not found.results:
        OUT.print(f"Nothing to recommend to {escape(who)}: no community shows any evidence.")
    for place, one in enumerate(found.results, start=1):
        _print_recommendation(place, one)
    _print_set_aside(found.set_aside)


def _print_recommendation(place: int, one: "Recommendation") -> None:
    OUT.print(
        f"{place:>2}. [bold]{escape(one.name)}[/]  [dim]{escape(one.community_id)}  {one.score:.3f}[/]",
        highlight=False,
    )
    _print_reasons(one.contributions)
    if one.change:
        OUT.print(_indented(f"[dim]{escape(one.change.text)}[/]"), highlight=False)
    if one.start:
        OUT.print(_indented(f"begin as {one.start.engagement}: {escape(one.start.why)}"), highlight=False)
    if one.greeters:
        greeters = "; ".join(f"{greeter.name} ({greeter.why})" for greeter in one.greeters)
        OUT.print(_indented(f"greet: {escape(greeters)}"), highlight=False)


def _print_reasons(contributions: "Sequence[Contribution]") -> None:
    for part in contributions:
        # What shows as +0.000 changes no place.
        if part.reason and abs(part.points) >= LEAST_SHOWN:
            OUT.print(_indented(f"[dim]{part.points:+.3f}[/] {escape(part.reason.text)}"), highlight=False)


def _indented(markup: str) -> Padding:
    """Below the name that it belongs to, also where it takes several lines."""
    return Padding(Text.from_markup(markup), (0, 0, 0, 6))


def _print_set_aside(set_aside: Mapping[str, int]) -> None:
    if set_aside:
        told = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in set_aside.items())
        OUT.print(f"[dim]set aside: {told}[/]", highlight=False)


def help_for(
    text: Annotated[str, typer.Argument(help="The question, in a sentence or more.")],
    person: Annotated[
        str | None, typer.Option(help="Who asks (id): neither they nor their managers are named.")
    ] = None,
    community: Annotated[str | None, typer.Option(help="The community that the question belongs to (id).")] = None,
    limit: Limit = 10,
    outside: Annotated[
        bool, typer.Option("--outside", help="Experts from outside, and who inside knows them, where nobody here does.")
    ] = False,
    as_of: AsOf = None,
    words_only: WordsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Find people who can help with a question."""
    from matcher.outside import Experts

    watch = Stopwatch()
    if not text.strip():
        raise InvalidInput("The question is empty.")
    day = as_day("--as-of", as_of)
    if outside and day:
        raise InvalidInput("--outside: who is from outside is known of today only; leave --as-of out.")
    settings = settings_module.load()
    with opened(settings) as database:
        watch.lap("open")
        asking = asking_of(settings, database, words_only, day)
        if outside:
            found, experts = asking.outside_experts(text, person, community, limit)
        else:
            found, experts = asking.help_for(text, person, community, limit), ()
        names = {one.id: one.name for one in asking.evidence.snapshot.communities}
        watch.lap("help")
        if as_json:
            known = {
                one.helper.person_id: {"known_by": [{**asdict(who), "reasons": who.reasons} for who in one.known_by]}
                for one in experts
            }
            results = [
                {**asdict(one), "reasons": one.reasons, **known.get(one.person_id, {})} for one in found.results
            ]  # fmt: skip
            more = {"inside": found.inside} if isinstance(found, Experts) else {}
            print_json(
                results, database, watch, set_aside=dict(found.set_aside), communities=dict(found.communities), **more
            )
            return
    if isinstance(found, Experts):
        print_experts(found, experts, names, person, inferred=community is None)
    else:
        print_helpers(found, names, inferred=community is None)


def print_helpers(found: "HelperList", names: Mapping[str, str], inferred: bool = True) -> None:
    """`names`: of communities by id, for those that the question was taken to belong to (`inferred`)."""
    if not found.results:
        OUT.print(
            "Nobody shows any evidence of knowing about this. Try other words, ask in a community, or look for experts "
            "from outside (--outside)."
        )
    for place, one in enumerate(found.results, start=1):
        _print_helper(place, one)
    _print_taken(found, names, inferred)


def print_experts(
    found: "Experts", experts: "Sequence[Expert]", names: Mapping[str, str], asker: str | None, inferred: bool = True
) -> None:
    """As print_helpers, with who inside knows each; the `asker` (id) may do so too."""
    if found.inside:
        who = "1 person" if found.inside == 1 else f"{found.inside} people"
        OUT.print(f"Ask inside first: for {who} here at least as much speaks (guildmap help-for without --outside).")
    if not experts:
        OUT.print("Nobody from outside shows any evidence of knowing about this.")
    for place, one in enumerate(experts, start=1):
        _print_helper(place, one.helper)
        for known in one.known_by:
            who = "you" if known.person_id == asker else f"{known.name} ({known.person_id})"
            OUT.print(_indented(escape(f"known to {who}: {'; '.join(known.reasons)}")), highlight=False)
        if not one.known_by:
            OUT.print(_indented("nobody here is known to have had to do with them"), highlight=False)
    _print_taken(found, names, inferred)


def _print_helper(place: int, one: "Helper") -> None:
    OUT.print(
        f"{place:>2}. [bold]{escape(one.name)}[/]  [dim]{escape(one.person_id)}  {one.score:.3f}[/]",
        highlight=False,
    )
    _print_reasons(one.contributions)


def _print_taken(found: "HelperList", names: Mapping[str, str], inferred: bool) -> None:
    if found.communities and inferred:
        told = ", ".join(f"{names[key]} ({share:.0%})" for key, share in found.communities.items())
        OUT.print(f"[dim]taken to belong to: {escape(told)}[/]", highlight=False)
    _print_set_aside(found.set_aside)
