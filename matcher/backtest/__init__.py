"""Replays what happened, and scores what would have been recommended against it."""

# How our own rankings are called beside those of peers.
OURS = "guildmap"
