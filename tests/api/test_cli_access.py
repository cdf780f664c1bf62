"""Keys, roles and sessions by command."""

import json

import pytest

from graph.database import Database
from graph.models import Role
from graph.reads import identities as reads
from graph.writes import identities as writes
from graph.writes.events import now


@pytest.fixture
def there(cli, database: Database):
    database.run_alone("CREATE (:Person {id: 'ann', name: 'Ann'})")
    return cli


def test_keys_tell_until_when_and_what_for(there) -> None:
    made = there("keys", "create", "--role", "member", "--person", "ann", "--days", "30", "--read-only")
    assert made.exit_code == 0, made.output
    assert there("keys", "create", "--role", "admin", "--days", "0").exit_code != 0
    (key,) = json.loads(there("keys", "list", "--json").stdout)["results"]
    assert key["reads_only"] is True
    assert key["created_at"][:4] <= key["expires_at"][:4]
    assert "member, reads only" in there("keys", "list").output
    assert key["id"] in made.output


def test_a_role_is_given_and_taken(there, database: Database) -> None:
    assert "Nobody was given a role." in there("roles", "list").output
    assert there("roles", "give", "ann", "knowledge_manager").exit_code == 0
    assert there("roles", "give", "ann", "admin").exit_code == 0
    (row,) = json.loads(there("roles", "list", "--json").stdout)["results"]
    assert (row["person_id"], row["role"]) == ("ann", "admin")
    assert [one.role for one in database.read(reads.signed_in("ann", None, now()[:10]))] == [Role.ADMIN]
    assert there("roles", "take", "ann").exit_code == 0
    assert there("roles", "take", "ann").exit_code != 0
    assert there("roles", "give", "nobody", "admin").exit_code != 0


def test_sessions_are_listed_without_what_opens_them_and_ended(there, database: Database) -> None:
    assert "Nobody is signed in." in there("sessions", "list").output
    secrets = [database.write(lambda tx: writes.begin_session(tx, "person:ann", "ann", None, 1)) for _ in range(2)]
    listed = there("sessions", "list", "--person", "ann", "--json").stdout
    assert len(json.loads(listed)["results"]) == 2
    assert not any(secret in listed or writes.digest(secret) in listed for secret in secrets)
    assert "2 sessions of ann ended" in there("sessions", "end", "ann").output
    assert database.read(reads.session(writes.digest(secrets[0]), now())) is None
