"""Names that stand for one thing."""

import pytest

from matcher.audit.names import narrower, short_form, shortens, words


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("k8s", "Kubernetes"),
        ("i18n", "Internationalization"),
        ("ML", "Machine Learning"),
        ("NLP guild", "Natural Language Processing"),
        ("ML platform", "Machine Learning Platform"),
        ("ue4", "Unreal Engine"),
    ],
)
def test_a_short_form_is_known_in_either_order(short: str, long: str) -> None:
    assert short_form(words(short), words(long)) == 1
    assert short_form(words(long), words(short)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("ML", "Marine Biology"), ("k9s", "Kubernetes"), ("Python", "Python"), ("Go", "Rust"), ("Guild", "Go Guild")],
)
def test_what_is_no_short_form(one: str, other: str) -> None:
    assert short_form(words(one), words(other)) == 0


def test_letters_in_order_say_less_than_initials() -> None:
    assert 0 < shortens("rkt", ["racket"]) < shortens("ldjam", ["ludum", "dare"], {"jam"}) < 1
    assert shortens("ldjam", ["ludum", "dare"]) < shortens("ldjam", ["ludum", "dare"], {"jam"})


def test_words_that_tell_no_subject_are_left_out_unless_nothing_else_is_there() -> None:
    assert words("The C++ Guild") == ("c", "plus", "plus")
    assert words("Community Circle") == ("community", "circle")


def test_who_is_called_all_that_another_is_called_and_more_is_the_narrower_but_for_its_short_form() -> None:
    assert narrower(words("Contact Center Council"), words("Contact Center")) == 0
    assert narrower(words("Machine Learning"), words("Machine Learning Platforms (ML)")) == 1, (
        "more than the short form"
    )
    assert narrower(words("Machine Learning (ML)"), words("Machine Learning")) is None
    assert narrower(words("Machine Learning"), words("Machine Learning (ML)")) is None
    assert narrower(words("Machine Learning"), words("Marine Learning")) is None
