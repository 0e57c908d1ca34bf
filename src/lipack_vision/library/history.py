"""What happened to each reference, in a chain of digests, and the state that it must have led to."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lipack_vision.library.facts import Stored
from lipack_vision.library.tables import NO_DIGEST, ChangeRow, MetaRow
from lipack_vision.library.types import HistoryEntry


@dataclass(slots=True)
class State:
    """What a reference's history says of it.

    Attributes:
        facts: those that were ever told.
        allowed: ground -> photos that came in spite of it.
    """

    facts: Stored = field(default_factory=dict)
    photos: set[str] = field(default_factory=set)
    allowed: dict[str, set[str]] = field(default_factory=dict)


def append(
    session: Session,
    reference_id: str,
    action: str,
    author: str | None,
    *,
    facts: Mapping[str, tuple[str | None, str | None]],
    photos: Sequence[str] = (),
    allowed: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Add a change in a writing transaction; without an author, it is the user of this process."""
    before = session.scalars(select(MetaRow.last_digest)).one()
    details = {"facts": dict(facts), "photos": list(photos), "allowed": dict(allowed or {})}
    row = {
        "reference_id": reference_id,
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "author": author or _user(),
        "action": action,
        "details": json.dumps(details, sort_keys=True),
    }
    digest = _digest(before, row)
    session.execute(insert(ChangeRow).values(**row, digest=digest))
    session.execute(update(MetaRow).values(last_digest=digest))


def entries(rows: Iterable[ChangeRow]) -> list[HistoryEntry]:
    """Changes as they are told to callers."""
    return [_entry(row) for row in rows]


def breaks(rows: Iterable[ChangeRow], last_digest: str) -> Iterator[tuple[str, str]]:
    """Where the chain of all changes, in order, is broken: a reference's id and what was found."""
    before = NO_DIGEST
    for row in rows:
        told = {name: getattr(row, name) for name in ("reference_id", "time", "author", "action", "details")}
        if row.digest != _digest(before, told):
            yield row.reference_id, f"change {row.id} was altered, or one before it taken out"
        before = row.digest
    if before != last_digest:
        yield "", "the last change was altered or taken out"


def states(rows: Iterable[ChangeRow]) -> dict[str, State]:
    """The state of each reference that was not removed, after all changes in order.

    Raises:
        ValueError: a change cannot be read.
    """
    told: dict[str, State] = {}
    for row in rows:
        if row.action == "removed":
            told.pop(row.reference_id, None)
            continue
        entry, state = _entry(row), told.setdefault(row.reference_id, State())
        state.facts |= {name: after for name, (_, after) in entry.facts.items()}
        state.photos.update(entry.photos)
        for ground, photos in entry.allowed.items():
            state.allowed.setdefault(ground, set()).update(photos)
    return told


def _entry(row: ChangeRow) -> HistoryEntry:
    details = json.loads(row.details)
    return HistoryEntry(
        reference_id=row.reference_id,
        time=datetime.fromisoformat(row.time),
        author=row.author,
        action=row.action,
        facts={name: (before, after) for name, (before, after) in details["facts"].items()},
        photos=tuple(details["photos"]),
        allowed={ground: tuple(photos) for ground, photos in details["allowed"].items()},
        digest=row.digest,
    )


def _digest(before: str, row: Mapping[str, str]) -> str:
    text = json.dumps([before, *(row[name] for name in sorted(row))])
    return hashlib.sha256(text.encode()).hexdigest()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # Containers run under numbers without a name.
        return "unknown"
