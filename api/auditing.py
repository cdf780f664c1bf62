"""The audit within a service: computed once for a state of the organisation, beside the loop, for all who ask."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from graph.database import AsyncDatabase
from graph.reads.domain_map import domain_map
from graph.reads.findings import KeptCalibration
from graph.reads.vectors import Model
from graph.remedies import Remedy
from matcher import live
from matcher.audit import calibrate, pictures, report
from matcher.audit import simulate as simulating
from matcher.audit.findings import OVERLAP, UNIT_CLASH
from matcher.audit.proposal import Standing
from matcher.audit.report import Audit, Kept
from matcher.audit.simulation import Simulation
from matcher.audit.subject import AuditFacts, read_facts
from matcher.audit.verdict import SHIPPED
from matcher.community import vitality as measures
from matcher.community.formation import check as forming
from matcher.community.formation.answers import Check
from matcher.community.formation.draft import Draft
from matcher.community.formation.focus import BoolArray
from matcher.community.glossary import Language
from matcher.community.vitality import Vitality
from matcher.embedding import FloatArray
from matcher.snapshot import Snapshot

T = TypeVar("T")

# Results of one state that are kept: by what asks differ (retired ones too, the least probability) there are few.
KEPT = 8

# Checks of proposals that are kept: each takes some tenths of a second, and those who decide look at them again and
# again. More than wait at a time.
CHECKS = 64


@dataclass(frozen=True)
class Basis:
    """What an audit rests on. Two that are equal give the same one."""

    snapshot: Snapshot
    facts: AuditFacts
    model: Model | None
    calibrations: dict[str, KeptCalibration]


class Auditor:
    """`encode` gives vectors of names for a thread of this class, or None while there is no model; `period` is that of
    `matcher.audit.report.audit`.

    A decision on a finding moves the revision and nothing that an audit rests on: what was computed stays.
    """

    def __init__(self, reads: AsyncDatabase, encode: Callable[[Sequence[str]], FloatArray | None], period: int) -> None:
        self._reads, self._encode, self._period = reads, encode, period
        # One thread: an audit takes seconds among thousands of communities, and recommendations do not wait for it.
        self._thread = ThreadPoolExecutor(1, "auditor")
        self._reading = asyncio.Lock()
        self._basis: Basis | None = None
        self._revision: tuple[int, int] | None = None
        self._results: OrderedDict[Hashable, asyncio.Task[Any]] = OrderedDict()
        # Of what is stored, by what else the check rests on: what was checked, within what, and what came of it.
        self._checks: OrderedDict[Hashable, tuple[Basis, Draft, Check]] = OrderedDict()
        # What the next audit takes over of those before it; the thread of audits alone uses it.
        self._kept = Kept()
        self._life: tuple[tuple[int, str], dict[str, Vitality]] | None = None

    async def stop(self) -> None:
        for task in self._results.values():
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
        self._thread.shutdown(cancel_futures=True)

    async def audit(self, state: live.State, include_retired: bool, least: float) -> tuple[Audit, Basis]:
        """The audit of this state, with what it rests on."""
        basis = await self._of(state)
        kept = self._kept

        def work() -> Audit:
            return report.audit(
                basis.snapshot, basis.facts, self._encoding(basis), include_retired=include_retired, least=least,
                calibrations=calibrate.in_use(basis.calibrations),
                model=basis.model.name if basis.model is not None else None, period=self._period,
                kept=kept,
            )  # fmt: skip

        return await self._once(("audit", include_retired, least), work), basis

    async def places(self, state: live.State) -> dict[str, tuple[float, float]]:
        """Where each community lies on the map of domains, by id: those that have a place there where it is, the others
        near what they are like. An audit that is kept keeps these (see `graph.writes.domain_map`)."""
        basis, drawn = await self._of(state), await self._reads.read(domain_map())
        known = ("places", frozenset(drawn.items()))
        return await self._once(known, lambda: pictures.places_of(basis.snapshot, drawn))

    async def standing(self, state: live.State) -> Standing:
        """What proposals are compared with."""
        basis = await self._of(state)
        kept = self._kept

        def work() -> Standing:
            known = calibrate.in_use(basis.calibrations)
            subject = kept.subject(basis.snapshot, basis.facts, self._encoding(basis), False)
            return Standing(subject, known.get(OVERLAP, SHIPPED), known.get(UNIT_CLASH, SHIPPED))

        return await self._once("standing", work)

    async def formation(
        self, state: live.State, draft: Draft, visible: BoolArray, vectors: FloatArray | None, core_group: int
    ) -> Check:
        """The check of one that is to become a community, told to somebody who may see the `visible` communities."""
        basis, standing = await self._of(state), await self.standing(state)
        encode, model = self._encoding(basis), basis.model.name if basis.model is not None else None
        key = (draft.id, visible.tobytes(), vectors is None, encode is None, core_group)
        known = self._checks.get(key)
        if known is not None and known[0] is basis and known[1] == draft:
            self._checks.move_to_end(key)
            return known[2]
        found = await self.run(
            lambda: forming.check(standing, draft, visible, vectors, encode, model=model, core_group=core_group)
        )
        if draft.id:
            self._checks[key] = basis, draft, found
            while len(self._checks) > CHECKS:
                self._checks.popitem(last=False)
        return found

    async def language(self, state: live.State) -> Language:
        """What is said in the communities of this state."""
        basis = await self._of(state)
        facts, communities = basis.facts, basis.snapshot.communities
        names = basis.snapshot.people.names
        return await self._once("language", lambda: Language(communities, facts.questions, facts.meetings, names))

    async def vitality(self, state: live.State) -> dict[str, Vitality]:
        """The measures of each community of this state, by id."""
        known = self._life
        if known is None or known[0] != (state.revision, state.snapshot.day):
            facts = await self._reads.follow(measures.read_facts(state.snapshot.day))
            found = await self.run(lambda: measures.vitality(state.snapshot, facts))
            known = self._life = ((state.revision, state.snapshot.day), found)
        return known[1]

    async def simulate(
        self, state: live.State, remedy: Remedy, encode: Callable[[Sequence[str]], FloatArray] | None
    ) -> Simulation:
        """What would follow from a remedy in this state; `encode` is called in a thread of this class."""
        standing = await self.standing(state)
        facts = await self._reads.follow(simulating.read_facts(state.snapshot.day))
        return await self.run(lambda: simulating.simulate(standing, facts, remedy, encode))

    async def run(self, work: Callable[[], T]) -> T:
        """The result of comparing, in the thread of audits."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _encoding(self, basis: Basis) -> Callable[[Sequence[str]], FloatArray] | None:
        if basis.model is None or self._encode(["ready"]) is None:
            return None
        return cast("Callable[[Sequence[str]], FloatArray]", self._encode)

    async def _of(self, state: live.State) -> Basis:
        """What there is to know at this state; the same object where nothing of it has changed."""
        async with self._reading:
            moved = (state.revision, state.model.generation if state.model else 0)
            if self._basis is None or self._revision != moved or self._basis.snapshot is not state.snapshot:
                facts = await self._reads.follow(read_facts(state.model))
                calibrations = await self._reads.follow(calibrate.read_calibrations())
                known = self._basis
                if (
                    known is None
                    or known.snapshot is not state.snapshot
                    or (known.facts, known.model, known.calibrations) != (facts, state.model, calibrations)
                ):
                    if known is None or not live.same_model(known.model, state.model):
                        self._kept = Kept()
                    self._basis = Basis(state.snapshot, facts, state.model, calibrations)
                    self._results.clear()
                self._revision = moved
            assert self._basis is not None
            return self._basis

    async def _once(self, key: Hashable, work: Callable[[], T]) -> T:
        """The result of `work`, begun for the first who asks for it. Whoever gives up does not end it for the others,
        nor for whoever asks again."""
        task = self._results.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._results[key] = asyncio.create_task(self.run(work), name="audit")
            while len(self._results) > KEPT:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return await asyncio.shield(task)
