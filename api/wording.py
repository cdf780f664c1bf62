"""What the audit found, in sentences for people, wherever they read them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import WrapValidator

from graph.sentences import Sentence, joined, per_cent, tell

if TYPE_CHECKING:
    from matcher.audit.overlap import Evidence, MemberEvidence, SkillEvidence, TalkEvidence, TextEvidence
    from matcher.community.digest import Item


def _kept(value: object, validate: Callable[[object], str]) -> str:
    return value if isinstance(value, Sentence) else validate(value)


# A text of an answer. It stays a sentence, which a page shows in the language of who reads it.
Told = Annotated[str, WrapValidator(_kept)]

# A verdict as it is said of two communities.
VERDICTS = {
    "duplicate": "duplicates",
    "contained_in": "lies within",
    "overlapping": "overlaps with",
    "complementary": "complements",
    "same_name_only": "shares the name with",
}

# What is said of a community that is flagged on a scale, and what the scale asks.
SCALES = {
    "breadth": ("too broad", "could everyone belong?"),
    "narrowness": ("too narrow", "must people join too many to do their job?"),
    "clarity": ("unclear", "can people tell from the text whether they belong?"),
    "vitality": ("not alive", "does anything still go on?"),
}

# How far a question of the formation check is answered.
STATES = {"met": "met", "partly": "partly met", "missing": "missing", "cannot_tell": "cannot tell"}

# What became of what people proposed to a community.
INITIATIVES = {"proposed": "proposed", "taken_up": "taken up", "declined": "declined", "withdrawn": "withdrawn"}

# What the questions are about.
PARTS = {
    "domain": "a good domain",
    "community": "a community",
    "practice": "a practice",
    "together": "being together",
}


def no_skill(name: str) -> Sentence:
    """What is to be known where a proposal names a skill that the catalogue lacks."""
    return tell("there is no skill %(name)r yet", name=name)


def scale_title(scale: str) -> str:
    said, asked = SCALES[scale]
    return f"{said.capitalize()}: {asked}"


def evidence_said(evidence: "Evidence") -> Iterator[tuple[str, float, Sentence]]:
    """Each kind of evidence that is known: which, what it counts for (above 0) or against two things being of one
    domain, in log-odds, and what it says."""
    if evidence.text is not None:
        yield "text", evidence.text.points, _text(evidence.text)
    if evidence.skills is not None:
        yield "skills", evidence.skills.points, _skills(evidence.skills)
    if evidence.members is not None:
        yield "members", evidence.members.points, _members(evidence.members)
    if evidence.talk is not None:
        yield "talk", evidence.talk.points, _talk(evidence.talk)


def _text(text: "TextEvidence") -> Sentence:
    words = joined(", ", text.terms)
    said = [tell("both say %(words)s", words=words) if text.terms else tell("no telling word in common")]
    if text.short_form:
        said.append(tell("one name is short for the other"))
    return _quoting(joined("; ", said), text.sentences)


def _skills(skills: "SkillEvidence") -> Sentence:
    said = tell(
        "%(first)s of the first and %(second)s of the second in common",
        first=per_cent(skills.of_a), second=per_cent(skills.of_b),
    )  # fmt: skip
    return joined(": ", [said, joined(", ", skills.shared)]) if skills.shared else said


def _members(members: "MemberEvidence") -> Sentence:
    said = tell(
        "%(both)d people in both, %(first)s of the first and %(second)s of the second (%(chance)s by chance)",
        both=members.both, first=per_cent(members.of_a), second=per_cent(members.of_b),
        chance=per_cent(members.by_chance),
    )  # fmt: skip
    named = [name for _, name in members.people]
    more = ["…"] if members.both > len(members.people) else []
    return joined(": ", [said, joined(", ", [*named, *more])]) if named else said


def _talk(talk: "TalkEvidence") -> Sentence:
    if talk.points <= 0 or not talk.terms:
        return tell("they talk about other things")
    said = [tell("both talk about %(words)s", words=joined(", ", talk.terms))]
    if talk.questions:
        said.append(tell("asked: %(quoted)s", quoted=_pair(talk.questions)))
    if talk.meetings:
        said.append(tell("in meetings: %(quoted)s", quoted=_pair(talk.meetings)))
    return joined("; ", said)


def _quoting(said: Sentence, pair: "tuple[str, str] | None") -> Sentence:
    return joined(": ", [said, _pair(pair)]) if pair else said


def _pair(pair: tuple[str, str]) -> str:
    return f"“{shortened(pair[0])}” / “{shortened(pair[1])}”"


def shortened(text: str, most: int = 90) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= most else whole[:most].rsplit(" ", 1)[0] + " …"


def one_line(text: str) -> str:
    """`text` in one line, without what is no sign on paper: a name from a source may hold anything."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


