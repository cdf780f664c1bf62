"""Migrations: applied once, never changed behind the back of a database."""

import re

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


@pytest.mark.parametrize("breaking", [True, None])
def test_a_database_that_a_newer_guildmap_has_for_itself_is_refused(database: Database, breaking: bool | None) -> None:
    """Also where nobody knows, as in those that guildmap migrated before it recorded that."""
    database.run_alone(
        "CREATE (:Migration {version: '0000_from_the_future', checksum: 'x', breaking: $breaking})", breaking=breaking
    )
    with pytest.raises(MigrationError, match="newer guildmap"):
        schema.migrate(database)


def test_what_a_newer_guildmap_only_added_to_is_used(database: Database) -> None:
    database.run_alone("CREATE (:Migration {version: '0000_from_the_future', checksum: 'x', breaking: false})")
    assert schema.migrate(database) == []


# Shipped before it was recorded, and never edited: agenda items lose a state that nobody had stated.
BEFORE_THE_RULE = {"0007_practice"}


def test_a_migration_that_takes_something_away_says_that_it_breaks() -> None:
    for migration in schema.migrations():
        taking = [c for c in migration.commands if re.search(r"\b(DROP|DELETE|REMOVE|NOT NULL|RENAME)\b", c)]
        assert not taking or migration.breaking or migration.version in BEFORE_THE_RULE, migration.version


def test_what_is_applied_says_whether_it_breaks(database: Database) -> None:
    database.run_alone("MATCH (m:Migration {version: '0012_sign_in'}) DELETE m")
    assert schema.migrate(database) == ["0012_sign_in"]
    rows = {row["version"]: row["breaking"] for row in database.rows("schema/applied_migrations")}
    assert rows["0012_sign_in"] is False


def test_ids_are_unique_and_full_text_is_never_late(database: Database) -> None:
    constraints = {row["name"] for row in database.run_alone("SHOW CONSTRAINTS YIELD name")}
    assert {"person_id", "community_id", "member_of_id"} <= constraints
    for row in database.run_alone("SHOW FULLTEXT INDEXES YIELD name, options"):
        assert row["options"]["indexConfig"]["fulltext.eventually_consistent"] is False, row["name"]


def test_an_index_that_a_killed_database_left_without_its_constraint_is_made_anew(database: Database) -> None:
    database.run_alone("DROP CONSTRAINT agenda_item_id")
    database.run_alone("CREATE INDEX agenda_item_id FOR (n:AgendaItem) ON (n.id)")
    (version,) = (
        one.version for one in schema.migrations() if any("agenda_item_id" in command for command in one.commands)
    )
    assert schema.migrate(database, again=[version]) == [version]
    kinds = database.run_alone("SHOW CONSTRAINTS YIELD name, type WHERE name = 'agenda_item_id' RETURN type")
    assert kinds == [{"type": "UNIQUENESS"}]
