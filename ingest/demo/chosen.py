"""What people of the demo organisation decided by hand on the words of communities, on their digests and on who has a
role: no source tells of it, so it is done as they would do it."""

from datetime import date, timedelta

from graph.database import Database, Transaction
from graph.models import Principal, Role
from graph.reads import digest as digest_reads
from graph.reads import glossary as glossary_reads
from graph.reads import identities as identity_reads
from graph.reads.digest import PARTS, Preferences
from graph.reads.glossary import ACCEPTED, REJECTED
from graph.revocations import Revocations
from graph.writes import digest, glossary, identities
from graph.writes.events import take_turn
from ingest.demo.layout import read

ACTOR = "demo"

# Days that somebody's digest rests from the day on which the demo is loaded.
PAUSE = 21


def choose(database: Database, today: date) -> int:
    """Does what chosen.yaml tells, once: a community or person of whom anything was decided is left as it is. How many
    decisions."""
    known = Revocations(database.settings)
    return database.write(lambda transaction: _all(transaction, known, today))


def _all(transaction: Transaction, known: Revocations, today: date) -> int:
    take_turn(transaction, ACTOR)
    done = 0
    told = read("chosen")
    for community_id, words in told["glossary"].items():
        if transaction.read(glossary_reads.glossary(community_id)):
            continue
        manager = Principal(role=Role.KNOWLEDGE_MANAGER, actor=ACTOR)
        for term, said in words["accepted"].items():
            glossary.decide(transaction, manager, community_id, term, ACCEPTED, said)
            done += 1
        for term in words["rejected"]:
            glossary.decide(transaction, manager, community_id, term, REJECTED)
            done += 1
    for person_id, wanted in told["digests"].items():
        (who,) = transaction.read(digest_reads.recipients(person_id, today.isoformat()))
        if who.preferences != Preferences():
            continue
        until = (today + timedelta(days=PAUSE)).isoformat() if wanted.get("paused") else None
        chosen = Preferences(wanted.get("frequency", "weekly"), tuple(wanted.get("parts", PARTS)), until)
        digest.prefer(transaction, Principal(person_id, Role.MEMBER, ACTOR), person_id, chosen)
        done += 1
    given = {one.person_id for one in transaction.read(identity_reads.roles_given())}
    for person_id, role in told["roles"].items():
        if person_id not in given:
            manager = Principal(role=Role.ADMIN, actor=ACTOR)
            identities.give_role(transaction, manager, known, person_id, Role(role))
            done += 1
    return done
