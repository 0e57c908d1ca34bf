"""Evidence on whole photos through the runtime, and where the truth lies on a compared face."""

from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.matching.compared import ComparedFace
from lipack_vision.matching.encoder import SiameseEncoder
from lipack_vision.matching.picture import Picture
from lipack_vision.synth.designs.dataset import DesignFolder, DesignSettings, write_designs
from lipack_vision.synth.designs.twins import DEPTH
from tests.helpers.matching_artifact import matching_artifact
from tests.helpers.matching_pictures import Whole
from training.matching.evidence import Evidence, Shot, gather, shown_share, truth_cells
from training.matching.shipping import calibrated, figures, fitted, thresholds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DesignFolder:
    place = tmp_path_factory.mktemp("photos")
    write_designs(place, 3, 60, DesignSettings(views=2, pairs=0, changed=1, size=(400, 400)))
    return DesignFolder.read(place)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> SiameseEncoder:
    artifact = matching_artifact(tmp_path_factory.mktemp("artifact") / "matching")
    return SiameseEncoder(artifact, detector=Whole(), threads=1)


@pytest.fixture(scope="module")
def told(folder: DesignFolder, encoder: SiameseEncoder) -> Evidence:
    return gather(encoder, folder)


def designs(folder: DesignFolder) -> int:
    """References: one of each design and one of each twin."""
    return sum(1 + (entry.twin is not None) for entry in folder.designs)


def test_every_photo_meets_its_own_design_and_all_others_but_its_twin(
    told: Evidence, folder: DesignFolder
) -> None:
    pairs = near = photos = 0
    for entry in folder.designs:
        own = 1 + (entry.twin is not None)
        others = designs(folder) - own
        shown = own + len(entry.changed)
        photos, pairs, near = (
            photos + shown,
            pairs + shown * (1 + others),
            near + shown * (1 + min(others, 3)),
        )
    assert len(told.identity) == len(told.same) == len(told.near) == pairs
    assert (sum(told.same), sum(told.near)) == (photos, near)
    assert len(told.ranks) == photos
    assert all(0 <= rank < designs(folder) for rank in told.ranks)


def test_every_photo_is_compared_or_said_to_be_incomparable(told: Evidence, folder: DesignFolder) -> None:
    changed = sum(len(entry.changed) for entry in folder.designs)
    twins = 2 * sum(entry.twin is not None for entry in folder.designs)
    assert len(told.changed) == len(told.edits)
    assert len(told.changed) > 0
    assert len(told.changed) + told.incomparable <= designs(folder) + changed + twins
    assert len(told.ahead) <= twins


def test_no_probability_is_fitted_to_a_depth_that_no_front_shows() -> None:
    evidence = Evidence()
    for logit in (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0) * 5:
        evidence.add_changed(logit, "nine" if logit > 0 else "")
    without = fitted(evidence)["changed"]
    for logit in (-9.0, 9.0) * 10:
        evidence.add_changed(logit, DEPTH)
    assert fitted(evidence)["changed"] == without
    assert thresholds(evidence, fitted(evidence))["changed"] == pytest.approx(0.5, abs=0.2)
    rows = figures(evidence, fitted(evidence), thresholds(evidence, fitted(evidence)))
    assert rows["changed_auroc/nine"] == 1.0
    assert rows[f"changed_auroc/{DEPTH}"] == pytest.approx(0.5, abs=0.2)


def test_too_few_pairs_leave_the_artifact_uncalibrated(
    folder: DesignFolder, encoder: SiameseEncoder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("made") / "matching"
    made = calibrated(encoder.artifact, place, folder, folder, Whole())
    assert "changed" not in made.card.calibration
    assert made.card.operating_points["balanced"]["changed"] == 0.0
    assert {metric.data for metric in made.card.metrics} == {f"rendered/{folder.folder.name}"}


def shot(*regions: list[list[float]]) -> Shot:
    image = np.zeros((80, 80, 3), np.uint8)
    return Shot(Picture(image, 1, []), 0, "nine", tuple(np.array(one, np.float32) for one in regions))


def face(to_photo: np.ndarray, hidden_from: int = 20) -> ComparedFace:
    """A face whose left half both pictures are supposed to show."""
    shown, hidden = np.zeros((2, 20, 20), bool)
    shown[:, :10] = True
    hidden[:, hidden_from:10] = True
    return ComparedFace(np.zeros((20, 20), np.float32), shown, hidden, np.eye(3), to_photo)


def test_the_truth_lies_on_the_cells_that_were_compared() -> None:
    square = [[16.0, 16.0], [32.0, 16.0], [32.0, 32.0], [16.0, 32.0]]
    cells = truth_cells(face(np.diag([4.0, 4.0, 1.0])), shot(square))
    assert cells[4:8, 4:8].all()
    assert cells.sum() <= 36
    assert shown_share(face(np.diag([4.0, 4.0, 1.0])), shot(square)) > 0.9


def test_a_region_beside_the_compared_cells_is_not_shown() -> None:
    beside = [[60.0, 16.0], [76.0, 16.0], [76.0, 32.0], [60.0, 32.0]]
    compared = face(np.diag([4.0, 4.0, 1.0]))
    assert shown_share(compared, shot(beside)) == 0.0
    assert shown_share(compared, shot()) == 0.0


def test_what_is_told_hidden_is_asked_for_all_the_same() -> None:
    square = [[16.0, 16.0], [32.0, 16.0], [32.0, 32.0], [16.0, 32.0]]
    to_photo = np.diag([4.0, 4.0, 1.0])
    assert shown_share(face(to_photo, hidden_from=5), shot(square)) > 0.9
