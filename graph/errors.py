"""Domain errors. They know nothing of HTTP or of a terminal: each message says what is wrong and what to do."""

from graph.sentences import message_of


class GuildmapError(Exception):
    """Base of every error that guildmap raises on purpose."""

    @property
    def told(self) -> str:
        """The message. Where it is a sentence (graph.sentences) it still is one, which `str` of the error is not."""
        return message_of(self)


class DatabaseUnavailable(GuildmapError):
    """The database does not answer, or refuses the credentials."""


class DatabaseBusy(GuildmapError):
    """The database answered too late, or a write kept colliding with others."""


class EmbeddedDatabaseError(GuildmapError):
    """The embedded database cannot be started, reached or stopped."""


class MigrationError(GuildmapError):
    """The schema in the database is not one that this version of guildmap can use."""


class NotFound(GuildmapError):
    """Something was named that the graph does not hold, or that the asking principal may not see."""


class InvalidInput(GuildmapError):
    """What a person or a source gave cannot be used as it is."""


class TooManyRejects(GuildmapError):
    """An ingest run met more bad rows than it was told to bear."""


class PruningRefused(GuildmapError):
    """A source lost so much since its last run that its export is more likely broken than right."""


class Conflict(GuildmapError):
    """What was asked for does not fit what is there already."""


class Stale(GuildmapError):
    """Something changed since the version on which a change was based."""


class VersionRequired(GuildmapError):
    """A change was asked for without saying on which version it is based."""


class Unauthenticated(GuildmapError):
    """Nobody knows who asks: no key was given, or one that is unknown or revoked."""


class IdentityUnavailable(GuildmapError):
    """Who asks cannot be told, since the identity provider does not answer and nothing of it is known yet."""


class TooOften(GuildmapError):
    """Somebody asks more often than they may. `wait`: seconds after which they may again."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Forbidden(GuildmapError):
    """Who asks is known, and may not do this."""


class KeyReused(GuildmapError):
    """An idempotency key came with another request than the first time."""


class MailFailed(GuildmapError):
    """A mail server cannot be reached, or refuses what it was given."""


class WorkersLost(GuildmapError):
    """Whoever took up one partition of a job died of it, again and again: it is the partition, or what it needs."""


class NotReady(GuildmapError):
    """The service has not read the organisation yet, or has lost its database."""
