"""The import bundle: a folder with one CSV or JSONL file a subject."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from graph.errors import InvalidInput
from ingest.records import RECORDS, Record
from ingest.sources import Row, Table

# The csv module refuses fields of more than 128 KiB; ours are judged by the records, with a line number.
csv.field_size_limit(64 * 1024 * 1024)

WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class BundleTable:
    path: Path

    @property
    def subject(self) -> str:
        return self.path.stem

    @property
    def file(self) -> str:
        return self.path.name

    @property
    def size(self) -> int | None:
        with self.path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def rows(self) -> Iterator[Row]:
        return self._json_lines() if self.path.suffix == ".jsonl" else self._csv()

    def _json_lines(self) -> Iterator[Row]:
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
                if not line.strip():
                    continue
                try:
                    data = _parsed(line)
                except UnicodeDecodeError as error:
                    yield Row(number, problem=("", f"is not UTF-8 at byte {error.start + 1}; save it as UTF-8"))
                except (ValueError, RecursionError) as error:
                    yield Row(number, problem=("", f"is not a JSON object on one line ({error})"))
                else:
                    if isinstance(data, dict):
                        yield Row(number, data)
                    else:
                        yield Row(number, problem=("", f"is a JSON {type(data).__name__}, not an object"))

    def _csv(self) -> Iterator[Row]:
        return csv_rows(self.path, self._header)

    def _header(self, header: list[str]) -> None:
        required = {
            info.alias or name for name, info in RECORDS[self.subject].model_fields.items() if info.is_required()
        }
        missing = sorted(required - set(header))
        if missing:
            raise InvalidInput(
                f"{self.file}, line 1: the column {', '.join(missing)} is missing. The first line must name the "
                f"columns; found: {', '.join(header)[:200]}."
            )


class BundleSource:
    """A folder with `people.csv`, `communities.jsonl` and so on; every file is optional."""

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self._folder = folder
        self._name = name

    @property
    def name(self) -> str:
        resolved = self._folder.resolve()
        default = f"{resolved.parent.name}-{resolved.name}" if resolved.name == "bundle" else resolved.name
        return self._name or default

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for table in self.tables():
            path = self._folder / table.file
            digest.update(table.file.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def tables(self) -> list[Table]:
        if not self._folder.is_dir():
            raise InvalidInput(f"{self._folder} is not a folder. An import bundle is a folder of CSV or JSONL files.")
        tables: list[Table] = []
        for subject in RECORDS:
            paths = [p for p in (self._folder / f"{subject}.jsonl", self._folder / f"{subject}.csv") if p.is_file()]
            if len(paths) == 2:
                raise InvalidInput(f"{self._folder} holds both {subject}.jsonl and {subject}.csv: remove one of them.")
            for path in paths:
                with path.open("rb") as file:
                    if file.read(2) in WIDE_BOMS:
                        raise InvalidInput(f"{path.name} is UTF-16: save it as UTF-8.")
                tables.append(BundleTable(path))
        if not tables:
            raise InvalidInput(
                f"{self._folder} holds no file of an import bundle. Known names: "
                f"{', '.join(f'{subject}.csv' for subject in RECORDS)} (or .jsonl)."
            )
        return tables

    def unknown_files(self) -> list[str]:
        """CSV and JSONL files that no subject is called like; a misspelt name would go unnoticed."""
        known = set(RECORDS)
        return sorted(
            path.name for path in self._folder.iterdir() if path.suffix in (".csv", ".jsonl") and path.stem not in known
        )


def csv_rows(path: Path, check: Callable[[list[str]], None] = lambda header: None) -> Iterator[Row]:
    """The rows of a CSV file with a header, which is shown to `check`; one that cannot be read says why."""
    # Bytes that are no UTF-8 become lone surrogates, so that the record can name line and field.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, strict=True)
        header: list[str] | None = None
        line = 0
        while True:
            line = reader.line_num + 1  # where the row begins; it may span several lines
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, problem=("", f"is not CSV ({error})"))
                continue
            if not cells:
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                check(header)
            elif len(cells) > len(header):
                problem = f"has {len(cells)} cells where the header has {len(header)}; quote cells with commas"
                yield Row(line, problem=("", problem))
            else:
                yield Row(line, dict(zip(header, cells, strict=False)))


def _parsed(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        # Once more by the slower parser: it says better what is wrong, and takes halves of surrogate pairs, which
        # the record then tells of by field.
        return json.loads(line.decode("utf-8"))


def unknown_columns(record: type[Record], data: dict[str, Any]) -> set[str]:
    return data.keys() - _columns(record)


@cache
def _columns(record: type[Record]) -> frozenset[str]:
    return frozenset(info.alias or name for name, info in record.model_fields.items())
