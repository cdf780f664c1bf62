"""A circuit breaker: who asks for what is away is refused at once, until a probe finds it back.

After M. Nygard, Release It!, second edition (2018), section 5.2. What is found back is asked a little at first, and
more with each answer, as TCP's slow start does (RFC 5681): a database that has just started answers slowly, and all who
come at once would wait for each other until none is answered in time.
"""

import math
import time
from typing import Literal

# So many failures in a row, with no answer in between, open it. Fewer could be connections that died idle.
FAILURES = 5

# Seconds without any call before a probe is sent. Short, as a probe is one small read: it bounds for how long requests
# are refused once what was away is back.
REST = 0.5

# Calls at one time after it was open, and how many are as good as any number.
FIRST = 2
PLENTY = 100

BreakerState = Literal["closed", "open", "half_open"]


class Breaker:
    """Closed while calls are answered; open after FAILURES in a row; half open while one probe is out.

    `width` is how many calls may be out at one time. It belongs to one event loop, and takes no locks.
    """

    def __init__(self) -> None:
        self.clock = time.monotonic
        self.state: BreakerState = "closed"
        self.opened = 0  # how often
        self.failures = 0  # in all
        self.width = math.inf
        self._in_a_row = 0
        self._since = 0.0

    def admit(self) -> Literal["pass", "probe", "refuse"]:
        """What the next call may do. Whoever is told to probe reports how that ended, whatever happens."""
        if self.state == "closed":
            return "pass"
        if self.state == "half_open" or self.clock() - self._since < REST:
            return "refuse"
        self.state = "half_open"
        return "probe"

    def succeeded(self) -> None:
        """An answer came, also one that refuses: what answers is not away."""
        self.state, self._in_a_row = "closed", 0
        self.width = self.width + 1 if self.width < PLENTY else math.inf

    def failed(self) -> None:
        self.failures += 1
        self._in_a_row += 1
        if self.state == "half_open" or (self.state == "closed" and self._in_a_row >= FAILURES):
            self.opened += self.state == "closed"
            self.state, self._since, self.width = "open", self.clock(), FIRST
