"""What the communities of the demo organisation do together: charters, meetings, artefacts, questions and advice."""

from collections.abc import Collection, Iterator, Mapping
from random import Random
from typing import Any

from ingest.demo.communities import Spell, span
from ingest.demo.layout import Calendar, dice, draw, months, read, slug
from ingest.demo.people import Person, head_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

# How likely somebody comes, by declared engagement; undeclared is taken for occasional.
COMES = {"core": 0.85, "active": 0.6, "occasional": 0.25, "peripheral": 0.06}
# How much likelier the closer members are to advise.
ADVISES = {"core": 6.0, "active": 3.0, "occasional": 0.7, "peripheral": 0.1}

# One meeting in so many falls out: holidays, a storm, a crane on fire.
SKIPPED = 0.08
GUESTS_COME = 0.55
# An open agenda item is taken up again the next time; otherwise it was settled.
TAKEN_UP_AGAIN = 0.5

# Questions are rarely older than this: what was asked before lies in mailboxes.
OLDEST_QUESTION = 800
# Without a text of its own, advice was given on the phone and only its outcome was noted.
UNKNOWN = "unknown"
OUTCOMES = {"worked": 0.45, "partly": 0.2, "did_not_work": 0.1, UNKNOWN: 0.25}
ADVICE_COUNTS = {0: 0.65, 1: 0.23, 2: 0.12}


def charter_rows(everybody: Mapping[str, Person], calendar: Calendar) -> list[dict[str, Any]]:
    """`adopted` is in months ago; a draft has none. `sponsor_unit` stands for whoever heads that unit."""
    rows: list[dict[str, Any]] = []
    for community_id, charter in read("charters").items():
        row: dict[str, Any] = {"community_id": community_id}
        for key, value in charter.items():
            if key == "adopted":
                row["adopted_on"] = calendar.day(calendar.working_day(months(value)))
            elif key == "sponsor_unit":
                row["sponsor_id"] = head_of(value, everybody).id
            else:
                row[key] = " ".join(value.split()) if isinstance(value, str) else value
        rows.append(row)
    return rows


# --- Meetings -----------------------------------------------------------------------------------------------------


def meeting_rows(everybody: Mapping[str, Person], spells: list[Spell], calendar: Calendar) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    members: dict[str, list[Spell]] = {}
    for spell in spells:
        members.setdefault(spell.community_id, []).append(spell)
    for community_id, practice in read("meetings").items():
        rows += _meetings(community_id, practice, everybody, members, calendar)
    return rows


def _meetings(
    community_id: str,
    practice: Mapping[str, Any],
    everybody: Mapping[str, Person],
    members: Mapping[str, list[Spell]],
    calendar: Calendar,
) -> Iterator[dict[str, Any]]:
    """From the oldest to the newest, each following the one before; the last may lie ahead and has no attendees."""
    rng = dice("meetings", community_id)
    days = _days(community_id, practice, rng, calendar)
    newest = min(day for day in days if day >= 0)
    notes = _spread_notes(practice.get("notes", []), sum(1 for day in days if day >= 0))
    agenda = _Agenda(rng, practice)
    done = {title for title, said in practice.get("items", {}).items() if said["state"] == "settled"}
    previous: str | None = None
    for number, day in enumerate(days, start=1):
        note = notes.get(number - 1)
        meeting_id = f"{community_id}-{number:02}"
        row = {
            "id": meeting_id,
            "community_id": community_id,
            "starts_at": f"{calendar.day(day)}T{practice['rhythm']['time']}Z",
            "title": practice["title"],
            "recurrence": f"every {practice['rhythm']['weeks']} weeks" if practice["rhythm"]["weeks"] > 1 else "weekly",
            "summary": " ".join(note["summary"].split()) if note else None,
            "follows_id": previous,
            "agenda": agenda.next(note.get("items", []) if note else []),
        }
        if day < 0:  # nobody plans what is done
            row["agenda"] = [title for title in row["agenda"] if title not in done]
        if day >= 0:
            here = [
                spell for spell in members[community_id] if spell.current(day) and everybody[spell.person_id].here(day)
            ]
            row["attendee_ids"] = _attendees(rng, here)
            row["guest_ids"] = _guests(rng, practice, members, {spell.person_id for spell in here}, everybody, day)
        elif "zone" in practice["rhythm"]:
            row["recurrence"] = f"FREQ=WEEKLY;INTERVAL={practice['rhythm']['weeks']}"
            row["timezone"] = practice["rhythm"]["zone"]
        if day == newest:
            row["guest_ids"] = [*row["guest_ids"], *practice.get("experts", [])]
        yield {key: value for key, value in row.items() if value}
        previous = meeting_id


