"""Whether a proposal has what a community of practice needs: each question of the guide with a state, the evidence and
the next best action.

A good domain, a community that wants it, a practice, and being together. The text of the proposal is held against what
the audit holds communities against, within those that whoever asks may see; people are those of the graph. The check
tells and decides nothing. Thresholds are set by hand: no public data says which proposals came to live.
"""

from collections.abc import Callable, Sequence

from matcher.audit.proposal import Standing
from matcher.community.formation import community, domain, practice, together
from matcher.community.formation.answers import Answer, Check
from matcher.community.formation.draft import Draft
from matcher.community.formation.focus import BoolArray, FloatArray, Focus, companies_of, focused

# In the order of the guide, which is that of the answers.
ASKED: tuple[Callable[[Focus], Answer], ...] = (
    domain.identify, domain.concern, domain.belonging, domain.duplicates, domain.general, domain.specific,
    community.wanted, community.companionship, community.leaders,
    practice.challenges, practice.disclosure,
    together.rhythm, together.follow_up, together.shared_work, together.outside_experts,
)  # fmt: skip


def check(
    standing: Standing,
    draft: Draft,
    visible: BoolArray,
    vectors: FloatArray | None = None,
    encode: Callable[[Sequence[str]], FloatArray] | None = None,
    *,
    model: str | None = None,
    core_group: int = 3,
) -> Check:
    """Every question of QUESTIONS. `visible` bool [communities of the snapshot]: of the others nothing shows; `vectors`
    as those of Standing.check, `encode` and `model` as those of matcher.audit.report.audit. `core_group`: how many
    people are to be committed to lead."""
    snapshot = standing.subject.snapshot
    others = visible.copy()
    if draft.id in snapshot.row:
        others[snapshot.row[draft.id]] = False
    relatives = standing.check(draft.words, others, vectors)
    subject = focused(standing, draft, others, vectors, encode)
    encode = encode if subject.texts.name_vectors is not None else None
    focus = Focus(subject, draft, relatives, companies_of(standing, draft, others), encode, model, core_group)
    identified = focus.identified
    return Check(
        tuple(answered(focus) for answered in ASKED), focus.relatives, None if identified is None else identified.count
    )
