"""How often one person, key or address may ask: token buckets in memory that forked processes share."""

import ipaddress
import mmap
import secrets
import time
from hashlib import blake2b

import numpy as np

from graph.errors import TooOften
from graph.sentences import tell

# Buckets. Who is forgotten begins anew, with a full one.
KEPT = 32_768

# A bucket is one of so many in a row, by a hash of whose it is; whoever asked longest ago gives theirs up.
WAYS = 8

_BUCKET = np.dtype([("who", np.uint64), ("left", np.float64), ("at", np.float64)])


class Rates:
    """At most `a_minute` requests within a minute by each, also all at once; 0: as many as they like.

    A bucket of `a_minute` tokens that fills up again evenly (a token bucket, or leaky bucket as a meter). Processes
    forked from the one that made it count together, and without a lock, which one that is killed would keep: of two
    requests at the very same moment one may go uncounted.
    """

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self.clock = time.monotonic
        # Nobody can choose a name that shares its buckets with somebody else's.
        self._secret = secrets.token_bytes(16)
        self._buckets = np.frombuffer(mmap.mmap(-1, KEPT * _BUCKET.itemsize), dtype=_BUCKET)

    def take(self, who: str, tokens: float = 1) -> None:
        """Raises TooOften where too little is left; nothing is taken then."""
        if not self.a_minute:
            return
        now, speed, most = self.clock(), self.a_minute / 60, float(self.a_minute)
        digest = blake2b(who.encode("utf-8", "surrogatepass"), digest_size=8, key=self._secret).digest()
        known = max(1, int.from_bytes(digest, "big"))  # 0: nobody's
        first = known % (KEPT // WAYS) * WAYS
        row = self._buckets[first : first + WAYS]
        found = np.flatnonzero(row["who"] == known)
        bucket = row[int(found[0]) if len(found) else int(row["at"].argmin())]
        left = min(most, float(bucket["left"]) + (now - float(bucket["at"])) * speed) if len(found) else most
        if left < tokens:
            number = f"{self.a_minute:,}"
            told = tell("More than %(number)s requests within a minute. Slow down.", number=number)
            raise TooOften(told, (tokens - left) / speed)
        bucket["who"], bucket["left"], bucket["at"] = known, left - tokens, now


def network_of(address: str) -> str:
    """An address as it is counted: of IPv6 the first 64 bits, as everybody there has all the others to choose from."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
