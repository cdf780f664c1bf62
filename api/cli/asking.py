"""One organisation as commands ask it: what they need of it is read on first use."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from api import profiles
from api.cli.output import ERRORS
from graph.database import Database
from graph.errors import InvalidInput
from graph.models import Person, Principal, Role
from graph.reads import communities, meetings, people, vectors
from graph.reads import weights as weight_reads
from graph.reads.pages import of_all
from graph.reads.people import themselves
from graph.reads.resources import no_community
from matcher import advice, catalogue, helpers, joins, outside, snapshot, what_if
from matcher.calibration import weights_of
from matcher.community.signs import LastSigns
from matcher.diversity import DIVERSITY
from matcher.embedding import Embedder, encode_documents
from matcher.explain import Fact
from matcher.features import domain_fit
from matcher.features.profile import Profile
from matcher.indexing import document_of, stored_vector, with_wishes
from matcher.partitions import Workers
from matcher.search import KINDS, SearchPage, cleaned, search


class Asking:
    """`embedder` None: words alone are compared. `day` (ISO 8601): as was known before it; None: now. Co-membership is
    taken as `learned`, or else learned by `workers` (None: by this process)."""

    def __init__(
        self,
        database: Database,
        embedder: Embedder | None,
        day: str | None = None,
        learned: snapshot.Learned | None = None,
        workers: Workers | None = None,
    ) -> None:
        self.database, self.embedder, self.day = database, embedder, day
        self._learned, self._workers = learned, workers

    @cached_property
    def model(self) -> vectors.Model | None:
        """The model whose vectors are stored, if it is the one at hand."""
        model = self.database.read(vectors.model())
        if model is None or self.embedder is None:
            return None
        if self.embedder.name != model.name:
            raise InvalidInput(
                f"The stored vectors are of {model.name}, the settings name {self.embedder.name}. Run `guildmap index`."
            )
        return model

    @cached_property
    def catalogue(self) -> catalogue.Catalogue:
        return self.database.follow(catalogue.build(self.model))

    @cached_property
    def last_signs(self) -> LastSigns:
        return LastSigns.of(self.database.follow(of_all("community", communities.practice)), date.today().isoformat())

    @cached_property
    def snapshot(self) -> snapshot.Snapshot:
        return self.database.follow(snapshot.build(self.model, self.day, learned=self._learned, workers=self._workers))

    @cached_property
    def weights(self) -> joins.Weights:
        return weights_of(self.database.read(weight_reads.weights()), self.day)

    @cached_property
    def evidence(self) -> advice.HelpEvidence:
        return self.database.follow(advice.build(self.model, self.day))

    def person(self, person_id: str) -> Person:
        return self.database.read(profiles.themselves(person_id, self.day, self.model))

    def search(self, text: str, **options: Any) -> SearchPage:
        """Whoever sits at the machine sees all, restricted communities too."""
        everything = np.ones(len(self.catalogue.communities), dtype=np.bool_)
        options.setdefault("kinds", KINDS)
        return self.database.follow(
            search(
                self.catalogue, text, self._vector(cleaned(text)), visible=everything, model=self.model,
                lives=self.last_signs, **options,
            )
        )  # fmt: skip

    def recommend(self, person: Person, limit: int, diversity: float = DIVERSITY) -> joins.Recommendations:
        return self._recommended(self._profile(person), limit, diversity)

    def what_if(self, person: Person, found: joins.Recommendations) -> joins.Recommendations:
        """What was found for a person, each with what would change it."""
        return self._what_if(
            self._profile(person), found, lambda fact, _: self._vector_of(what_if.person_without(person, fact))
        )

    @cached_property
    def _many(self) -> bool:
        """Made ready for many in a row."""
        # As in a service: the products are small, and threads that share them wait for each other.
        threadpool_limits(1, "blas")
        for _ in domain_fit.prepare(self.snapshot):
            pass
        return True

    def recommend_some(self, people: Sequence[str], limit: int) -> Iterator[tuple[str, joins.Recommendations]]:
        """Recommendations for those of the ids who have not left and have not paused them, in their order."""
        assert self._many
        row, gone = self.snapshot.people.row, self.snapshot.people.gone
        ids = [person for person in people if person in row and not gone[row[person]]]
        for start in range(0, len(ids), joins.TOGETHER):
            known = self.database.read(themselves(ids[start : start + joins.TOGETHER], self.day, self.model))
            found = {key: person for key, person in known.items() if not profiles.pause_note(person, self.day)}
            described = [self._profile(person) for person in found.values()]
            lists = joins.recommend_all(self.snapshot, described, limit=limit, as_of=self.day, weights=self.weights)
            yield from zip(found, lists, strict=True)

    def described(self, text: str, skills: Sequence[str], wants: Sequence[str], unit_id: str | None) -> Profile:
        """The profile of somebody who is not stored."""
        profile, notes = self.database.follow(profiles.described(text, skills, wants, unit_id))
        for note in notes:
            ERRORS.print(f"note: {note}", style="yellow", markup=False)
        return replace(profile, vector=self._vector(profile.text))

    def recommend_described(self, profile: Profile, limit: int, diversity: float = DIVERSITY) -> joins.Recommendations:
        found = self._recommended(profile, limit, diversity)
        return self._what_if(profile, found, lambda _, rest: self._vector(rest.text))

    def help_for(self, text: str, asker: str | None, community: str | None, limit: int) -> helpers.HelperList:
        """As the asker sees it. Raises NotFound for an unknown asker or community."""
        visible, dismissed = self._sight(asker, community)
        return helpers.help_for(
            self.evidence, text, asker=asker, visible=visible, community=community, limit=limit,
            vector=self._vector(text), dismissed=dismissed,
        )  # fmt: skip

    def outside_experts(
        self, text: str, asker: str | None, community: str | None, limit: int
    ) -> tuple[outside.Experts, tuple[outside.Expert, ...]]:
        """Who outside knows about it, as the asker sees it, and each with who inside knows them. Raises NotFound."""
        visible, dismissed = self._sight(asker, community)
        found = outside.experts(
            self.evidence, text, asker=asker, visible=visible, community=community, limit=limit,
            vector=self._vector(text), dismissed=dismissed,
        )  # fmt: skip
        met = self.database.read(meetings.met([one.person_id for one in found.results], asker))
        return found, outside.introduced(
            self.evidence, found.results, met, asker=asker, visible=visible, dismissed=dismissed
        )

    def _sight(self, asker: str | None, community: str | None) -> tuple[NDArray[np.bool_], frozenset[str]]:
        """Which communities the asker may see (bool [communities]), and whom they do not want suggested. Raises
        NotFound for an unknown asker, or a community that they may not see."""
        dismissed: frozenset[str] = frozenset()
        if asker:
            self.person(asker)
            dismissed = self.database.read(people.dismissed_helpers(asker, self.day))
        held = self.evidence.snapshot
        visible = held.visible_to(Principal(asker, Role.MEMBER, "local"))
        if community and not (community in held.row and visible[held.row[community]]):
            raise no_community(community)
        return visible, dismissed

    def _recommended(self, profile: Profile, limit: int, diversity: float) -> joins.Recommendations:
        return joins.recommend(
            self.snapshot, profile, limit=limit, as_of=self.day, weights=self.weights, diversity=diversity
        )

    def _what_if(
        self,
        profile: Profile,
        found: joins.Recommendations,
        vector: Callable[[Fact, Profile], NDArray[np.float32] | None],
    ) -> joins.Recommendations:
        """`vector` is that of what is left of the profile's text without a fact."""
        without = [
            (fact, replace(rest, vector=vector(fact, rest)) if rest.text and rest.vector is None else rest)
            for fact, rest in what_if.variants(self.snapshot, profile)
        ]
        return what_if.with_changes(self.snapshot, profile, found, without, self.weights)

    def vectors(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32] | None]:
        """The embedding of each text, in one go; None where words alone are compared."""
        if self.embedder is None or self.model is None:
            return [None] * len(texts)
        return list(self.embedder.encode(texts))

    def _profile(self, person: Person) -> Profile:
        return replace(profiles.of_person(person, self.day), vector=self._vector_of(person))

    def _vector_of(self, person: Person) -> NDArray[np.float32] | None:
        """What the person is about. Their texts are encoded only where they have changed since they were last."""
        stored, document = stored_vector(person, self.model), document_of(person)
        if stored is None and self.embedder is not None and self.model is not None and any(document):
            stored = encode_documents(self.embedder, [document])[0]
        return with_wishes(stored, person)

    def _vector(self, text: str) -> NDArray[np.float32] | None:
        if self.embedder is None or self.model is None or not text.strip():
            return None
        return self.embedder.encode([text])[0]
