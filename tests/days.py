"""Days as tests name them: of the moment, not of when a module was read, since a run may go past midnight."""

from datetime import date, timedelta


def today() -> str:
    return ago(0)


def ago(days: int) -> str:
    """The day that was so many days before this one; of a negative number, one that is to come."""
    return (date.today() - timedelta(days=days)).isoformat()
