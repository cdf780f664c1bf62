"""What is left of facts, texts and records once somebody was erased. Pure: nothing here reads or writes.

Whom it was by goes, and what they wrote; that it was there stays. A question keeps its community and its day, advice
its outcome, a meeting how many came. Nothing joins what is left: whoever knows whose one of it was learns nothing of
the rest.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from graph.facts import BY_HAND, KINDS, Fields, Kind, spell_id

# In place of a text that was theirs, and of each mention of them.
ERASED = "(erased)"

# An id of fewer characters, or of letters alone, may be a word of any text: there it is no mention.
SHORTEST_TELLING = 6

# How a subject of an event begins whose next part is the id of a person.
_OF_A_PERSON = frozenset(("person", "digest", "membership", "held_skill", "wanted_skill"))

# Names of values that name other things than people, whatever stands in them.
_NO_PEOPLE = frozenset(
    (
        *(f"{kind}_id{s}" for kind in KINDS if kind != "person" for s in ("", "s")),
        *(link.field for kind in KINDS.values() for link in kind.links if link.target != "person"),
        *("id", "kind", "level", "engagement", "state", "status", "role", "grade"),
        *("source", "sources", "action", "remedy"),
    )
)


def without(
    kind: Kind, claim: Fields, erased: Callable[[str], bool], *, source: str = "", keep_texts: bool = False
) -> Fields:
    """What a source's claim of a thing comes to without the people of whom `erased` is true.

    Their references go, and unless `keep_texts` so do the texts that they wrote; of those who came to a meeting the
    number stays. The same object where the claim names none of them. What the hand emptied stays empty.
    """
    changed: Fields = {}
    for link in kind.links:
        if link.target != "person":
            continue
        value = claim.get(link.field)
        refs = cast("list[str]", value) if isinstance(value, list) else [value] if value else []
        rest = [ref for ref in refs if not erased(ref)]
        if len(rest) == len(refs):
            continue
        changed[link.field] = rest or None if isinstance(value, list) else None
        if link.counted:
            changed[link.counted] = claim.get(link.counted, 0) + len(refs) - len(rest)
        if not keep_texts:
            changed |= {name: ERASED for name in link.wrote if claim.get(name)}
    if not changed:
        return claim
    left = {**claim, **changed}
    return left if source == BY_HAND else {name: value for name, value in left.items() if value is not None}


@dataclass(frozen=True)
class Erased:
    """Who was erased, for as long as that is under way: id, names, e-mail addresses, ids that sources have for them,
    and the API keys that acted for them."""

    id: str
    called: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset((self.id, *(alias.partition("/")[2] for alias in self.aliases)))

    @cached_property
    def actors(self) -> frozenset[str]:
        return frozenset((*self.ids, *(f"person:{one}" for one in self.ids), *(f"key:{one}" for one in self.keys)))

    @cached_property
    def mentions(self) -> tuple[str, ...]:
        """By what a text mentions them: e-mail, whole name (either way round), and ids that are no word."""
        found = [*self.emails, *(one for one in self.ids if _telling(one)), *self.aliases]
        for parts in (name.split() for name in self.called):
            if len(parts) > 1:
                found += [" ".join(parts), f"{parts[-1]}, {' '.join(parts[:-1])}"]
        return tuple(sorted({one for one in found if one}, key=lambda one: (-len(one), one)))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """In small letters, what a value must hold for `value` to change it: for a first look by the database."""
        known = {*self.mentions, *self.ids, *(f"key:{one}" for one in self.keys)}
        # As it stands in a key that is made of ids, and in JSON that spares no letter.
        forms = {*known, *(spell_id(one) for one in known), *(_in_json(one) for one in known)}
        return tuple(sorted({form.lower() for form in forms}))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self.mentions:
            return None
        ways = "|".join(re.escape(form) for one in self.mentions for form in dict.fromkeys((one, spell_id(one))))
        return re.compile(rf"(?<![\w.-])(?:{ways})(?![\w@-])", re.IGNORECASE)

    def masked(self, text: str) -> str:
        """The text with each mention replaced."""
        return self._pattern.sub(ERASED, text) if self._pattern else text

    def is_theirs(self, ref: str) -> bool:
        """Whether a reference of a source or of a record is to them."""
        return ref in self.actors

    def value(self, name: str, value: Any) -> Any:
        """A property, or a value within a record, without them; None where nothing is left of it.

        Texts that hold JSON are taken for what they say. A reference is told from a word by the `name` of the value;
        where their id is one that no text has by chance, it goes wherever it stands.
        """
        if isinstance(value, str):
            return self._text(name, value)
        if isinstance(value, list):
            items = ((item, self.value(name, item)) for item in cast("list[Any]", value))
            return [left for item, left in items if left is not None or item is None]
        if isinstance(value, dict):
            return {key: self.value(key, one) for key, one in cast("Fields", value).items()}
        return value

    def _text(self, name: str, text: str) -> str | None:
        if text in self.actors and (name not in _NO_PEOPLE or _telling(text)):
            return None
        kind, _, rest = text.partition("/")
        if rest and self._subject(kind, rest):
            return None
        if text[:1] in ("{", "[") and (record := _record(text)) is not None:
            left = self.value(name, record)
            return text if left == record else json.dumps(left, ensure_ascii=False)
        return self.masked(text)

    def _subject(self, kind: str, rest: str) -> bool:
        quoted = {spell_id(one) for one in self.ids} | self.ids
        if kind in _OF_A_PERSON:
            return rest in quoted or rest.partition("/")[0] in quoted
        # Advice is known by question, helper and day.
        return kind == "advice" and not quoted.isdisjoint(rest.split("/")[1:2])

    def patterns_in_rejects(self) -> Iterable[bytes]:
        """What a line of a rejects file (JSON in ASCII) holds of them."""
        for one in self.mentions:
            yield re.escape(_in_json(one)).encode()
        for one in self.ids:
            quoted = re.escape(_in_json(one)).encode()
            yield rb"(?<=\"id\": \")" + quoted + rb"(?=[\"/])"
            yield rb"(?<=')" + quoted + rb"(?=')"


def properties_without(erased: Erased, properties: Mapping[str, Any]) -> Fields:
    """Of the properties of a node or relationship those that change, with what they become (None: they go)."""
    left = {name: erased.value(name, value) for name, value in properties.items()}
    return {name: value for name, value in left.items() if value != properties[name]}


def _telling(text: str) -> bool:
    return len(text) >= SHORTEST_TELLING and not text.isalpha()


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _record(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def event_without(erased: Erased, properties: Mapping[str, Any]) -> Fields:
    """The same of an event. Of one that is theirs or about them no words stay, as they may be theirs: only numbers."""
    changed = properties_without(erased, properties)
    if changed.keys() & {"actor_id", "subjects"}:
        details = cast("Fields", _record(properties.get("details") or "{}"))
        told = {name: value for name, value in details.items() if isinstance(value, bool | int | float)}
        changed["details"] = json.dumps(told)
    if "actor_id" in changed:
        changed["actor_id"] = ERASED
    return changed
