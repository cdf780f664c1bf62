"""Replays what happened, and scores what would have been recommended against it."""
