"""A digest as an e-mail and as a calendar."""

import icalendar
import pytest

from api.mail.digest import message
from api.reminders import calendar
from graph.errors import InvalidInput
from graph.models import Role
from graph.reads.digest import Preferences, Recipient
from matcher.community.digest import Digest, Item

ITEMS = (
    Item("requests", "r1", "Ann asks you for help: “<b>how</b>?”. Say whether you can.", since="2026-11-02"),
    Item("meetings", "m1", "Knots meets: Splicing.", "knots", starts_at="2026-11-30T10:00Z"),
    Item("meetings", "m2", "Knots meets.", "knots", starts_at="2026-12-01"),
)
DIGEST = Digest("bob", "Bob", "2026-11-26", ITEMS)


def to(name: str = "Bob", email: str = "bob@example.org") -> Recipient:
    return Recipient("bob", name, email, Preferences(), None, Role.MEMBER)


def test_the_mail_says_all_in_text_and_in_html_that_is_escaped() -> None:
    mail = message(DIGEST, to(), "guildmap@example.org")
    assert mail["Subject"] == "guildmap: 3 things for you"
    text = mail.get_body(("plain",)).get_content()
    assert "Requests for help\n\n  * Ann asks you" in text.replace("help\n  *", "help\n\n  *")
    assert "  * 2026-11-30 10:00 UTC: Knots meets: Splicing.\n" in text
    assert "(since 2026-11-02)" in text
    html = mail.get_body(("html",)).get_content()
    assert "&lt;b&gt;how&lt;/b&gt;" in html
    assert "<h2>Next meetings</h2>" in html


@pytest.mark.parametrize("name", ["Bob\r\nBcc: eve@example.org", "Bob\nBcc: eve@example.org", "B\x00\x0bob", 'B"o,b<>'])
def test_a_name_begins_no_header(name: str) -> None:
    mail = message(DIGEST, to(name), "guildmap@example.org")
    assert mail["Bcc"] is None
    assert [one.addr_spec for one in mail["To"].addresses] == ["bob@example.org"]
    head = mail.as_bytes().split(b"\n\n")[0]
    assert not any(line.lower().startswith(b"bcc") for line in head.splitlines())


@pytest.mark.parametrize(
    "email", ["bob@example.org\r\nBcc: eve@example.org", "bob", "", "bob@example.org, eve@example.org", "@example.org"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput, match="is no e-mail address"):
        message(DIGEST, to(email=email), "guildmap@example.org")


def test_the_calendar_has_meetings_as_events_and_the_rest_to_do() -> None:
    found = icalendar.Calendar.from_ical(calendar(DIGEST))
    events = {str(one["UID"]): one for one in found.walk("VEVENT")}
    assert set(events) == {"m1@guildmap", "m2@guildmap"}
    assert events["m1@guildmap"].decoded("dtstart").isoformat() == "2026-11-30T10:00:00+00:00"
    assert events["m2@guildmap"].decoded("dtend").isoformat() == "2026-12-02"
    (todo,) = found.walk("VTODO")
    assert str(todo["UID"]) == "requests/r1@guildmap"
    assert "<b>how</b>" in str(todo["SUMMARY"])