# The parts of a digest, as a heading.
PARTS_OF_DIGEST = {
    "requests": "Requests for help",
    "meetings": "Next meetings",
    "newcomers": "Newcomers and who asks to join",
    "charters": "Charters and sponsors",
    "findings": "What the audit found",
}


def item_said(item: "Item") -> str:
    """One thing that is due, in a line."""
    if item.starts_at is not None:
        return f"{_moment(item.starts_at)}: {item.said}"
    return f"{item.said} (since {item.since})" if item.since else item.said


def _moment(starts_at: str) -> str:
    """`2026-12-01 13:00 UTC+1`; of what takes all day, the day."""
    if len(starts_at) == len("2026-12-01"):
        return starts_at
    when = datetime.fromisoformat(starts_at)
    return f"{when:%Y-%m-%d %H:%M} {offset(when)}"


def offset(when: datetime) -> str:
    """How far from UTC a moment is told, as `UTC+1`."""
    minutes = int((when.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    apart = f"{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}" if minutes else ""
    return f"UTC{apart}"


# What each measure of practice tells.
PRACTICE = {
    "first_answer": "days until half of the questions had an answer",
    "helpers": "people who advised",
    "followed_up": "advice that somebody came back to",
    "worked": "of that, what worked",
    "learned": "of that, what others could learn from",
    "revisited": "agenda items that a later meeting came back to",
    "regular": "meetings held of those planned by a rule",
    "dovetail": "hours at which no community meets that shares members",
    "outside_advice": "advice from outside",
    "outside_attendance": "those who came from outside",
}

# What each measure of vitality asks.
VITAL_SIGNS = {
    "regularity": "gaps between meetings that are as long as usual",
    "dovetailing": "hours at which no community meets that shares members",
    "follow_up": "advice that somebody came back to",
    "answers": "questions answered within 14 days",
    "welcome": "newcomers whom somebody greeted",
    "artefacts": "things made together",
    "engagement": "members who asked or advised",
    "renewal": "leads and core members who joined within two years",
    "novelty": "questions about something else than the year before",
    "pulse": "mean answer to the pulse, 1 to 5",
}


def measured(value: float, unit: str) -> str:
    """A value as people read it."""
    return f"{value:.0%}" if unit == "share" else f"{value:g}"


# The counts that measures of vitality rest on.
COUNTED: Mapping[str, Sentence] = {
    "meetings": tell("meetings"), "gaps": tell("gaps"), "in_rhythm": tell("in rhythm"),
    "usual_days": tell("usual days"), "advice": tell("advice"), "followed_up": tell("followed up"),
    "questions": tell("questions"), "within_14_days": tell("within 14 days"), "newcomers": tell("newcomers"),
    "greeted": tell("greeted"), "artefacts": tell("artefacts"), "members": tell("members"),
    "took_part": tell("took part"), "acts": tell("acts"), "as_if_even": tell("as if even"),
    "leading": tell("leading"), "joined_within_two_years": tell("joined within two years"),
    "unknown": tell("unknown"), "new": tell("new"), "questions_before": tell("questions before"),
    "hours": tell("hours"), "free": tell("free"),
    "communities_that_share_members": tell("communities that share members"), "held": tell("held"),
    "held_free": tell("held free"), "answers_at_least": tell("answers at least"), "told_twice": tell("told twice"),
}  # fmt: skip


def numbers_said(numbers: Mapping[str, float]) -> Sentence:
    """The counts that a measure rests on."""
    named = ((COUNTED.get(name, name.replace("_", " ")), f"{number:g}") for name, number in numbers.items())
    return joined(", ", (joined(" ", one) for one in named))
