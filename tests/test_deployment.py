"""docker-compose.yml and the Dockerfile, as far as they can be judged without a Docker daemon; with one, for real."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import yaml

from api.settings import PREFIX, Settings
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from tests.api.serving import served, wait_until
from tests.conftest import IMAGE, docker_answers

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROXY = (ROOT / "deploy" / "haproxy.cfg").read_text()


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


def test_workers_are_reached_through_the_proxy_alone() -> None:
    service, proxy = COMPOSE["services"]["service"], COMPOSE["services"]["proxy"]
    assert "ports" not in service, "two workers cannot publish one port"
    assert proxy["ports"] == ["${GUILDMAP_PORT:-8410}:8410"]
    assert re.fullmatch(r"\$\{GUILDMAP_REPLICAS:-\d+\}", service["deploy"]["replicas"])
    (subnet,) = (one["subnet"] for one in COMPOSE["networks"]["front"]["ipam"]["config"])
    assert subnet in service["environment"]["GUILDMAP_TRUSTED_PROXIES"], "or all who come count as one address"
    assert {"front"} <= set(service["networks"]) & set(proxy["networks"])
    assert "inner" not in proxy["networks"], "the proxy does not reach the database"


def test_the_proxy_is_configured_for_the_service_as_it_is() -> None:
    assert COMPOSE["services"]["proxy"]["volumes"] == ["./deploy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro"]
    assert f" service:{Settings.model_fields['port'].default} check" in PROXY
    waits = re.search(r"timeout server (\d+)s", PROXY)
    assert waits is not None
    assert int(waits[1]) > Settings.model_fields["request_deadline"].default
    if not shutil.which("haproxy"):
        pytest.skip("haproxy is not installed here: its configuration was not checked")
    done = subprocess.run(["haproxy", "-c", "-f", ROOT / "deploy" / "haproxy.cfg"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("haproxy"), reason="haproxy is not installed here")
def test_workers_come_and_go_behind_the_proxy(database: Database, tmp_path: Path) -> None:
    """The configuration as it stands, but for where workers are found: two that this test starts."""
    with served(database, auth="keys", trusted_proxies="127.0.0.1") as one, ExitStack() as second:
        two = second.enter_context(served(database, auth="keys"))
        key = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.ADMIN, None, None))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (template,) = re.findall(r"server-template worker 1-16 service:8410 (check .*?) resolvers docker .*", PROXY)
        servers = "\n".join(f"    server w{at} {client.base_url.netloc.decode()} {template}"
                            for at, client in enumerate((one, two)))  # fmt: skip
        written = re.sub(r" *server-template .*", servers, PROXY).replace("bind :8410", f"bind 127.0.0.1:{port}")
        (tmp_path / "haproxy.cfg").write_text(written)
        proxy = subprocess.Popen(["haproxy", "-db", "-f", tmp_path / "haproxy.cfg"])
        try:
            headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": "203.0.113.9"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
                wait_until(lambda: answers(client))
                for number in range(20):
                    assert client.get(f"/v1/search?text=ropes{number}").status_code == 200
                counted = [searches(worker) for worker in (one, two)]
                assert sum(counted) == 20
                assert min(counted) > 0, "both got some"
                second.close()
                wait_until(lambda: client.get("/v1/search?text=ropes").status_code == 200)
                for number in range(20):
                    assert client.get(f"/v1/search?text=ropes{number}").status_code == 200
        finally:
            proxy.terminate()
            proxy.wait(20)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def searches(worker: httpx.Client) -> int:
    found = re.search(r'http_requests_total\{handler="/v1/search".*?\} (\d+)', worker.get("/metrics").text)
    return int(found[1]) if found else 0


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
