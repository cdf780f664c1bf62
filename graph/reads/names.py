"""What things are called, by what they are and their ids."""

from collections.abc import Iterable

from graph.database import Read

# Label to the parameter of the statement. Nodes of others have no name.
NAMED = {
    "Person": "people", "Community": "communities", "Skill": "skills", "OrgUnit": "units", "Question": "questions",
    "Meeting": "meetings",
}  # fmt: skip


def names(nodes: Iterable[tuple[str, str]]) -> Read[dict[tuple[str, str], str]]:
    """By (label, id), of those that are there. Whoever asks has made sure that all of them may be seen."""
    parameters: dict[str, list[str]] = {name: [] for name in NAMED.values()}
    for label, key in sorted(set(nodes)):
        if label in NAMED:
            parameters[NAMED[label]].append(key)
    return Read("read/names", parameters, lambda rows: {(row["label"], row["key"]): row["name"] for row in rows})
