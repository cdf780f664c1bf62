"""What stands above every page of a community: what it is, what somebody is in it, and what they can do."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fastapi import Response

from api.pages.frame import Looking, granted, version_in
from api.routes import communities, join_requests
from api.routes.communities import CommunityOut, NamedOut, SpellOut
from api.routes.join_requests import JoinRequestOut
from api.service import Service
from graph.formation import BEFORE_ACTIVE, LEVELS
from graph.models import Part, Role
from graph.reads import resources


@dataclass(frozen=True)
class Head:
    """`version`: that of the community, for changes. `spell`: the membership of the person who looks, with
    `spell_version`; None where they are no member today. `parts`: what they are in it. `successors`, `whole`: where it
    went, and what it is a part of, of those that they may see. `let_in_by`: the leads, for who has to ask one to let
    them in; `asked`: what they asked last, where that waits or was declined. `done`: which form of this page was
    sent just now."""

    community: CommunityOut
    version: str
    tab: str
    spell: SpellOut | None
    spell_version: str
    parts: frozenset[Part]
    manages: bool
    external: bool
    person_id: str | None
    last_sign: str | None
    successors: Sequence[NamedOut]
    whole: NamedOut | None
    let_in_by: Sequence[NamedOut]
    asked: JoinRequestOut | None
    done: str

    @property
    def base(self) -> str:
        return f"/communities/{self.community.id}"

    @property
    def levels(self) -> Sequence[str]:
        return LEVELS

    @property
    def begins(self) -> bool:
        """Whether it is proposed or forming: people say that they would join."""
        return self.community.status in BEFORE_ACTIVE

    @property
    def joins(self) -> bool:
        """Whether the person who looks can join it themselves, now."""
        may = self.community.visibility == "open" or self.external or self.leads
        return self.person_id is not None and self.spell is None and may and not self.over and not self.begins

    @property
    def asks(self) -> bool:
        """Whether they would have to ask to be let in."""
        stands_aside = self.over or self.begins or self.joins or self.external
        return self.person_id is not None and self.spell is None and not stands_aside

    @property
    def over(self) -> bool:
        return self.community.status == "retired"

    @property
    def leads(self) -> bool:
        return self.manages or Part.LEAD in self.parts

    @property
    def runs(self) -> bool:
        """Whether they plan its meetings and keep their record: leads, core members, knowledge managers."""
        return self.leads or Part.CORE in self.parts

    @property
    def sponsors(self) -> bool:
        return Part.SPONSOR in self.parts

    @property
    def writes(self) -> bool:
        """Whether they write the charter, in which no role of the organisation counts."""
        return bool(self.parts & {Part.LEAD, Part.CORE, Part.SPONSOR})

    @property
    def inside(self) -> bool:
        """Whether they are anything in it, or a knowledge manager."""
        return self.manages or bool(self.parts)


async def head(look: Looking, community_id: str, tab: str, done: str = "") -> Head:
    """Raises NotFound for what who looks may not see."""
    service, principal, told, answer = look.service, look.principal, Response(), Response()
    person = principal.person_id
    spell, parts = None, frozenset[Part]()
    if person is None:
        found = await communities.get_community(community_id, service, principal, answer)
    else:
        found, spell, parts = await asyncio.gather(
            communities.get_community(community_id, service, principal, answer),
            granted(communities.get_membership(community_id, person, service, principal, told)),
            service.reads.read(resources.standing(community_id, person)),
        )
    today = date.today().isoformat()
    if spell is not None and spell.left_on is not None and spell.left_on <= today:
        spell = None
    top = Head(
        community=found, version=version_in(answer), tab=tab, spell=spell, spell_version=version_in(told),
        parts=parts, manages=principal.may(Role.KNOWLEDGE_MANAGER),
        external=principal.external, person_id=person,
        last_sign=service.state.snapshot.last_signs.days.get(community_id),
        successors=[named(service, one) for one in found.successor_ids],
        whole=named(service, found.part_of_id) if found.part_of_id else None, let_in_by=(), asked=None, done=done,
    )  # fmt: skip
    if top.asks and person is not None:
        parts_held, own = await asyncio.gather(
            service.reads.read(resources.responsible(community_id)),
            join_requests.join_requests_of(person, service, principal),
        )
        last = next((one for one in own if one.community_id == community_id), None)
        standing = last if last is not None and (last.waits or last.state == "declined") else None
        top = replace(top, let_in_by=with_part(parts_held, Part.LEAD), asked=standing)
    return top


def with_part(parts: Mapping[str, tuple[str, frozenset[Part]]], part: Part) -> Sequence[NamedOut]:
    return [NamedOut(id=key, name=name) for key, (name, held) in parts.items() if part in held]


def named(service: Service, community_id: str) -> NamedOut:
    """A community that who looks may see, by what it is called."""
    snapshot = service.state.snapshot
    row = snapshot.row.get(community_id)
    return NamedOut(id=community_id, name=snapshot.communities[row].name if row is not None else community_id)
