"""Talk and advice of one quarter in a community, by person, for totals that name nobody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.database import Read, Row
from graph.quarters import Quarter


@dataclass(frozen=True)
class Exchange:
    """A piece of advice: from whom, to whom ('' not known), and whether it went `down` to somebody who reports to the
    adviser, `up` to somebody above them, or '' neither."""

    adviser_id: str
    asker_id: str
    direction: str


@dataclass(frozen=True)
class Talk:
    """To be shown to nobody as it is (matcher.community.power). `grades`: of everybody who was a member in the quarter,
    '' where none is known. `askers` has one entry a question."""

    grades: Mapping[str, str]
    askers: tuple[str, ...]
    advice: tuple[Exchange, ...]


def talk(community_id: str, quarter: Quarter) -> Read[Talk]:
    def parse(rows: list[Row]) -> Talk:
        if not rows:
            return Talk({}, (), ())
        (row,) = rows
        return Talk(dict(row["members"]), tuple(row["askers"]), tuple(Exchange(*one) for one in row["advice"]))

    return Read("read/power", {"id": community_id, "first": quarter.first_day, "last": quarter.last_day}, parse)


def reports(community_id: str) -> Read[dict[str, dict[str, Any]]]:
    """What was kept of a community, by quarter."""

    def parse(rows: list[Row]) -> dict[str, dict[str, Any]]:
        return {row["quarter"]: json.loads(row["content"]) for row in rows}

    return Read("read/power_reports", {"id": community_id}, parse)
