"""What leaves as a table is opened in a spreadsheet, where a cell that begins with `=` is a program."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("graph", "matcher", "ingest", "api")

WRITES_CSV = re.compile(r"csv\.writer|DictWriter|to_csv|text/csv")


def test_nothing_is_written_as_csv() -> None:
    """Exports are JSON, HTML, iCalendar and Markdown. Whoever adds CSV puts a quote before each cell that somebody
    wrote and that starts with `=`, `+`, `-`, `@`, a tab or a carriage return, and says here where that is tested."""
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(paths) > 100
    assert [path.name for path in paths if WRITES_CSV.search(path.read_text(encoding="utf-8"))] == []
