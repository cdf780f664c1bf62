"""What comes from outside as text is read or refused, and never anything else."""

import base64
import json
import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from api.identity.cookies import DEPARTURE, departure_of, local_path
from api.identity.issuer import _key_id, checked_address
from api.pages.markdown import TAGS, as_html
from api.rates import network_of
from graph.errors import InvalidInput, Unauthenticated
from graph.writes.keys import parse_key

LEAVES = st.none() | st.booleans() | st.floats() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(st.text() | st.builds(lambda head, body: f"{segment(head)}.{segment(body)}.AAAA", JSON, JSON))
@example("..")
@example("eyJhbGciOiJSUzI1NiJ9.e30.")
@example("\ud800.a.b")
def test_a_token_has_a_key_id_or_is_refused(token: str) -> None:
    try:
        found = _key_id(token)
    except Unauthenticated:
        return
    assert found is None or isinstance(found, str)


def cookie(value: str) -> Request:
    header = f"{DEPARTURE}={value}".encode("latin-1", "replace")
    return Request(
        {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"cookie", header)]}
    )


@given(st.text() | JSON.map(segment))
def test_a_cookie_is_what_was_kept_or_nothing(value: str) -> None:
    found = departure_of(cookie(value))
    assert found is None or all(isinstance(found[name], str) for name in ("state", "nonce", "verifier", "to"))


@given(st.text() | st.text("/\\.:@ \t\nevil", min_size=1))
def test_wherever_one_is_sent_is_on_this_site(given_path: str) -> None:
    path = local_path(given_path)
    assert path.startswith("/")
    assert not re.match(r"[/\\]{2}|/[\t\r\n]", path)
    assert urlsplit(path).netloc == ""


@given(st.text())
@example("https://[")
def test_addresses_of_peers_are_encrypted_or_refused(address: str) -> None:
    try:
        checked_address("it", address)
    except InvalidInput:
        return
    except ValueError as error:  # none of ours
        pytest.fail(f"{address!r}: {error}")
    assert address.startswith(("https://", "http://")) or urlsplit(address).scheme in ("https", "http")


@given(st.text())
def test_keys_and_networks_of_any_text(text: str) -> None:
    assert parse_key(text) is None or text.startswith("guildmap_")
    assert isinstance(network_of(text), str)


@given(st.text() | st.text("<>\"'&;=/ \n!-[]()`#scriptonlahefj:*_|\\", max_size=300))
def test_no_text_makes_markup_that_acts(text: str) -> None:
    made = str(as_html(text))
    for tag, attributes in re.findall(r"<\s*/?\s*([^\s>/]*)([^>]*)>", made):
        assert tag in TAGS
        names = re.findall(r"([^\s=\"]+)=\"", attributes)
        assert set(names) <= {"href", "title", "rel", "start"}, made
