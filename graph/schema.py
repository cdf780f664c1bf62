"""Applies migrations and makes vector indexes.

A small runner of our own: `neo4j-python-migrations` keeps its record in nodes that it MERGEs without a uniqueness
constraint and takes no lock, and this one is shorter than its adaptation would be (docs/decisions/0003).
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString, cast

from graph.database import Database
from graph.errors import MigrationError
from graph.sentences import tell
from graph.statements import FOLDER, statement

# The Meta node that is there while a backup is being restored.
RESTORING = "restoring"

# How a migration begins after which code that does not know it can no longer use the database. All others only add, so
# that the former release goes on beside the new one, and an upgrade can be taken back (docs/decisions/0028).
BREAKING = "// breaking:"

# Seconds for the indexes to come online after a migration made them.
INDEX_WAIT = 300


@dataclass(frozen=True)
class Migration:
    version: str
    checksum: str
    commands: tuple[LiteralString, ...]
    breaking: bool


def migrations() -> list[Migration]:
    """The numbered migrations that ship with this version, in order."""
    found: list[Migration] = []
    for path in sorted((FOLDER / "migrations").glob("*.cypher")):
        text = path.read_text(encoding="utf-8")
        without_comments = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        # As in graph.statements: a committed file is as good as a literal.
        commands = cast("tuple[LiteralString, ...]", tuple(p.strip() for p in without_comments.split(";") if p.strip()))
        checksum = hashlib.sha256(text.encode()).hexdigest()
        found.append(Migration(path.stem, checksum, commands, text.startswith(BREAKING)))
    return found


def applied(database: Database) -> dict[str, str]:
    """The checksums of the migrations that the database has, by version."""
    return {row["version"]: row["checksum"] for row in database.rows("schema/applied_migrations")}


def migrate(database: Database, *, restoring: bool = False, again: Collection[str] = ()) -> list[str]:
    """Applies what is not applied yet, and once more the versions `again`; the versions applied now.

    Every command is `IF NOT EXISTS` or repeatable, so two processes that migrate at once, or one killed in the
    middle, end with the same schema. Raises MigrationError where an applied migration was changed since, where the
    database has a breaking one of a newer guildmap, and (but for who is `restoring`) where a backup was restored in
    part.
    """
    database.run_alone(statement("schema/migration_constraint"))
    if not restoring and (part := database.rows("read/restoring", id=RESTORING)):
        raise MigrationError(
            tell(
                "The backup %(file)s was not restored to its end (begun %(at)s). Wait for it, or run "
                "`guildmap restore` again.",
                file=part[0]["file"],
                at=part[0]["at"],
            )
        )
    rows = database.rows("schema/applied_migrations")
    there: dict[str, str] = {row["version"]: row["checksum"] for row in rows}
    known = migrations()
    harmless = {row["version"] for row in rows if row["breaking"] is False}
    for version in sorted(there.keys() - {migration.version for migration in known} - harmless):
        raise MigrationError(
            tell(
                "The database has migration %(version)s, which this guildmap does not know. Use a newer guildmap.",
                version=version,
            )
        )
    now: list[str] = []
    for migration in known:
        checksum = there.get(migration.version)
        if checksum == migration.checksum and migration.version not in again:
            continue
        if checksum is not None and checksum != migration.checksum:
            raise MigrationError(
                tell(
                    "Migration %(version)s was changed after it was applied. Restore the file as released; a "
                    "change of schema belongs in a new migration.",
                    version=migration.version,
                )
            )
        # A database that was killed while it made a constraint may keep the index of one that it does not have.
        loose = {row["name"] for row in database.rows("schema/indexes_without_constraint")}
        for command in migration.commands:
            made = re.match(r"CREATE CONSTRAINT (\w+)", command)
            if made and made[1] in loose:
                database.run_alone(statement("schema/drop_index"), name=made[1])
            database.run_alone(command)
        database.write(
            lambda transaction, done=migration: transaction.run(
                "schema/record_migration", version=done.version, checksum=done.checksum, breaking=done.breaking
            )
        )
        now.append(migration.version)
    if now:
        database.run_alone(statement("schema/await_indexes"), seconds=INDEX_WAIT)
    return now
