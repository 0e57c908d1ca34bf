"""From lines of text to readings of UN marks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from lipack_vision.codes.layout import Placed, Row, direction, follows, goes_on, hull, place, rows
from lipack_vision.codes.reading import CodeReading, Problem
from lipack_vision.codes.spotting import begins_batch, begins_mark, is_state, join
from lipack_vision.codes.text import TextLine
from lipack_vision.codes.understand import Understood, understand
from lipack_vision.regulations.model import MarkReading, PackagingCode
from lipack_vision.regulations.parser import read_mark
from lipack_vision.types import Quad

_MOST_ROWS = 4
_NAME = re.compile(r"[A-Z][A-Z.&-]{1,11}")
"""A maker's short name or sign, without digits."""
_MAKER_GOES_ON = re.compile(
    r"(?!(?:UN|LOT|NO|PO|QTY|SN|ID|PI|SP|REF|GW|NW|TEL)-?[0-9])"
    r"(?!.*[0-9](?:KGS?|G|M?L|PCS|[CM]M|V|WH)$)(?!.*[0-9]X[0-9])(?![0-9]{2,4}-[0-9]{2}-[0-9]{2})(?!.*/[XYZ][0-9])"
    r"[A-Z]{0,4}-?[0-9][A-Z0-9-]*(?:/[A-Z0-9-]+)?"
)
"""A row that may end a maker's text: a number, perhaps of two parts. What begins or ends as numbers of goods,
lots, weights, sizes and dates do, or holds a level as another mark does, is none."""
_CONTRADICTION_COST = 0.4
_ENOUGH_ELEMENTS = 3
"""Elements that a text must hold before it counts as part of a mark; fewer are found in ordinary print."""


def find_marks(lines: Sequence[TextLine]) -> list[CodeReading]:
    """Every UN mark among the lines of a photo, most probable first.

    A mark begins at a line with a packaging code and a level; lines of the same size close below it or
    right of it are joined as long as the grammar gains by them.
    """
    readings: list[CodeReading] = []
    taken: set[int] = set()
    for seed in sorted(lines, key=lambda line: -line.probability):
        if id(seed) in taken or not begins_mark(seed.text):
            continue
        others = [line for line in lines if line is not seed and id(line) not in taken]
        used, left, found = _grow(seed, others)
        mark = _to_reading(used, left=left, found=found)
        if mark is None:
            continue
        readings.append(mark)
        taken.update(id(item.line) for row in used for item in row)
    return sorted(readings, key=lambda reading: -reading.probability)


def read_all(lines: Sequence[TextLine]) -> CodeReading | None:
    """Lines that are known to be one mark, as one reading; None where nothing of a mark is among them."""
    marks = find_marks(lines)
    if marks:
        return max(marks, key=lambda mark: (mark.code is not None, mark.probability, len(mark.text)))
    return _to_reading(rows(place(lines, direction(lines))), enough=1) if lines else None


def unreadable(quad: Quad, lines: Sequence[TextLine] = ()) -> CodeReading:
    """The reading of a mark that was found and of which nothing can be read."""
    raw = "\n".join(line.text for line in lines)
    found = f"only {raw!r}" if raw else "no text"
    return CodeReading("", raw, 0.0, quad, None, (("code", f"not readable: {found} was read in the mark"),))


def _grow(seed: TextLine, others: Sequence[TextLine]) -> tuple[list[Row], list[Row], Understood | None]:
    """The rows of the mark that begins at ``seed``, rows below that might belong to it and were left out, and
    what the rows say where that was asked already."""
    along = direction([seed])
    (first,) = place([seed], along)
    free = place(others, along)
    block: list[Row] = [_extend_right([first], free)]
    while len(block) < _MOST_ROWS:
        below = [item for item in free if item.middle > first.middle and follows(block[-1], item)]
        below = [item for item in below if all(item not in row for row in block)]
        below = [item for item in below if item.end > first.start + 0.3 * first.height]
        if not below:
            break
        nearest = min(below, key=lambda item: item.middle)
        level = rows([item for item in below if abs(item.middle - nearest.middle) < 0.6 * nearest.height])[0]
        row = _extend_right(level, [item for item in free if all(item not in known for known in block)])
        if begins_mark(_text(row)) or not _may_belong(_text(row), block):
            break
        block.append(row)
    count, found = _best_beginning(block)
    return block[:count], block[count:], found


def _extend_right(row: Row, free: Sequence[Placed]) -> Row:
    row = list(row)
    while True:
        beside = [
            item for item in free if item not in row and item.start > row[-1].start and follows(row, item)
        ]
        beside = [
            item
            for item in beside
            if abs(item.middle - row[-1].middle) < 0.6 * row[-1].height and not begins_mark(item.line.text)
        ]
        if not beside:
            return row
        row.append(min(beside, key=lambda item: item.start))


def _text(row: Row) -> str:
    return join([[item.line.text for item in row]])


def _may_belong(text: str, block: Sequence[Row]) -> bool:
    """Whether a row can be part of a mark: it holds a digit, begins with the sign of a state, or is the one
    word that may be the maker where only that is missing."""
    if re.search(r"\d", text) or is_state(re.split(r"[/\s]", text.strip("/ "))[0]):
        return True
    return bool(_NAME.fullmatch(text)) and read_mark(_raw(block)).missing == ("maker",)


