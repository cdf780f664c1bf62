"""What a community does together, put together from the graph for HTTP and the command line alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from graph.database import Steps, ask
from graph.errors import InvalidInput
from graph.models import Principal
from graph.reads import communities, meetings, practice, resources
from graph.reads.meetings import AgendaItem, Occurrence
from graph.reads.practice import Life
from graph.sentences import tell
from matcher.audit.collisions import slots
from matcher.community.agenda import carried
from matcher.community.counting import SHARED
from matcher.community.practice import Measure, measures

# How far ahead meetings are listed where nobody says, and how much of a calendar may be asked for at once; and the days
# that measures look back. In days.
AHEAD, MOST, PERIOD = 90, 800, 365
FIRST_YEAR, LAST_YEAR = 1970, 2200


@dataclass(frozen=True)
class Listed:
    """Meetings in order, and by the id of one that lies ahead the items that it takes up again."""

    meetings: Sequence[Occurrence]
    carried: Mapping[str, Sequence[AgendaItem]]


def listed(community_id: str, principal: Principal, begins: date | None, ends: date | None) -> Steps[Listed]:
    """Meetings on the days from `begins` (None: today) to `ends` (None: AHEAD days later), whole days in UTC."""
    yield from resources.seen_at_work(community_id, principal)
    after, before = window(begins, ends)
    now = datetime.now(UTC)
    stored = yield from ask(meetings.meetings([community_id], min(after, now)))
    items = yield from ask(meetings.agenda(community_id))
    ahead = meetings.rolled_out(stored, now, now + timedelta(days=MOST))
    return Listed(meetings.rolled_out(stored, after, before), carried(items, ahead, now))


def window(begins: date | None, ends: date | None) -> tuple[datetime, datetime]:
    """Raises InvalidInput for days in the wrong order, or more than MOST of them."""
    first = begins or datetime.now(UTC).date()
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise InvalidInput(
            tell("from: must be a day of the years %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)
        )
    last = ends or first + timedelta(days=AHEAD)
    if last < first or (last - first).days > MOST:
        raise InvalidInput(
            tell("to: must be a day from %(first)s on, at most %(most)s days later.", first=first, most=MOST)
        )
    return datetime.combine(first, time(), UTC), datetime.combine(last + timedelta(days=1), time(), UTC)


def measured(community_id: str, principal: Principal, days: int = PERIOD) -> Steps[list[Measure]]:
    """Measures over so many days up to now."""
    yield from resources.seen_at_work(community_id, principal)
    now = datetime.now(UTC)
    begins, today = now - timedelta(days=days), date.today().isoformat()
    life = yield from ask(practice.life([community_id]))
    shared = yield from ask(practice.shared_members(community_id, SHARED))
    stored = yield from ask(meetings.meetings([community_id], begins))
    items = yield from ask(meetings.agenda(community_id))
    # Only those that share people with it, of which the principal may see them.
    near = yield from ask(communities.communities(None, principal, [community_id, *shared]))
    known = [one for one in near.values() if one.status != "retired"]
    ahead = yield from ask(communities.meetings_ahead(today, list(near)))
    return measures(
        life.get(community_id, Life()).questions, meetings.rolled_out(stored, begins, now), items,
        slots(known, ahead, today), {key: number for key, number in shared.items() if key in near},
        community_id=community_id, begins=begins.date().isoformat(), today=today, now=now,
    )  # fmt: skip
