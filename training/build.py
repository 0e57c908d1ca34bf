"""Build objects from configuration, but only of kinds that training uses."""

from __future__ import annotations

from typing import Any, TypeVar

from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig, OmegaConf

from lipack_vision.errors import ConfigError, LipackError

T = TypeVar("T")
ALLOWED = ("lipack_vision.", "training.", "torch.optim.")


def build(config: DictConfig, *args: Any, **extra: Any) -> Any:
    """Instantiate the `_target_` of ``config`` after checking every target in it.

    Raises:
        ConfigError: a target from elsewhere. A configuration file can name any function, also a harmful one.
        LipackError: what the built objects raise.
    """
    _check(OmegaConf.to_container(config, resolve=True), "config")
    try:
        return instantiate(config, *args, _convert_="all", **extra)
    except InstantiationException as error:
        # What our own classes say names the place and the cure; Hydra's frame around it does not.
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, LipackError):
            cause = cause.__cause__
        raise cause or error from None


def build_as(kind: type[T], config: DictConfig, where: str, experiment: str) -> T:
    """As `build`, for a part that must suit the task.

    Args:
        kind: what the task can use.
        where: the group of the configuration, such as ``model``.
        experiment: which sets all groups as the task needs them.

    Raises:
        ConfigError: another kind was configured.
    """
    made = build(config)
    if isinstance(made, kind):
        return made
    raise ConfigError(
        where,
        expected=kind.__name__,
        found=type(made).__name__,
        cure=f"Set experiment={experiment}, which chooses task, {where} and the rest together.",
    )


def _check(node: Any, where: str) -> None:
    if isinstance(node, dict):
        if "_target_" in node and not _allowed(str(node["_target_"])):
            raise ConfigError(
                f"{where}._target_",
                expected=f"a class or function of {', '.join(ALLOWED)}",
                found=str(node["_target_"]),
                cure="Use a class of this project or an optimizer of torch.",
            )
        for key, value in node.items():
            _check(value, f"{where}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _check(value, f"{where}[{index}]")


def _allowed(target: str) -> bool:
    if not target.startswith(ALLOWED):
        return False
    # "training.data.augment.os.system" starts well too; what counts is where the object was defined.
    return str(getattr(get_object(target), "__module__", "")).startswith(ALLOWED)
