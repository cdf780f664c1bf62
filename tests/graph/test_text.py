"""The tokens that the full-text index and every lexical comparison rest on."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.text import LONGEST_TOKEN, fold, searchable, spoken, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C++", ["cplusplus"]),
        ("C", ["c"]),
        ("C#", ["csharp"]),
        ("c++17", ["cplusplus", "17"]),
        (".NET", ["dotnet"]),
        ("ASP.NET", ["asp", "dotnet"]),
        ("Café", ["cafe"]),
        ("Ångström", ["angstrom"]),
        ("日本語", ["日本", "本語"]),
        ("AND OR NOT", ["and", "or", "not"]),
        ("secret:x", ["secret", "x"]),
        ("", []),
        ("!!! ---", []),
    ],
)
def test_text_is_cut_into(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize("typed", ["node", "js", "nodejs", "node.js", "Node.JS"])
def test_a_compound_is_met_by_each_way_of_typing_it(typed: str) -> None:
    assert set(tokens(typed)) & set(tokens("Node.js"))


def test_camel_case_is_met_by_its_parts() -> None:
    assert {"stateful", "set", "statefulset"} <= set(tokens("StatefulSet"))


@given(st.text())
@example("¼aA")
def test_tokens_hold_nothing_that_a_query_parser_reads(text: str) -> None:
    for token in tokens(text):
        assert token.isalnum(), token
        assert len(token) <= LONGEST_TOKEN
        assert not token.isspace()


@given(st.text(max_size=200))
@example("ᴬ")
@example("Ϲ")
def test_case_and_accents_do_not_matter_to_folding(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_searchable_skips_what_is_missing() -> None:
    assert searchable("A b", None, "", "C++") == "a b cplusplus"


def test_tokens_are_shown_as_people_write_them() -> None:
    assert [spoken(token) for token in tokens("C++ and C# on .NET")] == ["C++", "and", "C#", "on", ".NET"]
