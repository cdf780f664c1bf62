"""What whoever comes first would wait for, done before they come.

A database that has just come up plans each read anew, for seconds where processors are busy, and proposals are checked
against all communities, of which the first check makes the comparison. The queue of proposals needs most of that, so it
is asked for once as soon as there is something to answer from.
"""

import asyncio

import structlog

from api.routes.formation import get_queue
from api.service import Service
from graph.errors import GuildmapError
from graph.models import Principal, Role

LOG = structlog.get_logger("guildmap")

# Seconds between two looks at whether the service is ready, and of rest before another try.
LOOK, REST = 0.5, 5.0

# To cut the profiles of more people into words takes a processor for many seconds, in which all others wait: there it
# is left to whoever comes first.
MANY = 20_000

# A read that is cut off for the time that its plan takes is no sooner planned at the next try, but others are by then.
TRIES = 3


async def look_ahead(service: Service) -> None:
    """Returns when it is done, or was tried often enough: nobody waits for it, and nothing depends on it."""
    while not all(service.parts_ready().values()):
        await asyncio.sleep(LOOK)
    if len(service.state.snapshot.people.ids) > MANY:
        return
    for _ in range(TRIES):
        try:
            found = await get_queue(service, Principal(None, Role.KNOWLEDGE_MANAGER, "system"))
        except GuildmapError as error:
            LOG.info("looked ahead in vain", error=type(error).__name__)
            await asyncio.sleep(REST)
        else:
            LOG.info("looked ahead", proposals=len(found.results))
            return
