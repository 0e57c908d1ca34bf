"""The HTML report: one file that holds everything, needs no network and runs no script."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from lipack_vision.errors import ConfigError, LipackError
from lipack_vision.image import MAX_PIXELS, ImageSource, read_image
from lipack_vision.inspection.code_table import code_view
from lipack_vision.inspection.condition import is_surely_sound
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.names import (
    CONDITION_WORDS,
    DAMAGE_NAMES,
    LABEL_NAMES,
    VERDICT_ORDER,
    VERDICT_WORDS,
    percent,
    tone,
)
from lipack_vision.inspection.overlay import shapes
from lipack_vision.inspection.pictures import crop_uri, data_uri, photo_sha256
from lipack_vision.inspection.policy import SKIPPABLE
from lipack_vision.inspection.reference_view import PhotoStore, reference_view
from lipack_vision.inspection.result import Inspection
from lipack_vision.integrity.types import DOUBTS, BoxCondition
from lipack_vision.types import DIAMONDS, ImageArray

_UNITS = {"gross_kg": "kg", "net_kg": "kg", "item_gross_kg": "kg", "charge_percent": "%"}


def write_report(
    path: str | os.PathLike[str],
    inspections: Inspection | Sequence[Inspection],
    sources: Sequence[ImageSource] | Sequence[Sequence[ImageSource]],
    *,
    max_pixels: int = MAX_PIXELS,
    library: PhotoStore | None = None,
) -> Path:
    """Write the report of one package or of several.

    Args:
        path: the HTML file; its folder is made when missing.
        inspections: one inspection, or one per package.
        sources: the photos of the inspection in its order; with several inspections one such list for each.
        max_pixels: larger photos are not shown.
        library: holds the photos of references, such as `QualifiedLibrary`; without it they are not shown.
    Raises:
        ConfigError: the file cannot be written.
    """
    target = Path(path)
    html = render_report(inspections, sources, max_pixels=max_pixels, library=library)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            str(target),
            expected="a place where the report can be written",
            found=error.strerror or str(error),
            cure="Name another file.",
        ) from error
    return target


def render_report(
    inspections: Inspection | Sequence[Inspection],
    sources: Sequence[ImageSource] | Sequence[Sequence[ImageSource]],
    *,
    max_pixels: int = MAX_PIXELS,
    library: PhotoStore | None = None,
) -> str:
    """The report as HTML text; arguments as for `write_report`."""
    several: Sequence[Inspection]
    photos: Sequence[Sequence[Any]]
    if isinstance(inspections, Inspection):
        several, photos = [inspections], [sources]
    else:
        several, photos = inspections, sources  # type: ignore[assignment]
    packages = [
        _package(one, list(own), max_pixels, library) for one, own in zip(several, photos, strict=True)
    ]
    released = sum(package["decision"] == "release" for package in packages)
    folder = resources.files("lipack_vision.inspection") / "templates"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string((folder / "report.html").read_text(encoding="utf-8"))
    return template.render(
        decision="release" if packages and released == len(packages) else "review",
        title=packages[0]["name"] if len(packages) == 1 else f"{len(packages)} packages",
        released=released,
        packages=packages,
        # Our own file, not the user's text: it may stand unescaped.
        style=Markup((folder / "report.css").read_text(encoding="utf-8")),  # noqa: S704
    )


def _package(
    inspection: Inspection, sources: Sequence[ImageSource], max_pixels: int, library: PhotoStore | None
) -> dict[str, Any]:
    reasons = [_finding(finding) for finding in inspection.reasons]
    count = len(reasons)
    return {
        "id": inspection.id,
        "name": package_name(inspection),
        "decision": inspection.decision,
        "headline": "No finding stands against release"
        if inspection.decision == "release"
        else f"A person must look: {count} reason{'' if count == 1 else 's'}",
        "created": inspection.created.replace("T", " ").replace("+00:00", " UTC"),
        "reasons": reasons,
        "findings": [_finding(one) for one in sorted(inspection.findings, key=_by_weight)],
        "skipped": [(name, SKIPPABLE[name]) for name in inspection.skipped],
        "photos": [
            _photo(evidence, source, max_pixels, inspection.policy.min_probability)
            | {"reference": reference_view(evidence.reference, library, max_pixels)}
            for evidence, source in zip(inspection.photos, sources, strict=True)
        ],
        "declaration": _declaration(inspection),
        "policy": _policy(inspection),
        "versions": sorted(inspection.versions.items()),
    }


def package_name(inspection: Inspection) -> str:
    """What a report calls the package: the declaration's reference, or its first photo."""
    facts = inspection.declaration
    if facts is not None and facts.reference:
        return facts.reference
    return Path(inspection.photos[0].name).name if inspection.photos else "no photo"