def _days(community_id: str, practice: Mapping[str, Any], rng: Random, calendar: Calendar) -> list[int]:
    """Days ago of the meetings, the oldest first; negative for one that lies ahead."""
    first, last = span(community_id)
    rhythm = practice["rhythm"]
    step = 7 * rhythm["weeks"]
    weekday = WEEKDAYS.index(rhythm["day"])
    # Moving to the weekday may bring the newest forward by six days: never into the quiet time, nor past today.
    newest = calendar.weekday_from(last + 7 + rng.randrange(step), weekday)
    days: list[int] = []
    place = 0
    while len(days) < practice["count"] and newest + place * step < first - 14:
        if place == 0 or rng.random() >= SKIPPED:
            days.append(newest + place * step)
        place += 1
    ahead = [days[0] - step] if days and not last and days[0] - step < 0 else []
    return [*reversed(days), *ahead]


def _spread_notes(notes: list[Mapping[str, Any]], count: int) -> dict[int, Mapping[str, Any]]:
    """Place of a meeting (0 is the oldest) to its note; the notes come in order, the last about the newest meeting."""
    if not notes:
        return {}
    gap = max(1, count // len(notes))
    places = [count - 1 - gap * back for back in range(len(notes))]
    return {place: note for place, note in zip(places, reversed(notes), strict=True) if place >= 0}


class _Agenda:
    """Standing items come each time, others are carried over until they are settled."""

    def __init__(self, rng: Random, practice: Mapping[str, Any]) -> None:
        self._rng = rng
        self._standing: list[str] = practice.get("standing", [])
        self._waiting: list[str] = list(practice.get("agenda", []))
        self._open: list[str] = []

    def next(self, noted: list[str]) -> list[str]:
        carried = [item for item in self._open if self._rng.random() < TAKEN_UP_AGAIN]
        room = max(1 if not carried else 0, self._rng.randint(1, 2) - len(noted))
        fresh, self._waiting = self._waiting[:room], self._waiting[room:]
        self._open = [*carried, *noted, *fresh]
        return list(dict.fromkeys([*self._standing, *self._open]))


def _attendees(rng: Random, here: list[Spell]) -> list[str]:
    ids = [spell.person_id for spell in here if rng.random() < COMES[spell.engagement or "occasional"]]
    closest = [spell.person_id for spell in here if spell.engagement in ("core", "active")]
    return list(dict.fromkeys(ids or closest[:3]))


def _guests(
    rng: Random,
    practice: Mapping[str, Any],
    members: Mapping[str, list[Spell]],
    inside: set[str],
    everybody: Mapping[str, Person],
    day: int,
) -> list[str]:
    """People of the communities that the file names as guests, who belong there and not here."""
    if not practice.get("guests") or rng.random() > GUESTS_COME:
        return []
    weights = {
        spell.person_id: ADVISES[spell.engagement or "occasional"]
        for other in practice["guests"]
        for spell in members[other]
        if spell.current(day) and spell.person_id not in inside and everybody[spell.person_id].here(day)
    }
    return draw(rng, weights, rng.choice((1, 1, 2)))


def agenda_item_rows() -> list[dict[str, Any]]:
    """The items of which somebody said how they stand; of the others meetings name the title only."""
    rows: list[dict[str, Any]] = []
    for community_id, practice in read("meetings").items():
        for title, said in practice.get("items", {}).items():
            row = {"community_id": community_id, "title": title, "state": said["state"], "owner_id": said.get("owner")}
            rows.append({key: value for key, value in row.items() if value is not None})
    return rows


def artifact_rows(calendar: Calendar) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for community_id, made in read("artifacts").items():
        for artifact in made:
            row: dict[str, Any] = {"community_id": community_id}
            for key, value in artifact.items():
                if key in ("made", "retired"):
                    row[f"{key}_on"] = calendar.month(months(value))
                else:
                    row["maker_ids" if key == "makers" else key] = value
            rows.append(row)
    return rows


# --- Questions ----------------------------------------------------------------------------------------------------


def question_and_advice_rows(
    everybody: Mapping[str, Person], spells: list[Spell], calendar: Calendar
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    questions: list[dict[str, Any]] = []
    advice: list[dict[str, Any]] = []
    members: dict[str, list[Spell]] = {}
    for spell in spells:
        members.setdefault(spell.community_id, []).append(spell)
    for key, asked in read("questions").items():
        community_id = None if key == "anywhere" else key
        for question in asked:
            rng = dice("question", question["title"])
            day = question.get("days") or _asked(rng, community_id)
            inside = [spell for spell in members.get(community_id or "", []) if spell.current(day)]
            if "grades" in question:
                busy = {one["asker_id"] for one in questions if one.get("community_id") == community_id}
                asker = _of_grades(rng, question["grades"], inside, everybody, day, busy)
            else:
                asker = question.get("asker") or _asker(rng, community_id, inside, everybody, day)
            last = span(community_id)[1] if community_id else 0
            row = {
                "id": f"q-{slug(question['title'])}",
                "title": question["title"],
                "text": " ".join(question["text"].split()),
                "community_id": community_id,
                "asker_id": asker,
                "asked_at": calendar.day(calendar.working_day(day)),
                "private": question.get("private"),
            }
            questions.append({name: value for name, value in row.items() if value is not None})
            advice += _advice(rng, row, question, inside, everybody, (day, last), calendar)
    return questions, advice


def _asked(rng: Random, community_id: str | None) -> int:
    first, last = span(community_id) if community_id else (OLDEST_QUESTION, 0)
    oldest = min(first - 20, last + OLDEST_QUESTION)
    return round(last + 3 + (oldest - last - 3) * rng.betavariate(1.0, 1.6))


def _asker(
    rng: Random, community_id: str | None, inside: list[Spell], everybody: Mapping[str, Person], day: int
) -> str | None:
    """A member, the outer ones rather than the core, or somebody of the units that the community draws from. Whom the
    story needs asks only what core and questions say.
    """
    weights = {
        spell.person_id: 0.5 if spell.engagement == "core" else 2.0
        for spell in inside
        if everybody[spell.person_id].here(day) and everybody[spell.person_id].communities is None
    }
    if community_id and rng.random() < 0.4:
        units = read("communities")[community_id]["from"]
        near = [p for p in everybody.values() if p.here(day) and (units == "everywhere" or p.unit_id in units)]
        weights = {person.id: 1.0 for person in near if person.id not in weights and person.communities is None}
    elif community_id is None:
        weights = {person.id: 1.0 for person in everybody.values() if person.here(day) and person.communities is None}
    return next(iter(draw(rng, weights, 1)), None)


def _of_grades(
    rng: Random,
    grades: Collection[str],
    inside: list[Spell],
    everybody: Mapping[str, Person],
    day: int,
    busy: Collection[str | None],
) -> str | None:
    """A member of one of the grades who has asked nothing else there: a clinic is for many, and its talk by grade is
    told where enough of them asked."""
    weights = {
        spell.person_id: 1.0
        for spell in inside
        if (who := everybody[spell.person_id]).grade in grades and who.here(day) and spell.person_id not in busy
        and who.communities is None
    }  # fmt: skip
    return next(iter(draw(rng, weights, 1)), None)


def _advice(
    rng: Random,
    asked: Mapping[str, Any],
    question: Mapping[str, Any],
    inside: list[Spell],
    everybody: Mapping[str, Person],
    time: tuple[int, int],
    calendar: Calendar,
) -> Iterator[dict[str, Any]]:
    """Advice on the question of the row `asked`; `time` is when it was asked and when its community fell silent."""
    day, last = time
    given: list[Mapping[str, Any]] = question.get("advice", [{} for _ in range(_pick(rng, ADVICE_COUNTS))])
    able = {
        spell.person_id: ADVISES[spell.engagement or "occasional"]
        for spell in inside
        if everybody[spell.person_id].here(day) and spell.person_id != asked["asker_id"]
    }
    named = [piece["by"] for piece in given if "by" in piece]
    others = iter(draw(rng, {p: weight for p, weight in able.items() if p not in named}, len(given)))
    advised = day
    for piece in given:
        helper = piece.get("by") or next(others, None)
        # Advice comes within two weeks (`after` so many days), the word on how it went some weeks later.
        advised = max(last + 1, advised - piece.get("after", rng.choice((0, 0, 1, 1, 2, 3, 6))))
        if helper is None:
            continue
        outcome = piece.get("outcome") or _pick(rng, OUTCOMES)
        followed_up = advised - rng.randint(8, 60)
        if outcome == UNKNOWN or followed_up < 0:
            outcome = None
        row = {
            "question_id": asked["id"],
            "helper_id": helper,
            "advised_at": calendar.day(advised),
            "text": " ".join(piece["text"].split()) if "text" in piece else None,
            "outcome": outcome,
            "followed_up_at": calendar.day(followed_up) if outcome else None,
        }
        yield {key: value for key, value in row.items() if value is not None}


def _pick(rng: Random, shares: Mapping[Any, float]) -> Any:
    return rng.choices(list(shares), weights=list(shares.values()))[0]
