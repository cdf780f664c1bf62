"""Sentences for people that can be said in another language.

Where a sentence is made it is told as a template and what is filled in. What comes of that is a text, in English, and
is one everywhere: compared, stored, sent as JSON. Pages show it in the language of whoever reads them, by a catalogue
that has the templates (docs/decisions/0035).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, cast

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_wrap_validator_function


class Sentence(str):
    """The English text; `template` and `values` of which it was made, among them other sentences. `many` is the
    template for another `number` than one ('': there is no number); `capital`: its first letter is a capital."""

    template: str
    values: Mapping[str, object]
    many: str
    number: int
    capital: bool

    def __new__(
        cls,
        text: str,
        template: str = "",
        values: Mapping[str, object] | None = None,
        many: str = "",
        number: int = 1,
        capital: bool = False,
    ) -> "Sentence":
        made = super().__new__(cls, text)
        made.template, made.values = template or text.replace("%", "%%"), values or {}
        made.many, made.number, made.capital = many, number, capital
        return made

    def __reduce__(self) -> tuple[type["Sentence"], tuple[object, ...]]:
        return Sentence, (str(self), self.template, self.values, self.many, self.number, self.capital)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In answers of the API it is a text; as long as it stays in the process it stays a sentence."""

        def checked(value: object, validate: Callable[[object], str]) -> "Sentence":
            return value if isinstance(value, Sentence) else Sentence(validate(value))

        return no_info_wrap_validator_function(checked, handler.generate_schema(str))

    def by(self, catalogue: Callable[[str, str, int], str]) -> str:
        """The text of the templates that a catalogue gives for a template, that for many ('': none), and a number."""
        values = {name: one.by(catalogue) if isinstance(one, Sentence) else one for name, one in self.values.items()}
        said = catalogue(self.template, self.many, self.number) % values if self.template else ""
        return _with_capital(said) if self.capital else said


def tell(template: str, /, **values: object) -> Sentence:
    """`tell("%(name)s belongs", name="Ann")`. A per cent sign of the template itself is written twice."""
    return Sentence(template % values, template, values)


def tell_n(one: str, many: str, number: int, /, **values: object) -> Sentence:
    """The same by a number, which is filled in as `num`."""
    values = {"num": number, **values}
    return Sentence((one if number == 1 else many) % values, one, values, many, number)


def message_of(error: Exception) -> str:
    """What an error says: the sentence that it was raised with, which `str` of it is not."""
    return error.args[0] if error.args and isinstance(error.args[0], str) else str(error)


def joined(between: str, parts: Iterable[str]) -> Sentence:
    """Parts, each in its own words, with the same between them in every language."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    template = between.replace("%", "%%").join(f"%({name})s" for name in values)
    return Sentence(template % values, template, values)


def whole(said: str) -> Sentence:
    """A part of a sentence as one: with a capital and a full stop, unless it has these."""
    if said.endswith("."):
        return said if isinstance(said, Sentence) else Sentence(said)
    return Sentence(_with_capital(f"{said}."), "%(said)s.", {"said": said}, capital=True)


def _with_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def template_of(said: str) -> dict[str, Any] | None:
    """What has to be stored beside a text, as JSON, so that `recalled` makes the same sentence of it again; None of a
    text that is none."""
    if not isinstance(said, Sentence):
        return None
    found: dict[str, Any] = {"template": said.template}
    if said.values:
        found["values"] = {name: _kept_value(one) for name, one in said.values.items()}
    if said.many:
        found |= {"many": said.many, "number": int(said.number)}
    if said.capital:
        found["capital"] = True
    return found


def recalled(text: str, found: object) -> str:
    """The text that was stored as the sentence that it was, by what `template_of` gave; as it is where that is not
    known, or says something else: an earlier release stores texts alone."""
    try:
        said = _recalled(found)
    except (KeyError, TypeError, ValueError):
        return text
    return said if said == text else text


def _kept_value(value: object) -> Any:
    if isinstance(value, Sentence):
        return template_of(value)
    if isinstance(value, str | bool) or value is None:
        return value
    # Numbers of arrays too, which JSON does not know.
    return int(value) if isinstance(value, Integral) else float(value) if isinstance(value, Real) else str(value)


def _recalled(found: object) -> Sentence:
    if not isinstance(found, Mapping):
        raise TypeError
    stored = cast("Mapping[str, Any]", found)
    kept: Mapping[str, object] = stored.get("values", {})
    values = {name: _recalled(cast("object", one)) if isinstance(one, Mapping) else one for name, one in kept.items()}
    said = Sentence(
        "", stored["template"], values, stored.get("many", ""), stored.get("number", 1), stored.get("capital", False)
    )
    text = said.by(lambda one, many, number: many if many and number != 1 else one)
    return Sentence(text, said.template, values, said.many, said.number, said.capital)


# What has become of things, as messages tell it.
_STATES = {
    "proposed": tell("proposed"), "forming": tell("forming"), "active": tell("active"), "dormant": tell("dormant"),
    "retired": tell("retired"), "asked": tell("asked"), "accepted": tell("accepted"), "declined": tell("declined"),
    "refused": tell("refused"), "withdrawn": tell("withdrawn"), "advised": tell("advised"), "tried": tell("tried"),
    "closed": tell("closed"), "taken_up": tell("taken up"), "agreed": tell("agreed"), "ended": tell("ended"),
}  # fmt: skip


def state_said(state: str) -> str:
    """A state as a message tells it; one that is not known here by its own word."""
    return _STATES.get(state, state.replace("_", " "))


def possible_now(steps: Sequence[str], otherwise: Sentence) -> Sentence:
    """Which steps can be taken, or `otherwise` where none can."""
    return tell("possible now: %(steps)s", steps=joined(", ", steps)) if steps else otherwise


def per_cent(value: float) -> str:
    """`34%`, to be filled in."""
    return f"{value:.0%}"


def listed(names: Iterable[str], most: int = 3) -> Sentence:
    """`A`, `A and B`, `A, B and C`, `A, B, C and 4 more`."""
    every = list(names)
    shown, more = every[:most], len(every) - most
    if more > 0:
        return tell("%(names)s and %(more)d more", names=joined(", ", shown), more=more)
    if len(shown) < 2:
        return joined("", shown)
    return tell("%(names)s and %(last)s", names=joined(", ", shown[:-1]), last=shown[-1])
