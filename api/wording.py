"""What the audit found, in sentences for people, wherever they read them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.audit.overlap import Evidence, MemberEvidence, SkillEvidence, TalkEvidence, TextEvidence

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


def scale_title(scale: str) -> str:
    said, asked = SCALES[scale]
    return f"{said.capitalize()}: {asked}"


def evidence_said(evidence: "Evidence") -> Iterator[tuple[str, float, str]]:
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


def _text(text: "TextEvidence") -> str:
    said = f"both say {', '.join(text.terms)}" if text.terms else "no telling word in common"
    if text.short_form:
        said += "; one name is short for the other"
    if text.sentences:
        said += f": “{shortened(text.sentences[0])}” / “{shortened(text.sentences[1])}”"
    return said


def _skills(skills: "SkillEvidence") -> str:
    shared = f": {', '.join(skills.shared)}" if skills.shared else ""
    return f"{skills.of_a:.0%} of the first and {skills.of_b:.0%} of the second in common{shared}"


def _members(members: "MemberEvidence") -> str:
    named = ", ".join(name for _, name in members.people)
    who = f": {named}{', …' if members.both > len(members.people) else ''}" if named else ""
    return (
        f"{members.both} people in both, {members.of_a:.0%} of the first and {members.of_b:.0%} of the second "
        f"({members.by_chance:.0%} by chance){who}"
    )


def _talk(talk: "TalkEvidence") -> str:
    if talk.points <= 0 or not talk.terms:
        return "they talk about other things"
    quoted = [
        f"{where} “{shortened(pair[0])}” / “{shortened(pair[1])}”"
        for where, pair in (("asked:", talk.questions), ("in meetings:", talk.meetings))
        if pair
    ]
    return f"both talk about {', '.join(talk.terms)}{'; ' if quoted else ''}{'; '.join(quoted)}"


def shortened(text: str, most: int = 90) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= most else whole[:most].rsplit(" ", 1)[0] + " …"
