"""What no community covers: skills that people hold together, with what is asked about them and stays unanswered."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from graph.text import tokens
from matcher.audit.subject import Subject
from matcher.lexical import terms

# Skills of fewer holders found no community.
HOLDERS = 5
# Two skills go together where their holders are this much alike (cosine).
TOGETHER = 0.35
# Skills that hang together and are clustered at a time: the square of it is held. More are left in one group.
AT_ONCE = 4_000
# Who holds more of a gap's skills, at a higher level, comes first.
LEADERS, LISTED = 5, 200


@dataclass(frozen=True)
class Gap:
    """A candidate for a new community. `skills` names, most held first; `people` how many hold any of them, `members`
    ids and names of some of them and `leaders` those who hold most, at the highest levels, and may be recommended;
    `questions` ids and titles of what nobody answered about it."""

    name: str
    skills: tuple[str, ...]
    people: int
    members: tuple[tuple[str, str], ...]
    leaders: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...]


def gaps(subject: Subject) -> tuple[Gap, ...]:
    """Most people first. A skill is covered where a community lists it, or where all words of its name stand in the
    text of one."""
    held, skills = subject.held
    open_ = _uncovered(subject, skills)
    open_ = open_[np.asarray(held.sum(axis=0)).ravel()[open_] >= HOLDERS]
    if not len(open_):
        return ()
    here = csr_array(held[:, open_])
    sizes = np.asarray(here.sum(axis=0)).ravel()
    shared = (here.T @ here).tocoo()
    likeness = shared.data / np.sqrt(sizes[shared.row] * sizes[shared.col])
    near = likeness >= TOGETHER
    graph = csr_array((likeness[near], (shared.row[near], shared.col[near])), shape=(len(open_), len(open_)))
    _, component = connected_components(graph, directed=False)
    found = [
        _gap(subject, here[:, group], [skills[open_[at]] for at in group.tolist()])
        for label in np.unique(component)
        for group in _clusters(graph, np.flatnonzero(component == label))
    ]
    return tuple(sorted(found, key=lambda gap: (-gap.people, gap.name)))


def _uncovered(subject: Subject, skills: list[str]) -> NDArray[np.intp]:
    covered = {key for community in subject.communities for key in community.skill_ids}
    words = [frozenset(some) for some in (terms(document) for document in subject.texts.lexical.documents)]
    holding: dict[str, set[int]] = {}
    for row, some in enumerate(words[: len(subject.rows)]):
        for word in some:
            holding.setdefault(word, set()).add(row)
    found: list[int] = []
    for at, key in enumerate(skills):
        name = terms(tokens(subject.facts.holders[key].name))
        together = set[int].intersection(*(holding.get(word, set()) for word in name)) if name else set[int]()
        if key not in covered and not together:
            found.append(at)
    return np.array(found, dtype=np.intp)


def _clusters(graph: csr_array, rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Average linkage: a chain of skills is no subject."""
    if not 1 < len(rows) <= AT_ONCE:
        return [rows]
    distance = 1 - np.minimum(graph[rows][:, rows].toarray(), 1)
    np.fill_diagonal(distance, 0)
    labels = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - TOGETHER / 2, "distance")
    return [rows[labels == label] for label in np.unique(labels)]


def _gap(subject: Subject, held: csr_array, skills: list[str]) -> Gap:
    facts, people = subject.facts, subject.snapshot.people
    counts = np.asarray(held.sum(axis=0)).ravel()
    order = np.lexsort((np.arange(len(skills)), -counts)).tolist()
    names = [facts.holders[skills[at]].name for at in order]
    level = dict[str, float]()
    for key in skills:
        for person, degree in zip(facts.holders[key].person_ids, facts.holders[key].levels, strict=True):
            level[person] = level.get(person, 0.0) + 1 + degree
    rows: list[int] = subject.here[np.flatnonzero(np.asarray(held.sum(axis=1)).ravel())].tolist()
    ranked = sorted(rows, key=lambda row: (-level.get(people.ids[row], 0.0), people.ids[row]))
    named = [(people.ids[row], people.names[row]) for row in ranked if people.recommendable[row]]
    wanted = [frozenset(terms(tokens(name))) for name in names]
    asked = [
        (question.id, question.title or question.text)
        for question in facts.unanswered
        if any(one and one <= frozenset(terms(tokens(f"{question.title} {question.text}"))) for one in wanted)
    ]
    return Gap(
        ", ".join(names[:3]), tuple(names), len(rows), tuple(named[:LISTED]), tuple(named[:LEADERS]), tuple(asked)
    )
