"""The steps of an experiment, from a composed configuration; the entry points string them together."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from lightning_fabric import Fabric
from omegaconf import DictConfig, OmegaConf, open_dict
from torch import nn

from lipack_vision.artifact import Artifact
from lipack_vision.errors import ConfigError
from training import checkpoint
from training.build import build
from training.loop import CHECKPOINT, Draws, Trainer, fit
from training.pretrained import origin
from training.processes import end_talk, first_process_first
from training.record import put_aside
from training.schedule import parameter_groups
from training.shipping import round_weights
from training.tasks.task import Task

CONFIG = "config.yaml"

log = logging.getLogger(__name__)


def seed_everything(seed: int) -> None:
    """Fix every source of randomness that a library may draw from."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - for libraries that use the global state
    torch.manual_seed(seed)


def own_folder(config: DictConfig) -> None:
    """In a multirun, give each run a folder of its own below ``config.run``."""
    if HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN:
        job = HydraConfig.get().job
        with open_dict(config):
            config.run = str(Path(config.run) / f"{int(job.num):03d}")


def make_task(config: DictConfig) -> Task:
    """The configured task."""
    task: Task = build(config.task)
    return task


def make_draws(config: DictConfig) -> Draws:
    """The configured training pictures."""
    return make_task(config).draws(config)


def run(config: DictConfig) -> None:
    """Train, and unless ``config.export`` is false calibrate, measure and write the artifact."""
    fabric = build(config.trainer).fabric()
    net = train(config, fabric)
    if config.export and fabric.is_global_zero:
        artifact = ship(config, net)
        log.info("wrote %s, version %s", artifact.folder, artifact.version)
    end_talk()


def train(config: DictConfig, fabric: Fabric | None = None) -> nn.Module:
    """Train as configured and return the averaged net: the best one measured, or else the last."""
    settings: Trainer = build(config.trainer)
    fabric = fabric or settings.fabric()
    seed_everything(config.seed)
    folder = Path(config.run)
    task = make_task(config)
    net = task.net(config, init="random" if config.resume else config.init)
    groups = parameter_groups(net, config.optim.lr, config.optim.backbone, config.optim.decay)
    optimizer = build(config.optim.optimizer, groups, lr=config.optim.lr)
    # One process renders or examines what is missing, the others find it done.
    with first_process_first(fabric):
        draws = task.draws(config)
        evaluate = task.evaluator(config) if settings.evaluate_steps else None
    if fabric.is_global_zero:
        _keep_config(config, folder, task.artifact)
    return fit(fabric, task, net, optimizer, draws, settings, folder, evaluate=evaluate, resume=config.resume)


def _keep_config(config: DictConfig, folder: Path, shipped: str) -> None:
    """Write ``config.yaml`` with what the run started from; a resumed run says what changed since."""
    kept = cast("DictConfig", OmegaConf.create(OmegaConf.to_container(config, resolve=True)))
    if config.resume:
        former = cast("DictConfig", OmegaConf.load(folder / CONFIG))
        started = former.started_from
        for key in ("task", "model", "data", "augment", "seed"):
            if former[key] != kept[key]:
                log.warning("%s is not what the run was started with; see %s", key, folder / CONFIG)
    else:
        put_aside(folder, [CONFIG, "artifact"])
        started = origin(config.init, shipped)
    folder.mkdir(parents=True, exist_ok=True)
    kept.started_from = started
    log.info("started from %s", ", ".join(f"{k} {v}" for k, v in started.items() if k != "licences"))
    OmegaConf.save(kept, folder / CONFIG)


def of_run(config: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """The configuration that a run was trained with, with single values changed on the command line.

    Args:
        config: the composed one, for ``run``.
        overrides: the words of the command line. Those that choose options of a group are left out: what
            was trained is told by the run alone.

    Raises:
        ConfigError: there is no such run.
    """
    path = Path(config.run) / CONFIG
    if not path.is_file():
        raise ConfigError(
            str(path),
            expected="the configuration of a run",
            found="no such file",
            cure="Name the run: run=FOLDER.",
        )
    trained = OmegaConf.load(path)
    values = [word for word in overrides if _is_value(word.split("=")[0], config)]
    merged = OmegaConf.merge(trained, OmegaConf.from_dotlist(values))
    if not any(word.startswith("artifact=") for word in values):
        merged.artifact = config.artifact
    return cast("DictConfig", merged)


def _is_value(key: str, config: DictConfig) -> bool:
    """Whether a word of the command line sets one value, such as ``seed``, not the option of a group."""
    return "." in key or (key in config and not isinstance(config[key], DictConfig))


def trained_net(config: DictConfig) -> nn.Module:
    """The averaged net that training left in ``config.run``: the best one measured, or the last."""
    net = make_task(config).net(config, init="random")
    checkpoint.load_trained(Path(config.run), net)
    return net.eval()


def _blend(config: DictConfig, net: nn.Module, task: Task, began: str | None) -> None:
    """Draw the weights in place towards those that the run started from.

    A net that goes on learning from new photos forgets some of what it knew; the mean of both nets often is
    better than either (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).

    Args:
        began: version of the artifact that the run started from, or None.

    Raises:
        ConfigError: the share is not below 1, or the run started from no artifact, or from one that is no
            longer there.
    """
    share = float(config.blend)
    now = origin(config.init, task.artifact).get("version")
    if not 0 < share < 1 or began is None or began != now:
        raise ConfigError(
            "blend",
            expected="0, or a number below 1 and a run that started from an artifact which is still there",
            found=f"{share}, a run from {began or 'no artifact'}, init={config.init} being {now or 'none'}",
            cure="Set init= to the artifact that the run started from, or blend=0.",
        )
    former = task.net(config, init=config.init).state_dict()
    own = net.state_dict()
    # Counters of batch norms are whole numbers and stay.
    mixed = {n: torch.lerp(t, former[n].to(t), share) if t.is_floating_point() else t for n, t in own.items()}
    net.load_state_dict(mixed)


def ship(config: DictConfig, net: nn.Module) -> Artifact:
    """Blend and round the weights of a trained net; calibrate, measure and export it."""
    task, started = make_task(config), OmegaConf.load(Path(config.run) / CONFIG).started_from
    if config.get("blend"):  # runs of earlier versions do not know it
        _blend(config, net, task, started.get("version"))
    round_weights(net)
    done = checkpoint.peek(Path(config.run) / CHECKPOINT)
    training: dict[str, Any] = {
        "steps": done.step,
        "weights_of_step": done.step if done.best_step is None else done.best_step,
        "seconds": round(done.seconds),
        "seed": config.seed,
        "started_from": OmegaConf.to_container(started),
        "config": OmegaConf.to_container(config, resolve=True),
    }
    return task.ship(config, net, training)
