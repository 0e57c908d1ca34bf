"""From bytes to what the nets take, in torch."""

from __future__ import annotations

import torch
from torch import Tensor


def normalise(images: Tensor, mean: tuple[float, float, float], std: tuple[float, float, float]) -> Tensor:
    """``(N, 3, H, W)`` uint8 -> float32 as the nets want it."""
    middle = torch.tensor(mean, device=images.device).view(3, 1, 1) * 255
    factor = 1 / (torch.tensor(std, device=images.device).view(3, 1, 1) * 255)
    return ((images.float() - middle) * factor).contiguous(memory_format=torch.channels_last)
