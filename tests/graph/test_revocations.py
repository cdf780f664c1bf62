"""Keys and roles that were taken back: a restore of an older backup does not give them again."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from graph import backup
from graph.acts import verify
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.reads import keys as key_reads
from graph.reads.identities import roles_given
from graph.revocations import Revocations
from graph.writes.events import now
from graph.writes.identities import give_role, take_role
from graph.writes.keys import create_key, revoke_key
from graph.writes.revocations import TakenBack, take_back


@dataclass
class There:
    database: Database
    known: Revocations
    file: Path

    def give(self, person: str, role: Role) -> None:
        self.database.write(lambda tx: give_role(tx, LOCAL_ADMIN, self.known, person, role))

    def take(self, person: str) -> None:
        self.database.write(lambda tx: take_role(tx, LOCAL_ADMIN, self.known, person))

    def key(self, note: str) -> str:
        made = self.database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.ADMIN, None, note))
        return made.split("_")[1]

    def revoke(self, key: str) -> None:
        self.database.write(lambda tx: revoke_key(tx, LOCAL_ADMIN, self.known, key))

    def restored(self, *, empty: bool) -> TakenBack:
        """As after a mishap: the backup, and the data folder as it is today."""
        if empty:
            self.database.run_alone("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")
        return backup.restore(self.database, self.file, over=True).taken_back

    def roles(self) -> dict[str, str]:
        return {one.person_id: one.role for one in self.database.read(roles_given())}

    def opens(self, key: str) -> bool:
        return self.database.read(key_reads.key(key, now())) is not None


@pytest.fixture
def there(database: Database, tmp_path: Path) -> There:
    for name in ("ada", "bob", "eve"):
        database.run_alone("CREATE (:Person {id: $id, name: $id})", id=name)
    return There(database, Revocations(database.settings), tmp_path / "before.jsonl")


@pytest.mark.parametrize("empty", [False, True])
def test_what_was_taken_back_since_the_backup_stays_so(there: There, empty: bool) -> None:
    earlier, later, kept = there.key("earlier"), there.key("later"), there.key("kept")
    there.revoke(earlier)
    for person in ("ada", "bob", "eve"):
        there.give(person, Role.ADMIN)
    backup.back_up(there.database, there.file)
    there.revoke(later)
    there.take("ada")
    there.give("bob", Role.KNOWLEDGE_MANAGER)
    done = there.restored(empty=empty)
    assert done == TakenBack((later,), ("ada", "bob"))
    assert [there.opens(key) for key in (earlier, later, kept)] == [False, False, True]
    assert there.roles() == {"bob": "knowledge_manager", "eve": "admin"}
    assert empty or verify(there.database).faults == ()
    # Once more: there is nothing to take back again, and no end to it.
    assert take_back(there.database, there.known) == TakenBack()
    assert there.restored(empty=False) == done


def test_a_role_that_was_given_again_before_the_backup_is_kept(there: There) -> None:
    there.give("ada", Role.ADMIN)
    there.take("ada")
    there.give("ada", Role.ADMIN)
    backup.back_up(there.database, there.file)
    assert there.restored(empty=False) == TakenBack()
    assert there.roles() == {"ada": "admin"}


def test_a_key_that_the_graph_alone_says_is_revoked_is_noted_before_it_is_gone(there: There) -> None:
    """As by a process with a data folder of its own."""
    key = there.key("elsewhere")
    backup.back_up(there.database, there.file)
    there.revoke(key)
    there.known.file.unlink()
    assert there.restored(empty=False).keys == (key,)
    assert not there.opens(key)


def test_the_notes_name_nobody_and_outlive_a_crash(there: There) -> None:
    there.give("ada", Role.ADMIN)
    there.take("ada")
    with there.known.file.open("a", encoding="utf-8") as file:
        file.write('{"mark": "key/0')  # cut short
    there.revoke(there.key("after"))
    assert "ada" not in there.known.file.read_text(encoding="utf-8")
    assert there.known.file.stat().st_mode & 0o777 == 0o600
    assert len(there.known.read()) == 2
