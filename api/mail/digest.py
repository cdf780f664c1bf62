"""A digest as an e-mail: plain text, and simple HTML beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from api.wording import PARTS_OF_DIGEST, item_said, one_line
from graph.errors import InvalidInput
from graph.reads.digest import PARTS, Recipient
from graph.sentences import tell
from matcher.community.digest import Digest

_TEMPLATES = Environment(
    loader=PackageLoader("api.mail"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Section:
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class DigestMail:
    """What the templates `digest.txt` and `digest.html` render."""

    name: str
    day: str
    person_id: str
    frequency: str
    sections: tuple[Section, ...]


def text_of(digest: Digest, frequency: str) -> str:
    return _TEMPLATES.get_template("digest.txt").render(mail=_mail(digest, frequency))


def html_of(digest: Digest, frequency: str) -> str:
    return _TEMPLATES.get_template("digest.html").render(mail=_mail(digest, frequency))


def message(digest: Digest, to: Recipient, sender: str) -> EmailMessage:
    """The e-mail. Raises InvalidInput for an address that is none."""
    mail = EmailMessage()
    number = len(digest.items)
    mail["Subject"] = f"guildmap: {number} thing{'' if number == 1 else 's'} for you"
    mail["From"] = _address("guildmap", sender)
    mail["To"] = _address(to.name, to.email or "")
    # Asks out-of-office programs for no answer (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text_of(digest, to.preferences.frequency))
    mail.add_alternative(html_of(digest, to.preferences.frequency), subtype="html")
    return mail


def _address(name: str, address: str) -> Address:
    try:
        # In one line: a name begins no header.
        found = Address(display_name=one_line(name), addr_spec=address)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise InvalidInput(tell("%(address)r is no e-mail address.", address=address)) from error
    if not found.username or not found.domain or not address.isprintable():
        raise InvalidInput(tell("%(address)r is no e-mail address.", address=address))
    return found


def _mail(digest: Digest, frequency: str) -> DigestMail:
    sections: Sequence[Section] = [
        Section(PARTS_OF_DIGEST[part], tuple(one_line(item_said(item)) for item in digest.of(part)))
        for part in PARTS
        if digest.of(part)
    ]
    return DigestMail(one_line(digest.name), digest.day, digest.person_id, frequency, tuple(sections))
