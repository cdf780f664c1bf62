"""The log of privileged acts: one chain, in which nothing can be changed, left out, moved or cut off unseen."""

import threading
from pathlib import Path

import pytest

from graph import acts, backup
from graph.acts import Notes, note, verify
from graph.database import Database
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads.acts import every_act, hash_of, pseudonyms
from graph.revocations import Revocations
from graph.writes import erasure
from graph.writes.acts import record_act, record_settings
from graph.writes.identities import give_role, take_role
from graph.writes.keys import create_key, revoke_key

ADA = Principal("ada", Role.ADMIN, "person:ada")


@pytest.fixture
def there(database: Database):
    notes = Notes(database.settings).file
    notes.unlink(missing_ok=True)
    database.run_alone("CREATE (:Person {id: 'ada', name: 'Ada Lovelace'}), (:Person {id: 'bob', name: 'Bob'})")
    known = Revocations(database.settings)
    database.write(lambda tx: give_role(tx, ADA, known, "bob", Role.ADMIN))
    key = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "bob", "note of Bob"))
    database.write(lambda tx: revoke_key(tx, ADA, known, key.split("_")[1]))
    database.write(lambda tx: take_role(tx, ADA, known, "bob"))
    note(database)
    yield database
    notes.unlink(missing_ok=True)


def test_what_is_done_by_privilege_stands_in_it_without_a_word_of_people(there: Database) -> None:
    found = list(every_act(there))
    assert [one.action for one in found] == ["give.role", "create.key", "revoke.key", "take.role"]
    names = there.read(pseudonyms())
    assert [names.get(one.actor, one.actor) for one in found] == ["ada", "local", "ada", "ada"]
    assert [names.get(one.subject or "") for one in found] == ["bob", "bob", None, "bob"]
    assert not any(word in repr(found).lower() for word in ("ada", "bob", "lovelace"))
    assert verify(there).faults == ()


ATTACKS = {
    "changed": "MATCH (a:PrivilegedAct {seq: 2}) SET a.subject = null",
    "words": "MATCH (a:PrivilegedAct {seq: 2}) SET a.details = '{}'",
    "moment": "MATCH (a:PrivilegedAct {seq: 3}) SET a.at = '2020-01-01T00:00:00.000Z'",
    "taken out": "MATCH (a:PrivilegedAct {seq: 2}) DELETE a",
    "first": "MATCH (a:PrivilegedAct {seq: 1}) DELETE a",
    "closed up": "MATCH (a:PrivilegedAct {seq: 2}) DELETE a WITH 1 AS x MATCH (a:PrivilegedAct) WHERE a.seq > 2 "
    "WITH a ORDER BY a.seq SET a.seq = a.seq - 1",
    "swapped": "MATCH (a:PrivilegedAct {seq: 2}), (b:PrivilegedAct {seq: 3}) SET a.seq = -1 "
    "WITH a, b SET b.seq = 2 WITH a SET a.seq = 3",
    "cut": "MATCH (a:PrivilegedAct {seq: 4}) DELETE a",
    "cut with its end": "MATCH (a:PrivilegedAct {seq: 4}), (m:Meta {id: 'acts'}), (b:PrivilegedAct {seq: 3}) "
    "SET m.seq = 3, m.hash = b.hash DELETE a",
    "all": "MATCH (a:PrivilegedAct|Meta) WHERE a:PrivilegedAct OR a.id = 'acts' DELETE a",
    "put in": "MATCH (m:Meta {id: 'acts'}) CREATE (:PrivilegedAct {seq: 5, at: 'x', actor: 'y', action: 'z', "
    "details: '{}', before: m.hash, hash: 'h'})",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_whatever_is_done_to_it_shows(there: Database, attack: str) -> None:
    there.run_alone(ATTACKS[attack])  # pyright: ignore
    assert verify(there).faults


def test_a_chain_that_was_made_anew_shows_by_what_was_noted(there: Database) -> None:
    """Whoever may write to the database can hash all of it again; what was noted elsewhere is another then."""
    found, before = list(every_act(there)), "0" * 64
    for act in found:
        action = "nothing" if act.seq == 2 else act.action
        digest = hash_of(act.seq, act.at, act.actor, action, act.subject, act.details, before)
        there.run_alone(
            "MATCH (a:PrivilegedAct {seq: $seq}) SET a.action = $action, a.before = $before, a.hash = $hash",
            seq=act.seq, action=action, before=before, hash=digest,
        )  # fmt: skip
        before = digest
    there.run_alone("MATCH (m:Meta {id: 'acts'}) SET m.hash = $hash", hash=before)
    assert verify(there).faults == ("Act 4 is another than the one that was noted.",)
    Notes(there.settings).file.unlink()
    assert verify(there).faults == ()  # nobody could tell
    assert verify(there, (acts.Head(4, found[-1].hash),)).faults  # but by what was kept elsewhere


def test_writers_at_one_time_give_one_chain(there: Database) -> None:
    def work() -> None:
        for _ in range(10):
            there.write(lambda tx: record_act(tx, ADA, "export.person", "bob"))

    writers = [threading.Thread(target=work) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    found = verify(there)
    assert (found.head.seq, found.faults) == (44, ())


def test_settings_are_noted_when_they_change(there: Database) -> None:
    for reports in (False, False, True, True, False):
        there.write(lambda tx, reports=reports: record_settings(tx, auth="keys", power_reports=reports))
    assert [one.details for one in every_act(there) if one.action == "settings"] == [
        '{"auth": "keys", "power_reports": false}', '{"auth": "keys", "power_reports": true}',
        '{"auth": "keys", "power_reports": false}',
    ]  # fmt: skip


def test_an_act_that_was_rolled_back_is_none(there: Database) -> None:
    class Failed(Exception):
        pass

    def work(transaction) -> None:
        record_act(transaction, ADA, "export.person", "bob")
        raise Failed

    with pytest.raises(Failed):
        there.write(work)
    assert verify(there).head.seq == 4
    assert verify(there).faults == ()


def test_who_was_erased_stands_in_it_under_a_name_that_leads_nowhere(there: Database) -> None:
    erasure.erase(there, LOCAL_ADMIN, "ada")
    found = list(every_act(there))
    assert found[-1].action == "erase.person"
    assert found[0].actor == found[-1].subject
    assert set(there.read(pseudonyms()).values()) == {"bob"}
    assert verify(there).faults == ()


def test_a_restore_loses_no_act(there: Database, tmp_path: Path) -> None:
    backup.back_up(there, tmp_path / "b.jsonl")
    there.write(lambda tx: give_role(tx, ADA, Revocations(there.settings), "bob", Role.ADMIN))
    note(there)
    backup.restore(there, tmp_path / "b.jsonl", over=True)
    assert (verify(there).head.seq, verify(there).faults) == (5, ())
    # Into a database that knows nothing of it, what came after the backup is lost: that is told until it is accepted.
    there.run_alone("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")
    backup.restore(there, tmp_path / "b.jsonl")
    found = verify(there)
    assert found.faults == (
        "Act 5 was noted and is not there: what came after 4 was cut off, or a backup was restored.",
    )
    Notes(there.settings).add(found.head, accepted=True)
    assert verify(there).faults == ()
