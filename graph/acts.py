"""What is noted outside the graph of the end of the log of privileged acts, so that a cut shows (graph.reads.acts)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.database import Database
from graph.layout import append_lines, read_lines
from graph.reads.acts import Head, every_act, faults, head
from graph.settings import DatabaseSettings


@dataclass(frozen=True)
class Verdict:
    """How many acts there are, the last one, and all that is wrong."""

    head: Head
    faults: tuple[str, ...]


class Notes:
    """A file of the data folder with a line for each end of the log that was seen. A copy belongs where whoever may
    write to the database may not."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.file: Path = settings.data_dir / "acts.jsonl"

    def read(self) -> list[Head]:
        """What counts: all lines, or those from the last one on by which somebody accepted the log as it was."""
        found: list[Head] = []
        for one in read_lines(self.file, dict[str, Any]):
            if one.get("accepted"):
                found.clear()
            found.append(Head(one["seq"], one["hash"]))
        return found

    def add(self, end: Head, *, accepted: bool = False) -> None:
        append_lines(self.file, [{"seq": end.seq, "hash": end.hash, **({"accepted": True} if accepted else {})}])


def verify(database: Database, noted: tuple[Head, ...] = ()) -> Verdict:
    """Looks at every act, and at what was noted of earlier ends in the data folder and in `noted`. Changes nothing."""
    kept = [*Notes(database.settings).read(), *noted]
    end = database.read(head())
    while True:
        acts = list(every_act(database))
        after = database.read(head())
        if after == end:  # else one was added meanwhile: look once more
            return Verdict(end, tuple(faults(acts, end, kept)))
        end = after


def note(database: Database) -> Head:
    """Notes the end of the log as it is now, if that moved on from what was noted last."""
    notes, end = Notes(database.settings), database.read(head())
    known = notes.read()
    if end.seq > (known[-1].seq if known else 0):
        notes.add(end)
    return end