def _best_beginning(block: list[Row]) -> tuple[int, Understood | None]:
    """How many first rows of a block make the fullest mark, without rows that add nothing; see `_grow`."""
    best, best_score = 1, (-1, -1)
    told: dict[int, Understood] = {}
    for count in range(1, len(block) + 1):
        reading = read_mark(_raw(block[:count]))
        if reading.code is None:
            told[count] = understand(_lines(block[:count]))
            reading = told[count].mark
        score = (int(reading.code is not None), len(reading.elements))
        lacks_batch = reading.code is None or reading.code.batch is None
        if score > best_score and (best_score[0] < 1 or not lacks_batch):
            best, best_score = count, score
        if reading.code is not None and not (count < len(block) and begins_batch(_text(block[count]))):
            break
    if best < len(block) and _maker_goes_on(block[:best], block[best]):
        best += 1
    return best, told.get(best)


def _maker_goes_on(block: Sequence[Row], row: Row) -> bool:
    """Whether a mark that is whole without it goes on in a row, set as the ones before and like a maker's
    number: ``NL/PA-49`` may be all of the maker, or the first half of ``NL/PA-49/7250``."""
    text = _text(row)
    if not _MAKER_GOES_ON.fullmatch(text) or begins_batch(text) or not goes_on(block, row):
        return False
    code = read_mark(_raw(block)).code
    if code is None or code.state == "CN":
        return False
    # What stands behind the maker would become part of it.
    behind = (code.batch, code.thickness, code.reconditioned, code.stacking_load)
    if code.extra or any(value is not None for value in behind):
        return False
    return read_mark(_raw([*block, row])).code is not None


def _raw(block: Sequence[Row]) -> str:
    return join([[item.line.text for item in row] for row in block])


def _lines(block: Sequence[Row]) -> list[list[TextLine]]:
    return [[item.line for item in row] for row in block]


def _to_reading(
    block: Sequence[Row],
    enough: int = _ENOUGH_ELEMENTS,
    left: Sequence[Row] = (),
    found: Understood | None = None,
) -> CodeReading | None:
    found = found or understand(_lines(block))
    mark = found.mark
    if mark.code is None and len(mark.elements) < enough:
        return None
    problems = _problems(mark)
    probability = found.probability if mark.code is not None else 0.0
    return CodeReading(
        text=str(mark.code) if mark.code is not None else _right_beginning(mark),
        raw=_raw(block),
        probability=probability * _CONTRADICTION_COST ** len(problems),
        quad=hull([item.line for row in block for item in row]),
        code=mark.code,
        problems=problems,
        repairs=found.repairs,
        warnings=(*_symbol_warning(found.symbol), *mark.warnings, *_unsure_end(mark, block, left)),
        suggestion=found.suggestion,
        elements=found.elements,
    )


def _unsure_end(mark: MarkReading, block: Sequence[Row], left: Sequence[Row]) -> list[Problem]:
    """Doubts where it is not sure which row ends the maker's text, which has no form of its own."""
    doubts: list[Problem] = []
    if mark.code is None or mark.code.works_code is not None:
        return doubts
    if len(block) > 1 and _maker_goes_on(block[:-1], block[-1]):
        doubts.append(("maker", f"its last line, {_text(block[-1])!r}, may be other print"))
    if left:
        doubts.append(("maker", f"the line below, {_text(left[0])!r}, may belong to it"))
    return doubts


def _symbol_warning(symbol: str) -> list[Problem]:
    if not symbol or re.fullmatch(r"\(?[Uu][ /.]?[Nn]\)?|[⊕®ⓤ]", symbol):
        return []
    return [("symbol", f"{symbol!r} taken for the UN symbol")]


def _problems(reading: MarkReading) -> tuple[Problem, ...]:
    """Problems of a mark, every missing element among them."""
    if reading.code is not None:
        return tuple(_doubts(reading.code))
    missing = set(reading.missing)
    problems = [
        (element, f"not readable: {reason}" if element in missing else reason)
        for element, reason in reading.problems
    ]
    named = {element for element, _ in problems}
    problems += [
        (element, "not readable: nothing was read where it is due")
        for element in reading.missing
        if element not in named
    ]
    return tuple(problems)


def _right_beginning(reading: MarkReading) -> str:
    """Canonical text of the elements before the first that is missing or wrong."""
    found = reading.elements
    wrong = set(reading.missing) | {element for element, _ in reading.problems}
    values = ("gross_mass", "density", "gross_mass_or_density")
    value = next((name for name in values if name in found), "density")
    texts = {
        **found,
        "code": found.get("code", "") + found.get("suffix", ""),
        "class": "CLASS 6.2",
        "level": found.get("level", ""),
        "year": " ".join(found[name] for name in ("month", "year") if name in found),
    }
    order = ["code", "class", "year", "state", "maker"]
    if "class" not in found:
        bulk = re.match(r"(?:50|51|11|21|31|13)[A-Z]", texts["code"])
        order[1:2] = ["level"] if bulk else ["level", "solid_or_pressure"]
        texts["level"] += "" if bulk else found.get(value, "")
        wrong |= {"level"} if value in wrong else set()
    right = itertools.takewhile(lambda name: texts.get(name) and name not in wrong, order)
    return "/".join(texts[name] for name in right)


def _doubts(code: PackagingCode) -> list[Problem]:
    """Elements that follow the grammar and contradict each other, as a misread letter makes them."""
    if code.state != "CN" and re.fullmatch(r"C\d{6}\b.*", code.maker):
        return [("state", f"{code.state} with the works code {code.maker[:7]} of a Chinese maker")]
    if code.state == "CN" and re.search(r"C\d{6}", code.maker) and not re.fullmatch(r"C\d{6}", code.maker):
        return [("maker", f"{code.maker!r} is more than a works code, C and six digits")]
    for part in re.finditer(r"[/ ]", code.maker):
        rest = code.maker[part.end() :]
        if "/" in rest and begins_mark(rest):
            return [("maker", f"another mark, {rest!r}, was read in it")]
    return []
