"""Who may come in: sessions of browsers, roles that were given to people, and whom an identity stands for."""

from dataclasses import dataclass

from graph.database import Read, Row
from graph.models import RANKS, Role


@dataclass(frozen=True)
class Standing:
    """A person as an identity provider's word leads to them; `here`: they have not left."""

    person_id: str
    here: bool
    external: bool
    role: Role


@dataclass(frozen=True)
class OpenSession:
    """What a browser's session may do. `person_id` None: of somebody with a role and no person."""

    person_id: str | None
    role: Role
    external: bool
    actor: str


@dataclass(frozen=True)
class SessionInfo:
    person_id: str | None
    role: str | None
    created_at: str
    expires_at: str


@dataclass(frozen=True)
class RoleGiven:
    person_id: str
    name: str
    role: str
    given_at: str


def session(digest: str, at: str) -> Read[OpenSession | None]:
    """The session of that digest, if it is not over at the moment `at`, with the role that its person has now."""

    def parse(rows: list[Row]) -> OpenSession | None:
        if not rows:
            return None
        (row,) = rows
        return OpenSession(row["person_id"], highest(row["claimed"], row["given"]), row["external"], row["actor"])

    return Read("read/session", {"id": digest, "now": at, "today": at[:10]}, parse)


def sessions(person_id: str | None, at: str) -> Read[list[SessionInfo]]:
    """Those that are not over, of one person or of all; the oldest first."""
    parameters = {"person_id": person_id, "now": at}
    return Read("read/sessions", parameters, lambda rows: [SessionInfo(**row) for row in rows])


def signed_in(person_id: str | None, email_key: str | None, today: str) -> Read[list[Standing]]:
    """Everybody to whom an id or an e-mail address (see graph.facts.email_key) leads."""

    def parse(rows: list[Row]) -> list[Standing]:
        return [Standing(row["person_id"], row["here"], row["external"], highest(row["given"])) for row in rows]

    return Read("read/signed_in", {"id": person_id, "email_key": email_key, "today": today}, parse)


def roles_given() -> Read[list[RoleGiven]]:
    return Read("read/accounts", {}, lambda rows: [RoleGiven(**row) for row in rows])


def highest(*roles: str | None) -> Role:
    """Of roles, those that are None left out, the one that may most; member where there is none."""
    return max((Role(one) for one in roles if one is not None), key=RANKS.index, default=Role.MEMBER)
