"""A workspace of Slack as its owners export it: a ZIP file of JSON.

People are those who write in it; public channels are communities with their members. Of what was written only the
number of posts by month is kept, and of how many people; where that is wanted, also the words that mark a channel.
Private channels, group messages and direct messages are not looked at.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import log
from pathlib import Path
from typing import Any, cast

from graph.errors import InvalidInput
from graph.text import tokens
from ingest import archives
from ingest.archives import Archive
from ingest.sources import ListTable, Row, Table
from ingest.sources.bundle import csv_rows

# A word marks a channel if so many people used it there: words of few would tell who wrote them.
FEWEST_PEOPLE = 5
MOST_TOPICS = 10

# Tokens shorter than this mark nothing (`the`, `can`), but for short names that no list of words would have.
SHORTEST_WORD = 4

# What is no post: people who come and go, and what programs write.
NO_POST = ("channel_", "group_", "bot_", "reminder_", "pinned_", "sh_room_", "tombstone")


@dataclass
class _Posts:
    """Of one channel: posts and who wrote them by month, and who used each word."""

    number: Counter[str] = field(default_factory=Counter[str])
    people: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def by_month(self) -> list[str]:
        return [f"{month} {self.number[month]} {len(self.people[month])}" for month in sorted(self.number)]


class SlackExport:
    """`channels` is a CSV file with the columns `channel` and `community_id`: then those channels alone are taken, each
    as that community, or where it has none as one of its own. Without it all public channels are, but for archived ones
    and the one that everybody is in. With `topics` the words that mark a channel become its topics.

    Raises InvalidInput where the archive cannot be used.
    """

    def __init__(
        self, path: Path, name: str | None = None, *, channels: Path | None = None, topics: bool = False
    ) -> None:
        self._path, self._name = path, name
        self._channels, self._topics = channels, topics
        self._read: list[Table] | None = None

    @property
    def name(self) -> str:
        return self._name or "slack_export"

    def fingerprint(self) -> str:
        digest = hashlib.sha256(f"topics={self._topics}".encode())
        for path in (self._path, self._channels):
            if path is not None:
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def tables(self) -> list[Table]:
        if self._read is None:
            with archives.opened(self._path) as archive:
                self._read = self._tables(archive)
        return self._read

    def _tables(self, archive: Archive) -> list[Table]:
        users = {str(one.get("id")): one for one in _objects(archive, "users.json")}
        people = {
            key for key, one in users.items() if not (one.get("is_bot") or one.get("deleted") or key == "USLACKBOT")
        }
        chosen = _chosen(self._channels)
        channels = [one for one in _objects(archive, "channels.json") if _wanted(one, chosen)]
        posts = {str(one.get("name")): _Posts() for one in channels}
        for name in archive.names:
            folder, _, rest = name.partition("/")
            if folder in posts and rest.endswith(".json") and "/" not in rest:
                _count(posts[folder], _objects(archive, name), people, words=self._topics)
        topics = _topics(posts) if self._topics else {}
        communities: list[Row] = []
        memberships: list[Row] = []
        for number, channel in enumerate(channels, start=1):
            name = str(channel.get("name"))
            own = not (chosen or {}).get(name)
            key = str(channel.get("id")) if own else cast("str", (chosen or {})[name])
            data: dict[str, Any] = {
                "id": key, "name": f"#{name}", "domain": _domain(channel), "kind": "Slack channel",
                "status": "retired" if channel.get("is_archived") else "active",
                "contacts": [f"Slack: #{name}"], "posts": posts[name].by_month() or None, "topics": topics.get(name),
            }  # fmt: skip
            communities.append(Row(number, data if own else _of_known(data)))
            memberships.extend(
                Row(number, {"person_id": member, "community_id": key})
                for member in dict.fromkeys(_texts(channel.get("members"))) if member in people
            )  # fmt: skip
        rows = [Row(number, _person(key, one)) for number, (key, one) in enumerate(users.items(), 1) if key in people]
        return [
            ListTable("people", "users.json", tuple(rows)),
            ListTable("communities", "channels.json", tuple(communities)),
            ListTable("memberships", "channels.json", tuple(memberships)),
        ]


def _objects(archive: Archive, name: str) -> list[dict[str, Any]]:
    """The objects of a member that holds a list of them."""
    if name not in archive.names:
        raise InvalidInput(f"There is no {name} in it: this is no export of Slack.")
    content = archive.read(name)
    archive.spend(len(content))
    try:
        listed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} is no JSON ({type(error).__name__}).") from None
    if not isinstance(listed, list):
        raise InvalidInput(f"{name} holds no list.")
    return [one for one in listed if isinstance(one, dict)]


def _chosen(path: Path | None) -> dict[str, str] | None:
    """The community of each channel that is to be taken, '' for one of its own; None where all are."""
    if path is None:
        return None
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.")
    found: dict[str, str] = {}
    for row in csv_rows(path):
        if row.problem or not row.data.get("channel"):
            told = row.problem[1] if row.problem else "has no `channel`"
            raise InvalidInput(f"{path.name}, line {row.line}: {told}.")
        found[row.data["channel"].strip().removeprefix("#")] = (row.data.get("community_id") or "").strip()
    return found


def _wanted(channel: Mapping[str, Any], chosen: Mapping[str, str] | None) -> bool:
    if not channel.get("name") or channel.get("is_private"):
        return False
    if chosen is not None:
        return str(channel["name"]) in chosen
    return not (channel.get("is_archived") or channel.get("is_general"))


def _of_known(data: dict[str, Any]) -> dict[str, Any]:
    """Of a community that others tell of, what they cannot know. Name and domain are asked for, and given way."""
    return {key: value for key, value in data.items() if key not in ("kind", "status")}


def _person(key: str, user: Mapping[str, Any]) -> dict[str, Any]:
    profile: Mapping[str, Any] = user["profile"] if isinstance(user.get("profile"), dict) else {}
    name = profile.get("real_name") or user.get("real_name") or user.get("name")
    return {
        "id": key, "name": name, "email": profile.get("email") or None, "title": profile.get("title") or None,
        "timezone": user.get("tz"), "external": True if user.get("is_restricted") else None,
    }  # fmt: skip


def _domain(channel: Mapping[str, Any]) -> str:
    """What people wrote over the channel, else its name."""
    said: list[str] = []
    for name in ("purpose", "topic"):
        part = channel.get(name)
        text = part.get("value") if isinstance(part, dict) else None
        if isinstance(text, str) and text.strip() and text not in said:
            said.append(text.strip())
    return "\n".join(said) or str(channel.get("name")).replace("-", " ").replace("_", " ")


def _texts(listed: Any) -> list[str]:
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _count(posts: _Posts, messages: list[dict[str, Any]], people: set[str], *, words: bool) -> None:
    for message in messages:
        who, subtype = message.get("user"), str(message.get("subtype") or "")
        if message.get("type") != "message" or who not in people or subtype.startswith(NO_POST):
            continue
        try:
            month = datetime.fromtimestamp(float(message.get("ts") or "nan"), UTC).strftime("%Y-%m")
        except (TypeError, ValueError, OverflowError, OSError):
            continue
        posts.number[month] += 1
        posts.people[month].add(who)
        if words and isinstance(text := message.get("text"), str):
            for word in set(tokens(text)):
                if len(word) >= SHORTEST_WORD and not word.isnumeric():
                    posts.words[word].add(who)


def _topics(posts: Mapping[str, _Posts]) -> dict[str, list[str]]:
    """Words that more people use in a channel than elsewhere, by the share of its people over that of all."""
    everybody: dict[str, set[str]] = defaultdict(set)
    writing: set[str] = set()
    for one in posts.values():
        for word, who in one.words.items():
            everybody[word] |= who
        writing.update(*one.people.values())
    found: dict[str, list[str]] = {}
    for name, one in posts.items():
        here = set[str]().union(*one.people.values())
        weights: dict[str, float] = {}
        for word, who in one.words.items():
            if len(who) >= FEWEST_PEOPLE:
                share, elsewhere = len(who) / len(here), len(everybody[word]) / len(writing)
                weights[word] = len(who) * log(share / elsewhere)
        ranked = sorted((word for word, weight in weights.items() if weight > 0), key=lambda w: (-weights[w], w))
        if ranked:
            found[name] = ranked[:MOST_TOPICS]
    return found
