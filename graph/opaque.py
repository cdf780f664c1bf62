"""Bytes as a text that addresses, cookies and headers take as it is: Base64 for URLs (RFC 4648, 5), without padding."""

import base64


def spelled(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(text: str) -> bytes:
    """What `spelled` made a text of. Raises ValueError for one that it did not make."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
