"""The list of those who were erased, and by which they are known again without being named: keyed hashes.

The hashes are HMAC-SHA-256 under a secret of the installation (`GUILDMAP_SUPPRESSION_SECRET`, else a file of the data
folder), so that neither the database nor a backup alone tells who is on the list, nor whether somebody is. The list
stands in the graph, where every process of an installation finds it, and in a file of the data folder, which a restore
of an older backup does not touch. Where the two differ, what was said last counts (graph.writes.suppression).
"""

import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from graph.errors import InvalidInput
from graph.facts import email_key
from graph.layout import append_lines, read_lines
from graph.settings import DatabaseSettings

# Characters of a secret that is set by hand: fewer could be found by trying.
SHORTEST_SECRET = 16


@dataclass(frozen=True)
class Entry:
    """One keyed hash. `erasure` is common to all of one person; `at` is when it came onto the list or was taken off."""

    mark: str
    erasure: str
    at: str
    lifted: bool = False


class SuppressionList:
    """The secret of an installation and its file."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._folder, self._given = settings.data_dir, settings.suppression_secret

    @property
    def file(self) -> Path:
        return self._folder / "suppression.jsonl"

    @property
    def secret_file(self) -> Path:
        return self._folder / "suppression.key"

    @cached_property
    def _secret(self) -> bytes:
        if self._given is not None:
            secret = self._given.get_secret_value().encode()
            if len(secret) < SHORTEST_SECRET:
                raise InvalidInput(f"GUILDMAP_SUPPRESSION_SECRET: must have {SHORTEST_SECRET} characters or more.")
            return secret
        try:
            return self.secret_file.read_bytes()
        except FileNotFoundError:
            pass
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Two processes that begin at once: the name is given to a file that is whole, and to the first one alone.
        partial = self.secret_file.with_name(f".{self.secret_file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, self.secret_file)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        return self.secret_file.read_bytes()

    def _keyed(self, what: str, text: str) -> str:
        return hmac.digest(self._secret, f"{what}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()

    @property
    def fingerprint(self) -> str:
        """Tells one secret from another, and nothing else of it."""
        return self._keyed("secret", "")[:16]

    def of_id(self, person_id: str) -> str:
        return self._keyed("id", person_id)

    def of_alias(self, alias: str) -> str:
        """Of the id that a source has for somebody: `SOURCE/ID`."""
        return self._keyed("alias", alias)

    def of_email(self, email: str) -> str:
        return self._keyed("email", email_key(email))

    def of_role(self, person_id: str) -> str:
        """Of whom a role was taken from: not on the list, and known in graph.revocations."""
        return self._keyed("role", person_id)

    def seal_of(self, text: str) -> str:
        """Proves that a text which somebody brings was given to them by this installation."""
        return self._keyed("seal", text)

    def anonymous_id(self, key: str) -> str:
        """In place of an id that is made of people's: the same each time, and telling nothing of theirs."""
        return f"erased-{self._keyed('thing', key)[:24]}"

    def entries(self) -> dict[str, Entry]:
        """What the file says, by hash; of two lines on one the later moment counts."""
        found: dict[str, Entry] = {}
        # A line that a crash cut short is of what the graph has, or what never counted.
        for entry in read_lines(self.file, lambda one: Entry(**one)):
            found[entry.mark] = latest(found.get(entry.mark), entry)
        return found

    def note(self, entries: Iterable[Entry]) -> None:
        """Adds lines to the file, on the disk when this returns."""
        append_lines(self.file, map(asdict, entries))


def latest(one: Entry | None, other: Entry) -> Entry:
    return other if one is None or other.at >= one.at else one
