"""Catalogue search over communities, people and skills: lexical and dense evidence on one absolute scale.

Scores are not ranks: each part is a fixed transform of what was found, so a weak best hit stays weak, and a hit that
both kinds of evidence support gets both.
"""

import base64
import binascii
import json
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np
from rapidfuzz import fuzz, process

from graph.database import Database
from graph.errors import InvalidInput
from graph.facts import name_key
from graph.models import Community, Principal
from graph.reads import catalogue, log, vectors
from graph.reads.catalogue import Found
from graph.reads.communities import all_communities
from graph.text import tokens
from matcher.embedding import Embedder, FloatArray
from matcher.lexical import LexicalIndex, claimed, stem, terms

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
# A hit on text alone against one on the name, for people and skills.
IN_TEXT = 0.6
# Weakest hit shown.
LEAST = 0.08

# Candidates for narrow scoring: enough for several pages, few enough for one query each.
CANDIDATES = 200
NEAREST = 50
TOPICS_SHOWN = 10

# Catalogues that a process holds: that of everybody, of managers, and of the last few who see more than everybody.
CATALOGUES = 4


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
    reasons: tuple[str, ...]
    details: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class SearchPage:
    """`facets` count all hits, not this page's. `notes` tell what to know about the answer."""

    results: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    next_cursor: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """The communities that one principal may see, ready to search: `vectors` float32 [n, d] or None.

    `names` are the tokens of each name. A name counts twice in the lexical index: it says what the rest is about.
    """

    communities: tuple[Community, ...]
    lexical: LexicalIndex
    names: tuple[frozenset[str], ...]
    vectors: FloatArray | None

    @classmethod
    def of(cls, communities: Sequence[Community], stored: Mapping[str, FloatArray] | None) -> "Catalogue":
        documents = [
            [
                *tokens(c.name),
                *tokens(c.name),
                *tokens(claimed(c.domain)),
                *tokens(" ".join((*c.topics, c.audience or ""))),
            ]
            for c in communities
        ]
        names = tuple(_name_terms(tokens(c.name)) for c in communities)
        rows = None
        if stored:
            dimension = len(next(iter(stored.values())))
            nothing = np.zeros(dimension, dtype=np.float32)
            rows = np.stack([stored.get(c.id, nothing) for c in communities]) if communities else None
        return cls(tuple(communities), LexicalIndex.fit(documents), names, rows)


class Catalogues:
    """The catalogues that a process holds, by what the viewer may see, each until content or vectors move.

    To read and cut 10,000 texts takes seconds; to score them takes milliseconds. Threads may share one.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[object, ...], Catalogue] = OrderedDict()
        self._turn = threading.Lock()

    def get(
        self, database: Database, principal: Principal, model: vectors.Model | None, as_of: str | None
    ) -> Catalogue:
        """The catalogue as of now; it is made by one thread while the others wait for it."""
        with self._turn:
            revision = database.read(log.revision())
            key = (revision, model, as_of is not None, _sight(database, principal))
            known = self._held.get(key)
            if known is not None:
                self._held.move_to_end(key)
                return known
            made = open_catalogue(database, principal, model, as_of)
            for old in [held for held in self._held if held[:2] != key[:2]]:
                del self._held[old]
            # What moved while this was read may be in it, or not: good for this answer, not to be kept.
            if database.read(log.revision()) == revision and model in (None, database.read(vectors.model())):
                self._held[key] = made
            while len(self._held) > CATALOGUES:
                self._held.popitem(last=False)
            return made


def _sight(database: Database, principal: Principal) -> object:
    return "all" if principal.sees_restricted else database.read(catalogue.restricted_seen(principal.person_id))


def open_catalogue(
    database: Database, principal: Principal, model: vectors.Model | None, as_of: str | None
) -> Catalogue:
    communities = database.read(all_communities(as_of, principal))
    return Catalogue.of(communities, database.read(vectors.vectors("community", model)) if model else None)


@dataclass(frozen=True)
class Query:
    """What was typed as `search` understands it: `typed` are its tokens, `words` those compared with communities,
    `corrections` which of them stand for what was typed, `cut` whether some were left out."""

    typed: tuple[str, ...]
    words: tuple[str, ...]
    corrections: Mapping[str, str]
    cut: bool

    @classmethod
    def of(cls, index: Catalogue, text: str) -> "Query":
        typed = tokens(text)
        words, corrections = corrected(index, typed)
        kept = _most_telling(index.lexical, words)
        return cls(tuple(typed), tuple(kept), corrections, len(kept) < len(words))


def _name_terms(name: Sequence[str]) -> frozenset[str]:
    """The terms of a name; all its tokens where it has none, like `IT` or `Who is who`."""
    return frozenset(terms(name) or name)


def score_communities(
    index: Catalogue, query: Sequence[str], vector: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(score, lexical part, dense part), each float32 [n communities], of a query given as tokens and as a vector."""
    wanted = _name_terms(query)
    share = min(1.0, COVERAGE_TERMS / max(1, len(wanted)))
    best = index.lexical.best_bm25(query)
    coverage = index.lexical.bm25(query) / best if best else np.zeros(len(index.communities), dtype=np.float32)
    named = np.array([len(wanted & name) / max(len(wanted), len(name), 1) for name in index.names], dtype=np.float32)
    # Words count half from coverage where all of it applies, so that both kinds of query use one scale.
    lexical = index.lexical.similarity(query) + share * coverage + share * NAME_WORDS * named
    dense = np.zeros(len(index.communities), dtype=np.float32)
    if index.vectors is not None and vector is not None:
        cosine = index.vectors @ vector
        dense = np.where(cosine > DENSE_FLOOR, DENSE * cosine, 0).astype(np.float32)
    return (lexical + dense).astype(np.float32), lexical.astype(np.float32), dense


