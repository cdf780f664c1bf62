"""How a text reads: its ease, and whether it says what about or only how.

Only of English: neither the formula nor the list of words is made for other languages.
"""

import re
from collections.abc import Sequence

from graph.text import fold
from matcher.lexical import STOP_WORDS, stem, terms

# Two in five words of English prose are stop words, and one in ten of German or French happens to be spelt like one.
ENGLISH_SHARE, WORDS_TO_TELL = 0.2, 8

# With more words to a sentence a text is no prose but a list, of which the formula says nothing.
LONGEST_SENTENCE = 50

# How a group sits together, and not about what.
PROCESS = frozenset(map(
    stem,
    ("agenda", "agree", "ask", "attend", "brainstorm", "build", "chair", "circle", "collaborate",
     "collaboration", "collaborative", "colleague", "collective", "community", "connect", "connection",
     "conversation", "cooperate", "create", "culture", "dialogue", "discuss", "discussion", "encourage",
     "engage", "everybody", "everyone", "exchange", "experience", "explore", "facilitate", "feedback", "foster",
     "gather", "group", "grow", "growth", "help", "host", "idea", "insight", "inspire", "invite", "join",
     "journey", "learn", "learning", "listen", "meet", "meeting", "member", "mindset", "monthly", "network",
     "open", "participate", "participation", "people", "practice", "question", "quarterly", "reflect",
     "regular", "session", "share", "sharing", "space", "speak", "story", "support", "talk", "team", "thought",
     "together", "topic", "unite", "voice", "weekly", "welcome", "work", "working"),
))  # fmt: skip

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
_END = re.compile(r"[.!?]+(?=\s|$)")


def is_english(text: str, language: str | None) -> bool:
    """`language` is what the source says of it, where it says anything."""
    if language:
        return language.lower().startswith("en")
    words = [word.lower() for word in _WORD.findall(text)]
    return len(words) >= WORDS_TO_TELL and sum(word in STOP_WORDS for word in words) >= ENGLISH_SHARE * len(words)


def reading_ease(text: str) -> float | None:
    """206.835 - 1.015 words a sentence - 84.6 syllables a word (Flesch, A New Readability Yardstick, 1948): 60 to 70 is
    plain English, below 30 very difficult. None of lists and of a text without words. Syllables are counted by their
    vowels."""
    words = _WORD.findall(text)
    sentences = max(1, len(_END.findall(text)))
    if not words or len(words) > LONGEST_SENTENCE * sentences:
        return None
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * sum(map(_syllables, words)) / len(words)


def _syllables(word: str) -> int:
    folded = fold(word)
    silent = folded.endswith("e") and not folded.endswith("le") and len(folded) > 2
    return max(1, len(_VOWELS.findall(folded)) - silent)


def process_share(document: Sequence[str]) -> float:
    """The share of the different telling words of a document (tokens) that say how a group sits together."""
    different = set(terms(document))
    return len(different & PROCESS) / len(different) if different else 0.0
