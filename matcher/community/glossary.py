"""The language of a community: the words that it uses and others do not.

Weighted log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn, Fightin' Words, Political Analysis
16, 2008): how much likelier a word is here than elsewhere, in standard errors. The prior is how often everybody uses
the word, and weighs a tenth of all that is said, so that a word said twice by chance stays low.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from graph.database import Steps, ask
from graph.models import Community
from graph.reads import communities as community_reads
from graph.reads import people as people_reads
from graph.reads.communities import Asked, Told
from graph.reads.pages import of_all
from graph.text import fold
from matcher.catalogue import HOLDS_ALL
from matcher.lexical import STOP_WORDS, claimed, stem

# Standard errors from which on a word is a candidate: one in forty is so far out by chance.
LEAST_Z = 1.96
# What the prior weighs against all words that were counted. Of a word that one community alone uses z is highest
# thereabouts; with much less no rare word is telling, with much more no word at all.
PRIOR = 0.1
# A word is used, not only written once: so often, and in so many passages.
LEAST_USES, LEAST_PASSAGES = 3, 2
# Where so large a share of the uses of a word lies within a phrase, the phrase is the term.
WITHIN = 0.8

SAMPLES = 2
LONGEST_SAMPLE = 240
CANDIDATES = 50

# A word with what holds it together (`on-call`, `C++`, `B.Sc`); a number is none.
_WORD = re.compile(r"[^\W\d_][\w+#]*(?:[-.’'][\w+#]+)*")
_POSSESSIVE = re.compile(r"[’']s$")
_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?=\S))+[.!?]*")


@dataclass(frozen=True)
class Sample:
    """A sentence and where it stands: `kind` domain, charter, question or meeting, with the id of that."""

    kind: str
    id: str
    text: str


@dataclass(frozen=True)
class Candidate:
    """`z`: by how many standard errors the log-odds of the term here lie above those elsewhere; `here` and `elsewhere`
    count its uses."""

    term: str
    z: float
    here: int
    elsewhere: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Candidates:
    """The likeliest first. `words` were counted in `passages` of the community, `words_elsewhere` in those of
    `communities` others."""

    found: tuple[Candidate, ...]
    words: int
    passages: int
    words_elsewhere: int
    communities: int


@dataclass(frozen=True)
class _Passage:
    kind: str
    id: str
    text: str


@dataclass(frozen=True)
class _Used:
    """How often a community uses each word and each phrase of two, by key."""

    words: Counter[str]
    phrases: Counter[str]


def term_key(term: str) -> str:
    """The form by which spellings and numbers of a term are one: `Root joints` -> `root joint`."""
    return " ".join(_key(word) for word in _WORD.findall(term))


class Language:
    """What is said in the communities of one organisation, counted.

    What everybody is compared with is said in communities that are not restricted: what a restricted one says shows in
    no number of another. `names` are those of people: they are no words of a community.
    """

    def __init__(
        self,
        communities: Iterable[Community],
        questions: Iterable[Asked] = (),
        meetings: Iterable[Told] = (),
        names: Iterable[str] = (),
    ) -> None:
        self._communities = {one.id: one for one in communities}
        self._passages = _passages(self._communities, questions, meetings)
        self._names = {_key(word) for name in names for word in _WORD.findall(name)}
        # `Will` is a name where nobody writes `will`.
        self._lower = {
            _key(word)
            for some in self._passages.values()
            for passage in some
            for word in _WORD.findall(passage.text)
            if word[0].islower()
        }
        self._used = {key: self._count(some) for key, some in self._passages.items()}
        self._open = [key for key, one in self._communities.items() if one.visibility != "restricted"]
        self._all = _Used(Counter(), Counter())
        for key in self._open:
            self._all.words.update(self._used[key].words)
            self._all.phrases.update(self._used[key].phrases)

    def candidates(self, community_id: str, decided: Iterable[str] = (), most: int = CANDIDATES) -> Candidates:
        """The terms of a community that is there, but for those `decided` on; words of its name are none, since they
        say nothing new. At most `most`."""
        own, passages = self._used[community_id], self._passages[community_id]
        held_in = community_id in self._open
        elsewhere = [key for key in self._open if key != community_id]
        found: dict[str, tuple[float, int, int]] = {}
        for mine, every in ((own.words, self._all.words), (own.phrases, self._all.phrases)):
            found.update(_telling(mine, every, held_in))
        name = {_key(word) for word in _WORD.findall(self._communities[community_id].name)}
        left_out = {term_key(term) for term in decided}
        within = Counter[str]()
        for phrase in found:
            for word in phrase.split(" ") if " " in phrase else ():
                within[word] = max(within[word], own.phrases[phrase])
        kept = {
            key: numbers
            for key, numbers in found.items()
            if key not in left_out and not set(key.split(" ")) <= name and within[key] < WITHIN * numbers[1]
        }
        shown: list[Candidate] = []
        for key, (z, here, other) in sorted(kept.items(), key=lambda one: (-one[1][0], one[0])):
            if len(shown) == most:
                break
            spelt, where = self._uses(passages, key)
            if len({passage for passage, _ in where}) >= LEAST_PASSAGES:
                shown.append(Candidate(spelt, z, here, other, self._samples([passages[p] for p, _ in where], where)))
        total = sum(self._all.words.values()) - (sum(own.words.values()) if held_in else 0)
        return Candidates(tuple(shown), sum(own.words.values()), len(passages), total, len(elsewhere))

    def _count(self, passages: Sequence[_Passage]) -> _Used:
        words, phrases = Counter[str](), Counter[str]()
        for passage in passages:
            for sentence in _sentences(passage.text):
                for run in self._runs(sentence):
                    words.update(key for key, _ in run)
                    phrases.update(f"{one} {other}" for (one, _), (other, _) in pairwise(run))
        return _Used(words, phrases)

    def _runs(self, sentence: str) -> Iterator[list[tuple[str, str]]]:
        """The telling words of a sentence, (key, as written), in runs with nothing but space between."""
        run: list[tuple[str, str]] = []
        end = 0
        for match in _WORD.finditer(sentence):
            word = _POSSESSIVE.sub("", match.group())
            key = _key(word)
            if sentence[end : match.start()].strip() or end == 0:
                yield run
                run = []
            end = match.end()
            if len(key) < 2 or fold(word) in STOP_WORDS or self._is_name(key):
                yield run
                run = []
                continue
            run.append((key, word))
        yield run

    def _is_name(self, key: str) -> bool:
        return key in self._names and key not in self._lower

    def _uses(self, passages: Sequence[_Passage], key: str) -> tuple[str, list[tuple[int, str]]]:
        """A term as it is written most, and the sentences that hold it, each with the place of its passage."""
        spelt = Counter[str]()
        found: list[tuple[int, str]] = []
        for place, passage in enumerate(passages):
            for sentence in _sentences(passage.text):
                runs = [run for run in self._runs(sentence) if run]
                if " " in key:
                    pairs = (pair for run in runs for pair in pairwise(run))
                    written = [f"{a[1]} {b[1]}" for a, b in pairs if f"{a[0]} {b[0]}" == key]
                else:
                    written = [word for run in runs for one, word in run if one == key]
                if written:
                    spelt.update(written)
                    found.append((place, sentence))
        # A capital at the beginning of a sentence is not how it is written.
        ordered = sorted(spelt, key=lambda form: (-spelt[form], form[:1].isupper(), form))
        plain = next((form for form in ordered if form[:1].islower()), None)
        return plain or ordered[0], found

    def _samples(self, passages: Sequence[_Passage], where: Sequence[tuple[int, str]]) -> tuple[Sample, ...]:
        """Of different passages, sentences that name nobody; those of a length that can be read first."""
        found: dict[int, Sample] = {}
        pairs = sorted(zip(passages, where, strict=True), key=lambda one: len(one[1][1]) > LONGEST_SAMPLE)
        for passage, (place, sentence) in pairs:
            if place in found or any(self._is_name(_key(word)) for word in _WORD.findall(sentence)):
                continue
            found[place] = Sample(passage.kind, passage.id, " ".join(sentence.split()))
        return tuple(found.values())[:SAMPLES]


def read_language() -> Steps[Language]:
    """Of what the database holds."""
    communities = yield from of_all("community", partial(community_reads.communities, None, HOLDS_ALL))
    people = yield from of_all("person", people_reads.colleagues)
    return Language(
        communities.values(),
        (yield from ask(community_reads.questions())),
        (yield from ask(community_reads.meetings_told())),
        [one.name for one in people.values()],
    )


def _telling(mine: Mapping[str, int], every: Mapping[str, int], held_in: bool) -> dict[str, tuple[float, int, int]]:
    """By key what lies LEAST_Z standard errors or more above the others: z, uses here, uses elsewhere. `every` counts
    what is `held_in` it as well."""
    keys = [key for key, uses in mine.items() if uses >= LEAST_USES]
    here = np.array([mine[key] for key in keys], dtype=np.float64)
    there = np.array([every.get(key, 0) - (mine[key] if held_in else 0) for key in keys], dtype=np.float64)
    n_here = sum(mine.values())
    n_there = sum(every.values()) - (n_here if held_in else 0)
    if not keys or not n_there:
        return {}
    strength = PRIOR * (n_here + n_there)
    prior = PRIOR * (here + there)
    odds = [
        np.log((count + prior) / (total + strength - count - prior))
        for count, total in ((here, n_here), (there, n_there))
    ]
    z = (odds[0] - odds[1]) / np.sqrt(1 / (here + prior) + 1 / (there + prior))
    return {key: (float(z[at]), int(here[at]), int(there[at])) for at, key in enumerate(keys) if z[at] >= LEAST_Z}


def _passages(
    communities: Mapping[str, Community], questions: Iterable[Asked], meetings: Iterable[Told]
) -> dict[str, list[_Passage]]:
    """What each community says, each text once. A title that several meetings bear is that of a series."""
    found: dict[str, dict[str, _Passage]] = {key: {} for key in communities}

    def say(community_id: str, kind: str, key: str, texts: Iterable[str]) -> None:
        for text in texts:
            if text.strip() and community_id in found:
                found[community_id].setdefault(text, _Passage(kind, key, text))

    for one in communities.values():
        say(one.id, "domain", one.id, (claimed(one.domain), one.audience or ""))
        say(one.id, "charter", one.id, one.charter)
    told = list(meetings)
    borne = Counter((one.community_id, one.title) for one in told)
    for one in told:
        title = one.title if borne[one.community_id, one.title] == 1 else ""
        say(one.community_id, "meeting", one.id, (title, *one.agenda, one.summary))
    for one in questions:
        # Titles are often the beginning of the text.
        text = one.text if one.title and one.text.startswith(one.title.rstrip("….")) else f"{one.title}\n{one.text}"
        say(one.community_id, "question", one.id, (text,))
    return {key: list(some.values()) for key, some in found.items()}


def _key(word: str) -> str:
    return stem(fold(_POSSESSIVE.sub("", word)))


def _sentences(text: str) -> list[str]:
    return [part for match in _SENTENCE.finditer(text) if (part := match.group().strip())]
