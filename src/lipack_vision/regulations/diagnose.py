"""Name what is missing or wrong in a text that is not a complete mark."""

from __future__ import annotations

import re

from lipack_vision.regulations import china
from lipack_vision.regulations.align import Alignment, Word, best_alignment
from lipack_vision.regulations.codes import may_hold_liquid
from lipack_vision.regulations.explain import explain, is_nothing
from lipack_vision.regulations.model import MarkReading, Note, Status
from lipack_vision.regulations.states import STATE_SIGNS, WRONG_FORMS, explain_state
from lipack_vision.regulations.tail import parse_tail

_GROUPS = {
    "code": "code",
    "code_w": "code",
    "suffix": "suffix",
    "suffix_w": "suffix",
    "level": "level",
    "value": "value",
    "form": "solid_or_pressure",
    "month": "month",
    "year": "year",
    "state": "state",
}
"""Group of the grammar's patterns -> element name; ``value`` is named when element (d) is known."""

# A US symbol or a Chinese works code can be nothing but a maker, even where the state is lost.
_SURE_MAKER = re.compile(r"\+[A-Z0-9]|C[0-9]{6}(?=[/ ]|$)")


def diagnose(line: str, symbol: str | None, *, cut: bool) -> MarkReading:
    """Read what can be read of an incomplete or wrong mark.

    Args:
        line: text with canonical separators, without the UN symbol.
        symbol: the symbol as read, or None.
        cut: whether the text ends with dots.
    """
    best = best_alignment(line)
    report = _Diagnosis(best, line, cut=cut)
    if not _is_mark(best, report, symbol):
        return MarkReading("none", line)
    return MarkReading(
        report.status(),
        line,
        symbol=symbol,
        elements=report.elements,
        missing=tuple(report.missing),
        problems=tuple(report.problems),
        warnings=tuple(report.warnings),
    )


def _is_mark(found: Alignment, report: _Diagnosis, symbol: str | None) -> bool:
    """Whether enough of a mark is there; words such as ``4G`` or ``22 D`` also stand in other texts."""
    names = {found.grammar.slots[slot].name for slot in found.picks}
    if "code" in names:
        second = found.words[1].text if len(found.words) > 1 else ""
        begins = found.picks[0] == 0 and (len(names) > 1 or second[:1] in tuple("XYZ"))
        return symbol is not None or "level" in names or begins or len(names) > 2
    level = found.word("level")
    if level is not None and len(level.text) > 1 and len(names) > 1:
        return True
    maker = report.elements.get("maker", "")
    chinese = bool(china.WORKS_CODE.match(maker) or china.OLD_WORKS_CODE.match(maker))
    return len(names) > 2 or (chinese and report.elements.get("state") == "CN")


