"""Parts of this program as processes of their own, which outlive whoever starts them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

Stream = int | IO[bytes]


def start(module: str, *arguments: str, cwd: Path, stdin: Stream, output: Stream) -> "subprocess.Popen[bytes]":
    """Runs a module with the import path of this process; `output` takes what it says, errors too. Ctrl-C in the
    terminal of whoever starts it does not reach it."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=stdin, stdout=output, stderr=output, start_new_session=True, cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )  # fmt: skip
