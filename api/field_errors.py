"""What is wrong with a field, in sentences.

What validators of ours raise is told as it is. Of pydantic's own errors those that a form or an address can bring about
are made again from what they hold, word for word as pydantic says them, so that pages can say them in another language.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graph.sentences import Sentence, message_of, tell, tell_n

_FIELDS: Mapping[str, Callable[[Mapping[str, Any]], Sentence]] = {
    "missing": lambda _: tell("Field required"),
    "extra_forbidden": lambda _: tell("Extra inputs are not permitted"),
    "json_invalid": lambda _: tell("JSON decode error"),
    "literal_error": lambda given: tell("Input should be %(expected)s", expected=_choice(given["expected"])),
    "enum": lambda given: tell("Input should be %(expected)s", expected=_choice(given["expected"])),
    "greater_than": lambda given: tell("Input should be greater than %(least)s", least=_number(given["gt"])),
    "greater_than_equal": lambda given: tell(
        "Input should be greater than or equal to %(least)s", least=_number(given["ge"])
    ),
    "less_than": lambda given: tell("Input should be less than %(most)s", most=_number(given["lt"])),
    "less_than_equal": lambda given: tell("Input should be less than or equal to %(most)s", most=_number(given["le"])),
    "finite_number": lambda _: tell("Input should be a finite number"),
    "string_type": lambda _: tell("Input should be a valid string"),
    "string_too_short": lambda given: tell_n(
        "String should have at least %(num)d character", "String should have at least %(num)d characters",
        given["min_length"],
    ),
    "string_too_long": lambda given: tell_n(
        "String should have at most %(num)d character", "String should have at most %(num)d characters",
        given["max_length"],
    ),
    "string_pattern_mismatch": lambda given: tell(
        "String should match pattern '%(pattern)s'", pattern=given["pattern"]
    ),
    "list_type": lambda _: tell("Input should be a valid list"),
    "dict_type": lambda _: tell("Input should be a valid dictionary"),
    "model_attributes_type": lambda _: tell("Input should be a valid dictionary or object to extract fields from"),
    "too_short": lambda given: tell_n(
        "%(what)s should have at least %(num)d item after validation, not %(number)s",
        "%(what)s should have at least %(num)d items after validation, not %(number)s",
        given["min_length"], what=_KINDS.get(given["field_type"], given["field_type"]), number=given["actual_length"],
    ),
    "too_long": lambda given: tell_n(
        "%(what)s should have at most %(num)d item after validation, not %(number)s",
        "%(what)s should have at most %(num)d items after validation, not %(number)s",
        given["max_length"], what=_KINDS.get(given["field_type"], given["field_type"]), number=given["actual_length"],
    ),
    "bool_type": lambda _: tell("Input should be a valid boolean"),
    "bool_parsing": lambda _: tell("Input should be a valid boolean, unable to interpret input"),
    "int_type": lambda _: tell("Input should be a valid integer"),
    "int_parsing": lambda _: tell("Input should be a valid integer, unable to parse string as an integer"),
    "int_parsing_size": lambda _: tell("Unable to parse input string as an integer, exceeded maximum size"),
    "int_from_float": lambda _: tell("Input should be a valid integer, got a number with a fractional part"),
    "float_type": lambda _: tell("Input should be a valid number"),
    "float_parsing": lambda _: tell("Input should be a valid number, unable to parse string as a number"),
}  # fmt: skip

_KINDS = {"List": tell("List"), "Dictionary": tell("Dictionary"), "Set": tell("Set"), "Tuple": tell("Tuple")}


def said_of(problem: Mapping[str, Any]) -> str:
    """What one of the errors of a ValidationError says; one that is not known here in pydantic's words."""
    given: Mapping[str, Any] = problem.get("ctx") or {}
    if isinstance(raised := given.get("error"), ValueError):
        return message_of(raised)
    said: str = problem["msg"]
    if (known := _FIELDS.get(problem["type"])) is None:
        return said
    told = known(given)
    # Another release of pydantic may say it otherwise: it knows best.
    return told if told == said else said


def _number(bound: float) -> str:
    """As pydantic writes it: `1`, where the field takes fractions too."""
    return str(int(bound)) if bound == int(bound) else str(bound)


def _choice(expected: str) -> str:
    """`'a', 'b' or 'c'`"""
    first, between, last = expected.rpartition(" or ")
    return tell("%(names)s or %(last)s", names=first, last=last) if between else expected
