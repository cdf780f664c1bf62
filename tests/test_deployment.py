"""docker-compose.yml and the Dockerfile, as far as they can be judged without a Docker daemon; with one, for real."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

from api.settings import PREFIX, Settings
from tests.conftest import IMAGE, docker_answers

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_compose_file_is_valid() -> None:
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_setting_that_they_name_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(COMPOSE["services"]["service"]["environment"])
    named |= set(re.findall(rf"\b({PREFIX}[A-Z0-9_]+)=", DOCKERFILE))
    assert {name for name in named if name.startswith(PREFIX)} <= known


def test_no_secret_is_written_down_and_none_is_optional() -> None:
    assert COMPOSE["services"]["service"]["environment"]["GUILDMAP_NEO4J_PASSWORD"].startswith(
        "${GUILDMAP_NEO4J_PASSWORD:?"
    )
    assert "${GUILDMAP_NEO4J_PASSWORD:?" in COMPOSE["services"]["neo4j"]["environment"]["NEO4J_AUTH"]


def test_the_database_is_of_the_tested_version_closed_to_files_and_reached_by_the_service_alone() -> None:
    database = COMPOSE["services"]["neo4j"]
    assert database["image"] == IMAGE
    assert "ports" not in database
    assert COMPOSE["networks"][database["networks"][0]]["internal"] is True
    assert database["environment"]["NEO4J_dbms_security_allow__csv__import__from__file__urls"] == "false"
    assert "0.0.0.0/0" in database["environment"]["NEO4J_internal_dbms_cypher__ip__blocklist"]


def test_the_service_waits_for_the_database_and_runs_without_privileges() -> None:
    service = COMPOSE["services"]["service"]
    assert service["depends_on"]["neo4j"]["condition"] == "service_healthy"
    assert "healthcheck" in COMPOSE["services"]["neo4j"]
    assert service["read_only"] is True
    stages = DOCKERFILE.split("\nFROM ")
    assert len(stages) == 3, "build and run are two stages"
    assert re.search(r"^USER guildmap$", stages[-1], re.MULTILINE)
    assert "HEALTHCHECK" in stages[-1]
    assert "--require-hashes" in DOCKERFILE


def test_the_image_gets_every_package_of_the_wheel() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for package in ("graph", "matcher", "ingest", "api"):
        assert f"COPY {package} {package}" in DOCKERFILE
        assert f"!{package}" in ignored


@pytest.mark.skipif(not docker_answers(), reason="no Docker daemon answers here")
def test_compose_comes_up_ready(tmp_path: Path) -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the compose plugin of Docker is not installed here")
    project = tmp_path / "guildmap"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".git", ".venv*", ".*_cache"))
    environment = {**os.environ, "GUILDMAP_NEO4J_PASSWORD": "for-tests-only", "GUILDMAP_PORT": "18410",
                   "COMPOSE_PROJECT_NAME": "guildmap-test"}  # fmt: skip

    def compose(*arguments: str) -> None:
        subprocess.run(["docker", "compose", *arguments], cwd=project, env=environment, check=True)

    try:
        compose("up", "--build", "--detach", "--wait", "--wait-timeout", "600")
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen("http://127.0.0.1:18410/health/ready", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < deadline, "the service did not become ready"
                time.sleep(1)
    finally:
        compose("down", "--volumes")
