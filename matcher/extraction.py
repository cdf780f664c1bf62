"""Skills that a text names: found by their labels, kept where the sentence is about them.

An automaton (Aho-Corasick) finds all labels in one pass. Words of everyday life are labels too, so a single word counts
only if the sentence around it, without the word itself, is near enough to what is known of the skill; and nothing where
somebody says that they lack it, or want to learn it. Pure: texts and arrays in, mentions out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind

from matcher.embedding import FloatArray

# Cosine of a sentence (without the label) and the skill from which on a label of one word counts. Labels of several
# words hardly ever mean something else. Fitted on one half of the sentences of tests/bench/skill_extraction.py, and
# measured on the other; no limit for several words kept out more that is wrong than right.
NEAR = 0.15

# A label of so few letters is a letter or a word of every language (`R`, `C`, `Go`): it counts within a list of skills,
# or next to a word that says what it is.
SHORT = 2

# Labels in capitals up to this length are abbreviations: `REST` is not `rest`.
ABBREVIATION = 6

# What stands next to a language of programming, within a few words.
_TELLING = re.compile(
    r"\b(program\w*|cod(?:e|es|ed|ing)|develop\w*|scripts?|scripting|languages?|compilers?|packages?|written in|"
    r"librar\w+|backends?|services?|statistic\w*)\b",
    re.IGNORECASE,
)

# Who says this does not hold the skill: not now, or not yet.
_LACKING = re.compile(
    r"\b(?:want(?:s|ed|ing)? to (?:learn|try|know|understand)|like to (?:learn|know|understand)|"
    r"(?:hope|hoping|plan|planning)s? to learn|learning|interested in|curious about|new to|"
    r"no (?:experience|idea|clue)|not? (?:know|good at|used|done)|never|don't|doesn't|do not|does not|cannot|without|"
    r"instead of|rather than|beginner|afraid of|looking for|"
    r"need(?:s|ed)?(?: \w+){0,3} (?:help|somebody|someone))\b",
    re.IGNORECASE,
)

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_LIST = re.compile(r"\s*(?:,|;|/|&|\band\b|\bor\b|,\s*and\b)\s*", re.IGNORECASE)

# Letters, digits and signs that go on with a word: `C` is not in `C++`, `Java` not in `JavaScript`.
_GOES_ON = re.compile(r"[\w+#]")


@dataclass(frozen=True)
class SkillText:
    """What is known of a skill: `about` are its description and what is broader."""

    id: str
    name: str
    alt_labels: tuple[str, ...] = ()
    about: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return ". ".join(dict.fromkeys([self.name, *self.alt_labels, *self.about]))


@dataclass(frozen=True)
class Mention:
    """A label in a sentence. `around` is the sentence without it."""

    skill_id: str
    label: str
    sentence: str
    around: str

    @property
    def one_word(self) -> bool:
        return len(re.findall(r"\w+", self.label)) == 1


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    label: str
    skill_ids: tuple[str, ...]


@dataclass
class Labels:
    """All labels of some skills, ready to be looked for."""

    skills: Sequence[SkillText]
    _labels: list[str] = field(default_factory=list[str])
    _skills: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, "list[tuple[str, str]]"])

    def __post_init__(self) -> None:
        for skill in self.skills:
            for label in dict.fromkeys([skill.name, *skill.alt_labels]):
                if label.strip():
                    self._skills.setdefault(_lower(label.strip()), []).append((skill.id, label.strip()))
        self._labels = sorted(self._skills)
        self._automaton = AhoCorasick(self._labels, matchkind=MatchKind.Standard) if self._labels else None

    def mentions(self, text: str) -> list[Mention]:
        """In the order of the text, each skill once, where it stands first; a longer label hides shorter ones in it."""
        found: dict[str, Mention] = {}
        for sentence in _SENTENCE.split(text):
            hits = self._hits(sentence)
            for place, hit in enumerate(hits):
                around = f"{sentence[: hit.start]} {sentence[hit.end :]}".strip()
                if _LACKING.search(sentence[: hit.start]) or not self._likely(sentence, hits, place):
                    continue
                for skill_id in hit.skill_ids:
                    found.setdefault(skill_id, Mention(skill_id, hit.label, sentence.strip(), around))
        return list(found.values())

    def _hits(self, sentence: str) -> list[_Hit]:
        """Labels as whole words, in their own case where that carries the meaning, the longest at each place."""
        if self._automaton is None:
            return []
        hits: list[_Hit] = []
        for number, start, end in self._automaton.find_matches_as_indexes(_lower(sentence), overlapping=True):
            if (start and _GOES_ON.match(sentence[start - 1])) or _GOES_ON.match(sentence[end : end + 1]):
                continue
            said = sentence[start:end]
            ids = [key for key, label in self._skills[self._labels[number]] if _same(label, said)]
            if ids:
                hits.append(_Hit(start, end, said, tuple(dict.fromkeys(ids))))
        hits.sort(key=lambda hit: (hit.start - hit.end, hit.start))
        kept: list[_Hit] = []
        for hit in hits:
            if all(hit.end <= other.start or hit.start >= other.end for other in kept):
                kept.append(hit)
        return sorted(kept, key=lambda hit: hit.start)

    def _likely(self, sentence: str, hits: Sequence[_Hit], place: int) -> bool:
        """Whether a label so short that it may be anything stands where a skill would."""
        hit = hits[place]
        if len(hit.label) > SHORT:
            return True
        before = hits[place - 1] if place else None
        after = hits[place + 1] if place + 1 < len(hits) else None
        listed = (before is not None and _LIST.fullmatch(sentence[before.end : hit.start])) or (
            after is not None and _LIST.fullmatch(sentence[hit.end : after.start])
        )
        near = sentence[max(0, hit.start - 30) : hit.start] + " " + sentence[hit.end : hit.end + 20]
        return bool(listed or _TELLING.search(near))


def confirmed(mentions: Sequence[Mention], around: FloatArray, skills: FloatArray, near: float = NEAR) -> list[bool]:
    """For each mention whether the sentence is about the skill; `around` and `skills` are vectors, [n, dimension]."""
    if not mentions:
        return []
    cosines = np.einsum("ij,ij->i", around, skills)
    return [not one.one_word or bool(cosine >= near) for one, cosine in zip(mentions, cosines, strict=True)]


def _lower(text: str) -> str:
    """In lower case with as many characters as before, as the places of what is found have to fit."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _same(label: str, said: str) -> bool:
    if len(label) <= SHORT or (len(label) <= ABBREVIATION and label.isupper()):
        return label == said
    return True
