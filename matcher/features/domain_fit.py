"""Is the domain close to what the person writes of themselves, or to the domains they are already in?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph.sentences import joined, tell
from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot

NAME = "domain_fit"
MONOTONE = False

# How much of a candidate's likeness to everything is taken from its likeness to one's own communities: of a text that
# is close to all, closeness says little. Chosen on the Apache rosters at the start of 2015 to 2020, for joins up to
# 2021; 0.3 gives half as much, 1 is too much.
COMMON = 0.7

# Between communities: the share of meaning in their likeness, and the cosine below which two texts of one organisation
# have no more in common than any two (half of all pairs of the Apache communities are below it). On the rosters as
# above, at the start of 2016 to 2020, half meaning and half words, without a floor, foretold new communities far worse
# (NDCG@10 0.279 against 0.304), existing ones a little (0.340 against 0.345).
DENSE, DENSE_FLOOR = 0.2, 0.4

# Communities whose nearness is found in one go ahead of time: a hundredth of a second for 10,000, so that requests in
# between hardly wait.
AHEAD = 16

# A sentence names this many of the shared terms.
TERMS = 3

# Texts of one organisation share some words anyway: a likeness below this is not worth a sentence.
WORTH_SAYING = 0.05


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value from 0 to 1: the mean of the likenesses that can be had.

    They are the person's text with the candidate's; and the candidate with one's own communities (the mean of
    the nearest and of all), less what it has in common with everything. Each is a mean of a lexical and, where
    there are vectors, a dense cosine: to half for the person's own words, which may be others than the domain's.

    Not monotone: a cosine falls with every word that the other text lacks, and a mean with a membership that is far
    from the candidate.
    """
    own = snapshot.rows(profile.communities)
    own_words = by_text(snapshot, profile)
    alike = snapshot.nearness.of(own, lambda rows: likeness(snapshot, rows)) if len(own) else None
    near: NDArray[np.float32] | None = None
    if alike is not None:
        near = np.maximum((alike.max(axis=0) + alike.mean(axis=0)) / 2 - COMMON * snapshot.commonness, 0)
    parts = [part for part in (own_words, near) if part is not None]
    if not parts:
        return nothing(NAME, len(snapshot.communities))
    values: NDArray[np.float32] = np.stack(parts).mean(axis=0)

    sharing = snapshot.lexical.sharing(profile.tokens, TERMS)

    def reason(row: int) -> Reason | None:
        if values[row] < WORTH_SAYING:
            return None
        nearest = int(own[int(alike[:, row].argmax())]) if alike is not None else None
        # What adds more is told.
        if own_words is not None and (near is None or own_words[row] >= near[row]):
            terms = sharing(row)
            if terms:
                return Reason(tell("its domain matches your profile: %(words)s", words=joined(", ", terms)))
            return Reason(tell("its domain is close to your profile"))
        if nearest is None:
            return None
        terms = snapshot.lexical.shared_with(nearest, row, TERMS)
        name = snapshot.communities[nearest].name
        step = Step(
            Node("Person", profile.person_id or ""),
            "MEMBER_OF",
            Node("Community", snapshot.communities[nearest].id),
        )
        return Reason(
            tell("its domain is close to your %(name)s: %(words)s", name=name, words=joined(", ", terms))
            if terms
            else tell("its domain is close to your %(name)s", name=name),
            (step,) if profile.person_id else (),
        )

    return Evidence(NAME, values, reason)


def prepare(snapshot: Snapshot) -> Iterator[int]:
    """Finds ahead how near the communities that most people are in are to all, a few at a time, as many as are kept:
    who asks first need not wait for it. Yields how many are found."""
    by_size = np.argsort(-np.diff(snapshot.spells.start), kind="stable").astype(np.int32)[: snapshot.nearness.room]
    for start in range(0, len(by_size), AHEAD):
        snapshot.nearness.of(by_size[start : start + AHEAD], lambda rows: likeness(snapshot, rows))
        yield min(start + AHEAD, len(by_size))


def by_text(snapshot: Snapshot, profile: Profile) -> NDArray[np.float32] | None:
    """How like each community's domain is to what the person says, float32 [communities]; None for who says nothing."""
    if profile.likeness is not None:
        return profile.likeness
    if not profile.tokens:
        return None
    lexical = snapshot.open_lexical.similarity(profile.tokens)
    if snapshot.vectors is None or profile.vector is None:
        return lexical
    return ((lexical + np.maximum(snapshot.vectors @ profile.vector, 0)) / 2).astype(np.float32)


def compared(snapshot: Snapshot, profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles with the likeness of their texts: for many at once by products of matrices."""
    lexical = snapshot.open_lexical.similarities([profile.tokens for profile in profiles])
    known = [row for row, profile in enumerate(profiles) if profile.tokens and profile.vector is not None]
    if snapshot.vectors is not None and known:
        vectors = np.stack([profile.vector for row in known if (profile := profiles[row]).vector is not None])
        lexical[known] = (lexical[known] + np.maximum(vectors @ snapshot.vectors.T, 0)) / 2
    pairs = zip(profiles, lexical, strict=True)
    return [replace(profile, likeness=values) if profile.tokens else profile for profile, values in pairs]


def likeness(snapshot: Snapshot, rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """How like all communities some are, float32 [rows, communities], from 0 to 1, mostly by words."""
    lexical = snapshot.lexical.between(rows)
    if snapshot.vectors is None:
        return lexical
    return _mixed(lexical, snapshot.vectors[rows] @ snapshot.vectors.T)


def likeness_among(snapshot: Snapshot, rows: NDArray[np.int32]) -> Callable[[int], NDArray[np.float32]]:
    """The same among a few, of each of whom it is asked for when it is wanted: by a place in `rows`, float32 [rows]."""
    lexical = snapshot.lexical.among(rows)
    if snapshot.vectors is None:
        return lexical
    vectors = snapshot.vectors[rows]
    return lambda place: _mixed(lexical(place), vectors @ vectors[place])


def _mixed(lexical: NDArray[np.float32], dense: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of a cosine of words and one of meaning."""
    above = np.maximum(dense - DENSE_FLOOR, 0) / (1 - DENSE_FLOOR)
    return ((1 - DENSE) * lexical + DENSE * above).astype(np.float32)
