"""A charter as Markdown: a heading for each part, and back again without loss."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from api.field_errors import said_of
from graph.charters import Charter, objective_of
from graph.errors import InvalidInput
from graph.facts import spell_id
from graph.sentences import tell

MEDIA_TYPE = "text/markdown"

# Level and words of the heading of each field.
HEADINGS: Mapping[str, tuple[int, str]] = {
    "purpose": (2, "Purpose"),
    "goal_ids": (3, "Goals that it serves"),
    "needs": (2, "Needs"),
    "challenges": (2, "Challenges"),
    "opportunities": (2, "Opportunities"),
    "vision": (2, "Vision"),
    "works_today": (3, "What works today"),
    "could_be": (3, "What could be"),
    "should_be": (3, "What should be"),
    "will_be": (3, "What will be"),
    "took_part_ids": (3, "Who took part"),
    "strategy": (2, "Strategy"),
    "objectives": (2, "Objectives"),
    "value_proposition": (2, "Value proposition"),
    "pitch": (3, "In one paragraph"),
    "time_commitment": (2, "Time to give"),
}
_FIELDS = {words.casefold(): field for field, (_, words) in HEADINGS.items()}
_LISTS = ("goal_ids", "needs", "challenges", "opportunities", "took_part_ids", "objectives")

_HEADING = re.compile(r"#{2,6} +(.*?)\s*#*\s*")
_BASE = re.compile(r"<!-- version (\d+) -->")
_CODED = re.compile(r"`([^`]*)`.*")


def markdown(title: str, charter: Charter, number: int | None = None, names: Mapping[str, str] | None = None) -> str:
    """The charter under a heading for each part, empty ones too, so that somebody can fill them in.

    `number` is the version that it is, `names` what people and goals are called.
    """
    lines = [f"# {' '.join(title.split())}", ""]
    if number is not None:
        lines += [f"<!-- version {number} -->", ""]
    for field, (level, words) in HEADINGS.items():
        lines += [f"{'#' * level} {words}", ""]
        if field in _LISTS:
            lines += [f"- {entry}" for entry in _entries(charter, field, names or {})]
        else:
            text: str = getattr(charter, field) or ""
            # What begins like a heading is none of ours.
            lines += [re.sub(r"^(?=\\*#)", r"\\", line) for line in text.split("\n")] if text else []
        if lines[-1]:
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def parsed(text: str) -> Charter:
    """The charter that a text of this form says. Raises InvalidInput for headings and texts that belong nowhere."""
    said: dict[str, list[str]] = {}
    field: str | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if heading := _HEADING.fullmatch(line):
            field = _FIELDS.get(heading[1].casefold())
            if field is None:
                known = ", ".join(words for _, words in HEADINGS.values())
                raise InvalidInput(
                    tell(
                        "line %(number)s: no part of a charter is called %(part)r. Known: %(known)s.",
                        number=number,
                        part=heading[1],
                        known=known,
                    )
                )
            if field in said:
                raise InvalidInput(tell("line %(number)s: %(part)r comes twice.", number=number, part=heading[1]))
            said[field] = []
        elif field is not None:
            said[field].append(re.sub(r"^\\(?=\\*#)", "", line))
        elif line.strip() and not line.startswith("# ") and not _BASE.fullmatch(line.strip()):
            raise InvalidInput(
                tell(
                    "line %(number)s: belongs to no part. Put it under a heading, such as '## Purpose'.", number=number
                )
            )
    given: dict[str, Any] = {}
    for name, lines in said.items():
        if name not in _LISTS:
            given[name] = "\n".join(lines)
        elif name == "objectives":
            given[name] = [objective_of(entry).model_dump() for entry in _listed(lines)]
        elif name in ("goal_ids", "took_part_ids"):
            given[name] = [unquote(coded[1]) if (coded := _CODED.fullmatch(e)) else e for e in _listed(lines)]
        else:
            given[name] = _listed(lines)
    try:
        return Charter.model_validate(given)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise InvalidInput(tell("%(place)s: %(reason)s.", place=place, reason=said_of(problem))) from None


def base_of(text: str) -> int | None:
    """The number of the version on which a text was begun, if it says so."""
    found = _BASE.search(text)
    return int(found[1]) if found else None


def _entries(charter: Charter, field: str, names: Mapping[str, str]) -> list[str]:
    if field == "objectives":
        return [objective.line for objective in charter.objectives]
    entries: tuple[str, ...] = getattr(charter, field)
    if field not in ("goal_ids", "took_part_ids"):
        return list(entries)
    return [f"`{spell_id(key)}` {' '.join(names.get(key, '').split())}".rstrip() for key in entries]


def _listed(lines: list[str]) -> list[str]:
    """The entries of a list. A line without a bullet goes on with the entry before it."""
    entries: list[str] = []
    open_entry = False
    for line in lines:
        if not line.strip():
            open_entry = False
        elif line.startswith(("- ", "* ")) or not open_entry:
            entries.append(line[2:] if line.startswith(("- ", "* ")) else line)
            open_entry = True
        else:
            entries[-1] += f" {line.strip()}"
    return entries
