"""The wheel: complete, and owner of its four import names alone."""

import importlib
import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"graph", "matcher", "ingest", "api"}


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_each_package_resolves_inside_this_repository(name: str) -> None:
    module = importlib.import_module(name)
    assert Path(module.__file__ or "").is_relative_to(ROOT)


def test_the_wheel_holds_every_statement_and_owns_its_names_alone(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("guildmap-*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps([{k: v for k, v in m.packages_distributions().items()}, "
        "[str(f) for f in m.files('guildmap')]]))"
    )
    output = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    owners, files = json.loads(output)
    assert {name for name, dists in owners.items() if "guildmap" in dists} == PACKAGES
    assert all(owners[name] == ["guildmap"] for name in PACKAGES)
    stored = {str(path.relative_to(ROOT)) for path in (ROOT / "graph" / "cypher").rglob("*.cypher")}
    assert stored
    assert stored <= set(files)
    assert "graph/neo4j-jars.lock" in files
