"""The grammars of `regulations.grammar` as automata over signs.

They are a little wider than the regulation, which has the last word (`regulations.read_mark`): the maker's
part may be any text, since nothing may be changed in it.
"""

from __future__ import annotations

from functools import cache
from itertools import product

from lipack_vision.codes.automaton import ANY, Automaton, Builder
from lipack_vision.regulations.codes import FAMILY_CODES, FAMILY_SUFFIXES, Family
from lipack_vision.regulations.states import ISO_FORMS, STATE_SIGNS
from lipack_vision.regulations.tail import AUTHORITIES

SYMBOL, SEPARATOR = "symbol", "separator"
"""Names of what is no element of the code."""
_DIGITS, _FIRST = "0123456789", "123456789"
_BATCH = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
JUNK = "84QWKG®⊕ⓤ©@O0Uun()N6"
"""Signs that the circle with u and n was read as."""
UN_FORMS = ("UN", "un", "(UN)", "(un)", "U N")
"""What is printed or read in its place."""
_USUAL = {
    *[
        "A",
        "B",
        "CAN",
        "CH",
        "CN",
        "CZ",
        "D",
        "DK",
        "E",
        "F",
        "GB",
        "I",
        "IND",
        "J",
        "NL",
        "PL",
        "ROK",
        "S",
        "SGP",
        "TR",
        "UK",
        "USA",
        "VN",
    ]
}
"""States whose approvals are on most of the packages in trade (from memory); the other signs are also
read."""
_MISREAD_SYMBOL = -1.0
"""Cost of signs in front of the code for which the symbol was taken; it is on nearly every mark."""
_LOST = -4.0
"""Cost of a separator that was not read at all, where the elements beside it can be told apart."""
_RARE = -5.0
"""Cost of the sign of any other state: a hundred of them share a fiftieth of the marks, by estimate."""
_LACKS = -9.0
"""Cost of an element that cannot be read at all: dearer than any one misread sign, cheaper than to make one
up."""
_UNKNOWN_MAKER = -7.0
"""Cost of a maker that does not begin as all known ones of its state: dearer than a misread sign of these."""
_LONGER = -2.0
"""Cost of each digit of a number beyond two: few packages weigh 100 kg or more."""
_UNLIKELY = -3.0
"""Cost of forms that exist and are rare beside those that they could be taken for."""


def all_codes(family: Family) -> list[str]:
    """Every code of a family with every suffix that it may carry."""
    suffixes = ["", *FAMILY_SUFFIXES[family]]
    return [c + s for c, s in product(FAMILY_CODES[family], suffixes) if c != "4H" or s == "W"]


ALL_CODES = frozenset(code for family in FAMILY_CODES for code in all_codes(family))
"""Every code with every suffix, of all families."""


@cache
def mark_automaton(family: Family) -> Automaton:
    """All marks of a family."""
    made = Builder()
    start = _symbol(made, made.state())
    after = made.words(start, ["4G"], "code")
    rarer = made.state()
    made.jump(start, rarer, _UNLIKELY)
    made.words(rarer, [code for code in all_codes(family) if code != "4G"], "code", after)
    middle = {
        "packaging": _packaging,
        "infectious": _infectious,
        "large_packaging": _bulk,
        "ibc": _bulk,
    }[family]
    dated = middle(made, after)
    made.end(dated, _LACKS)
    _tail(made, _separator(made, dated))
    return Automaton(made)


def _symbol(made: Builder, start: int) -> int:
    """The UN symbol or what it was read as, or nothing."""
    after = made.state()
    made.jump(start, after)
    made.arc(start, after, "ⓤ⊕®", SYMBOL)
    made.words(start, UN_FORMS, SYMBOL, after)
    junk = made.state()
    made.jump(start, junk, _MISREAD_SYMBOL)
    one = made.arc(junk, made.state(), JUNK, SYMBOL)
    made.jump(one, after)
    made.arc(one, after, JUNK, SYMBOL)
    code = made.state()
    made.jump(after, code)
    made.jump(_separator(made, after), code)
    return code


def _separator(made: Builder, start: int, lost: bool = False) -> int:
    """A slash, a blank or a line break, with blanks about it; with ``lost`` perhaps nothing."""
    open_, slashed, end = made.state(), made.state(), made.state()
    for here in (start, open_):
        made.arc(here, open_, " \n", SEPARATOR)
        made.arc(here, slashed, "/", SEPARATOR)
    made.arc(slashed, slashed, " \n/", SEPARATOR)
    made.jump(open_, end)
    made.jump(slashed, end)
    if lost:
        made.jump(start, end, _LOST)
    return end


