"""What pages load: built from npm packages when guildmap is installed, served from memory under names with a digest."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from mimetypes import guess_type
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response

from graph.errors import InvalidInput, NotFound
from graph.sentences import tell

STATIC = files("api.pages") / "static"

# A name stands for one content for ever.
KEPT = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Assets:
    """`names`: under which name each is served, by the name that templates use. `contents` by served name, and with
    `.gz` behind it the compressed one where there is one."""

    names: dict[str, str]
    contents: dict[str, bytes]

    def address(self, name: str) -> str:
        """Raises KeyError for what was not built: a template names what is not there."""
        return f"/static/{self.names[name]}"


@cache
def assets() -> Assets:
    """Raises InvalidInput where the pages were never built."""
    manifest = STATIC / "manifest.json"
    if not manifest.is_file():
        raise InvalidInput(
            tell(
                "The files that pages load are not there. They are built when guildmap is installed: `pip "
                "install --no-deps -e .` in a source tree."
            )
        )
    contents = {one.name: one.read_bytes() for one in STATIC.iterdir() if one.is_file()}
    return Assets(json.loads(manifest.read_text("utf-8")), contents)


@router.get("/static/{name}")
async def asset(name: Annotated[str, Path(max_length=200)], accept_encoding: Annotated[str, Header()] = "") -> Response:
    contents = assets().contents
    if name not in contents or name.endswith((".gz", ".json", ".sha256")):
        raise NotFound(tell("There is no such file."))
    kind, _ = guess_type(name)
    headers = {"Cache-Control": KEPT}
    if f"{name}.gz" in contents:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in accept_encoding:
            headers["Content-Encoding"] = "gzip"
            return Response(contents[f"{name}.gz"], headers=headers, media_type=kind)
    return Response(contents[name], headers=headers, media_type=kind)
