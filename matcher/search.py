"""Catalogue search over communities, people and skills: lexical and dense evidence on one absolute scale.

Scores are not ranks: each part is a fixed transform of what was found, so a weak best hit stays weak, and a hit that
both kinds of evidence support gets both.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from graph import opaque
from graph.database import Steps, ask
from graph.errors import InvalidInput
from graph.facts import name_key
from graph.models import Community
from graph.reads import catalogue as reads
from graph.reads import vectors
from graph.reads.catalogue import Found, FoundKind
from graph.sentences import Sentence as Told
from graph.sentences import joined, tell
from graph.text import spoken, tokens
from matcher.catalogue import BoolArray, Catalogue, FloatArray, name_terms
from matcher.community.signs import LastSigns
from matcher.found import FoundThings
from matcher.lexical import LexicalIndex, stem, terms

Kind = Literal["community", "person", "skill"]
KINDS: tuple[Kind, ...] = ("community", "person", "skill")

# What a person types is a line; what a program sends may be a question of some paragraphs. Beyond this nothing is
# gained, and the cost of a request stays bounded.
LONGEST_QUERY = 4000
MOST_TERMS = 150  # 80 cost 0.014 of MRR on whole questions, none at all gain nothing on 150
# Terms sent to the full-text index: each costs a fuzzy expansion there.
MOST_INDEX_TERMS = 12

# Weight of the similarity of meaning against that of words (cosine of TF-IDF, weight 1). Tuned on the earlier
# questions of tests/bench/search_kubernetes.py; 0.3 to 1.2 differ by less than 0.02 there.
DENSE = 0.5
# Below this cosine two texts of this model have nothing in common; it is noise, not evidence.
DENSE_FLOOR = 0.15
# Someone who types a few words wants them all: the share of the query that a text holds counts fully up to this many
# terms, and less for longer queries, where no text holds everything.
COVERAGE_TERMS = 4
# The name itself was typed: more than all other evidence together can give (1 + 1 + NAME_WORDS + DENSE).
EXACT_NAME = 3.0
NAME_WORDS = 0.3
# A retired community is no place to go to, but may be what somebody looks for.
RETIRED = 0.5
# A word that had to be corrected or completed is worth less than one that was typed.
SLIP = 0.7
PREFIX = 0.8
# Words that the beginning of one may stand for: a person who types on narrows it down.
COMPLETIONS = 3
# A hit on text alone against one on the name, for people and skills.
IN_TEXT = 0.6
# Behind every other character.
LAST = "\U0010ffff"

# Weakest hit shown.
LEAST = 0.08

# Candidates for narrow scoring: enough for several pages, few enough for one query each.
CANDIDATES = 200
NEAREST = 50
# Of a facet with many values so many that most hits have.
VALUES_SHOWN = 10


@dataclass(frozen=True)
class Filters:
    """Hits must meet every filter that is set; a kind to which one cannot apply is left out."""

    status: str | None = None
    topic: str | None = None
    skill: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Hit:
    """`highlights` are (start, end) offsets in `snippet`."""

    kind: Kind
    id: str
    name: str
    score: float
    snippet: str
    highlights: tuple[tuple[int, int], ...]
    reasons: tuple[Told, ...]
    details: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class Hits:
    """Of one kind all hits, in the order of names: `scores` float64 [hits]. `hit` makes the one at a place, with
    reasons and snippet: a page needs ten of what may be ten thousands. `facets`: how many say what, by facet."""

    kind: Kind
    scores: NDArray[np.float64]
    hit: Callable[[int], Hit]
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class SearchPage:
    """`facets` count all hits, not this page's. `notes` tell what to know about the answer."""

    results: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    next_cursor: str | None
    notes: tuple[Told, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence as a snippet is cut from it: its words with the terms that each holds, and all of those."""

    words: tuple[tuple[str, frozenset[str]], ...]
    terms: frozenset[str]

    @classmethod
    def all_of(cls, text: str) -> "tuple[Sentence, ...]":
        return tuple(cls.of(match.group()) for match in _SENTENCE.finditer(text) if match.group().strip())

    @classmethod
    def of(cls, text: str) -> "Sentence":
        # What is written without spaces is cut too.
        words = tuple((word[:SNIPPET], frozenset(stem(token) for token in tokens(word))) for word in text.split())
        return cls(words, frozenset[str]().union(*(terms for _, terms in words)))


# Not of people: what is held of them must be forgotten with them.
_sentences_of_community = lru_cache(20_000)(Sentence.all_of)


@dataclass(frozen=True)
class Query:
    """What was typed as `search` understands it: `typed` are its tokens, `words` those compared with communities,
    `corrections` which of them stand for what was typed, `cut` whether some were left out."""

    typed: tuple[str, ...]
    words: tuple[str, ...]
    corrections: Mapping[str, str]
    cut: bool

    @classmethod
    def of(cls, lexical: LexicalIndex, text: str) -> "Query":
        typed = tokens(text)
        words, corrections = corrected(lexical, typed)
        kept = _most_telling(lexical, words)
        return cls(tuple(typed), tuple(kept), corrections, len(kept) < len(words))


def score_communities(
    index: Catalogue, query: Sequence[str], vector: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(score, lexical part, dense part), each float32 [n communities], of a query given as tokens and as a vector."""
    wanted = name_terms(query)
    share = min(1.0, COVERAGE_TERMS / max(1, len(wanted)))
    best = index.lexical.best_bm25(query)
    coverage = index.lexical.bm25(query) / best if best else np.zeros(len(index.communities), dtype=np.float32)
    shared = np.zeros(len(index.communities), dtype=np.float32)
    for term in wanted:
        shared[index.named.get(term, [])] += 1
    named = (shared / np.maximum(index.name_sizes, max(len(wanted), 1))).astype(np.float32)
    # Words count half from coverage where all of it applies, so that both kinds of query use one scale.
    lexical = index.lexical.similarity(query) + share * coverage + share * NAME_WORDS * named
    dense = np.zeros(len(index.communities), dtype=np.float32)
    if index.vectors is not None and vector is not None:
        cosine = index.vectors @ vector
        dense = np.where(cosine > DENSE_FLOOR, DENSE * cosine, 0).astype(np.float32)
    return (lexical + dense).astype(np.float32), lexical.astype(np.float32), dense


def cleaned(text: str) -> str:
    """What of a typed text is compared, and has to be encoded: its beginning, and nothing that is no character."""
    # Half of a surrogate pair is none: neither the model nor the database takes it.
    return text[:LONGEST_QUERY].encode("utf-8", "replace").decode()


def search(
    catalogue: Catalogue,
    text: str,
    vector: FloatArray | None,
    *,
    visible: BoolArray,
    model: vectors.Model | None,
    kinds: Sequence[Kind] = KINDS,
    filters: Filters = Filters(),
    limit: int = 10,
    cursor: str | None = None,
    today: str | None = None,
    lives: LastSigns | None = None,
    things: FoundThings | None = None,
) -> Steps[SearchPage]:
    """What the catalogue holds on `text`, best first; without a text, the communities that pass the filters, by name.

    `vector` is the embedding of `cleaned(text)` by `model`, whose vectors the catalogue holds. Without one, words
    alone decide and a note says so. Of communities that are not `visible` (bool [communities]) nothing shows: no hit,
    no count, no word. People who left before `today` are not found. With `lives` a hit tells when something
    went on there last, and whether that is long ago. `things` holds what earlier searches found, and for as long as
    `catalogue` and `lives` are the same objects what they answered. Any text is allowed; raises InvalidInput for a
    cursor that is not of this search.
    """
    if limit < 1:
        raise InvalidInput(tell("The limit must be 1 or more."))
    shortened = cleaned(text)
    offset = _offset(cursor, shortened)
    day = today or date.today().isoformat()
    asked = (shortened, len(text), vector is None, model, tuple(kinds), filters, limit, cursor, day, visible.tobytes())
    lives, things = lives or LastSigns(), things or FoundThings()

    def answer() -> Steps[SearchPage]:
        seen = replace(catalogue, lexical=catalogue.lexical.narrowed(visible))
        query = Query.of(seen.lexical, shortened)
        key = name_key(shortened)
        hits: list[Hits] = []
        if "community" in kinds and not filters.unit:
            if not shortened.strip():
                hits.append(_listed(seen, filters, visible))
            elif key:
                hits.append(_community_hits(seen, query.words, vector, key, filters, visible))
        strong = _most_telling(seen.lexical, list(dict.fromkeys(query.typed)), MOST_INDEX_TERMS)
        wide: list[FoundKind] = []
        if "skill" in kinds and not (filters.status or filters.topic or filters.unit or filters.skill) and strong:
            wide.append("skill")
        if "person" in kinds and not (filters.status or filters.topic) and strong:
            wide.append("person")
        near = reads.Near(model.property, vector.tolist()) if model and vector is not None else None
        if wide:
            found = yield from ask(reads.find(wide, strong, near, CANDIDATES, NEAREST, day))
            for kind in wide:
                known = yield from things.of(kind, list(found[kind]))
                hits.append(_found_hits(kind, known, found[kind], strong, key, filters))
        hits.sort(key=lambda some: KINDS.index(some.kind))
        page = tuple(_with_life(_best_of(hits, offset, limit), lives))
        total = sum(len(some.scores) for some in hits)
        following = _cursor(offset + limit, shortened) if offset + limit < total else None
        return SearchPage(page, total, _facets(hits), following, tuple(_notes(text, query, vector)))

    return (yield from things.remembered(asked, (catalogue, lives), answer))


def _best_of(hits: Sequence[Hits], offset: int, limit: int) -> Iterator[Hit]:
    """Of all hits, the best first, those from a place on; of equal ones the order of kinds and of names stays."""
    scores = np.concatenate([np.zeros(0), *(some.scores for some in hits)])
    first = np.cumsum([0, *(len(some.scores) for some in hits)])
    shown = np.argsort(-scores, kind="stable")[offset : offset + limit]
    kinds: list[int] = (np.searchsorted(first, shown, "right") - 1).tolist()
    places: list[int] = (shown - first[kinds]).tolist()
    for kind, place in zip(kinds, places, strict=True):
        yield hits[kind].hit(place)


def _with_life(page: Iterable[Hit], lives: LastSigns) -> Iterator[Hit]:
    """The hits, communities with the last day on which something went on, and a word where that is long ago."""
    for hit in page:
        last = lives.days.get(hit.id) if hit.kind == "community" else None
        if last is None:
            yield hit
            continue
        quiet = hit.details["status"] == "active" and lives.long_ago(last)
        still = tell("quiet: nothing dated since %(day)s", day=last)
        reasons = (*hit.reasons, still) if quiet else hit.reasons
        yield replace(hit, reasons=reasons, details={**hit.details, "last_sign_of_life": last})


def _notes(text: str, query: Query, vector: FloatArray | None) -> Iterator[Told]:
    if len(text) > LONGEST_QUERY:
        most = f"{LONGEST_QUERY:,}"
        yield tell("only the first %(most)s characters were used", most=most)
    if vector is None and text.strip():
        yield tell("searched by words alone: run `guildmap index` to search by meaning too")
    if query.cut:
        yield tell("only the %(most)d most telling words were used", most=MOST_TERMS)
    if query.corrections:
        words = (tell("“%(new)s” (typed: %(old)s)", new=new, old=old) for old, new in query.corrections.items())
        yield tell("also searched for %(words)s", words=joined(", ", words))


def corrected(lexical: LexicalIndex, typed: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The typed tokens, with those that no community's text holds replaced by the nearest that one does.

    The last token may be the beginning of a word that is still being typed. Returns the tokens and what was replaced.
    """
    result: list[str] = []
    corrections: dict[str, str] = {}
    for position, token in enumerate(typed):
        result.append(token)
        # Only in short queries: in a page of text an unknown word is a name, not a slip.
        if len(token) < 4 or len(typed) > COVERAGE_TERMS * 2 or not terms([token]):
            continue
        if lexical.column(stem(token)) is not None:
            continue
        names = lexical.known_names()
        if position == len(typed) - 1:
            first = bisect_left(names, token)
            completions = [name for name in names[first : first + COMPLETIONS] if name.startswith(token)]
            if completions:
                result.extend(completions)
                continue
        near = process.extractOne(token, names, scorer=fuzz.ratio, score_cutoff=78)
        if near and near[0][0] == token[0]:  # slips seldom touch the first letter
            corrections[token] = lexical.spellings[lexical.vocabulary[near[0]]]
            result.append(near[0])
    return result, corrections


def _most_telling(lexical: LexicalIndex, query: Sequence[str], number: int = MOST_TERMS) -> list[str]:
    """The rarest `number` of the tokens, in their order; a token that no text holds is rarest of all."""
    highest = float(lexical.idf.max()) + 1 if len(lexical.idf) else 1.0

    def weight(token: str) -> float:
        column = lexical.column(stem(token))
        return (highest if column is None else float(lexical.idf[column])) if terms([token]) else 0.0

    if len(query) <= number:
        return list(query)
    chosen = sorted(range(len(query)), key=lambda i: (-weight(query[i]), i))[:number]
    return [query[i] for i in sorted(chosen)]


def _listed(index: Catalogue, filters: Filters, visible: BoolArray) -> Hits:
    """Every visible community that passes the filters."""
    rows = _passing(index, filters, visible)

    def hit(at: int) -> Hit:
        community = index.communities[rows[at]]
        snippet, spans = _snippet(_sentences_of_community(community.domain), set())
        return _of_community(community, 0.0, snippet, spans, (tell("listed by name"),))

    return _communities(index, rows, np.zeros(len(rows)), hit)


def _passing(index: Catalogue, filters: Filters, chosen: BoolArray) -> list[int]:
    """The rows of communities that are chosen (bool [communities]) and pass the filters, in the order of names."""
    rows = index.ordered(chosen)
    return rows if filters == Filters() else [row for row in rows if _passes(index.communities[row], filters)]


def _communities(index: Catalogue, rows: Sequence[int], scores: NDArray[np.float64], hit: Callable[[int], Hit]) -> Hits:
    chosen = np.zeros(len(index.communities), dtype=np.bool_)
    chosen[rows] = True
    facets = {"status": index.statuses.counts(chosen), "topic": index.topics.counts(chosen, VALUES_SHOWN)}
    return Hits("community", scores, hit, facets)


def _of_community(
    community: Community, score: float, snippet: str, spans: tuple[tuple[int, int], ...], reasons: Sequence[Told]
) -> Hit:
    details = {"status": community.status, "kind": community.kind, "topics": list(community.topics)}
    return Hit("community", community.id, community.name, score, snippet, spans, tuple(reasons), details)


def _community_hits(
    index: Catalogue, query: Sequence[str], vector: FloatArray | None, key: str, filters: Filters, visible: BoolArray
) -> Hits:
    plain, lexical, dense = score_communities(index, query, vector)
    scores = plain.astype(np.float64)
    if filters.status != "retired":
        scores[index.retired] *= RETIRED
    scores[index.called(key)] += EXACT_NAME
    rows = _passing(index, filters, visible & (scores >= LEAST))
    sharing = index.lexical.sharing(query)

    def hit(at: int) -> Hit:
        row = rows[at]
        community, reasons = index.communities[row], list[Told]()
        if index.keys[row] == key:
            reasons.append(tell("its name"))
        shared = sharing(row) if lexical[row] > 0 else []
        if shared:
            reasons.append(tell("its text holds: %(words)s", words=joined(", ", shared)))
        elif lexical[row] > 0 and not reasons:
            reasons.append(tell("in its name"))  # of words too common to count in a text
        if dense[row] > 0:
            reasons.append(tell("close in meaning (%(by).2f)", by=float(dense[row] / DENSE)))
        if community.status == "retired" and filters.status != "retired":
            reasons.append(tell("retired"))
        snippet, spans = _telling_snippet(community, set(terms(query)))
        return _of_community(community, float(scores[row]), snippet, spans, reasons)

    return _communities(index, rows, scores[rows], hit)


def _telling_snippet(community: Community, wanted: set[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Of the domain, or of what the charter says where that alone holds a term."""
    texts = (community.domain, *community.charter)
    cut = (_snippet(_sentences_of_community(text), wanted) for text in texts)
    first = next(cut)
    return first if first[1] else next((found for found in cut if found[1]), first)


def _passes(community: Community, filters: Filters) -> bool:
    return (
        (filters.status is None or community.status == filters.status)
        and (filters.topic is None or name_key(filters.topic) in {name_key(topic) for topic in community.topics})
        and (filters.skill is None or _covers(filters.skill, community.skill_ids, community.skill_names))
    )


def _covers(skill: str, ids: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a skill given by id or name is among these."""
    return skill in ids or name_key(skill) in {name_key(name) for name in names}


def _found_hits(
    kind: FoundKind,
    candidates: Sequence[Found],
    cosines: Mapping[str, float],
    query: Sequence[str],
    key: str,
    filters: Filters,
) -> Hits:
    """What indexes found, each scored on the one absolute scale."""
    found = [one for one in candidates if _has(one, filters)]
    wanted = list(dict.fromkeys([token for token in query if terms([token])] or query))
    held = _held(wanted, sorted(frozenset[str]().union(*(one.words for one in found))))
    scored = [
        (one, bare)
        for one in sorted(found, key=lambda one: (one.name_key, one.id))
        if (bare := _score_found(kind, one, cosines[one.id], wanted, held, key)).score >= LEAST
    ]
    roots = {stem(token) for token in wanted}

    def hit(at: int) -> Hit:
        one, bare = scored[at]
        snippet, spans = _snippet(Sentence.all_of(one.body or ", ".join(one.skills.values())), roots)
        return replace(bare, snippet=snippet, highlights=spans)

    units = Counter(name for one, _ in scored for name in one.unit_names)
    facets = {"unit": dict(units.most_common(VALUES_SHOWN))} if units else {}
    return Hits(kind, np.array([bare.score for _, bare in scored]), hit, facets)


def _has(one: Found, filters: Filters) -> bool:
    return (not filters.unit or filters.unit in one.units) and (
        not filters.skill or _covers(filters.skill, list(one.skills), list(one.skills.values()))
    )


def _score_found(
    kind: FoundKind, one: Found, cosine: float, wanted: Sequence[str], held: Mapping[str, Mapping[str, float]], key: str
) -> Hit:
    """The hit without its snippet. `held`: for each word that holds something wanted, what, and how well."""
    strengths = dict.fromkeys(wanted, 0.0)
    for word in held.keys() & one.words:
        share = 1.0 if word in one.name_words else IN_TEXT
        for token, strength in held[word].items():
            strengths[token] = max(strengths[token], share * strength)
    lexical = sum(strengths.values()) / max(1, len(strengths))
    # As for communities: a long query is not a list of words that must all be there.
    lexical *= min(1.0, COVERAGE_TERMS / max(1, len(strengths)))
    dense = DENSE * cosine if cosine > DENSE_FLOOR else 0.0
    score, reasons = lexical + dense, list[Told]()
    if key and one.name_key == key:
        score += EXACT_NAME
        reasons.append(tell("the name"))
    met = [token for token, strength in strengths.items() if strength]
    if met:
        reasons.append(tell("holds: %(words)s", words=joined(", ", (spoken(token) for token in met[:5]))))
    if dense:
        reasons.append(tell("close in meaning (%(by).2f)", by=float(cosine)))
    details: dict[str, object] = {"units": list(one.unit_names)} if kind == "person" else {"holders": one.holders}
    return Hit(kind, one.id, one.name, score, "", (), tuple(reasons), details)


def _held(wanted: Sequence[str], words: Sequence[str]) -> dict[str, dict[str, float]]:
    """Which of the words (sorted) hold a wanted token, and how well: 1 as typed, less where it had to be completed or
    corrected."""
    by_root: dict[str, list[str]] = {}
    for word in words:
        by_root.setdefault(stem(word), []).append(word)
    held: dict[str, dict[str, float]] = {}
    for token in wanted:
        # Slips seldom touch the first letter, and there are a twentieth as many words to compare with.
        alike = words[bisect_left(words, token[0]) : bisect_left(words, token[0] + LAST)] if len(token) >= 4 else ()
        slips = process.extract(token, alike, scorer=fuzz.ratio, score_cutoff=78, limit=None)
        strengths = {word: SLIP for word, _, _ in slips}
        if len(token) >= 3:
            first, behind = bisect_left(words, token), bisect_left(words, token + LAST)
            strengths |= dict.fromkeys(words[first:behind], PREFIX)
        strengths |= dict.fromkeys(by_root.get(stem(token), ()), 1.0)
        for word, strength in strengths.items():
            held.setdefault(word, {})[token] = strength
    return held


_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?\s*")
SNIPPET = 220


def _snippet(sentences: Sequence[Sentence], wanted: set[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The stretch that holds most of the wanted terms, and where they stand in it."""
    if not sentences:
        return "", ()
    best = max(range(len(sentences)), key=lambda i: (len(wanted & sentences[i].terms), -i))
    words = [word for sentence in sentences[best : best + 2] for word in sentence.words]
    starts = list(accumulate((len(text) + 1 for text, _ in words), initial=0))
    first, behind = 0, len(words)
    if starts[-1] - 1 > SNIPPET:
        hit = next((i for i, (_, held) in enumerate(words) if wanted & held), 0)
        first = min(hit, bisect_left(starts, starts[hit] - SNIPPET // 3))
        behind = max(first + 1, bisect_right(starts, starts[first] + SNIPPET + 1) - 1)
    before = "… " if first else ""
    snippet = before + " ".join(text for text, _ in words[first:behind]) + (" …" if behind < len(words) else "")
    shift = len(before) - starts[first]
    spans = (
        (starts[i] + shift, starts[i] + shift + len(words[i][0]))
        for i in range(first, behind) if wanted & words[i][1]
    )  # fmt: skip
    return snippet, tuple(spans)


def _facets(hits: Sequence[Hits]) -> dict[str, Mapping[str, int]]:
    facets: dict[str, Mapping[str, int]] = {"kind": {some.kind: len(some.scores) for some in hits if len(some.scores)}}
    for some in hits:
        facets |= some.facets
    return {name: counts for name, counts in facets.items() if counts}


def _cursor(offset: int, text: str) -> str:
    return opaque.spelled(json.dumps([offset, name_key(text)[:64]]).encode())


def _offset(cursor: str | None, text: str) -> int:
    if cursor is None:
        return 0
    try:
        offset, key = json.loads(opaque.read(cursor))
    except (ValueError, TypeError, RecursionError):
        raise InvalidInput(tell("The cursor is not one that a search gave. Start again without it.")) from None
    if key != name_key(text)[:64] or not isinstance(offset, int) or offset < 0:
        raise InvalidInput(tell("The cursor is of another search. Start again without it."))
    return offset
