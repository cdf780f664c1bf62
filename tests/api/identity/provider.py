"""A real identity provider in a thread, whose keys a test can change, and which it can take away."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import flask
import oidc_provider_mock
from authlib import jose
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter
from oidc_provider_mock import User
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT, SECRET, AUDIENCE = "guildmap", "a secret of the client", "guildmap-api"


class Provider:
    """`asked` counts requests by path; `token_requests` are the forms that came to the token endpoint."""

    def __init__(self, users: list[User]) -> None:
        self._app = oidc_provider_mock.app(user_claims=users)
        with self._app.test_request_context("/"):
            self._app.preprocess_request()
            self._storage = flask.g.oidc_provider_mock_storage
        self.away = False
        self.asked: dict[str, int] = {}
        self.token_requests: list[dict[str, str]] = []
        self.issuer = ""

    def __call__(self, environ: Any, start: Any) -> Any:
        path = environ["PATH_INFO"]
        self.asked[path] = self.asked.get(path, 0) + 1
        if self.away:
            return Response("away", 503)(environ, start)
        if path == "/oauth2/token":
            body = Request(environ).get_data(cache=True)
            self.token_requests.append({name: one[0] for name, one in parse_qs(body.decode()).items()})
            environ["wsgi.input"] = BytesIO(body)
        return self._app(environ, start)

    @property
    def key(self) -> RSAKey:
        """The private key that signs at present."""
        found: dict[str, Any] = self._storage.jwk.as_dict(is_private=True)
        return RSAKey.import_key(found)

    def rotate(self) -> None:
        """From now on another key signs, and the one before is not published any more."""
        self._storage.jwk = jose.RSAKey.generate_key(is_private=True)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims of a token in force; None leaves one out."""
        now = int(time.time())
        usual = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": "ann", "iat": now, "exp": now + 300,
            "email": "ann@x.example", "email_verified": True,
        }  # fmt: skip
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def token(self, *, header: dict[str, Any] | None = None, key: Any = None, **changed: Any) -> str:
        """A token that it signs, or that `key` does."""
        headers = {"alg": "RS256", "kid": self.key.as_dict()["kid"], **(header or {})}
        told = {name: value for name, value in headers.items() if value is not None}
        # One that the library lets pass whatever the header says.
        lax = JWSRegistry({"urgent": HeaderParameter("Urgent", "int")}, [headers["alg"]], strict_check_header=False)
        return jwt.encode(told, self.claims(**changed), key or self.key, registry=lax, default_type=None)


@contextmanager
def running(*users: User) -> Iterator[Provider]:
    provider = Provider(list(users))
    server = make_server("localhost", 0, provider, threaded=True)
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def sign_in_settings(provider: Provider, **given: Any) -> dict[str, Any]:
    return {
        "auth": "oidc", "public_url": "https://guildmap.example", "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_audience": AUDIENCE, **given,
    }  # fmt: skip
