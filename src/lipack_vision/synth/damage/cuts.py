"""What damage does to the board itself: holes, torn lips, bared flutes, wet stains; and handle holes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.board import Board
from lipack_vision.synth.camera import Points
from lipack_vision.synth.carton import Face
from lipack_vision.synth.damage.bend import Blunt
from lipack_vision.synth.texture import F32, U8, Rng, noise

HOLE, TEAR, WET = 8, 4, 16
"""Bits of `lipack_vision.types.DAMAGE_TYPES`."""


@dataclass(slots=True, eq=False)
class Skin:
    """One face of a box while it is damaged.

    Attributes:
        face: in the box's own frame.
        rgba: uint8 ``(h, w, 4)``, the whole face.
        damage: uint8 ``(h, w)``, bits.
    """

    face: Face
    rgba: U8
    damage: U8

    @property
    def px_per_mm(self) -> float:
        """Scale of the texture."""
        return float(self.rgba.shape[1] / self.face.size[0])

    def places(self) -> Points:
        """``(h, w, 3)`` mm of each pixel's middle in the box's frame."""
        height, width = self.damage.shape
        across = (np.arange(width, dtype=np.float32) + 0.5) * np.float32(self.face.size[0] / width)
        down = (np.arange(height, dtype=np.float32) + 0.5) * np.float32(self.face.size[1] / height)
        right, below = self.face.right.astype(np.float32), self.face.down.astype(np.float32)
        spots = across[None, :, None] * right + down[:, None, None] * below
        return np.asarray(spots + self.face.origin.astype(np.float32))

    def tone(self, where: F32, colour: Points | float) -> None:
        """Blend towards an RGB colour, or towards a multiple of what is there, by weights ``(h, w)``."""
        rgb = self.rgba[..., :3].astype(np.float32)
        goal = rgb * np.float32(colour) if isinstance(colour, float) else colour.astype(np.float32)
        self.rgba[..., :3] = np.clip(rgb + (goal - rgb) * where[..., None], 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Board that is missing, with torn fibre around.

    Attributes:
        region: what is missing; its rim is ragged by ``rough``.
        rim: mm of torn paper around.
        bit: `HOLE` or `TEAR`.
    """

    region: Blunt
    rough: float
    rim: float
    bit: int

    def apply(self, skin: Skin, board: Board, rng: Rng) -> None:
        """Cut it out of a face, where it reaches that face."""
        depth: F32 = self.region.depth(skin.places()).astype(np.float32)
        if depth.max() < -0.6:
            return
        shape, scale = depth.shape, skin.px_per_mm
        ragged = noise("cloud", rng, shape, max(shape) / 500) * np.float32(self.rough)
        ragged += noise("white", rng, shape, max(5.0 * scale, 1.5)) * np.float32(self.rough * 0.25)
        depth = depth + ragged
        reach = np.float32(self.rim * float(np.linalg.norm(self.region.sides, axis=1).mean()))
        torn = np.clip(1 + (depth - noise("cloud", rng, shape, max(shape) / 300) * reach * 0.4) / reach, 0, 1)
        near = (torn > 0.05) & (depth <= 0)
        if not near.any() and not (depth > 0).any():
            return
        pale = np.array(board.colour) * rng.uniform(1.0, 1.3) + rng.uniform(5, 40)
        fibre = 1 + noise("fibre", rng, shape, max(0.6 * scale, 0.6)) * np.float32(0.12)
        skin.tone((near * (0.35 + 0.65 * torn)).astype(np.float32), pale)
        skin.rgba[..., :3][near] = np.clip(skin.rgba[..., :3][near] * fibre[near][:, None], 0, 255)
        # The cut through the board lies in its own shadow.
        skin.tone(np.where((depth <= 0) & (depth > -reach * 0.2), 0.5, 0).astype(np.float32), 0.45)
        skin.rgba[..., 3][depth > 0] = 0
        skin.damage[near | (depth > 0)] |= self.bit


