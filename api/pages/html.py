"""Templates as pages over HTTP, each with a Content-Security-Policy that lets in its own styles and nothing else."""

import base64
import hashlib
import re
from functools import cache
from typing import Any

from fastapi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.pages.markdown import as_html

# In an answer that says nothing else of it nothing may be loaded, run or framed.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@cache
def environment() -> Environment:
    found = Environment(
        loader=PackageLoader("api.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.filters["as_html"] = as_html
    return found


def page(template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """The page that a template makes of `values`."""
    told = {"Content-Security-Policy": policy(template), **(headers or {})}
    return Response(environment().get_template(template).render(**values), status, told, media_type="text/html")


@cache
def policy(template: str) -> str:
    """The policy for a template: styles by the digest of those that stand in the file. What is filled in changes none,
    so a style that somebody smuggled in is not among them."""
    loader, styles = environment().loader, list[str]()
    assert loader is not None
    pending = [template]
    while pending:
        source, _, _ = loader.get_source(environment(), pending.pop())
        styles += _STYLE.findall(source)
        pending += re.findall(r"{% (?:extends|include) \"([\w.]+)\" %}", source)
    allowed = " ".join(f"'sha256-{_digest(one)}'" for one in styles)
    return NOTHING.replace("form-action 'none'", "form-action 'self'") + (f"; style-src {allowed}" if allowed else "")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
