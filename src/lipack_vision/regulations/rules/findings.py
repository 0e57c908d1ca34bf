"""The answer of a rule: one `RuleFinding` per item looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.shipment import Observation

Verdict = Literal["right", "wrong", "missing", "not_visible", "not_checked"]
Severity = Literal["fail", "warn", "info"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as a report shows it.

    Attributes:
        id: ``R1`` to ``R14``.
        title: what it asks for.
        source: provisions.
        certainty: of the rule's main demand; single findings carry their own.
    """

    id: str
    title: str
    source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """What one rule says about one item of a package.

    Attributes:
        rule_id: ``R1`` to ``R14``.
        item: what was looked at, such as ``class9a`` or ``un_mark.level``.
        verdict: ``missing`` only when every face was seen; ``not_visible`` otherwise; ``not_checked`` when a
            fact that the rule needs was neither declared nor seen.
        severity: ``fail`` breaks a rule; ``warn`` could not be shown to be right, or rests on an unsure fact;
            ``info`` does not stand against a release.
        message: one sentence.
        expected: what the rule asks for.
        found: what was declared or seen.
        certainty: of the fact behind the finding.
        source: provision.
    """

    rule_id: str
    item: str
    verdict: Verdict
    severity: Severity
    message: str
    expected: str
    found: str
    certainty: Certainty
    source: str

    @property
    def stands_against_release(self) -> bool:
        """Whether a package with this finding needs a person."""
        return self.severity != "info"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"certainty": self.certainty.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RuleFinding:
        """Undo `to_dict`."""
        return cls(**(data | {"certainty": Certainty(data["certainty"])}))


@dataclass(frozen=True, slots=True)
class Judge:
    """Makes the findings of one rule, so that verdict and severity follow one scheme.

    Attributes:
        rule: the rule.
    """

    rule: Rule

    def make(
        self,
        item: str,
        verdict: Verdict,
        message: str,
        *,
        expected: str = "",
        found: str = "",
        certainty: Certainty | None = None,
        source: str | None = None,
        severity: Severity | None = None,
    ) -> RuleFinding:
        """One finding. Severity by default: right is info, wrong or missing fail unless unsure, else warn."""
        sure = certainty or self.rule.certainty
        if severity is None:
            broken = verdict in ("wrong", "missing") and sure is not Certainty.UNSURE
            severity = "info" if verdict == "right" else "fail" if broken else "warn"
        origin = source or self.rule.source
        return RuleFinding(self.rule.id, item, verdict, severity, message, expected, found, sure, origin)

    def undeclared(self, *names: str) -> RuleFinding:
        """The rule cannot be checked because facts are not declared."""
        what = ", ".join(names)
        return self.make(
            "declaration",
            "not_checked",
            f"not checked: {what} not declared",
            expected=what,
            found="not declared",
        )

    def presence(
        self,
        item: str,
        there: bool | None,
        seen: Observation,
        *,
        expected: str,
        certainty: Certainty | None = None,
        source: str | None = None,
        severity: Severity | None = None,
    ) -> RuleFinding:
        """Right, missing, not visible or not checked for something that the rule demands.

        Args:
            item: what is demanded.
            there: whether it was seen; None when it was not judged.
            seen: the observation, for whether all faces were photographed.
            expected: the demand in words.
            certainty, source, severity: as in `make`.
        """
        if there is None:
            verdict, found, how = "not_checked", "not judged", "was not judged"
        elif there:
            verdict, found, how = "right", "seen", "is there"
        elif seen.all_faces_seen:
            verdict, found, how = "missing", "not on any face", "is missing"
        else:
            verdict, found, how = "not_visible", "not in these photos", "is not visible in these photos"
        allowed: Verdict = verdict  # type: ignore[assignment]
        return self.make(
            item,
            allowed,
            f"{expected} {how}",
            expected=expected,
            found=found,
            certainty=certainty,
            source=source,
            severity=severity if verdict in ("missing", "wrong") else None,
        )

    def limit(
        self,
        name: str,
        value: float | None,
        limit: float,
        source: str,
        certainty: Certainty | None = None,
    ) -> RuleFinding:
        """Whether a declared mass in kg keeps a limit; not checked when it is None."""
        expected = f"at most {limit:g} kg"
        if value is None:
            note = f"not checked: {name} not declared"
            return self.make(name, "not_checked", note, expected=expected, found="not declared")
        fits = value <= limit
        return self.make(
            name,
            "right" if fits else "wrong",
            f"{value:g} kg is {'within' if fits else 'above'} {limit:g} kg",
            expected=expected,
            found=f"{value:g} kg",
            certainty=certainty,
            source=source,
        )