@dataclass(frozen=True, slots=True, eq=False)
class Peel:
    """The outer paper torn off: flutes or rough paper show.

    Attributes:
        region: where; ragged by ``rough``.
        flutes: mm between two of them, 0 for rough paper.
    """

    region: Blunt
    rough: float
    flutes: float

    def apply(self, skin: Skin, board: Board, rng: Rng) -> None:
        """Tear it off a face, where it reaches that face."""
        depth: F32 = self.region.depth(skin.places()).astype(np.float32)
        if depth.max() < -0.5:
            return
        shape, scale = depth.shape, skin.px_per_mm
        depth = depth + noise("cloud", rng, shape, max(shape) / 400) * np.float32(self.rough)
        depth += noise("fibre", rng, shape, max(1.5 * scale, 0.7)) * np.float32(self.rough * 0.3)
        bare = depth > 0
        if not bare.any():
            return
        light = 1 + noise("fibre", rng, shape, max(0.7 * scale, 0.6)) * np.float32(0.07)
        if self.flutes > 0 and self.flutes * scale > 2.5:
            x = np.arange(shape[1], dtype=np.float32) / np.float32(scale)
            light += np.sin(x * np.float32(2 * np.pi / self.flutes))[None] * np.float32(
                rng.uniform(0.08, 0.25)
            )
        kraft = np.array([178.0, 140, 102]) if rng.random() < 0.6 else np.array(board.colour)
        colour = kraft * rng.uniform(0.85, 1.2)
        skin.rgba[..., :3][bare] = np.clip(light[bare][:, None] * colour, 0, 255)
        rim = bare & (depth < self.rough * 1.2)
        skin.tone(
            (rim * np.float32(rng.uniform(0.2, 0.8))).astype(np.float32), np.array(board.colour) * 1.2 + 20
        )
        skin.tone(np.where((depth < 0) & (depth > -self.rough * 0.25), 0.4, 0).astype(np.float32), 0.6)
        skin.damage[bare] |= TEAR


@dataclass(frozen=True, slots=True, eq=False)
class Stain:
    """Wet board: darker, with a soft rim and at times a dark line where the water stopped.

    Attributes:
        region: splash; None where water rose from below to ``level`` mm.
        strength: 0..1 how much darker.
        line: 0..1 of the rim.
    """

    region: Blunt | None
    level: float
    strength: float
    line: float

    def depth(self, places: Points) -> Points:
        """Above 0 where wet, before the rim wanders."""
        if self.region is not None:
            return self.region.depth(places)
        return np.asarray(1 - places[..., 2] / self.level)

    def apply(self, skin: Skin, board: Board, rng: Rng) -> None:  # noqa: ARG002 - every wound gets it
        """Wet a face, where it reaches that face."""
        depth: F32 = self.depth(skin.places()).astype(np.float32)
        shape = depth.shape
        depth = depth + noise("cloud", rng, shape, max(shape) / rng.uniform(120, 400)) * np.float32(0.22)
        if depth.max() < -0.1:
            return
        soft = np.float32(rng.uniform(0.04, 0.2))
        wet = np.clip(depth / soft + 0.5, 0, 1)
        uneven = 1 + noise("cloud", rng, shape, max(shape) / 250) * np.float32(0.15)
        skin.tone(wet * np.clip(uneven, 0.5, 1.3), float(1 - self.strength))
        skin.tone(np.exp(-((depth / (soft * 0.6)) ** 2)) * np.float32(self.line), 0.62)
        skin.damage[wet > 0.4] |= WET


def handle_hole(skin: Skin) -> None:
    """The cut-out that a hand takes; no damage."""
    width, height = skin.face.size
    scale = skin.px_per_mm
    half = min(45.0, width * 0.18)
    y, thick = min(70.0, height * 0.25), min(26.0, height * 0.1)
    ends = [(int((width / 2 + sign * (half - thick / 2)) * scale), int(y * scale)) for sign in (-1, 1)]
    mask: npt.NDArray[np.uint8] = np.zeros(skin.damage.shape, np.uint8)
    cv2.line(mask, ends[0], ends[1], 255, max(1, int(thick * scale)), cv2.LINE_8)
    skin.rgba[..., 3][mask > 0] = 0


def rubbed(skin: Skin, rng: Rng) -> None:
    """Scuffs, dirt and dust: what handling leaves on a sound carton."""
    shape, scale = skin.damage.shape, skin.px_per_mm
    for _ in range(int(rng.poisson(1.5))):
        ends = rng.uniform(0, 1, (2, 2)) * (shape[1], shape[0])
        if rng.random() < 0.7:
            ends[1] = ends[0] + rng.normal(0, 60, 2) * scale
        mask: npt.NDArray[np.uint8] = np.zeros(shape, np.uint8)
        first, last = (tuple(int(v) for v in end) for end in ends)
        cv2.line(mask, first, last, 255, max(1, int(rng.uniform(0.6, 9) * scale)), cv2.LINE_AA)
        broken = np.clip(noise("fibre", rng, shape, max(1.2 * scale, 0.7)) * 0.8 + 0.3, 0, 1)
        skin.tone(
            (mask * broken * np.float32(rng.uniform(0.1, 0.5) / 255)), float(rng.choice([0.72, 0.85, 1.18]))
        )
    if rng.random() < 0.3:
        dirt = np.clip(noise("cloud", rng, shape, max(shape) / 300) - rng.uniform(0.5, 1.5), 0, 1)
        skin.tone(dirt * np.float32(rng.uniform(0.1, 0.5)), np.array([92.0, 84, 74]) * rng.uniform(0.6, 1.6))


Wound = Cut | Peel | Stain
