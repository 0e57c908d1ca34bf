"""How long one photo of 12 megapixels takes on all cores, from the JPEG file to the findings.

    python -m benchmarks.speed

Beside our detector, in the same run and taking turns photo by photo: the text finder of PP-OCR, and the
SSDLite320 and Faster R-CNN MobileNet of torchvision with untrained weights. All read the file in the same
way. The nets of torchvision get the photo already shrunk to their size by OpenCV, which is the quickest way
to feed them; what they find means nothing, so it costs them little after the net.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Idle threads of one library must not spin while another one works.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import cv2
import numpy as np
import torch
from rapidocr import RapidOCR
from rich.progress import track
from torchvision.models import detection

from benchmarks.report import publish
from lipack_vision import HazardLabelDetector
from lipack_vision.artifact import load_artifact
from lipack_vision.image import read_image
from lipack_vision.synth.photo import render_jpeg
from lipack_vision.types import ImageArray

SIZE = (4000, 3000)
SEED = 720_000_000
PHOTOS = 6

Detect = Callable[[Path], object]


def photos(folder: Path) -> list[Path]:
    """Rendered photos of 12 megapixels, made once."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{SEED + number}.jpg" for number in range(PHOTOS)]
    for number, path in enumerate(track(paths, "rendering")):
        if not path.exists():
            path.write_bytes(render_jpeg(SEED + number, SIZE)[0])
    return paths


def ours(artifact: str) -> Detect:
    """Our detector as users get it."""
    return HazardLabelDetector(artifact).detect


def text_finder() -> Detect:
    """PP-OCR's text finder with RapidOCR's own settings."""
    engine = RapidOCR(params={"Global.log_level": "error"})

    def detect(path: Path) -> object:
        return engine(read_image(path), use_det=True, use_cls=False, use_rec=False)

    return detect


def torchvision_net(name: str, shorter: int, longest: int) -> Detect:
    """A detector of torchvision with untrained weights.

    Args:
        shorter, longest: sides in pixels to which the photo is shrunk, as the net itself would do.
    """
    net = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=9).eval()

    @torch.inference_mode()
    def detect(path: Path) -> object:
        return net([_tensor(read_image(path), shorter, longest)])

    return detect


def _tensor(image: ImageArray, shorter: int, longest: int) -> torch.Tensor:
    sides = sorted(image.shape[:2])
    scale = min(shorter / sides[0], longest / sides[1])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return torch.from_numpy(np.ascontiguousarray(small.transpose(2, 0, 1))).float() / 255


def measure(peers: dict[str, Detect], paths: list[Path], rounds: int) -> list[dict[str, Any]]:
    """Seconds per photo, the detectors taking turns; the first round only warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for turn in track(range(rounds + 1), "measuring"):
        for path in paths:
            for name, detect in peers.items():
                start = time.perf_counter()
                detect(path)
                if turn:
                    seconds[name].append(time.perf_counter() - start)
    rows = []
    for name, times in seconds.items():
        low, middle, high = (float(v) for v in np.quantile(times, (0.1, 0.5, 0.9)))
        rows.append({"detector": name, "median s": middle, "10 % s": low, "90 % s": high})
    return rows


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifact", default="marks")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache/lipack-vision/speed")
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    paths = photos(options.folder)
    peers: dict[str, Detect] = {
        "decoding alone": read_image,
        "ours": ours(options.artifact),
        "PP-OCR text finder (RapidOCR)": text_finder(),
        "SSDLite320 MobileNetV3": torchvision_net("ssdlite320_mobilenet_v3_large", 320, 320),
        "Faster R-CNN MobileNetV3 320": torchvision_net("fasterrcnn_mobilenet_v3_large_320_fpn", 320, 640),
        "Faster R-CNN MobileNetV3": torchvision_net("fasterrcnn_mobilenet_v3_large_fpn", 800, 1333),
    }
    rows = measure(peers, paths, options.rounds)
    version = load_artifact(options.artifact).version
    title = (
        f"One photo of 12 megapixels, from file to findings, marks {version}, {len(paths)} rendered photos"
    )
    publish("speed", title, rows, command="python -m benchmarks.speed")


if __name__ == "__main__":
    main()
