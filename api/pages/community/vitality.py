"""How a community does, in ten measures beside its peers; and what its members answered to the pulse."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Response

from api.dependencies import Member
from api.pages.community.head import Head, head
from api.pages.frame import Look, granted, router
from api.routes import pulse, vitality
from api.routes.people import CommunityId
from api.routes.pulse import PulseOut
from api.routes.vitality import MeasureOut, VitalityOut
from api.wording import measured, numbers_said

routes = router()

# Width of the drawing of a measure, in units of its own.
WIDTH = 200

# The pulse is answered on a scale of its own.
POINTS = (1.0, 5.0)


@dataclass(frozen=True)
class Drawn:
    """A measure and its place on a line WIDTH long: its `value`, that of the year `before`, and of its peers the middle
    half (`low` to `high`) with the `median`; None for what is not known. `numbers`: what it rests on."""

    measure: MeasureOut
    said: str | None
    before_said: str | None
    numbers: str
    value: float | None
    before: float | None
    low: float | None
    median: float | None
    high: float | None
    width: int = WIDTH


@dataclass(frozen=True)
class VitalityPage:
    """`measures` of the year that `vitality` tells of; `pulse`: questions that enough members answered."""

    head: Head
    vitality: VitalityOut
    measures: Sequence[Drawn]
    pulse: Sequence[PulseOut]


@routes.get("/communities/{community_id}/vitality")
async def shown(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """For those who are in it, and knowledge managers."""
    service = look.service
    top, found, beats = await asyncio.gather(
        head(look, community_id, "vitality"),
        vitality.get_vitality(community_id, service, principal),
        granted(pulse.get_community_pulse(community_id, service, principal)),
    )
    answered = [one for one in beats.results if any(beat.mean is not None for beat in one.quarters)] if beats else []
    page = VitalityPage(top, found, [drawn(one) for one in found.measures], answered)
    return await look.page("community/vitality.html", page, "catalogue")


def drawn(one: MeasureOut) -> Drawn:
    """Shares on a line from 0 to 1, points from 1 to 5, counts from 0 to the largest that is known of it."""
    quartiles = one.peers.quartiles if one.peers else ()
    known = [value for value in (one.value, one.before, *quartiles) if value is not None]
    least, most = POINTS if one.unit == "points" else (0.0, 1.0 if one.unit == "share" else max([1.0, *known]))

    def place(value: float | None) -> float | None:
        return None if value is None else round(WIDTH * min(1.0, max(0.0, (value - least) / (most - least))), 1)

    low, median, high = [place(value) for value in quartiles] or (None, None, None)
    said = None if one.value is None else measured(one.value, one.unit)
    before = None if one.before is None else measured(one.before, one.unit)
    return Drawn(one, said, before, numbers_said(one.numbers), place(one.value), place(one.before), low, median, high)
