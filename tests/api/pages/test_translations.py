"""Every text of the pages is in every catalogue, and says as many things as the English one."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api.pages.html import LANGUAGES, environment
from api.pages.words import WORDS
from graph.facts import KINDS

PAGES = Path(str(files("api.pages")))
ROOT = PAGES.parent.parent
# Where sentences are made that pages show.
MADE = (ROOT / "graph", ROOT / "matcher", ROOT / "ingest", ROOT / "api")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.md", "jinja2")]
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "tell": None, "tell_n": (1, 2)}


def used() -> Iterator[str | tuple[str, ...]]:
    for folder in (PAGES, *MADE):
        for _, _, text, _, _ in extract_from_dir(folder, METHODS, keywords=KEYWORDS):
            yield text


def catalogue(language: str) -> Catalog:
    with (PAGES / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def holes(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[.\d]*\w", text))


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_a_catalogue_is_complete(language: str) -> None:
    found = catalogue(language)
    every = set(used())
    assert len(every) > 100
    missing = [text for text in every if not _translated(found.get(text if isinstance(text, str) else text[0]))]
    assert not missing
    ours = {text if isinstance(text, str) else text[0] for text in every}
    assert not [one.id for one in found if one.id and (one.id if isinstance(one.id, str) else one.id[0]) not in ours]


def test_there_is_a_word_for_all_that_an_import_counts() -> None:
    assert WORDS["counted"].keys() == KINDS.keys()


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_what_is_filled_in_is_filled_in_everywhere(language: str) -> None:
    for one in catalogue(language):
        if one.id:
            wanted = holes(one.id if isinstance(one.id, str) else " ".join(one.id))
            for text in [one.string] if isinstance(one.string, str) else one.string:
                assert holes(text) <= wanted, text
                assert wanted <= holes(text) | ({"%(num)s", "%(num)d"} if not isinstance(one.id, str) else set()), text


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_texts_by_number_are_whole_words(language: str) -> None:
    """Where a text that is there becomes one by number, `pybabel update` makes its first letters the forms of it."""
    forms = [one.string for one in catalogue(language) if one.id and not isinstance(one.id, str)]
    assert forms
    assert not [one for one in forms if any(len(text) < 2 for text in one)]


def test_a_text_is_shown_in_the_language() -> None:
    counted = '{{ ngettext("%(num)s member", "%(num)s members", number) }}'
    assert environment("de").from_string('{{ _("Catalogue") }} ' + counted).render(number=2) == "Katalog 2 Mitglieder"
    assert environment("en").from_string(counted).render(number=1) == "1 member"


def _translated(one: Message | None) -> bool:
    return one is not None and bool(one.string if isinstance(one.string, str) else all(one.string)) and not one.fuzzy


def test_a_language_is_called_what_readers_call_it_where_its_code_is_given() -> None:
    shown = environment("de").from_string("{{ given|map('spoken')|join(', ') }}")
    assert shown.render(given=["en", "DE", "Norwegian", "by hand"]) == "Englisch, Deutsch, Norwegian, by hand"
