"""What a text engine's confidences are worth: numbers fitted for exactly its nets.

They were fitted by ``python -m training.calibrate_codes`` on rendered pictures and lie in the card of the
nets' own artifact. An engine without such numbers tells raw probabilities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lipack_vision.artifact import Calibration, Card
from lipack_vision.codes.reading import CodeReading
from lipack_vision.codes.text import TextEngine, TextLine

TASK = "codes"
CODE, LINE = "packaging_code", "text_line"
"""Classes of the card: a whole packaging code, and one line of text, right in every character."""
_CLIP = 1e-4


def logit(probability: float) -> float:
    """Log odds of a raw probability 0..1, which is clipped to 0.0001..0.9999 first."""
    clipped = min(max(probability, _CLIP), 1 - _CLIP)
    return math.log(clipped / (1 - clipped))


def line_score(line: TextLine) -> float:
    """What tells right lines from wrong ones, 0..1: the confidence of the weakest character."""
    return line.weakest


@dataclass(frozen=True, slots=True)
class ReaderCalibration:
    """Turns raw probabilities into calibrated ones.

    Attributes:
        code: numbers for a whole packaging code, or None.
        line: numbers for a line of text, or None.
    """

    code: Calibration | None = None
    line: Calibration | None = None

    @classmethod
    def of_card(cls, card: Card) -> ReaderCalibration:
        """The numbers of a card."""
        return cls(card.calibration.get(CODE), card.calibration.get(LINE))

    def of_reading(self, reading: CodeReading) -> CodeReading:
        """A reading with a calibrated probability, if it is whole and nothing speaks against it.

        Readings with repairs or problems are given back as they are: how often they are right depends on how
        often marks are printed wrong, which rendered pictures do not tell.
        """
        doubtful = reading.code is None or reading.repairs or reading.problems or reading.calibrated
        if self.code is None or doubtful or not 0 <= reading.probability <= 1:
            return reading
        return replace(
            reading, probability=self.code.probability(logit(reading.probability)), calibrated=True
        )

    def of_line(self, line: TextLine) -> TextLine:
        """A line with a calibrated probability."""
        score = line_score(line)
        if self.line is None or line.calibrated or not 0 <= score <= 1:
            return line
        return replace(line, probability=self.line.probability(logit(score)), calibrated=True)


def calibration_of(engine: TextEngine) -> ReaderCalibration | None:
    """The calibration of an engine that has one."""
    found = getattr(engine, "calibration", None)
    return found if isinstance(found, ReaderCalibration) else None
