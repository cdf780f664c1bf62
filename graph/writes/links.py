"""How facts name other things: links to things of the same kind, made once all that they may name are there."""

from collections.abc import Mapping
from typing import Any, cast

from graph.database import Transaction
from graph.facts import Change, Fields, Link
from graph.writes.batch import Batch, Complaint, Outcome


def links_of(transaction: Transaction, link: Link) -> dict[str, list[str]]:
    """What things of a kind are linked to by a deferred link, by id."""
    linked: dict[str, list[str]] = {}
    for child, parent in transaction.run(f"read/all_{_short(link)}_links")[0]["pairs"]:
        linked.setdefault(child, []).append(parent)
    return linked


def link_deferred(
    transaction: Transaction,
    batch: Batch,
    link: Link,
    lines: Mapping[str, int],
    parents: dict[str, list[str]],
    owners: Mapping[str, str] | None = None,
    instead: Mapping[str, Any] | None = None,
) -> Outcome:
    """Links things to things of the same kind as their field says, once all that it may name are there.

    `lines` holds the ids of the things, each with the line that complaints name. `parents` (see `links_of`) is kept
    up to date; a link that would close a circle is left out and reported with the circle. `owners` are the sources of
    the fields, where they are not the batch's. In a dry run `instead` has what the fields would say, by id; nothing
    is written.
    """
    outcome = Outcome()
    wanted: list[dict[str, Any]]
    if instead is None:
        wanted = transaction.run(f"read/wanted_{_short(link)}_links", ids=sorted(lines))
    else:
        wanted = [{"id": key, "refs": instead[key], "linked": parents.get(key, [])} for key in sorted(lines)]
    refs = {ref for row in wanted for ref in listed(row["refs"])}
    known = batch.names.resolve(transaction, batch.kind.name, refs) if refs else {}
    changes: list[dict[str, Any]] = []
    for row in wanted:
        key: str = row["id"]
        targets: list[str] = []
        for ref in listed(row["refs"]):
            target = known.get(ref)
            if target is None:
                reason = unknown(batch.kind.name, ref)
            elif circle := _circle(parents, key, target):
                reason = "would close a circle: " + " -> ".join(circle) + "; this link was left out"
            else:
                targets.append(target)
                continue
            outcome.complaints.append(Complaint(lines[key], key, link.field, reason))
        parents[key] = targets
        if sorted(targets) != sorted(row["linked"]):
            changes.append({"id": key, "targets": targets, "source": (owners or {}).get(key, batch.source)})
    if changes and instead is None:
        transaction.run(f"write/{link.statement}", rows=sorted(changes, key=lambda row: row["id"]))
    outcome.changed = [f"{batch.kind.name}/{row['id']}" for row in changes]
    return outcome


def link_moved(
    transaction: Transaction, batch: Batch, changes: dict[str, tuple[Change, Fields | None]]
) -> list[Complaint]:
    """Follows fields that came to name another thing of the same kind, outside a pass over a file."""
    complaints: list[Complaint] = []
    for link in batch.kind.links:
        moved = {
            key: change.owners.get(link.field, batch.source)
            for key, (change, _) in changes.items()
            if link.deferred and link.field in change.fields and change.properties.get(link.field) is not None
        }
        if moved:
            parents = links_of(transaction, link)
            outcome = link_deferred(transaction, batch, link, dict.fromkeys(moved, 0), parents, moved)
            complaints.extend(outcome.complaints)
    return complaints


def _short(link: Link) -> str:
    """`manager` for the field `manager_id`, `broader` for `broader_ids`."""
    return link.field.removesuffix("s").removesuffix("_id")


def _circle(parents: dict[str, list[str]], start: str, target: str) -> list[str]:
    """The way from `start` over `target` back to `start`, or an empty list where there is none."""
    paths = [[start, target]]
    seen = {target}
    if target == start:
        return [start, start]
    while paths:
        path = paths.pop()
        for parent in parents.get(path[-1], ()):
            if parent == start:
                return [*path, start]
            if parent not in seen:
                seen.add(parent)
                paths.append([*path, parent])
    return []


def listed(value: Any) -> list[str]:
    return [] if value is None else cast("list[str]", value) if isinstance(value, list) else [value]


def unknown(kind: str, ref: str) -> str:
    return f"names the {spoken(kind)} {ref!r}, which is not known"


def spoken(kind: str) -> str:
    return kind.replace("_", " ")
