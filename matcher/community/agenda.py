"""What the next meeting takes up again: issues are revisited until they are settled."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.reads.meetings import SETTLED, AgendaItem, Discussion, Occurrence


def carried(
    items: Sequence[AgendaItem], meetings: Sequence[Occurrence], now: datetime
) -> Mapping[str, Sequence[AgendaItem]]:
    """By the id of a meeting that lies ahead: the items that it takes up again, or for the first time.

    An item that is not settled goes to the next meeting of the series that had it last, or where that has none to the
    community's next. One of which nobody ever said how it stands does so from the last meeting only: a source that
    lists agendas drops from the next what is done.
    """
    ahead = [one for one in meetings if one.begins > now and not one.cancelled]
    if not ahead:
        return {}
    latest = max((said.begins for item in items for said in past(item, now) if said.begins), default=None)
    found: dict[str, list[AgendaItem]] = {}
    for item in items:
        said = past(item, now)
        if item.state == SETTLED or (item.state is None and (not said or said[-1].begins != latest)):
            continue
        series = (said[-1].series_id or said[-1].meeting_id) if said else None
        same = (one for one in ahead if series in (one.meeting.series_id, one.id.rpartition("@")[0]))
        meeting = next(same, ahead[0])
        planned = {one.title for one in meeting.meeting.agenda} if meeting.recorded else set[str]()
        if item.title not in planned:
            found.setdefault(meeting.id, []).append(item)
    return found


def past(item: AgendaItem, now: datetime) -> list[Discussion]:
    """The meetings that had it, in their order, of those that have begun."""
    known = [said for said in item.discussions if said.begins is not None and said.begins <= now]
    return sorted(known, key=lambda said: said.begins or now)
