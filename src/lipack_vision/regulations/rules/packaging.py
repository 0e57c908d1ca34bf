"""R2 and R3: the UN packaging mark of packagings and of large packagings."""

from __future__ import annotations

from decimal import Decimal

from lipack_vision.regulations.codes import needs_month
from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.instructions import (
    LARGE_INSTRUCTIONS,
    MAX_61_NET_KG,
    PACKAGING_INSTRUCTIONS,
    Instruction,
)
from lipack_vision.regulations.label_geometry import STACKING_PICTOGRAM_SINCE
from lipack_vision.regulations.limits import check_limits
from lipack_vision.regulations.model import PackagingCode
from lipack_vision.regulations.rules.findings import Judge, RuleFinding, Verdict
from lipack_vision.regulations.rules.scope import Scope, absent_mark, best_of, un_mark_scope
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Shipment

_FAMILY_NAMES = {
    "packaging": "packaging up to 400 kg",
    "infectious": "packaging for infectious substances",
    "large_packaging": "large packaging",
    "ibc": "IBC",
}


def un_packaging_mark(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R2: family 6.1, ``S``, level and code of the packing instruction, declared mass within the mark."""
    judge = Judge(RULES["R2"])
    scope = un_mark_scope(shipment)
    if scope.kind == "unknown":
        return [judge.undeclared(*scope.undeclared)]
    if scope.kind == "none":
        section = shipment.rules
        if not scope.why or section is None or not section.fully_regulated:
            return []
        return [judge.make("un_mark", "right", f"no UN packaging mark is due: {scope.why}")]
    if _is_large(shipment, seen, scope):
        return []
    if not seen.packaging_codes:
        return [absent_mark(judge, shipment, seen, scope)]
    instruction = PACKAGING_INSTRUCTIONS[shipment.state or "normal"]
    found = best_of(seen.packaging_codes, lambda code: _mark(judge, shipment, code, instruction))
    return found + _net_mass(judge, shipment) + _symbol(judge, shipment, seen)


def _is_large(shipment: Shipment, seen: Observation, scope: Scope) -> bool:
    """Whether R3 rather than R2 applies; where the packing is not declared, the marks seen decide."""
    if scope.kind != "packaging" or shipment.packing is not None:
        return scope.kind == "large"
    families = {code.family for code in seen.packaging_codes or ()}
    return "large_packaging" in families and "packaging" not in families


def _mark(
    judge: Judge, shipment: Shipment, code: PackagingCode, instruction: Instruction
) -> list[RuleFinding]:
    if code.family != "packaging":
        sure = Certainty.INFERENCE if code.family == "ibc" else instruction.certainty
        message = (
            f"mark of a {_FAMILY_NAMES[code.family]} ({code.code}) where {instruction.name} names packagings"
        )
        found = judge.make(
            "un_mark",
            "wrong",
            message,
            expected="a mark of family 6.1",
            found=str(code),
            certainty=sure,
            source=instruction.source,
        )
        return [found]
    return [
        *_instruction(judge, code, instruction),
        _solids(judge, code),
        _mass(judge, shipment, code),
        *_suffix(judge, code),
        *_unlikely(judge, shipment, code),
    ]


def _instruction(judge: Judge, code: PackagingCode, instruction: Instruction) -> list[RuleFinding]:
    listed, level = code.code in instruction.codes, (code.level or "") in instruction.levels
    name, origin, sure = instruction.name, instruction.source, instruction.certainty
    levels = " or ".join(instruction.levels)
    return [
        judge.make(
            "un_mark.code",
            "right" if listed else "wrong",
            f"{code.code} ({code.meaning}) is {'' if listed else 'not '}named by {name}",
            expected=f"a code named by {name}",
            found=code.code,
            certainty=sure,
            source=origin,
        ),
        judge.make(
            "un_mark.level",
            "right" if level else "wrong",
            f"level {code.level} is {'' if level else 'not '}enough for {name}",
            expected=levels,
            found=code.level or "none",
            certainty=sure,
            source=origin,
        ),
    ]


def _solids(judge: Judge, code: PackagingCode) -> RuleFinding:
    return judge.make(
        "un_mark.solid_or_pressure",
        "right" if code.for_solids else "wrong",
        "the mark is for solids" if code.for_solids else "the mark is for liquids; batteries need S",
        expected="S",
        found="S" if code.for_solids else str(code.pressure_kpa),
        certainty=Certainty.INFERENCE,
        source="6.1.3.1 (d)",
    )


def _mass(judge: Judge, shipment: Shipment, code: PackagingCode) -> RuleFinding:
    item, limit = "un_mark.gross_mass", code.gross_mass
    flexible = code.code.startswith("51")
    declared = shipment.net_kg if flexible else shipment.gross_kg
    what = "net" if flexible else "gross"
    if declared is None:
        return judge.make(
            item,
            "not_checked",
            f"not checked: {what} mass not declared",
            expected=f"{what}_kg",
            found="not declared",
        )
    if limit is None:
        return judge.make(
            item, "wrong", "the mark names no maximum mass", expected=f"{declared:g} kg or more"
        )
    # As written, not as the nearest float: 29.8 is within 29.8.
    fits = Decimal(str(declared)) <= limit
    return judge.make(
        item,
        "right" if fits else "wrong",
        f"{what} mass {declared:g} kg is {'within' if fits else 'above'} the marked {limit} kg",
        expected=f"at most {limit} kg",
        found=f"{declared:g} kg",
        source="4.1.1.2 and 6.1.3.1 (c)",
    )


def _net_mass(judge: Judge, shipment: Shipment) -> list[RuleFinding]:
    """A packaging of 6.1 holds at most 400 kg net; only a lighter package keeps that without saying so."""
    if shipment.net_kg is not None or shipment.gross_kg is None or shipment.gross_kg <= MAX_61_NET_KG:
        return []
    return [judge.limit("net_kg", None, MAX_61_NET_KG, "6.1.1.1: net mass of a packaging")]


def _suffix(judge: Judge, code: PackagingCode) -> list[RuleFinding]:
    sure = Certainty.INFERENCE
    if code.suffix == "U":
        return [
            judge.make(
                "un_mark.suffix",
                "wrong",
                "suffix U is for infectious substances only",
                found="U",
                certainty=sure,
            )
        ]
    if code.suffix == "T":
        note = "salvage packaging: not meant for undamaged batteries"
        return [judge.make("un_mark.suffix", "wrong", note, found="T", certainty=sure, severity="warn")]
    return []


def _unlikely(judge: Judge, shipment: Shipment, code: PackagingCode) -> list[RuleFinding]:
    _, warnings = check_limits(code, shipment.photo_year)
    out = []
    for element, reason in warnings:
        # Nothing is made after it was photographed: one of the two is not what it is said to be.
        future = element == "year" and code.full_year > (shipment.photo_year or code.full_year)
        sure = Certainty.INFERENCE if future else Certainty.UNSURE
        found = str(code)
        item = f"un_mark.{element}"
        out.append(judge.make(item, "wrong", reason, found=found, certainty=sure, source="6.1.3.1"))
    if needs_month(code.code) and code.month is None and code.family == "packaging":
        note = "the month of manufacture is not in the mark; look for the clock beside it"
        out.append(
            judge.make(
                "un_mark.month", "not_visible", note, expected="month", source="6.1.3.1 (e)", severity="info"
            )
        )
    return out


def _symbol(judge: Judge, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    item, expected, origin = "un_mark.symbol", "circle with u above n", "6.1.3.1 (a)"
    if seen.un_symbol == "rid_adr":
        if shipment.mode in ("road", "rail") and not shipment.by_air:
            return []
        note = "RID/ADR in place of the UN symbol, which holds for road and rail only"
        verdict: Verdict = "not_checked" if shipment.by_air is None else "wrong"
        sure = Certainty.MEMORY
        return [judge.make(item, verdict, note, expected=expected, certainty=sure, source=origin)]
    if seen.un_symbol != "letters":
        return []
    if any(set(code.code) & set("ABN") for code in seen.packaging_codes or ()):
        return []
    note = "letters UN in place of the circled symbol, which only embossed metal packagings may show"
    # Tolerated in practice on fibreboard.
    sure = Certainty.UNSURE
    return [judge.make(item, "wrong", note, expected=expected, certainty=sure, source=origin)]


def large_packaging_mark(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R3: family 6.6, code and level of the LP instruction, mass within the mark, stacking pictogram."""
    judge = Judge(RULES["R3"])
    scope = un_mark_scope(shipment)
    codes = seen.packaging_codes or ()
    if not _is_large(shipment, seen, scope):
        return []
    if not codes:
        return [absent_mark(judge, shipment, seen, scope)]
    found = best_of(codes, lambda code: _large_mark(judge, shipment, seen, code))
    return found + _symbol(judge, shipment, seen)


def _large_mark(
    judge: Judge, shipment: Shipment, seen: Observation, code: PackagingCode
) -> list[RuleFinding]:
    instruction = LARGE_INSTRUCTIONS[shipment.state or "normal"]
    if code.family != "large_packaging":
        # Up to 400 kg net a 6.1 mark can be right; then only the declaration does not fit.
        net = shipment.net_kg
        light = code.family == "packaging" and net is not None and net <= MAX_61_NET_KG
        note = f"mark of a {_FAMILY_NAMES[code.family]} ({code.code}) on a large packaging"
        strange = judge.make(
            "un_mark",
            "wrong",
            note,
            expected="a mark of family 6.6",
            found=str(code),
            severity="warn" if light else None,
        )
        state = shipment.state or "normal"
        return [strange, *_mark(judge, shipment, code, PACKAGING_INSTRUCTIONS[state])] if light else [strange]
    out = [*_instruction(judge, code, instruction), _mass(judge, shipment, code)]
    out += [*_suffix(judge, code), *_unlikely(judge, shipment, code)]
    since = STACKING_PICTOGRAM_SINCE["large_packaging"]
    if code.full_year >= since.value:
        there = None if seen.stacking_pictogram is None else bool(seen.stacking_pictogram)
        out.append(
            judge.presence(
                "stacking_pictogram", there, seen, expected="stacking pictogram", source=since.source
            )
        )
    if code.stacking_load == 0 and seen.stacked:
        note = "marked as not for stacking and stacked on the photo"
        out.append(judge.make("un_mark.stacking_load", "wrong", note, found="0", severity="warn"))
    return out
