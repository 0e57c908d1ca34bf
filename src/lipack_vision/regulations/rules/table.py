"""The fourteen rules, as a report lists them."""

from __future__ import annotations

from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.rules.findings import Rule

_V, _M, _I = Certainty.VERIFIED, Certainty.MEMORY, Certainty.INFERENCE

_RULES = (
    Rule(
        "R1",
        "Hazard label, UN number and name of fully regulated batteries",
        "5.2.1.1, 5.2.2.2.2 model 9A",
        _V,
    ),
    Rule("R2", "UN packaging mark of type-tested packagings", "4.1.4.1 P903, P908 to P911", _V),
    Rule("R3", "UN packaging mark of large packagings", "4.1.4.3 LP903 to LP906, 6.6.3", _V),
    Rule("R4", "Damaged batteries liable to react dangerously", "SP 376, P911, LP906", _V),
    Rule("R5", "Damaged or defective batteries", "SP 376, P908, LP904", _V),
    Rule("R6", "Small batteries: battery mark", "SP 188, 5.2.1.9, IATA PI 966/967/969/970 Section II", _V),
    Rule(
        "R7",
        "Section IB: battery mark, Cargo Aircraft Only and net mass",
        "IATA PI 965 and 968 Section IB",
        _V,
    ),
    Rule("R8", "Air: Cargo Aircraft Only and limits", "IATA DGR 7.2.4.2, PI 965 to 970", _V),
    Rule("R9", "Packed vehicles", "SP 388, SP 405", _V),
    Rule("R10", "Batteries installed in a cargo transport unit", "5.3.1, SP 389", _V),
    Rule("R11", "Overpack", "5.1.2.1", _V),
    Rule("R12", "Chinese export: works code, batch, declared packaging", "GACC 2019 No. 15, SN/T 0370", _V),
    Rule("R13", "The same UN number everywhere", "5.2.1.1, 5.2.1.9", _I),
    Rule("R14", "Labels on two opposite sides of large packagings and IBCs", "5.2.2.1.7", _V),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""Rule id -> rule, in order."""
