"""What people of the demo organisation did that no source tells of: they greet, accompany, answer the pulse."""

from datetime import date, timedelta

from graph.database import Database, Transaction
from graph.models import Principal, Role
from graph.quarters import latest_over
from graph.reads import newcomers as reads
from graph.reads import pulse as pulse_reads
from graph.writes import newcomers as writes
from graph.writes import pulse as pulse_writes
from ingest.demo.layout import dice, read

# Of the newcomers of a community the first is greeted and accompanied, the second greeted and offered a buddy, the
# others wait.
NEW_DAYS = 90
COMMUNITIES = 3

# Answers of the last quarter that is over and of the one before, by community: the mean, and how many answered. The
# last has too few.
PULSES = {
    "cable-burial": {"candour": ((3.9, 9), (2.8, 7)), "welcome": ((3.2, 6), (3.4, 6))},
    "python-guild": {"learning": ((4.3, 12), (4.1, 11))},
    "rope-access": {"candour": ((2.0, 3), (2.4, 4))},
}


def live(database: Database, today: date) -> None:
    """Repeatable: what was done is not done again."""
    database.write(lambda transaction: _welcome(transaction, today))
    database.write(lambda transaction: _pulse(transaction, today))


def _welcome(transaction: Transaction, today: date) -> None:
    since = (today - timedelta(days=NEW_DAYS)).isoformat()
    found = [(key, transaction.read(reads.newcomers(key, since))) for key in read("communities")]
    most = sorted(found, key=lambda one: (-len(one[1]), one[0]))[:COMMUNITIES]
    for community_id, newcomers in most:
        hosts = [host.person_id for host in transaction.read(reads.offers(community_id)).people]
        for place, newcomer in enumerate(newcomers[:2]):
            greeter = next((host for host in hosts if host != newcomer.person_id), None)
            if greeter is None or newcomer.greetings:
                continue
            writes.greet(transaction, _as(greeter), greeter, community_id, newcomer.person_id)
            others = transaction.read(reads.candidates(community_id, newcomer.person_id, newcomer.spell))
            fitting = [one.person_id for one in others if not one.in_line and one.engagement in ("core", "active")]
            if not fitting:
                continue
            writes.propose(transaction, _as(newcomer.person_id), community_id, newcomer.person_id, fitting[0])
            if place == 0:
                writes.step(
                    transaction, _as(fitting[0]), community_id, newcomer.person_id, fitting[0], "agree"
                )  # fmt: skip


def _pulse(transaction: Transaction, today: date) -> None:
    quarters = [str(quarter) for quarter in latest_over(today.isoformat(), 2)]
    for community_id, questions in PULSES.items():
        there = {(one.quarter, one.question) for one in transaction.read(pulse_reads.tallies(community_id))}
        for question, told in questions.items():
            for quarter, (mean, answers) in zip(quarters, told, strict=True):
                if (quarter, question) in there:
                    continue
                rng = dice("pulse", community_id, question, str(mean))
                for _ in range(answers):
                    given = min(5, max(1, round(rng.gauss(mean, 0.7))))
                    pulse_writes.count(transaction, community_id, quarter, question, given)


def _as(person_id: str) -> Principal:
    return Principal(person_id, Role.MEMBER, "demo")
