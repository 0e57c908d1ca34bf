"""What follows the state: maker, batch, thickness, reconditioner, and the figures of 6.5 and 6.6."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from lipack_vision.regulations.codes import Family, has_thickness, may_be_reconditioned
from lipack_vision.regulations.model import Note, Reconditioning
from lipack_vision.regulations.states import ISO_FORMS, STATE_SIGNS

_BATCH = re.compile(r"(?:[/ ]|(?<![-(]))PI ?: ?(?P<batch>[A-Z0-9][A-Z0-9-]*)(?=[/ ]|$)")
# PI006, PI 006, Pi:006, PI;006, (PI:006), PI:006. and the like; without a sign after PI a figure follows.
_LOOSE_BATCH = re.compile(
    r"(?:^|[-/ (]|(?<=[0-9]))\(?[Pp][Ii] ?(?:[:;.,] ?(?=[A-Za-z0-9])|(?=[0-9]))"
    r"(?P<batch>[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)[.,)]*(?=[/ ]|$)"
)
_SPLIT_CN = re.compile(r"N[/ ]?C[0-9]{6}(?![0-9])")
_CHINESE = re.compile(r"(?<![A-Za-z0-9])C[0-9]{6}(?![0-9])|(?<![A-Za-z])P[Ii] ?:")
_EMPTY_BATCH = re.compile(r"[/ ]?PI ?:?$")
_THICKNESS = re.compile(r"([0-9]\.[0-9](?:-[0-9]\.[0-9]){0,2}) ?(?:mm)?")
_REMADE = re.compile(r"(?P<year>[0-9]{2}) ?(?P<letters>RL|R)")
_EXTRA = re.compile(r"[0-9]+(?:[.,][0-9]+)? ?(?:[Ll]|[Kk][Gg]|[Kk][Pp][Aa])")
_FIGURE = re.compile(r"0|[1-9][0-9]{0,4}")
_TWO_FIGURES = re.compile(rf"(?:{_FIGURE.pattern}) (?:{_FIGURE.pattern})")
_ONE_FIGURE = re.compile(r"[1-9][0-9]? [0-9]{3}")  # 10 500 may be ten thousand five hundred
_GROUPED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+")
AUTHORITIES = {"D": ("BAM",)}
"""State -> names of the authority that stand alone only when the approval number after them is lost."""


@dataclass(slots=True)
class Tail:
    """Everything after the state, by element; problems and missing elements named."""

    maker: str | None = None
    batch: str | None = None
    thickness: str | None = None
    reconditioned: Reconditioning | None = None
    stacking_load: int | None = None
    gross_mass: Decimal | None = None
    extra: tuple[str, ...] = ()
    missing: list[str] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)


def parse_tail(rest: str, family: Family, code: str, state: str) -> Tail:
    """Split the free text after the state.

    Args:
        rest: text with canonical separators.
        family: which grammar.
        code: packaging code; empty when it is unknown.
        state: sign of the state.
    """
    tail = Tail()
    if family == "packaging" and code and may_be_reconditioned(code):
        rest = _take_reconditioner(rest, tail)
    if state == "CN":
        rest = _take_batch(rest, tail)
    elif state and state not in ISO_FORMS:
        _check_foreign(rest, state, tail)
    if family in ("large_packaging", "ibc"):
        rest = _take_figures(rest, tail)
    elif family == "packaging" and code and has_thickness(code):
        rest = _take_thickness(rest, tail)
    _set_maker(rest.strip("/ "), state, tail)
    return tail


def _take_batch(rest: str, tail: Tail) -> str:
    """Take ``PI:`` and the batch out of the text, wherever they stand; other ways to write them warn."""
    found = _BATCH.search(rest) or _LOOSE_BATCH.search(rest)
    if found:
        tail.batch = found.group("batch").upper()
        if found.re is _LOOSE_BATCH:
            seen = found.group().strip("/ ")
            tail.warnings.append(("batch", f"PI:{tail.batch} is due, found {seen!r}"))
        left = rest[: found.start()] + rest[found.end() :]
        if _BATCH.search(left) or _LOOSE_BATCH.search(left):
            tail.problems.append(("batch", f"two batches in {rest!r}"))
        return left
    empty = _EMPTY_BATCH.search(rest)
    if empty and ":" in empty.group():
        tail.warnings.append(("batch", "PI: without a batch"))
        return rest[: empty.start()]
    return rest


def _check_foreign(rest: str, state: str, tail: Tail) -> None:
    """What only Chinese marks have after the sign of another state: the sign was perhaps misread."""
    if state == "C" and _SPLIT_CN.match(rest):
        tail.problems.append(("state", f"'C' and {rest!r}: the sign CN, split"))
    elif _CHINESE.search(rest):
        tail.warnings.append(("state", f"a Chinese works code or batch after the sign {state} in {rest!r}"))


def _take_reconditioner(rest: str, tail: Tail) -> str:
    parts = rest.split("/")
    remade = _REMADE.fullmatch(parts[-1]) if len(parts) >= 3 else None
    if remade is None:
        return rest
    before, _, sign = parts[-3].rpartition(" ")
    if sign not in STATE_SIGNS or not (before or len(parts) > 3):
        return rest
    letters = remade.group("letters")
    tail.reconditioned = Reconditioning(sign, parts[-2], int(remade.group("year")), letters == "RL")
    return "/".join(parts[:-3] + ([before] if before else []))


def _take_thickness(rest: str, tail: Tail) -> str:
    before, slash, last = rest.rpartition("/")
    found = _THICKNESS.fullmatch(last)
    if found is None or not slash:
        return rest
    tail.thickness = found.group(1)
    return before


def _take_figures(rest: str, tail: Tail) -> str:
    """Stacking load and gross mass: the last two figures, separated alike, before figures with units."""
    parts = rest.split("/")
    extra: list[str] = []
    while len(parts) > 1 and _EXTRA.fullmatch(parts[-1]):
        extra.insert(0, parts.pop())
    tail.extra = tuple(extra)
    if len(parts) == 1 and parts[0].count(" ") >= 2:
        parts = parts[0].rsplit(" ", 2)
    elif len(parts) > 1 and _TWO_FIGURES.fullmatch(parts[-1]) and not _ONE_FIGURE.fullmatch(parts[-1]):
        # A blank divides elements as a slash does, and the maker too may end with figures and a blank.
        reason = f"the last two figures are taken out of {parts[-1]!r}"
        tail.warnings.append(("stacking_load", reason))
        parts = [*parts[:-1], *parts[-1].split(" ")]
    figures = [bool(_FIGURE.fullmatch(part)) for part in parts[1:]]
    if figures[-2:] != [True, True]:
        return _miss_figures(parts, figures, tail)
    if len(parts) > 3 and _GROUPED.fullmatch(parts[-3]):
        reason = f"three figures after the maker: {parts[-3]!r}, {parts[-2]!r} and {parts[-1]!r}"
        tail.problems.append(("stacking_load", reason))
        return "/".join(parts[:-3])
    tail.stacking_load, tail.gross_mass = int(parts[-2]), Decimal(parts[-1])
    return "/".join(parts[:-2])


def _miss_figures(parts: list[str], figures: list[bool], tail: Tail) -> str:
    if not figures or not figures[-1]:
        tail.missing += ["stacking_load", "gross_mass"]
        return "/".join(parts)
    # One figure alone may be either of the two; naming it would be a guess.
    reason = f"only one figure {parts[-1]!r} after a slash: stacking load and gross mass are both due"
    tail.problems.append(("stacking_load", reason))
    tail.missing += ["stacking_load", "gross_mass"]
    return "/".join(parts[:-1])


def _set_maker(maker: str, state: str, tail: Tail) -> None:
    if not maker:
        tail.missing.insert(0, "maker")
    elif not (maker[0].isalnum() or maker[0] in '+("&#'):
        reason = f"begins with {maker[0]!r} in {maker!r}: text before it was lost"
        tail.problems.insert(0, ("maker", reason))
    elif maker in AUTHORITIES.get(state, ()):
        tail.maker = maker
        tail.missing.insert(0, "maker")
        tail.problems.insert(0, ("maker", f"{maker} is the authority; its approval number is missing"))
    else:
        tail.maker = maker
