"""Archives that somebody sends: read as a stream, within limits that no bomb and no trick with names gets past."""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.errors import InvalidInput

# What an archive may hold, unpacked, in bytes; and how many members.
LARGEST = 200_000_000
MOST_MEMBERS = 10_000

# How many times larger than packed a member may be. Text packs to a tenth, repeated text to a thirtieth.
HIGHEST_RATIO = 100

# So many bytes unpack to anything: of small members the ratio says nothing.
SMALL = 10_000

LONGEST_NAME = 500
NESTED = (".zip", ".gz", ".bz2", ".xz", ".7z", ".tar", ".tgz", ".rar", ".zst")

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")

READ = 1 << 16


class Archive:
    """A ZIP file whose members may be read, each as a whole. Nothing is ever unpacked to disk."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self._path, self._file = path, file
        self._left = LARGEST
        self.names = [info.filename for info in file.infolist() if not info.is_dir()]

    def read(self, name: str) -> bytes:
        """The content of a member. Raises InvalidInput where it is damaged, or larger than it may be, whatever it says
        of itself."""
        info = self._file.getinfo(name)
        most = min(self._left, max(SMALL, HIGHEST_RATIO * info.compress_size))
        parts: list[bytes] = []
        size = 0
        try:
            with self._file.open(info) as member:
                while part := member.read(READ):
                    size += len(part)
                    if size > most:
                        raise _refused(self._path, f"{_shown(name)} unpacks to more than it may")
                    parts.append(part)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise _refused(self._path, f"{_shown(name)} is damaged ({type(error).__name__})") from None
        return b"".join(parts)

    def spend(self, size: int) -> None:
        """Counts what was read once and is not read again against what the whole may hold."""
        self._left -= size


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Raises InvalidInput, before anything of it is read, for what is no archive or one that nobody should open."""
    try:
        file = zipfile.ZipFile(path)
    except (FileNotFoundError, IsADirectoryError):
        raise InvalidInput(f"There is no file {path}.") from None
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, EOFError) as error:
        raise _refused(path, f"it is no ZIP file, or a damaged one ({type(error).__name__})") from None
    with file:
        _check(path, file.infolist())
        yield Archive(path, file)


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise _refused(path, f"it has {len(members):,} members; {MOST_MEMBERS:,} are taken")
    total = 0
    names: set[str] = set()
    for info in members:
        name = info.filename
        shown = _shown(name)
        kind = stat.S_IFMT(info.external_attr >> 16)
        # The name as it stands in the file: the library cuts it at a NUL.
        if info.orig_filename != name or _CONTROL.search(name) or len(name) > LONGEST_NAME or not name.strip("/"):
            raise _refused(path, f"a member has a name that no export has: {shown}")
        if name.startswith("/") or "\\" in name or _DRIVE.match(name) or ".." in name.split("/"):
            raise _refused(path, f"{shown} would lie outside of it")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(path, f"{shown} is a link or a device, not a file")
        if info.flag_bits & 0x1:
            raise _refused(path, f"{shown} is encrypted")
        if name.lower().endswith(NESTED):
            raise _refused(path, f"{shown} is an archive within the archive")
        if name.casefold() in names:
            raise _refused(path, f"{shown} is in it twice")
        names.add(name.casefold())
        total += info.file_size
        if info.file_size > max(SMALL, HIGHEST_RATIO * info.compress_size):
            raise _refused(path, f"{shown} would unpack to more than {HIGHEST_RATIO} times its size")
    if total > LARGEST:
        raise _refused(path, f"it would unpack to {total:,} bytes; {LARGEST:,} are taken")


def _refused(path: Path, reason: str) -> InvalidInput:
    return InvalidInput(f"{path.name} cannot be used: {reason}.")


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:79]}…")