def _packaging(made: Builder, code: int) -> int:
    """Level with mass, S, or level with density, pressure; then the year."""
    before = _separator(made, code, lost=True)
    level = made.arc(before, made.state(), "XYZ", "level")
    made.arc(level, level, " ", SEPARATOR)
    massed = _number(made, level, "gross_mass", 4)
    _may_lack(made, before, level)
    _may_lack(made, level, massed)
    solid = _separator(made, massed, lost=True)
    form = made.arc(solid, made.state(), "S", "solid_or_pressure")
    _may_lack(made, solid, form)
    value = made.state()
    made.jump(level, value)
    made.jump(_number(made, level, "density", 2), value)
    liquid = _separator(made, value)
    pressure = made.arc(liquid, made.state(), _FIRST, "solid_or_pressure", "digit")
    tens = made.state()
    made.jump(pressure, tens)
    made.arc(pressure, tens, _DIGITS, "solid_or_pressure", "digit")
    full = made.arc(tens, made.state(), "0", "solid_or_pressure", "digit")
    _may_lack(made, liquid, full)
    year = made.state()
    made.jump(_separator(made, form, lost=True), year)
    made.jump(_separator(made, full), year)
    return _dated(made, year, month_due=False)


def _dated(made: Builder, start: int, *, month_due: bool) -> int:
    """The year, after a month where one is due or may stand."""
    month = _month(made, start)
    if not month_due:
        made.jump(start, month)
    done = made.chain(month, [_DIGITS, _DIGITS], "year", "digit")
    _may_lack(made, start, done)
    return done


def _may_lack(made: Builder, before: int, after: int) -> None:
    """An element may be hidden, or all that is left of the mark."""
    made.jump(before, after, _LACKS)
    made.end(before, _LACKS)


def _number(made: Builder, start: int, element: str, digits: int) -> int:
    """Up to so many digits, not beginning with 0, and perhaps a point and a tenth."""
    end, point = made.state(), made.state()
    made.arc(made.arc(start, made.state(), "0", element, "digit"), point, ".", element, "digit")
    for number in range(digits):
        if number > 1:
            longer = made.state()
            made.jump(start, longer, _LONGER)
            start = longer
        start = made.arc(start, made.state(), _DIGITS if number else _FIRST, element, "digit")
        made.jump(start, end)
        made.arc(start, point, ".", element, "digit")
    return made.arc(point, end, _DIGITS, element, "digit")


def _month(made: Builder, start: int) -> int:
    """Two digits and a separator that may be missing."""
    zero = made.arc(start, made.state(), "0", "month", "digit")
    one = made.arc(start, made.state(), "1", "month", "digit")
    month = made.arc(zero, made.state(), _FIRST, "month", "digit")
    made.arc(one, month, "012", "month", "digit")
    end = made.state()
    made.jump(month, end)
    made.arc(month, end, " /\n", SEPARATOR)
    return end


def _infectious(made: Builder, code: int) -> int:
    start = _separator(made, code)
    words = made.words(
        start, [word + gap + "6.2" for word in ("CLASS", "Class") for gap in (" ", "")], "class"
    )
    return _dated(made, _separator(made, words), month_due=False)


def _bulk(made: Builder, code: int) -> int:
    """Large packagings and IBCs: level, month and year."""
    before = _separator(made, code, lost=True)
    level = made.arc(before, made.state(), "XYZ", "level")
    _may_lack(made, before, level)
    return _dated(made, _separator(made, level), month_due=True)


def _tail(made: Builder, start: int) -> None:
    """State and all after it.

    Makers are free text. Where it is known how they begin in a state, other text costs: not to change what
    was read, but to suggest what may have been printed.
    """
    known = {"CN", *AUTHORITIES}
    rarer = made.state()
    made.jump(start, rarer, _RARE)
    other = made.words(start, sorted(_USUAL - known), "state")
    made.words(rarer, sorted({*STATE_SIGNS, *ISO_FORMS} - _USUAL), "state", other)
    text = _separator(made, other)
    made.jump(other, text, 1.5 * _LOST)
    made.end(text, _LACKS)
    _may_lack(made, start, other)
    made.arc(other, text, "-", SEPARATOR)
    maker = made.arc(text, made.state(), [ANY], "maker", "exact")
    made.arc(maker, maker, [ANY], "maker", "exact")
    made.end(maker)
    for sign in sorted(known):
        state = made.words(start, [sign], "state")
        made.jump(state, other, _UNKNOWN_MAKER)
        after = _separator(made, state)
        made.jump(state, after, 1.5 * _LOST)
        made.end(after, _LACKS)
        if sign == "CN":
            _chinese(made, after)
        else:
            # The name of the authority whose approval number follows.
            made.words(after, AUTHORITIES[sign], "maker", maker)


def _chinese(made: Builder, start: int) -> None:
    """A works code, ``C`` and six digits, and perhaps ``PI:`` and the batch."""
    works = made.arc(start, made.state(), "C", "maker", "exact")
    works = made.chain(works, [_DIGITS] * 6, "maker", "exact")
    word = made.chain(_separator(made, works, lost=True), "PI", "batch")
    made.arc(word, word, " ", "batch")
    colon = made.arc(word, made.state(), ":", "batch")
    made.arc(colon, colon, " ", "batch")
    number = made.arc(colon, made.state(), _BATCH, "batch", "exact")
    made.arc(number, number, _BATCH, "batch", "exact")
    made.end(works)
    made.end(number)