class _Diagnosis:
    """Walks over one alignment and collects elements, missing names and problems."""

    def __init__(self, found: Alignment, line: str, *, cut: bool) -> None:
        self.found, self.line, self.cut = found, line, cut
        self.grammar, self.words = found.grammar, found.words
        self.elements: dict[str, str] = {}
        self.missing: list[str] = []
        self.problems: list[Note] = []
        self.warnings: list[Note] = []
        self._stray = False
        last_slot, last_word = -1, -1
        for slot, word in found.picks.items():
            self._gap(last_slot, slot, self.words[last_word + 1 : word], self.words[word])
            self._take(slot, word)
            last_slot, last_word = slot, word
        if found.picks:
            self._end(last_slot, self.words[last_word + 1 :], self.words[last_word].end)
            self._name_value()

    def status(self) -> Status:
        """`partial` when a right beginning is all there is, else `malformed`."""
        names = list(self.grammar.names)
        if self.grammar.family == "packaging":
            names.insert(2, "gross_mass")
        is_tail = self.missing == names[len(names) - len(self.missing) :]
        explained = all(element in self.missing for element, _ in self.problems)
        sound = not self._stray and not self.found.ambiguous
        return "partial" if self.missing and is_tail and explained and sound else "malformed"

    def _explain(self, element: str, word: str) -> None:
        note = explain(element, word, self.grammar.family, self.elements.get("code", ""))
        self.problems.append(note)
        self._stray = True
        if is_nothing(word):
            self.missing.append(element)

    def _gap(self, last_slot: int, slot: int, strange: tuple[Word, ...], here: Word) -> None:
        """Judge the words and elements between two elements that were found."""
        skipped = [one.name for one in self.grammar.slots[last_slot + 1 : slot]]
        if last_slot < 0 and len(strange) > len(skipped):
            surplus = len(strange) - len(skipped)
            text = self.line[: strange[surplus - 1].end]
            self.problems.append(("symbol", f"text {text!r} before the mark is not the UN symbol"))
            strange = strange[surplus:]
        if len(strange) == len(skipped):
            for element, word in zip(skipped, strange, strict=True):
                self._explain(element, word.text)
        elif not skipped:
            element = self.grammar.slots[slot].name
            what = "an empty element" if not strange[0].text else repr(strange[0].text)
            self.problems.append((element, f"{what} before {here.text!r}"))
        else:
            text = " ".join(word.text for word in strange)
            why = (
                f"missing or unreadable in {text!r}"
                if text
                else f"missing: {here.text!r} stands where it is due"
            )
            self.missing += skipped
            self.problems += [(element, why) for element in skipped]

    def _take(self, slot: int, word: int) -> None:
        element, text = self.grammar.slots[slot], self.words[word].text
        if word in self.found.ambiguous:
            self.problems.append((element.name, f"{text!r} may as well be another element"))
            return
        found = re.fullmatch(element.pattern, text)
        groups = found.groupdict() if found else {}
        self.elements |= {_GROUPS[name]: value for name, value in groups.items() if value}
        if groups.get("month") == "10" and element.name == "year" and self._may_be_pressure():
            del self.elements["month"]
            self.problems.append(("month", "'10' may as well be the test pressure"))
        if element.name == "class":
            self.elements["class"] = "6.2"
        code = self.elements.get("code")
        bare = element.name == "level" and "value" not in self.elements
        if bare and code and self.grammar.family == "packaging" and not may_hold_liquid(code):
            self.missing.append("gross_mass")
            self.problems.append(("gross_mass", f"missing after level {text}"))

    def _may_be_pressure(self) -> bool:
        return self.grammar.family == "packaging" and "solid_or_pressure" not in self.elements

    def _end(self, last_slot: int, left: tuple[Word, ...], end: int) -> None:
        rest = self.line[end:].strip("/ ")
        due = self.grammar.slots[last_slot + 1 :]
        if not due:
            self._tail(rest, self.elements.get("state", ""))
            if self.cut:
                self.missing.insert(0, "maker")
                self.problems.append(("maker", "cut short: the text ends with dots"))
            return
        for slot, word in zip(due, left, strict=False):
            if slot.name == "state":
                self._without_state(self.line[word.start :])
                return
            self._explain(slot.name, word.text)
        self.missing += [slot.name for slot in due[len(left) :]] + list(self.grammar.tail)

    def _without_state(self, rest: str) -> None:
        """Text stands where the state is due. It is split only where the parts cannot be mistaken."""
        empty, rest = rest.startswith("/"), rest.strip("/ ")
        first, _, after = rest.partition("/" if "/" in rest else " ")
        sure = _SURE_MAKER.match(rest)
        if sure:
            self.missing.append("state")
            self.problems.append(("state", f"missing: {rest!r} stands where it is due"))
            self._tail(rest, "CN" if rest[0] == "C" else "")
        elif empty and first in STATE_SIGNS:
            self.problems.append(("state", f"an empty element before {first!r}"))
            self._tail(after, first)
        elif (first in WRONG_FORMS or len(first) <= 2) and re.split("[/ ]", after)[0] not in STATE_SIGNS:
            self.problems.append(("state", explain_state(first)))
            self._tail(after, "")
        else:
            self.problems.append(("state", explain_state(first)))
            self.problems.append(("maker", f"cannot be told from the state in {rest!r}"))

    def _tail(self, rest: str, state: str) -> None:
        tail = parse_tail(rest, self.grammar.family, self.elements.get("code", ""), state)
        values = {
            "maker": tail.maker,
            "batch": tail.batch,
            "thickness": tail.thickness,
            "stacking_load": tail.stacking_load,
            "gross_mass": tail.gross_mass,
            "reconditioned": tail.reconditioned,
            "extra": "/".join(tail.extra) or None,
        }
        self.elements |= {name: str(value) for name, value in values.items() if value is not None}
        self.missing += tail.missing
        self.problems += tail.problems
        self.warnings += tail.warnings

    def _name_value(self) -> None:
        """Name the figure after the level: a mass with ``S``, a density with a pressure."""
        value = self.elements.pop("value", None)
        form, code = self.elements.get("solid_or_pressure"), self.elements.get("code")
        if value is None:
            return
        if form == "S" or (code and not may_hold_liquid(code)):
            self.elements["gross_mass"] = value
        else:
            self.elements["density" if form else "gross_mass_or_density"] = value
