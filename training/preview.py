"""Show the views that a net is trained on: ``python -m training.preview experiment=marks``."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from omegaconf import DictConfig

from lipack_vision.errors import ConfigError
from lipack_vision.types import LABELS
from training import experiment
from training.command import command
from training.data.batches import View
from training.pictures import contact_sheet, draw_truth, legend

SIDE = 400
"""Of one view on the sheet, in pixels."""
GAP = 6
COLUMNS = 4

log = logging.getLogger(__name__)


class Shown(Protocol):
    """Draws that can be shown."""

    def shown(self, number: int) -> list[View]:
        """The pictures of a draw."""


def preview(config: DictConfig) -> Path:
    """Write the first ``config.count`` views with their marks as one PNG to ``config.out``.

    Raises:
        ConfigError: no view is asked for, or the file cannot be written.
    """
    if config.count < 1:
        raise ConfigError(
            "count", expected="at least 1 view", found=str(config.count), cure="Leave it out for 24."
        )
    draws = cast("Shown", experiment.make_draws(config))
    tiles = []
    views = (view for number in itertools.count() for view in draws.shown(number))
    for title, image, truth, ignored in itertools.islice(views, config.count):
        drawn = draw_truth(np.ascontiguousarray(image.transpose(1, 2, 0)), truth, ignored, LABELS, SIDE)
        framed = np.pad(drawn, ((GAP, 0), (GAP, GAP), (0, 0)), constant_values=40)
        tiles.append((title, framed))
    path = Path(config.out)
    side = SIDE + 2 * GAP
    contact_sheet(tiles, path, side=side, columns=COLUMNS, head=legend(LABELS, COLUMNS * side))
    return path


@command("preview")
def main(config: DictConfig) -> None:
    """Compose, draw, write."""
    log.info("wrote %s", preview(config).resolve())


if __name__ == "__main__":
    main()