def _by_weight(finding: Finding) -> tuple[bool, int]:
    return not finding.blocks, VERDICT_ORDER.index(finding.verdict)


def _finding(finding: Finding) -> dict[str, Any]:
    shown = Path(finding.photo_name).name if finding.photo_name else None
    return finding.to_dict() | {
        "tone": tone(finding.verdict, finding.severity),
        "word": VERDICT_WORDS[finding.verdict],
        "item": finding.item.replace("_", " ").replace(".", ": "),
        "photo_name": shown,
    }


def _photo(evidence: PhotoEvidence, source: ImageSource, max_pixels: int, least: float) -> dict[str, Any]:
    image, trouble = _picture(evidence, source, max_pixels)
    error = evidence.error
    return {
        "name": Path(evidence.name).name,
        "width": evidence.width,
        "height": evidence.height,
        "sha256": evidence.sha256[:16],
        "error": error and f"Expected {error['expected']}, found {error['found']}. {error['cure']}",
        "failures": [failure.message for failure in evidence.failures],
        "uri": None if image is None else data_uri(image),
        "no_picture": trouble,
        "font": max(evidence.width, evidence.height) / 42,
        "shapes": shapes(evidence),
        "marks": [_mark(mark, image) for mark in evidence.marks if mark.label != "carton"],
        "lines": [{"text": line.text, "probability": f"{line.probability:.2f}"} for line in evidence.lines],
        "codes": [code_view(reading, image) for reading in evidence.readings],
        "boxes": _boxes(evidence, least),
    }


def _box_tone(box: BoxCondition, calibrated: bool, least: float) -> str:
    if box.verdict == "damaged":
        return "bad"
    return "good" if is_surely_sound(box, calibrated, least) else "warn"


def _boxes(evidence: PhotoEvidence, least: float) -> list[dict[str, Any]]:
    """The condition of each carton in words; ``least`` probability of being sound is asked for a release."""
    if evidence.integrity is None:
        return []
    calibrated = evidence.integrity.calibrated
    return [
        {
            "word": CONDITION_WORDS[box.verdict],
            "tone": _box_tone(box, calibrated, least),
            "probability": percent(box.seen_probability, calibrated),
            "notes": "; ".join(
                [*(DOUBTS[doubt] for doubt in box.doubts)]
                + list(dict.fromkeys(DAMAGE_NAMES[region.type] for region in box.regions))
            ),
        }
        for box in evidence.integrity.boxes
    ]


def _picture(
    evidence: PhotoEvidence, source: ImageSource, max_pixels: int
) -> tuple[ImageArray | None, str | None]:
    """The photo that was inspected, or why it cannot be shown; never another one under its name."""
    if not evidence.readable:
        return None, None
    try:
        if photo_sha256(source) != evidence.sha256:
            return None, "the file has changed since it was inspected."
        return read_image(source, max_pixels=max_pixels), None
    except (LipackError, OSError) as error:
        return None, str(error)


def _mark(mark: Any, image: ImageArray | None) -> dict[str, Any]:
    diamond = mark.label in DIAMONDS
    return {
        "name": LABEL_NAMES[mark.label],
        "probability": percent(mark.probability, mark.calibrated),
        "uri": None if image is None else crop_uri(image, mark.quad, diamond=diamond),
    }


def _declaration(inspection: Inspection) -> list[tuple[str, str]]:
    if inspection.declaration is None:
        return []
    rows = []
    for name, value in inspection.declaration.to_dict().items():
        text = f"UN {value:04d}" if name == "un_number" else _plain(value)
        rows.append((name.replace("_kg", "").replace("_", " "), f"{text} {_UNITS.get(name, '')}".strip()))
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _policy(inspection: Inspection) -> list[tuple[str, str]]:
    policy = inspection.policy
    return [
        ("least probability of proof", percent(policy.min_probability)),
        ("warnings ask for a person", _plain(policy.block_on_warnings)),
        ("switched off", ", ".join(inspection.skipped) or "nothing"),
        ("every face photographed", _plain(inspection.all_faces)),
    ]
