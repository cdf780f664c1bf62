"""Sends e-mail by the mail server of the settings."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from api.settings import PREFIX, Settings
from graph.errors import InvalidInput, MailFailed

# Seconds that a mail server may take for an answer.
PATIENCE = 20


class Outbox:
    """An open connection to a mail server."""

    def __init__(self, server: smtplib.SMTP, where: str) -> None:
        self._server, self._where = server, where

    def send(self, mail: EmailMessage) -> None:
        """Raises MailFailed where the server does not take it; the connection serves on if it still stands."""
        try:
            self._server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            raise MailFailed(f"The mail server {self._where} did not take the mail: {_said(error)}") from error


@contextmanager
def connected(settings: Settings) -> Iterator[Outbox]:
    """Raises InvalidInput where no server is set, MailFailed where it is not reached or refuses the login."""
    if settings.smtp_host is None or settings.smtp_from is None:
        raise InvalidInput(f"To send e-mail, set {PREFIX}SMTP_HOST and {PREFIX}SMTP_FROM (see `guildmap config`).")
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        server = _open(settings, settings.smtp_host)
    except (smtplib.SMTPException, OSError) as error:
        raise MailFailed(f"The mail server {where} cannot be used: {_said(error)} Nothing was sent.") from error
    try:
        yield Outbox(server, where)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()


def _open(settings: Settings, host: str) -> smtplib.SMTP:
    if settings.smtp_tls == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, settings.smtp_port, timeout=PATIENCE, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, settings.smtp_port, timeout=PATIENCE)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user is not None:
            password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
            server.login(settings.smtp_user, password)
    except BaseException:
        server.close()
        raise
    return server


def _said(error: Exception) -> str:
    """What the server, or the system, said; never what was sent to it."""
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode("utf-8", "replace")
        return f"{error.smtp_code} {' '.join(told.split())}."
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, told = next(iter(error.recipients.values()))
        return f"{code} {' '.join(told.decode('utf-8', 'replace').split())}."
    return f"{' '.join(str(error).split()) or type(error).__name__}."
