"""How a route writes: one transaction, based on a version, done once under an idempotency key."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from api.dependencies import Serving, principal_of
from graph.database import Transaction
from graph.errors import Forbidden, InvalidInput, Stale, Unauthenticated, VersionRequired
from graph.models import LOCAL_ADMIN, Principal
from graph.sentences import tell
from graph.writes.events import in_turn
from graph.writes.idempotency import Answer, once

LONGEST_KEY = 200


class Writing:
    """The service and the headers of one request that changes something."""

    def __init__(
        self,
        request: Request,
        service: Serving,
        principal: Annotated[Principal, Depends(principal_of)],
        if_match: Annotated[
            str | None,
            Header(description="The `ETag` on which the change is based; `*` for whatever is there."),
        ] = None,
        idempotency_key: Annotated[
            str | None,
            Header(description="Any text of your own: the same request sent again under it gets the first answer."),
        ] = None,
    ) -> None:
        if principal.reads_only:
            raise Forbidden(tell("This key reads only: it changes nothing."))
        self.request, self.service = request, service
        self.if_match, self.key = if_match, idempotency_key
        if idempotency_key is not None and not 0 < len(idempotency_key) <= LONGEST_KEY:
            raise InvalidInput(
                tell("Idempotency-Key: must have 1 to %(LONGEST_KEY)s characters.", LONGEST_KEY=LONGEST_KEY)
            )

    @property
    def order(self) -> list[str]:
        return self.service.settings.source_order

    def expect(self, version: str) -> None:
        """Raises VersionRequired or Stale unless the request is based on this version."""
        if self.if_match is None:
            raise VersionRequired(
                tell("Say on which version the change is based: If-Match with the ETag that you read.")
            )
        given = {part.strip().removeprefix("W/").strip('"') for part in self.if_match.split(",")}
        if "*" not in given and version not in given:
            raise Stale(tell("It was changed since you read it. Read it again, and repeat your change on that."))

    async def perform(self, principal: Principal, work: Callable[[Transaction], Answer]) -> Response:
        """Runs `work` (see `answer`) while no other write by hand goes on, once for each idempotency key."""
        body = await self.request.body()
        address = self.request.url
        asked = f"{self.request.method} {address.path}?{address.query}\n{self.if_match}\n".encode() + body
        digest = hashlib.blake2b(asked, digest_size=16).hexdigest()

        def work_once(transaction: Transaction) -> Answer:
            _still_here(transaction, principal)
            if self.key is None:
                return work(transaction)
            return once(transaction, principal.actor, self.key, digest, lambda: work(transaction))

        return answered(await self.service.write(in_turn(principal.actor, work_once)))

    async def perform_unseen(self, actor: str, work: Callable[[Transaction], Answer]) -> Response:
        """Runs `work` in its turn, and keeps nothing of who asked for it, nor of what, whatever key came along."""

        return answered(await self.service.write(in_turn(actor, work)))


def _still_here(transaction: Transaction, principal: Principal) -> None:
    """Raises Unauthenticated where somebody was erased since it was asked who they are: their write would name them."""
    who = principal.person_id
    known = who is None or principal.actor == LOCAL_ADMIN.actor or transaction.run("read/marks_person", ids=[who])
    if not known:
        raise Unauthenticated(tell("You are not known here any more."))


Write = Annotated[Writing, Depends()]


def answer(status: int, body: BaseModel | None = None, version: str | None = None, location: str = "") -> Answer:
    """What to answer, as JSON that can be kept and given again."""
    headers = ({"ETag": f'"{version}"'} if version else {}) | ({"Location": location} if location else {})
    return {"status": status, "body": body.model_dump(mode="json") if body else None, "headers": headers}


def answered(given: dict[str, Any]) -> Response:
    if given["body"] is None:
        return Response(status_code=given["status"], headers=given["headers"])
    return JSONResponse(given["body"], given["status"], given["headers"])
