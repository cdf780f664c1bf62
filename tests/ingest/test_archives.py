"""Archives that nobody should open are refused before anything of them is unpacked."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from graph.errors import InvalidInput
from ingest import archives
from ingest.archives import opened


def packed(path: Path, members: dict[str, bytes | str], *, mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            file.writestr(info, content)
    return path


def test_what_is_in_it_is_read(tmp_path: Path) -> None:
    with opened(packed(tmp_path / "a.zip", {"a/b.json": "[1]", "c.json": b"\xff"})) as archive:
        assert archive.names == ["a/b.json", "c.json"]
        assert (archive.read("a/b.json"), archive.read("c.json")) == (b"[1]", b"\xff")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../up.json", "outside"),
        ("a/../../up.json", "outside"),
        ("/etc/passwd", "outside"),
        ("C:/windows.json", "outside"),
        ("a\\b.json", "outside"),
        ("new\nline.json", "name that no export has"),
        ("x" * 600, "name that no export has"),
        ("inner.zip", "archive within"),
        ("inner.tar.GZ", "archive within"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason), opened(packed(tmp_path / "a.zip", {name: "[]"})):
        pass


def test_links_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"users.json": "/etc/passwd"}, mode=stat.S_IFLNK | 0o777)
    with pytest.raises(InvalidInput, match="link"), opened(path):
        pass


def test_a_bomb_is_refused_by_what_it_says(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"users.json": b"0" * 20_000_000})
    with pytest.raises(InvalidInput, match="100 times its size"), opened(path):
        pass


def test_a_bomb_that_lies_of_its_size_is_refused_as_it_unpacks(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"users.json": b"0" * 20_000_000})
    raw = bytearray(path.read_bytes())
    # The size in the directory at the end of the file, which readers believe.
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<I", 900)
    path.write_bytes(raw)
    with opened(path) as archive, pytest.raises(InvalidInput):
        archive.read("users.json")


def test_all_together_may_not_be_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", {f"{n}.json": bytes(range(256)) * 4 for n in range(20)})
    monkeypatch.setattr(archives, "LARGEST", 19 * 1024)
    with pytest.raises(InvalidInput, match="20,480 bytes"), opened(path):
        pass
    monkeypatch.setattr(archives, "MOST_MEMBERS", 19)
    with pytest.raises(InvalidInput, match="20 members"), opened(path):
        pass


def test_twice_the_same_name_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("users.json", "[]")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("users.json", "[1]")
    with pytest.raises(InvalidInput, match="twice"), opened(tmp_path / "a.zip"):
        pass


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(InvalidInput, match="no ZIP file"), opened(tmp_path / "a.zip"):
        pass
    with pytest.raises(InvalidInput, match="There is no file"), opened(tmp_path / "b.zip"):
        pass
    path = packed(tmp_path / "c.zip", {"users.json": b"abcdefgh" * 40})
    raw = bytearray(path.read_bytes())
    raw[45] ^= 0xFF
    path.write_bytes(raw)
    with opened(path) as archive, pytest.raises(InvalidInput, match="damaged"):
        archive.read("users.json")
