"""The pitch says what there is to say, in Markdown and in HTML alike, and nothing in it becomes markup."""

from dataclasses import fields, is_dataclass
from datetime import date
from html.parser import HTMLParser

import pytest
from jinja2 import meta, nodes

from api.pages.html import environment, translations
from api.pages.markdown import escaped
from api.pages.pitch import PartLine, Pitch, pitch_of, render_html, render_markdown
from graph.models import Community
from graph.reads.formation import Interest, PitchFacts, Taken
from matcher.community.formation.answers import QUESTIONS, Answer, Check, State

NASTY = "Knots <script>alert(1)</script> & *stars*"


def checked(state: State = "missing") -> Check:
    """What is of the domain is in this state, the rest is met."""
    answers: list[Answer] = []
    for name, (part, _) in QUESTIONS.items():
        asked = part == "domain" and state != "met"
        answers.append(Answer(name, state if asked else "met", (f"{name} is so.",), f"do {name}" if asked else ""))
    return Check(tuple(answers), (), None)


def interest(key: str, hours: float | None) -> Interest:
    return Interest(key, key, "k", "K", "proposed", "core", hours, True, False, None, "2026-01-01", None, False)


COMMUNITY = Community(
    "knots", NASTY, "Knots and ropes.", status="proposed", topics=("ropes",), audience="Riggers",
    meetings=("Mondays, 12:00",), skill_ids=("s",), skill_names=("Splicing",),
)  # fmt: skip
FACTS = PitchFacts(
    "To hold.", "Fewer falls.", ("Write down ten knots.",), "An hour a week.", ("Zero Harm",), ("Sam",), ("Lea",)
)
STEPS = [Taken("1", "propose", None, "proposed", "2026-01-02T00:00:00.000Z", None, None, "ann", "Ann")]


def pitch(found: Check, facts: PitchFacts = FACTS, interests: int = 6) -> Pitch:
    said = [interest(f"p{at}", 2.0) for at in range(interests)]
    return pitch_of(COMMUNITY, found, STEPS, said, facts, date(2026, 1, 3), 3)


@pytest.mark.parametrize("template", ["pitch.html", "pitch.md"])
def test_the_template_shows_each_field_of_its_context_and_no_other(template: str) -> None:
    loader = environment().loader
    assert loader is not None
    tree = environment().parse(loader.get_source(environment(), template)[0])
    assert meta.find_undeclared_variables(tree) - set(environment().globals) <= {"pitch", "caller", "language"}
    used: dict[str, set[str]] = {}
    for found in tree.find_all(nodes.Getattr):
        if isinstance(found.node, nodes.Name):
            used.setdefault(found.node.name, set()).add(found.attr)
    assert used["pitch"] == {one.name for one in fields(Pitch)}
    assert used["part"] == {one.name for one in fields(PartLine)}
    assert is_dataclass(Pitch)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert tag not in ("script", "link", "img", "iframe")
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)


def test_both_say_the_same_and_escape_what_people_wrote() -> None:
    made = pitch(checked())
    text, page = render_markdown(made), render_html(made)
    parsed = Page(page)
    assert parsed.open == []
    words = " ".join(" ".join(parsed.words).split())
    for said in (
        "Knots and ropes.", "Riggers", "To hold.", "Fewer falls.", "Proposed by Ann on 2026-01-02.",
        "Sponsored by Sam.", "Led by Lea.", "6 people want to take part.", "Zero Harm", "Write down ten knots.",
        "6 of them would give 12 hours a month in all.", "Meet: Mondays, 12:00", "A decision to let it form.",
        "do identify", "6 missing", "Is it easy to tell who belongs?",
    ):  # fmt: skip
        assert said in words, said
        assert escaped(said) in text, said
    assert "<script" not in page.replace("&lt;script", "")
    assert "\\<script\\>" in text
    assert "\\*stars\\*" in text


def test_it_is_in_the_language_of_who_reads_it() -> None:
    made = pitch(checked())
    german = translations("de")
    for text in (render_markdown(made, "de"), " ".join(" ".join(Page(render_html(made, "de")).words).split())):
        for said in ("What it is about", "What is asked", "A decision to let it form.", "A community of practice"):
            assert said not in text
            assert german.gettext(said) in text
        for said in (*made.behind, *made.would_do[1:], *made.asked):
            assert said not in text or said.startswith("do "), said
        assert str(german.gettext("Is it easy to tell who belongs?")) in text


def test_what_is_not_known_is_said_to_be_so() -> None:
    bare = Community("k", "K", "Knots.", status="active")
    made = pitch_of(bare, checked("cannot_tell"), [], [], PitchFacts(), date(2026, 1, 3), 3)
    text = render_markdown(made)
    assert "Nobody who is known yet." in text
    assert text.count("It does not say yet.") == 1
    assert "cannot tell" in text


def test_no_more_is_asked_than_there_is_room_for() -> None:
    assert len(pitch(checked(), PitchFacts()).asked) == 4
    assert pitch(checked(), interests=4).behind[-1] == "4 people want to take part.", "hours of few are not added up"
