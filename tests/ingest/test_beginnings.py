"""Proposals of the demo organisation are in every state that there is, and stay so when it is loaded again."""

from datetime import date
from pathlib import Path

import numpy as np

from api.cli.asking import Asking
from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.reads import formation as reads
from graph.reads import log, resources
from ingest.demo.beginnings import begin
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from matcher.audit.proposal import Standing
from matcher.audit.subject import Subject, read_facts
from matcher.audit.verdict import SHIPPED
from matcher.community.formation.answers import Check
from matcher.community.formation.check import check
from matcher.community.formation.draft import read_draft


def _checked(database: Database, community_id: str) -> Check:
    """As whoever sits at the machine sees it, by words alone."""
    asking = Asking(database, None)
    found = database.read(resources.community(community_id, LOCAL_ADMIN))
    assert found is not None
    standing = Standing(Subject(asking.snapshot, database.follow(read_facts(None)), None, False), SHIPPED, SHIPPED)
    everything = np.ones(len(asking.snapshot.communities), dtype=np.bool_)
    return check(standing, database.follow(read_draft(found.community, date.today().isoformat())), everything)


def test_every_state_of_a_proposal_occurs_and_nothing_is_done_twice(database: Database, tmp_path: Path) -> None:
    today = date.today()
    ingest(database, DemoSource(today), rejects_folder=tmp_path)
    assert begin(database) == 7

    def status(key: str) -> str:
        found = database.read(resources.community(key, LOCAL_ADMIN))
        assert found is not None
        return found.community.status

    last = {
        key: (status(key), *(one.step for one in database.read(reads.steps(key))[-1:]))
        for key in ("far-teams", "battery-storage", "language-models", "drone-pilots", "lunch-walks",
                    "apprentice-tutors")
    }  # fmt: skip
    assert last == {
        "far-teams": ("proposed", "ask"),
        "battery-storage": ("proposed",),
        "language-models": ("forming",),
        "drone-pilots": ("retired", "decline"),
        "lunch-walks": ("retired", "withdraw"),
        "apprentice-tutors": ("active", "activate"),
    }
    tutors = database.read(reads.interests("apprentice-tutors"))
    assert {one.member for one in tutors} == {True, False}
    assert all(one.invited_at for one in tutors)
    guests = database.read(reads.invitations("floating-wind"))
    assert {one.person_id: one.state for one in guests} == {
        "hakon-nordby": "accepted", "gulsen-patil": "asked", "ximena-etxeberria": "refused",
    }  # fmt: skip
    leads = database.read(reads.interests("far-teams"))
    assert sum(one.would_lead for one in leads) == 2
    checks = [_checked(database, key) for key in ("far-teams", "apprentice-tutors")]
    assert {one.state for check in checks for one in check.answers} == {"met", "partly", "missing", "cannot_tell"}
    before = log.fingerprint(database)
    ingest(database, DemoSource(today), rejects_folder=tmp_path, sweep=True)
    assert begin(database) == 0
    assert log.fingerprint(database) == before
