"""The audit at a glance: a map of all domains, a heatmap, groups of duplicates, and what no community covers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from fastapi import Response
from scipy.spatial import KDTree

from api.dependencies import KnowledgeManager
from api.pages.frame import Look, router
from api.routes import audit, domain_map
from api.routes.domain_map import DotOut, HeatmapOut, MapOut

routes = router()

# Of each community so many nearest ones are listed, for those who see no picture; of so many communities.
NEAREST, LISTED = 3, 500

# Pairs listed beside the heatmap, the likest first.
PAIRS = 60

# Gaps that are shown: there are always more small ones.
GAPS = 20


@dataclass(frozen=True)
class Neighbourhood:
    one: DotOut
    near: Sequence[DotOut]


@dataclass(frozen=True)
class LinkLine:
    a: DotOut
    b: DotOut
    verdict: str
    probability: float


@dataclass(frozen=True)
class MapPage:
    """The map: `drawn` for the script, `links` and `neighbourhoods` as lists that say the same."""

    drawn: Mapping[str, Any]
    links: Sequence[LinkLine]
    neighbourhoods: Sequence[Neighbourhood]
    left_out: int


@dataclass(frozen=True)
class PairLine:
    a: str
    b: str
    text: float
    members: float


@dataclass(frozen=True)
class HeatmapPage:
    drawn: Mapping[str, Any]
    pairs: Sequence[PairLine]
    left_out: int
    rows: int


@dataclass(frozen=True)
class GroupLine:
    """Communities (id, name) each two of which are likely duplicates, and the two that are so least."""

    communities: Sequence[tuple[str, str]]
    weakest: tuple[str, str]
    probability: float


@dataclass(frozen=True)
class GroupsPage:
    """`gaps` are as `GET /v1/audit` gives them."""

    groups: Sequence[GroupLine]
    gaps: Sequence[Mapping[str, Any]]
    more: int
    compared: int


@routes.get("/audit/map")
async def map_of_domains(look: Look, principal: KnowledgeManager) -> Response:
    found = await domain_map.get_map(look.service, principal)
    known = {one.id: one for one in found.results}
    shown = MapPage(
        drawn=_drawn_map(found),
        links=[
            LinkLine(known[one.a], known[one.b], one.verdict, one.probability)
            for one in found.links
            if one.a in known and one.b in known
        ],
        neighbourhoods=_neighbourhoods(found.results),
        left_out=max(0, len(found.results) - LISTED),
    )
    return await look.page("audit_map.html", shown, "audit")


@routes.get("/audit/heatmap")
async def heatmap(look: Look, principal: KnowledgeManager) -> Response:
    found = await domain_map.get_heatmap(look.service, principal)
    likest = sorted(found.results, key=lambda one: (-max(one.text, one.members), one.a, one.b))[:PAIRS]
    names = [row.name for row in found.rows]
    shown = HeatmapPage(
        drawn=_drawn_heatmap(found),
        pairs=[PairLine(names[one.a], names[one.b], one.text, one.members) for one in likest],
        left_out=found.left_out,
        rows=len(names),
    )
    return await look.page("audit_heatmap.html", shown, "audit")


@routes.get("/audit/groups")
async def groups(look: Look, principal: KnowledgeManager) -> Response:
    found = await audit.get_audit(look.service, principal)
    snapshot = look.service.state.snapshot
    names: dict[str, str] = {one.id: one.name for one in snapshot.communities}
    shown = GroupsPage(
        groups=[_group(one, names) for one in found.results["groups"] if len(one["communities"]) > 2],
        gaps=found.results["gaps"][:GAPS],
        more=max(0, len(found.results["gaps"]) - GAPS),
        compared=found.meta.communities,
    )
    return await look.page("audit_groups.html", shown, "audit")


def _group(group: Mapping[str, Any], names: Mapping[str, str]) -> GroupLine:
    communities: Sequence[str] = group["communities"]
    one, other = (names.get(key, key) for key in group["weakest"])
    return GroupLine([(key, names.get(key, key)) for key in communities], (one, other), group["probability"])


def _drawn_map(found: MapOut) -> Mapping[str, Any]:
    """What the script draws, short: there may be thousands."""
    return {
        "dots": [
            [one.id, one.name, one.status, one.members, round(one.x, 2), round(one.y, 2)] for one in found.results
        ],
        "links": [[one.a, one.b, one.verdict, round(one.probability, 2)] for one in found.links],
    }


def _drawn_heatmap(found: HeatmapOut) -> Mapping[str, Any]:
    return {
        "names": [row.name for row in found.rows],
        "cells": [[one.a, one.b, round(one.text, 2), round(one.members, 2)] for one in found.results],
    }


def _neighbourhoods(dots: Sequence[DotOut]) -> list[Neighbourhood]:
    """For each community, by name, those that lie nearest to it on the map."""
    if len(dots) < 2:
        return []
    places = np.array([(one.x, one.y) for one in dots])
    _, nearest = KDTree(places).query(places, k=min(NEAREST + 1, len(dots)))
    found = [
        Neighbourhood(one, [dots[other] for other in row if other != at][:NEAREST])
        for at, (one, row) in enumerate(zip(dots, np.atleast_2d(nearest).tolist(), strict=True))
    ]
    return sorted(found, key=lambda each: each.one.name.casefold())[:LISTED]
