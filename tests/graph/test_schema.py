"""Migrations: applied once, never changed behind the back of a database."""

import pytest

from graph import schema
from graph.database import Database
from graph.errors import MigrationError


def test_a_second_run_applies_nothing(database: Database) -> None:
    assert schema.migrate(database) == []


def test_a_changed_migration_is_refused(database: Database) -> None:
    database.run_alone("MATCH (m:Migration) SET m.kept = m.checksum, m.checksum = 'other'")
    try:
        with pytest.raises(MigrationError, match="was changed after it was applied"):
            schema.migrate(database)
    finally:
        database.run_alone("MATCH (m:Migration) SET m.checksum = m.kept REMOVE m.kept")


def test_a_database_of_a_newer_guildmap_is_refused(database: Database) -> None:
    database.run_alone("CREATE (:Migration {version: '0000_from_the_future', checksum: 'x'})")
    with pytest.raises(MigrationError, match="newer guildmap"):
        schema.migrate(database)


def test_ids_are_unique_and_full_text_is_never_late(database: Database) -> None:
    constraints = {row["name"] for row in database.run_alone("SHOW CONSTRAINTS YIELD name")}
    assert {"person_id", "community_id", "member_of_id"} <= constraints
    for row in database.run_alone("SHOW FULLTEXT INDEXES YIELD name, options"):
        assert row["options"]["indexConfig"]["fulltext.eventually_consistent"] is False, row["name"]
