"""Templates as pages over HTTP, in the reader's language, each with a Content-Security-Policy for its own files."""

import base64
import gettext
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from api.pages.assets import assets
from api.pages.markdown import as_html, escaped
from api.pages.words import WORDS
from api.wording import offset
from graph.sentences import Sentence

# In an answer that says nothing else of it nothing may be loaded, run or framed.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# Pages load files of this host alone; the design system has drawings of its own within its styles (`data:`).
PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

LANGUAGES = {"en": "English", "de": "Deutsch"}
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Taste:
    """How somebody likes pages: light or dark, and in which language."""

    theme: str = "auto"
    language: str = "en"


@cache
def environment(language: str = "en") -> Environment:
    catalogue = translations(language)
    worded = partial(_worded, catalogue)
    found = Environment(
        loader=PackageLoader("api.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"], finalize=worded,
    )  # fmt: skip
    # The extension adds this method, of which the types of jinja2 know nothing.
    found.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    found.filters.update(
        as_html=as_html, day=lambda text: _day(text, language), moment=lambda text: _moment(text, language),
        spoken=lambda text: _spoken(text, language), marked=_marked, worded=worded,
        markdown=lambda text: escaped(worded(text)),
    )  # fmt: skip
    found.globals.update(
        icon=_icon, asset=lambda name: assets().address(name), languages=LANGUAGES,
        said=lambda of, value: _said(catalogue, of, value),
    )  # fmt: skip
    return found


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The texts of pages in a language; English ones are the keys."""
    if language == "en":
        return gettext.NullTranslations()
    with (files("api.pages") / "locale" / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    made = BytesIO()
    write_mo(made, catalogue)
    made.seek(0)
    return gettext.GNUTranslations(made)


def page(
    template: str,
    taste: Taste,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    block: str | None = None,
    **values: Any,
) -> Response:
    """The page that a template makes of `values`, among them its `frame`; with `block` only that part of it, for what
    changes in place."""
    told = {"Content-Security-Policy": PAGES, "Vary": "HX-Request", **(headers or {})}
    made = environment(taste.language)
    values = {"taste": taste, "csrf": _csrf(values["frame"].csrf_token), **values}
    found = made.get_template(template)
    text = _part(found, block, values) if block else found.render(**values)
    return Response(text, status, told, media_type="text/html")


def _part(template: Template, block: str, values: Mapping[str, Any]) -> str:
    """One block of a template, which may use what the template imports and defines above its blocks."""
    context = template.new_context(dict(values))
    next(iter(template.root_render_func(context)), None)  # runs what stands above, up to the first words of the page
    return "".join(context.blocks[block][0](context))


@cache
def policy(template: str) -> str:
    """The policy for a document that stands alone: its styles by the digest of those that stand in the file. What is
    filled in changes none, so a style that somebody smuggled in is not among them."""
    loader = environment().loader
    assert loader is not None
    source, _, _ = loader.get_source(environment(), template)
    allowed = " ".join(f"'sha256-{_digest(one)}'" for one in _STYLE.findall(source))
    return f"{NOTHING}; style-src {allowed}"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _csrf(token: str) -> Callable[[], Markup]:
    """What every form that changes something carries."""
    field = Markup('<input type="hidden" name="csrf_token" value="{}">').format(token) if token else Markup()
    return lambda: field


def _said(catalogue: gettext.NullTranslations, of: str, value: str) -> str:
    known = WORDS.get(of, {}).get(value)
    return catalogue.gettext(known) if known else value


def _worded(catalogue: gettext.NullTranslations, value: Any) -> Any:
    """A sentence in the language of the catalogue. What a template fills in goes through this by itself; a filter that
    makes another text of a sentence is given what this makes of it."""
    if not isinstance(value, Sentence):
        return value
    return value.by(lambda one, many, number: catalogue.ngettext(one, many, number) if many else catalogue.gettext(one))


def _icon(name: str, label: str | None = None) -> Markup:
    """An icon of the set; without a label it only decorates what is said beside it."""
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    drawn = '<svg class="icon" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2" {}>'
    return Markup(drawn + '<use href="{}#{}"/></svg>').format(told, assets().address("icons.svg"), name)


def _day(text: str | None, language: str) -> str:
    """A date known to the day, month or year, as people write it in the language."""
    if not text:
        return ""
    known = text[:10].split("-")
    first = date(int(known[0]), *(int(part) for part in [*known[1:], "01", "01"][:2]))
    pattern = {1: "yyyy", 2: "MMMM yyyy"}.get(len(known), "medium")
    return format_date(first, pattern, locale=language)


def _moment(text: str | None, language: str) -> str:
    """A moment in its own zone, with the day of the week; of what is known to the day, month or year, that."""
    if not text or "T" not in text:
        return _day(text, language)
    when = datetime.fromisoformat(text)
    weekday, day = format_datetime(when, "EEE", locale=language), format_date(when, "medium", locale=language)
    return f"{weekday} {day}, {when:%H:%M}{f' {offset(when)}' if when.tzinfo else ''}"


def _spoken(text: str, language: str) -> str:
    """What a language is called that is given by its code (`en`); another text is what people wrote."""
    return Locale(language).languages.get(text.lower(), text)


def _marked(text: str, spans: list[tuple[int, int]]) -> Markup:
    """`text` with what lies within the spans (start, end) emphasised."""
    parts, at = [Markup()], 0
    for start, end in spans:
        parts += [Markup.escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    return Markup().join([*parts, Markup.escape(text[at:])])
