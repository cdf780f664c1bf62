"""What tests of commands share."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from graph.database import Database
from graph.settings import DatabaseSettings

RUNNER = CliRunner()


@pytest.fixture
def cli(database: Database, database_settings: DatabaseSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command against the test database; the exit code and what it said."""
    monkeypatch.setenv("GUILDMAP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("GUILDMAP_NEO4J_URI", database.uri)
    password = database.lease.password if database.lease else database_settings.neo4j_password.get_secret_value()
    monkeypatch.setenv("GUILDMAP_NEO4J_PASSWORD", password)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str):
        return RUNNER.invoke(app, list(arguments))

    return run