def search(
    database: Database,
    embedder: Embedder | None,
    text: str,
    *,
    principal: Principal,
    kinds: Sequence[Kind] = KINDS,
    filters: Filters = Filters(),
    limit: int = 10,
    cursor: str | None = None,
    as_of: str | None = None,
    catalogues: Catalogues | None = None,
) -> SearchPage:
    """What the catalogue holds on `text`, best first. A process that answers more than once passes its `catalogues`.

    Without an embedder, or before vectors were computed, words alone decide and a note says so. Any text is allowed;
    raises InvalidInput for a cursor that is not of this search.
    """
    if limit < 1:
        raise InvalidInput("The limit must be 1 or more.")
    # Half of a surrogate pair is no character: neither the model nor the database takes it.
    shortened = text[:LONGEST_QUERY].encode("utf-8", "replace").decode()
    offset = _offset(cursor, shortened)
    notes: list[str] = []
    if len(text) > LONGEST_QUERY:
        notes.append(f"only the first {LONGEST_QUERY:,} characters were used")
    model = database.read(vectors.model())
    vector = None
    if model is None or embedder is None or model.name != embedder.name:
        notes.append("searched by words alone: run `guildmap index` to search by meaning too")
        model = None
    elif shortened.strip():
        vector = embedder.encode([shortened])[0]
    opened = catalogues.get if catalogues else open_catalogue
    index = opened(database, principal, model, as_of)
    query = Query.of(index, shortened)
    if query.cut:
        notes.append(f"only the {MOST_TERMS} most telling words were used")
    if query.corrections:
        notes.append(
            "also searched for " + ", ".join(f"“{new}” (typed: {old})" for old, new in query.corrections.items())
        )
    key = name_key(shortened)
    today = as_of or date.today().isoformat()
    hits: list[Hit] = []
    explain: Callable[[Hit], Hit] | None = None
    if "community" in kinds and not filters.unit and key:
        found, explain = _community_hits(index, query.words, vector, key, filters)
        hits += found
    strong = _most_telling(index.lexical, list(dict.fromkeys(query.typed)), MOST_INDEX_TERMS)
    if "skill" in kinds and not (filters.status or filters.topic or filters.unit or filters.skill) and strong:
        hits += _found_hits(database, "skill", strong, vector, model, key, filters, today)
    if "person" in kinds and not (filters.status or filters.topic) and strong:
        hits += _found_hits(database, "person", strong, vector, model, key, filters, today)
    hits.sort(key=lambda hit: (-hit.score, KINDS.index(hit.kind), hit.name, hit.id))
    shown = hits[offset : offset + limit]
    page = tuple(explain(hit) if explain and hit.kind == "community" else hit for hit in shown)
    following = _cursor(offset + limit, shortened) if offset + limit < len(hits) else None
    return SearchPage(page, len(hits), _facets(hits, index.communities), following, tuple(notes))


