"""Schedule, average, safe building of configured objects."""

from __future__ import annotations

import pytest
import torch
from omegaconf import OmegaConf
from safetensors.torch import load_file
from torch import nn

from lipack_vision.artifact import load_artifact
from lipack_vision.errors import ArtifactError, ConfigError
from lipack_vision.nets.marks import MarksNet
from training.build import build
from training.pretrained import load_backbone, origin, start
from training.schedule import Average, fraction_done, parameter_groups, rate_factor
from training.shipping import licences


def test_the_rate_rises_then_falls_and_is_low_when_time_is_up() -> None:
    assert rate_factor(0, 10, 0.0) == pytest.approx(0.1)
    assert rate_factor(10, 10, 0.0) == pytest.approx(1.0)
    assert rate_factor(99, 10, 1.0) == pytest.approx(0.01)
    assert fraction_done(10, 100, 30, 1) == pytest.approx(0.5)
    assert fraction_done(60, 100, 30, 1) == pytest.approx(0.6)
    assert fraction_done(1, 100, 90, 1) == 1.0
    assert fraction_done(1, 100, 9000, None) == pytest.approx(0.01)


def test_the_average_follows_weights_and_counts() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = Average(net, decay=0.5)
    with torch.no_grad():
        net[0].weight.add_(1.0)
        net[1].num_batches_tracked.fill_(7)
    before = average.net[0].weight.clone()
    average.update(net, step=100)
    assert torch.allclose(average.net[0].weight, before + 0.5)
    assert int(average.net[1].num_batches_tracked) == 7


def test_norms_and_biases_are_not_decayed_and_the_backbone_learns_slower() -> None:
    net = MarksNet(width=16, depth=1, freeze_stages=3)
    groups = parameter_groups(net, lr=1.0, backbone=0.25, decay=0.1)
    assert sorted((g["full_lr"], g["weight_decay"]) for g in groups) == [
        (0.25, 0),
        (0.25, 0.1),
        (1, 0),
        (1, 0.1),
    ]
    given = sum(len(g["params"]) for g in groups)
    assert given == sum(p.requires_grad for p in net.parameters())
    assert all(p.ndim > 1 for g in groups if g["weight_decay"] for p in g["params"])


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "training.data.augment.os.system",
        "torch.load",
        "training.build.instantiate",
    ],
)
def test_configuration_cannot_name_foreign_functions(target: str) -> None:
    with pytest.raises(ConfigError, match="_target_"):
        build(OmegaConf.create({"_target_": target}))
    with pytest.raises(ConfigError, match="_target_"):
        build(OmegaConf.create({"_target_": "training.loop.Trainer", "steps": [{"_target_": target}]}))


def test_backbone_weights_load_completely_and_mean_something() -> None:
    torch.manual_seed(0)
    net = MarksNet(width=16, depth=1)
    count = load_backbone(net)
    assert count == len(net.backbone.state_dict()) == 288
    variances = [v for k, v in net.backbone.state_dict().items() if k.endswith("running_var")]
    assert all(float((v - 1).abs().max()) > 1e-3 for v in variances)


def test_released_weights_fill_the_net_they_were_made_with_and_no_other() -> None:
    net = MarksNet()
    start(net, "released", "marks")
    released = load_artifact("marks")
    stored = load_file(released.path("model.safetensors"))
    assert torch.equal(net.classify.out.weight, stored["classify.out.weight"].float())
    told = origin("released", "marks")
    assert told["version"] == released.version
    assert told["licences"] == released.card.licences
    with pytest.raises(ArtifactError, match="model="):
        start(MarksNet(width=16, depth=1), "released", "marks")
    with pytest.raises(ConfigError, match="imagenet, random, released"):
        origin("release", "marks")


def test_random_weights_stay_as_they_are() -> None:
    net = MarksNet(width=16, depth=1)
    before = net.classify.out.weight.clone()
    start(net, "random", "marks")
    assert torch.equal(net.classify.out.weight, before)


def test_licences_of_what_a_run_started_from_are_not_lost() -> None:
    assert "backbone" in licences({"init": "imagenet"}, "rendered")["weights"]
    assert "backbone" not in licences({"init": "random"}, "rendered")["weights"]
    parent = {"weights": "Apache-2.0; something", "data": "CC-BY-4.0"}
    told = licences({"init": "x", "licences": parent}, "own photos")
    assert told["weights"] == "Apache-2.0; something"
    assert told["data"] == "own photos; before that: CC-BY-4.0"
