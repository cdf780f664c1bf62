"""How often one person, key or address may ask: token buckets in the memory of the process."""

import ipaddress
import time
from collections import OrderedDict

from graph.errors import TooOften
from graph.sentences import tell

# Who asked most lately is kept; whoever is forgotten begins anew, with a full bucket. Each takes some 200 bytes.
MOST_KEPT = 20_000


class Rates:
    """At most `a_minute` requests within a minute by each, also all at once; 0: as many as they like.

    A bucket of `a_minute` tokens that fills up again evenly (a token bucket, or leaky bucket as a meter). Several
    processes count for themselves.
    """

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self.clock = time.monotonic
        # By whom: (tokens left, when that was).
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str, tokens: float = 1) -> None:
        """Raises TooOften where too little is left; nothing is taken then."""
        if not self.a_minute:
            return
        now, speed = self.clock(), self.a_minute / 60
        left, at = self._left.get(who, (float(self.a_minute), now))
        left = min(float(self.a_minute), left + (now - at) * speed)
        if left < tokens:
            number = f"{self.a_minute:,}"
            told = tell("More than %(number)s requests within a minute. Slow down.", number=number)
            raise TooOften(told, (tokens - left) / speed)
        self._left[who] = left - tokens, now
        self._left.move_to_end(who)
        while len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)


def network_of(address: str) -> str:
    """An address as it is counted: of IPv6 the first 64 bits, as everybody there has all the others to choose from."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