def corrected(index: Catalogue, typed: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The typed tokens, with those that no community's text holds replaced by the nearest that one does.

    The last token may be the beginning of a word that is still being typed. Returns the tokens and what was replaced.
    """
    vocabulary = index.lexical.vocabulary
    result: list[str] = []
    corrections: dict[str, str] = {}
    for position, token in enumerate(typed):
        result.append(token)
        # Only in short queries: in a page of text an unknown word is a name, not a slip.
        if len(token) < 4 or len(typed) > COVERAGE_TERMS * 2 or stem(token) in vocabulary or not terms([token]):
            continue
        if position == len(typed) - 1:
            completions = [name for name in index.lexical.names if name.startswith(token)]
            if completions:
                result.extend(completions[:3])
                continue
        near = process.extractOne(token, index.lexical.names, scorer=fuzz.ratio, score_cutoff=78)
        if near and near[0][0] == token[0]:  # slips seldom touch the first letter
            corrections[token] = index.lexical.spellings[near[2]]
            result.append(near[0])
    return result, corrections


def _most_telling(lexical: LexicalIndex, query: Sequence[str], number: int = MOST_TERMS) -> list[str]:
    """The rarest `number` of the tokens, in their order; a token that no text holds is rarest of all."""
    highest = float(lexical.idf.max()) + 1 if len(lexical.idf) else 1.0

    def weight(token: str) -> float:
        column = lexical.vocabulary.get(stem(token))
        return (highest if column is None else float(lexical.idf[column])) if terms([token]) else 0.0

    if len(query) <= number:
        return list(query)
    chosen = sorted(range(len(query)), key=lambda i: (-weight(query[i]), i))[:number]
    return [query[i] for i in sorted(chosen)]


def _community_hits(
    index: Catalogue, query: Sequence[str], vector: FloatArray | None, key: str, filters: Filters
) -> tuple[list[Hit], Callable[[Hit], Hit]]:
    """Bare hits, and what adds reasons and snippet to one: a page needs ten of what may be thousands."""
    scores, lexical, dense = score_communities(index, query, vector)
    rows: dict[str, int] = {}
    hits: list[Hit] = []
    for row, community in enumerate(index.communities):
        if not _passes(community, filters):
            continue
        score = float(scores[row])
        if community.status == "retired" and filters.status != "retired":
            score *= RETIRED
        if name_key(community.name) == key:
            score += EXACT_NAME
        if score < LEAST:
            continue
        rows[community.id] = row
        details = {"status": community.status, "kind": community.kind, "topics": list(community.topics)}
        hits.append(Hit("community", community.id, community.name, score, "", (), (), details))

    def explain(hit: Hit) -> Hit:
        row = rows[hit.id]
        community, reasons = index.communities[row], list[str]()
        if name_key(community.name) == key:
            reasons.append("its name")
        shared = index.lexical.shared_terms(query, row) if lexical[row] > 0 else []
        if shared:
            reasons.append(f"its text holds: {', '.join(shared)}")
        elif lexical[row] > 0 and not reasons:
            reasons.append("in its name")  # of words too common to count in a text
        if dense[row] > 0:
            reasons.append(f"close in meaning ({dense[row] / DENSE:.2f})")
        if community.status == "retired" and filters.status != "retired":
            reasons.append("retired")
        snippet, spans = _snippet(community.domain, set(terms(query)))
        return replace(hit, snippet=snippet, highlights=spans, reasons=tuple(reasons))

    return hits, explain


def _passes(community: Community, filters: Filters) -> bool:
    topics = {name_key(topic) for topic in community.topics}
    return (
        (filters.status is None or community.status == filters.status)
        and (filters.topic is None or name_key(filters.topic) in topics)
        and (filters.skill is None or _covers(filters.skill, community.skill_ids, community.skill_names))
    )


def _covers(skill: str, ids: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a skill given by id or name is among these."""
    return skill in ids or name_key(skill) in {name_key(name) for name in names}


def _found_hits(
    database: Database,
    kind: Literal["person", "skill"],
    query: Sequence[str],
    vector: FloatArray | None,
    model: vectors.Model | None,
    key: str,
    filters: Filters,
    today: str,
) -> list[Hit]:
    """Wide: candidates from the full-text and the vector index. Narrow: each scored on the one absolute scale."""
    ids = database.read(catalogue.fulltext(f"{kind}_text", query, CANDIDATES))
    cosines: dict[str, float] = {}
    if model and vector is not None:
        name = vectors.index_name(model.property, kind)
        if any(existing.name == name for existing in database.read(vectors.vector_indexes())):
            cosines = dict(database.read(vectors.nearest(name, vector.tolist(), NEAREST)))
    candidates = list(dict.fromkeys([*ids, *cosines]))
    if kind == "skill":
        found = database.read(catalogue.skills_found(candidates))
    else:
        named = database.read(catalogue.fulltext("skill_text", query, NEAREST))
        candidates = list(dict.fromkeys([*candidates, *database.read(catalogue.holders(named, CANDIDATES))]))
        found = database.read(catalogue.people_found(candidates, today))
    hits: list[Hit] = []
    wanted = [token for token in query if terms([token])] or list(query)
    for one in found:
        if filters.unit and filters.unit not in one.units:
            continue
        if filters.skill and not _covers(filters.skill, one.skill_ids, one.skills):
            continue
        hit = _score_found(kind, one, wanted, cosines.get(one.id, 0.0), key)
        if hit.score >= LEAST:
            hits.append(hit)
    return hits


def _score_found(kind: Kind, one: Found, wanted: Sequence[str], cosine: float, key: str) -> Hit:
    name, text = set(tokens(one.name)), set(tokens(" ".join((one.body, *one.skills))))
    strengths = {token: max(_held(token, name), IN_TEXT * _held(token, text)) for token in dict.fromkeys(wanted)}
    lexical = sum(strengths.values()) / max(1, len(strengths))
    # As for communities: a long query is not a list of words that must all be there.
    lexical *= min(1.0, COVERAGE_TERMS / max(1, len(strengths)))
    dense = DENSE * cosine if cosine > DENSE_FLOOR else 0.0
    score, reasons = lexical + dense, list[str]()
    if key and name_key(one.name) == key:
        score += EXACT_NAME
        reasons.append("the name")
    met = [token for token, strength in strengths.items() if strength]
    if met:
        reasons.append(f"holds: {', '.join(met[:5])}")
    if dense:
        reasons.append(f"close in meaning ({cosine:.2f})")
    shown = one.body or ", ".join(one.skills)
    snippet, spans = _snippet(shown, {stem(token) for token in wanted})
    details: dict[str, object] = {"units": list(one.unit_names)} if kind == "person" else {"holders": one.holders}
    return Hit(kind, one.id, one.name, score, snippet, spans, tuple(reasons), details)


def _held(token: str, words: set[str]) -> float:
    """How well a set of words holds a token: 1 as typed, less where it had to be completed or corrected."""
    if token in words or stem(token) in {stem(word) for word in words}:
        return 1.0
    if len(token) >= 3 and any(word.startswith(token) for word in words):
        return PREFIX
    if len(token) >= 4 and process.extractOne(token, words, scorer=fuzz.ratio, score_cutoff=78):
        return SLIP
    return 0.0


_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?\s*")
SNIPPET = 220


def _snippet(text: str, wanted: set[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The stretch of `text` that holds most of the wanted terms, and where they stand in it."""
    sentences = [m.group() for m in _SENTENCE.finditer(text) if m.group().strip()]
    if not sentences:
        return "", ()

    def weight(sentence: str) -> int:
        return len(wanted & {stem(token) for token in tokens(sentence)})

    best = max(range(len(sentences)), key=lambda i: (weight(sentences[i]), -i))
    snippet = " ".join("".join(sentences[best : best + 2]).split())
    if len(snippet) > SNIPPET:
        first = next((m.start() for m in re.finditer(r"\S+", snippet) if weight(m.group())), 0)
        start = max(0, first - SNIPPET // 3)
        start = snippet.rfind(" ", 0, start) + 1 if start else 0
        cut = snippet[start : start + SNIPPET].rsplit(" ", 1)[0]
        snippet = ("… " if start else "") + cut + ("" if start + len(cut) >= len(snippet) else " …")
    spans = tuple((m.start(), m.end()) for m in re.finditer(r"\S+", snippet) if weight(m.group()))
    return snippet, spans


def _facets(hits: Sequence[Hit], communities: Sequence[Community]) -> dict[str, dict[str, int]]:
    by_id = {community.id: community for community in communities}
    found = [by_id[hit.id] for hit in hits if hit.kind == "community"]
    facets = {
        "kind": dict(Counter(hit.kind for hit in hits)),
        "status": dict(Counter(community.status for community in found)),
        "topic": dict(Counter(t for c in found for t in c.topics).most_common(TOPICS_SHOWN)),
        "unit": dict(Counter(str(unit) for hit in hits for unit in _units(hit)).most_common(TOPICS_SHOWN)),
    }
    return {name: counts for name, counts in facets.items() if counts}


def _units(hit: Hit) -> Sequence[object]:
    units = hit.details.get("units")
    return units if isinstance(units, list) else ()  # pyright: ignore[reportUnknownVariableType]  narrowed to list


def _cursor(offset: int, text: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, name_key(text)[:64]]).encode()).decode().rstrip("=")


def _offset(cursor: str | None, text: str) -> int:
    if cursor is None:
        return 0
    try:
        offset, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise InvalidInput("The cursor is not one that a search gave. Start again without it.") from None
    if key != name_key(text)[:64] or not isinstance(offset, int) or offset < 0:
        raise InvalidInput("The cursor is of another search. Start again without it.")
    return offset
