"""The European classification of skills (ESCO), as its portal offers it for download: CSV files of one language.

`skills_LANGUAGE.csv` has skills and knowledge with their other labels, `skillsHierarchy_LANGUAGE.csv` the groups above
them, `broaderRelationsSkillPillar_LANGUAGE.csv` what is broader than what. Only the first one is needed.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.errors import InvalidInput
from ingest.sources import Row, Table
from ingest.sources.bundle import csv_rows

# The columns without which a file is not what it is called.
NEEDED = {
    "skills": ("conceptUri", "preferredLabel"),
    "skillsHierarchy": ("Level 0 URI", "Level 0 preferred term"),
    "broaderRelationsSkillPillar": ("conceptUri", "broaderUri"),
}

LEVELS = range(4)

# Concepts that are on their way out, and those that the classification no longer holds.
RELEASED = ("", "released")


@dataclass(frozen=True)
class EscoTable:
    """Skills of one file; `broader` has what is broader than each, by address."""

    path: Path
    groups: bool
    broader: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    subject: str = "skills"

    @property
    def file(self) -> str:
        return self.path.name

    @property
    def size(self) -> int | None:
        return None  # descriptions span lines: to count rows costs a full read

    def rows(self) -> Iterator[Row]:
        return self._group_rows() if self.groups else self._skill_rows()

    def _skill_rows(self) -> Iterator[Row]:
        for row in csv_rows(self.path):
            said = row.data
            if row.problem or (said.get("status") or "").strip().lower() not in RELEASED:
                if row.problem:
                    yield row
                continue
            uri = (said.get("conceptUri") or "").strip()
            hidden = _lines(said.get("hiddenLabels"))
            labels = [*_lines(said.get("altLabels")), *hidden]
            name = (said.get("preferredLabel") or "").strip()
            knowledge = (said.get("skillType") or "").strip().lower() == "knowledge"
            data: dict[str, Any] = {
                "id": uri, "name": name, "kind": "topic" if knowledge else "skill",
                "alt_labels": [one for one in dict.fromkeys(labels) if one.casefold() != name.casefold()] or None,
                "description": said.get("description") or said.get("definition"),
                "broader_ids": self.broader.get(uri),
            }  # fmt: skip
            yield Row(row.line, data)

    def _group_rows(self) -> Iterator[Row]:
        """Each group once, where it first stands; it stands in the line of every group below it."""
        seen: set[str] = set()
        for row in csv_rows(self.path):
            if row.problem:
                yield row
                continue
            above: str | None = None
            for level in LEVELS:
                uri = (row.data.get(f"Level {level} URI") or "").strip()
                if not uri:
                    break
                if uri not in seen:
                    seen.add(uri)
                    last = not (row.data.get(f"Level {level + 1} URI") or "").strip()
                    name = row.data.get(f"Level {level} preferred term")
                    text = row.data.get("Description") if last else None
                    broader = list(dict.fromkeys([*([above] if above else []), *self.broader.get(uri, [])]))
                    data: dict[str, Any] = {
                        "id": uri, "name": name, "kind": "topic", "description": text, "broader_ids": broader or None,
                    }  # fmt: skip
                    yield Row(row.line, data)
                above = uri


class EscoSource:
    """Raises InvalidInput where the folder holds no skills, or those of several languages, or a file lacks columns."""

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self._folder = folder
        self._name = name

    @property
    def name(self) -> str:
        return self._name or "esco"

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for path in self._files().values():
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def tables(self) -> list[Table]:
        files = self._files()
        for stem, path in files.items():
            _check_columns(path, NEEDED[stem])
        broader: dict[str, list[str]] = {}
        if relations := files.get("broaderRelationsSkillPillar"):
            for row in csv_rows(relations):
                # A line that cannot be read leads nowhere; the skills that it names come without it.
                low, high = ((row.data.get(name) or "").strip() for name in NEEDED["broaderRelationsSkillPillar"])
                if low and high and high not in broader.setdefault(low, []):
                    broader[low].append(high)
        tables: list[Table] = []
        if hierarchy := files.get("skillsHierarchy"):
            tables.append(EscoTable(hierarchy, True, broader))
        return [*tables, EscoTable(files["skills"], False, broader)]

    def _files(self) -> dict[str, Path]:
        """The files by what they hold, of the one language that is there."""
        if not self._folder.is_dir():
            raise InvalidInput(f"{self._folder} is not a folder. Unpack the download of ESCO, and name its folder.")
        found: dict[str, dict[str, Path]] = {}
        for path in sorted(self._folder.iterdir()):
            match = re.fullmatch(r"(\w+?)_([a-z]{2})\.csv", path.name)
            if match and match[1] in NEEDED and path.is_file():
                found.setdefault(match[2], {})[match[1]] = path
        languages = [language for language, files in found.items() if "skills" in files]
        if not languages:
            raise InvalidInput(f"{self._folder} holds no skills_en.csv, nor that of another language.")
        if len(languages) > 1:
            told = ", ".join(languages)
            raise InvalidInput(f"{self._folder} holds skills in several languages ({told}): leave one there.")
        return found[languages[0]]


def _check_columns(path: Path, needed: tuple[str, ...]) -> None:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        try:
            header = next(csv.reader(file), [])
        except csv.Error as error:
            raise InvalidInput(f"{path.name}, line 1: is not CSV ({error}).") from None
    missing = [name for name in needed if name not in [cell.strip() for cell in header]]
    if missing:
        told = ", ".join(header)[:200]
        raise InvalidInput(f"{path.name}, line 1: the column {', '.join(missing)} is missing; found: {told}.")


def _lines(text: str | None) -> list[str]:
    """Labels, one a line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
