"""What whoever comes first would wait for, done before they come.

A database that has just come up plans each read anew, for seconds where processors are busy, and proposals are checked
against all communities, of which the first check makes the comparison. The queue of proposals needs most of that, so it
is asked for once as soon as there is something to answer from.
"""

import asyncio

import structlog

from api.routes.formation import QUEUE, get_queue
from api.service import Service
from graph.errors import GuildmapError
from graph.models import Principal, Role

LOG = structlog.get_logger("guildmap")

# Seconds between two looks at whether the service is ready, and of rest before another try.
LOOK, REST = 0.5, 5.0

# People of so many each proposal is checked against for seconds, in which others wait: there the first alone is.
MANY = 20_000

# A read that is cut off for the time that its plan takes is no sooner planned at the next try, but others are by then.
TRIES = 3


async def look_ahead(service: Service) -> None:
    """Returns when it is done, or was tried often enough: nobody waits for it, and nothing depends on it."""
    while not all(service.parts_ready().values()):
        await asyncio.sleep(LOOK)
    for _ in range(TRIES):
        try:
            many = len(service.state.snapshot.people.ids) > MANY
            found = await get_queue(
                service, Principal(None, Role.KNOWLEDGE_MANAGER, "system"), limit=1 if many else QUEUE
            )
        except GuildmapError as error:
            LOG.info("looked ahead in vain", error=type(error).__name__)
            await asyncio.sleep(REST)
        else:
            LOG.info("looked ahead", proposals=len(found.results))
            return
