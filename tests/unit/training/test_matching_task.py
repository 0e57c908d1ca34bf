"""The matching net and its losses, figures, calibration and export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lipack_vision.errors import ArtifactError, ShapeError
from lipack_vision.nets.siamese import Comparison, SiameseNet
from training import onnx_export
from training.data.designs import DesignBatch
from training.matching.discriminant import discriminant
from training.matching.evidence import Evidence
from training.matching.figures import accepted, auroc, cosines, found_share, overlaps
from training.matching.shipping import figures, fitted, thresholds
from training.tasks.matching import MatchingTask

TASK = MatchingTask("matching", "matching", (0.5,) * 3, (0.5,) * 3)


@pytest.fixture(scope="module")
def net() -> SiameseNet:
    torch.manual_seed(0)
    return SiameseNet(width=16, channels=8)


def unit_maps(count: int, side: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(count, 8, side, side, generator=generator), dim=1)


def batch(pairs: int = 2) -> DesignBatch:
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (4 + 2 * pairs, 3, 64, 64), generator=generator, dtype=torch.uint8)
    changed = torch.zeros(pairs, 16, 16)
    changed[0, 4:8, 4:8] = 1
    hidden = torch.zeros(pairs, 16, 16)
    hidden[1, :2] = 1
    return DesignBatch(images, torch.tensor([0, 0, 1, 1]), torch.ones(pairs, 16, 16), changed, hidden)


def test_vectors_and_features_have_unit_length(net: SiameseNet) -> None:
    with torch.no_grad():
        vectors, features = net.eval()(torch.randn(2, 3, 64, 96))
    assert vectors.shape == (2, 256)
    assert features.shape == (2, 8, 16, 24)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(2), atol=1e-5)
    assert torch.allclose(features.norm(dim=1), torch.ones(2, 16, 24), atol=1e-5)


def test_vectors_of_different_pictures_are_not_all_alike_at_the_start() -> None:
    torch.manual_seed(0)
    fresh = SiameseNet(width=16, channels=8).train()
    vectors, _ = fresh(torch.rand(12, 3, 64, 64) * torch.rand(12, 3, 1, 1))
    alike = (vectors @ vectors.T)[~torch.eye(12, dtype=torch.bool)]
    assert abs(float(alike.detach().mean())) < 0.2


def test_the_loss_of_a_step_does_not_depend_on_those_before(net: SiameseNet) -> None:
    """A memory of earlier vectors can be fooled: all vectors of a step move away from it, alike or not."""
    net.eval()
    with torch.no_grad():
        first, again = (float(TASK.losses(net, batch())["identity"]) for _ in range(2))
    assert first == again


def test_odd_sides_are_refused(net: SiameseNet) -> None:
    with pytest.raises(ShapeError):
        net(torch.zeros(1, 3, 40, 64))


def test_training_looks_at_cartons_and_pairs_in_one_call(net: SiameseNet) -> None:
    net.train()
    images = torch.randn(7, 3, 64, 64)
    vectors, logits = net(images, 2)
    assert vectors.shape == (3, 256)
    assert logits.shape == (2, 2, 16, 16)


def test_every_part_of_the_loss_is_finite_and_reaches_the_net() -> None:
    torch.manual_seed(0)
    small = SiameseNet(width=16, channels=8)
    losses = MatchingTask("matching", "matching", (0.5,) * 3, (0.5,) * 3).losses(small, batch())
    assert set(losses) == {"identity", "cells", "hidden", "overlap", "verdict"}
    assert all(torch.isfinite(value) for value in losses.values())
    sum(losses.values(), torch.zeros(())).backward()
    for part in (small.embedding.weight, small.dense.weight, small.comparison.out.weight):
        assert part.grad is not None
        assert part.grad.abs().sum() > 0


def test_cells_that_were_not_compared_do_not_count() -> None:
    torch.manual_seed(0)
    small = SiameseNet(width=16, channels=8).eval()
    known = batch()
    outside = replace(known, compared=known.compared.clone())
    outside.compared[:, 8:] = 0
    other = replace(outside, changed=known.changed.clone(), hidden=known.hidden.clone())
    other.changed[1, 12:], other.hidden[0, 12:] = 1, 1
    first, second = (TASK.losses(small, one) for one in (outside, other))
    assert all(torch.allclose(first[name], second[name]) for name in ("cells", "hidden"))


def test_of_hidden_cells_no_change_is_learned() -> None:
    torch.manual_seed(0)
    small = SiameseNet(width=16, channels=8).eval()
    known = batch()
    other = replace(known, changed=known.changed.clone())
    other.changed[1, :2] = 1
    assert torch.allclose(*(TASK.losses(small, one)["cells"] for one in (known, other)))
    seen = replace(known, hidden=torch.zeros_like(known.hidden))
    assert not torch.allclose(*(TASK.losses(small, one)["hidden"] for one in (known, seen)))


def test_the_head_learns_to_overlook_shifts_and_to_see_changes() -> None:
    torch.manual_seed(0)
    head = Comparison(8, width=16)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)

    def drawn(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        rng = np.random.default_rng(seed)
        # What lies around a cell is alike, as in a net that sees its surroundings.
        a = F.normalize(F.avg_pool2d(unit_maps(4, 28, seed), 5, 1), dim=1)
        b = torch.roll(a, (int(rng.integers(-2, 3)), int(rng.integers(-2, 3))), (2, 3)).clone()
        b[:2, :, 8:16, 8:16] = F.normalize(F.avg_pool2d(unit_maps(2, 12, seed + 1), 5, 1), dim=1)
        wanted = torch.zeros(4, 24, 24)
        wanted[:2, 8:16, 8:16] = 1
        return a, F.normalize(b + 0.1 * unit_maps(4, 24, seed + 2), dim=1), wanted

    for step in range(60):
        a, b, wanted = drawn(10 * step)
        loss = F.binary_cross_entropy_with_logits(head(a, b)[:, 0], wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    head.eval()
    a, b, wanted = drawn(9999)
    with torch.no_grad():
        told = head(a, b)[:, 0]
    inner = (slice(None), slice(3, -3), slice(3, -3))
    assert auroc(told[inner].flatten().numpy(), wanted[inner].flatten().numpy() > 0) > 0.95


def test_acceptance_at_a_false_rate() -> None:
    other = np.linspace(0, 1, 1001)
    assert accepted([0.9995, 2.0, 0.2, 1.5], other, 0.001) == pytest.approx(0.75)
    assert np.isnan(accepted([], other))


def test_cosines_are_told_by_design() -> None:
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 1]]
    same, other = cosines(vectors, [4, 4, 5])
    assert same.tolist() == [1.0]
    assert other.tolist() == [0.0, 0.0]


def test_regions_overlap_with_what_meets_them() -> None:
    changed = np.zeros((10, 10), bool)
    changed[1:4, 1:4] = changed[6:9, 6:9] = True
    found = np.zeros((10, 10), bool)
    found[1:4, 1:3] = True
    found[0, 9] = True
    assert overlaps(found, changed) == pytest.approx([6 / 9, 0.0])
    assert found_share(overlaps(found, changed)) == 0.5
    assert overlaps(found, np.zeros((10, 10), bool)) == []


def evidence() -> Evidence:
    rng = np.random.default_rng(0)
    told = Evidence()
    for _ in range(40):
        told.add_identity(float(rng.normal(13, 1)), same=True, near=True)
        for near in (True, True, False):
            told.add_identity(float(rng.normal(5, 1)), same=False, near=near)
    told.changed = [float(v) for v in np.concatenate([rng.normal(3, 1, 40), rng.normal(-3, 1, 40)])]
    told.edits = ["nine"] * 20 + ["moved"] * 20 + [""] * 40
    told.hidden = [True] * 40 + [False] * 30 + [True] * 10
    told.regions = [("nine", 0.7), ("moved", 0.3)]
    return told


def test_probabilities_and_thresholds_come_from_the_evidence() -> None:
    told = evidence()
    fits = fitted(told)
    assert fits["identity"].positives == 40
    assert fits["identity"].negatives == 80
    assert fits["identity"].probability(13) > 0.95 > 0.05 > fits["identity"].probability(5)
    point = thresholds(told, fits)
    assert 0.05 < point["identity"] < 0.95
    assert 0.05 < point["changed"] < 0.95
    rows = figures(told, fits, point)
    assert rows["accepted"] > 0.95
    assert rows["falsely_accepted"] <= 0.001
    assert rows["changed_auroc"] > 0.99
    assert rows["changed_auroc/nine"] > 0.99
    assert rows["regions_found"] == 0.5
    assert rows["unchanged_with_hidden_place"] == 0.25
    assert rows["changed_told_or_hidden"] == 1.0


def test_too_little_evidence_gives_no_probability_and_nothing_matches() -> None:
    few = Evidence(identity=[1.0, 2.0], same=[True, False], near=[True, True], changed=[1.0], edits=[""])
    assert fitted(few) == {}
    assert thresholds(few, {}) == {"identity": 1.0, "changed": 0.0}


def test_an_exported_head_that_differs_is_refused(tmp_path: Path) -> None:
    torch.manual_seed(0)
    head = Comparison(8, width=16).eval()
    path = tmp_path / "compare.onnx"
    onnx_export.export_comparison(head, path, 8)
    maps = (unit_maps(2, 20, 1).numpy(), unit_maps(2, 20, 2).numpy())
    assert onnx_export.check_codes_net(head, path, [maps]) < 1e-3
    with torch.no_grad():
        head.out.bias += 1
    with pytest.raises(ArtifactError, match="answers of torch"):
        onnx_export.check_codes_net(head, path, [maps])


def test_vectors_of_one_design_are_drawn_together_by_what_differs_within_designs() -> None:
    rng = np.random.default_rng(3)
    numbers = np.repeat(np.arange(60), 4)
    told, loud = rng.normal(size=(60, 6))[numbers], 30 * rng.normal(size=(240, 2))
    features = np.hstack([told + 0.2 * rng.normal(size=(240, 6)), loud])
    matrix, middle = discriminant(features[:160], numbers[:160], 4)

    def agreement(vectors: np.ndarray) -> tuple[float, float]:
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines, same = units @ units.T, numbers[160:, None] == numbers[None, 160:]
        np.fill_diagonal(same, False)
        return float(cosines[same].mean()), float(
            np.abs(cosines[numbers[160:, None] != numbers[160:]]).mean()
        )

    before, after = agreement(features[160:] - middle), agreement((features[160:] - middle) @ matrix)
    assert before[0] < 0.5
    assert after[0] > 0.9
    assert after[1] < 0.6
    assert matrix.shape == (8, 4)
