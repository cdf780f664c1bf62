"""A practice: one that changes, and in which people are free to say what does not work."""

import numpy as np

from graph.models import ordinal
from graph.pulse import QUESTIONS as QUESTIONS_OF_PULSE
from graph.sentences import Sentence, joined, per_cent, tell, tell_n
from graph.text import tokens
from matcher.community.formation.answers import DONE, LEAST, Answer, State
from matcher.community.formation.draft import CANDOUR
from matcher.community.formation.focus import Focus
from matcher.community.pulse import HIGHEST, LOWEST
from matcher.lexical import terms

# Dated questions without which nothing can be said of how many are of this domain; of these so many make a practice.
DATED, LIVELY = 20, 5
NEW_WORDS, FEW_QUESTIONS = 0.3, 3
YEAR = 365
FEW = tell("Fewer than %(least)d questions were asked within a year.", least=DATED)
# Means of the pulse, from 1 to 5.
COMFORTABLE, UNEASY = 4.0, 2.5


def challenges(focus: Focus) -> Answer:
    near = _questions(focus)
    if near is None:
        return Answer(
            "challenges", "cannot_tell", (FEW,),
            tell("Ask those who want it for the question that they could not answer last month."),
        )  # fmt: skip
    now, before, new = near
    told = [
        tell_n("%(num)d question near to its domain was asked within a year, %(before)d in the year before.",
               "%(num)d questions near to its domain were asked within a year, %(before)d in the year before.",
               now, before=before)
    ]  # fmt: skip
    if new is not None:
        told.append(
            tell("%(share)s of their telling words did not occur in those of the year before.", share=per_cent(new))
        )
    covered = {key for row, one in enumerate(focus.subject.communities) if row != focus.row for key in one.skill_ids}
    skills = focus.subject.communities[focus.row].skill_ids
    fresh = [key for key in skills if key not in covered]
    if skills:
        told.append(
            tell("Of the %(all)d skills that it covers, no other community near covers %(fresh)d.",
                 all=len(skills), fresh=len(fresh))
        )  # fmt: skip
    moving = now > before or (new is not None and new >= NEW_WORDS)
    state: State = "met" if now >= LIVELY and moving else "partly" if now or fresh else "missing"
    action = {
        "partly": tell("Collect the questions that nobody can answer yet: they are the first agenda."),
        "missing": tell("Find what changes in this domain; where nothing does, a page of documentation may be enough."),
    }
    return Answer("challenges", state, tuple(told), action.get(state, DONE))


def _questions(focus: Focus) -> tuple[int, int, float | None] | None:
    """How many questions near to the domain are of the last year, how many of the one before, and which share of
    the words of the former is new; None where hardly any are dated. Near is what fits as well as half of all
    questions fit the community that they were asked in."""
    row_of = {one.id: row for row, one in enumerate(focus.subject.communities)}
    dated = [
        one for one in focus.subject.facts.questions if one.id in focus.draft.asked_at and one.community_id in row_of
    ]
    today = ordinal(focus.subject.snapshot.day)
    age = [today - ordinal(focus.draft.asked_at[one.id][:10]) for one in dated]
    if sum(0 <= one <= YEAR for one in age) < DATED:
        return None
    lexical = focus.subject.texts.lexical
    texts = [tokens(f"{one.title}\n{one.text}") for one in dated]
    asked = lexical.transform(texts)
    home = np.array([row_of[one.community_id] for one in dated])
    own = np.asarray(asked.multiply(lexical.vectors[home]).sum(axis=1)).ravel()
    fits = np.asarray((asked @ lexical.vectors[[focus.row]].T).toarray()).ravel()
    near = (fits >= max(float(np.median(own)), 1e-6)) | (home == focus.row)
    words: tuple[set[str], set[str]] = set(), set()
    counts = [0, 0]
    seen: set[str] = set()
    for at in np.flatnonzero(near).tolist():
        year = 0 if 0 <= age[at] <= YEAR else 1 if YEAR < age[at] <= 2 * YEAR else None
        if year is not None and dated[at].id not in seen:
            seen.add(dated[at].id)
            counts[year] += 1
            words[year].update(terms(texts[at]))
    # Of a few questions nearly all words are new.
    told = min(counts) >= FEW_QUESTIONS and bool(words[0])
    new = len(words[0] - words[1]) / len(words[0]) if told else None
    return counts[0], counts[1], new


def disclosure(focus: Focus) -> Answer:
    group = [focus.place[key] for key in focus.draft.group if key in focus.place]
    people, here = focus.subject.snapshot.people, focus.subject.here
    rows = [int(here[at]) for at in group]
    placed = sum(int(people.manager[row]) >= 0 for row in rows)
    candour = focus.draft.candour
    comfortable = candour.mean if candour is not None else None
    if comfortable is None and (len(group) < LEAST or placed < len(group) / 2):
        why = (
            tell("Fewer than %(least)d people are in it or want to be.", least=LEAST)
            if len(group) < LEAST
            else tell("It is not known who manages whom.")
        )
        return Answer("disclosure", "cannot_tell", (why,), tell("Ask in a pulse, once it has met."))
    most = max((sum(int(people.manager[row]) == one for row in rows) for one in rows), default=0)
    managed = len(rows) > 1 and most > (len(rows) - 1) / 2
    units = len({int(people.unit[row]) for row in rows if people.unit[row] >= 0})
    grades = len({people.grade.at(row) for row in rows} - {""})
    told = [
        tell(
            "They are of %(units)s and of %(grades)s.",
            units=tell_n("%(num)d unit", "%(num)d units", units),
            grades=tell_n("%(num)d grade", "%(num)d grades", grades),
        ),
        tell("One of them manages most of the others.")
        if managed
        else tell("Nobody there manages most of the others."),
    ]
    if candour is not None and comfortable is not None:
        told.append(
            tell(
                "In the pulse of %(quarter)s the mean answer to “%(question)s” was %(mean)s of 5.",
                quarter=candour.quarter,
                question=QUESTIONS_OF_PULSE[CANDOUR],
                mean=_about(comfortable),
            )
        )
    mixed = units > 1 and not managed
    if comfortable is not None and comfortable < UNEASY:
        state: State = "missing"
    elif comfortable is not None and comfortable >= COMFORTABLE and not managed:
        state = "met"
    elif mixed or (comfortable is not None and not managed):
        state = "partly"
    else:
        state = "missing"
    ask = tell("Ask in a pulse whether they are comfortable with saying what does not work.")
    action = {
        "partly": ask if comfortable is None else tell("Ask what would make it easier to say what does not work."),
        "missing": tell("Agree that what is said stays in the room; let somebody lead who manages nobody there."),
    }
    return Answer("disclosure", state, tuple(told), action.get(state, DONE))


def _about(mean: float) -> Sentence:
    """A mean as the pulse tells it: in steps, the outermost standing for what lies beyond."""
    told = f"{mean:g}"
    if mean == HIGHEST:
        return tell("%(mean)s or more", mean=told)
    if mean == LOWEST:
        return tell("%(mean)s or less", mean=told)
    return joined("", [told])
