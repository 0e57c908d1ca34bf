"""Fonts for printed texts, all from packages of PyPI with a free licence.

Nothing is taken from the system, so a picture is the same on every machine with the same packages.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from lipack_vision.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FontStyle = Literal["bold", "regular", "condensed", "serif", "mono", "hand"]
Mask = npt.NDArray[np.uint8]

_CURE = 'Run: pip install "lipack-vision[synth]"'


@dataclass(frozen=True, slots=True)
class Font:
    """One font file.

    Attributes:
        distribution: the package on PyPI that carries it.
        module: the package as imported.
        file: path inside the module's folder.
        family: family name.
        licence: SPDX identifier.
        style: what `choose_font` takes it for.
        weight: how often `choose_font` takes it beside others of the same style.
        held_out: never drawn for training, so that reading can be measured on fonts that no net has seen.
    """

    distribution: str
    module: str
    file: str
    family: str
    licence: str
    style: FontStyle
    weight: float = 1.0
    held_out: bool = False


def _pimoroni(name: str, file: str, family: str, licence: str, style: FontStyle, weight: float = 1.0) -> Font:
    return Font(
        f"font-{name}", f"font_{name.replace('-', '_')}", f"files/{file}", family, licence, style, weight
    )


def _matplotlib(file: str, family: str, licence: str, style: FontStyle, weight: float = 1.0) -> Font:
    return Font("matplotlib", "matplotlib", f"mpl-data/fonts/ttf/{file}", family, licence, style, weight)


def _held_out(package: str, file: str, family: str, licence: str, style: FontStyle) -> Font:
    return Font(package, package.replace("-", "_"), file, family, licence, style, held_out=True)


# Sans faces near Helvetica weigh most: label printers use them for nearly everything.
FONTS: dict[str, Font] = {
    "roboto-bold": _pimoroni("roboto", "Roboto-Bold.ttf", "Roboto", "Apache-2.0", "bold", 3.0),
    "roboto-black": _pimoroni("roboto", "Roboto-Black.ttf", "Roboto", "Apache-2.0", "bold", 1.5),
    "roboto": _pimoroni("roboto", "Roboto-Regular.ttf", "Roboto", "Apache-2.0", "regular", 3.0),
    "roboto-medium": _pimoroni("roboto", "Roboto-Medium.ttf", "Roboto", "Apache-2.0", "regular", 1.5),
    "hanken-bold": _pimoroni(
        "hanken-grotesk", "HankenGrotesk-Bold.otf", "Hanken Grotesk", "OFL-1.1", "bold", 2.0
    ),
    "hanken": _pimoroni(
        "hanken-grotesk", "HankenGrotesk-Regular.otf", "Hanken Grotesk", "OFL-1.1", "regular"
    ),
    "source-sans-bold": _pimoroni(
        "source-sans-pro", "SourceSansPro-Bold.ttf", "Source Sans Pro", "OFL-1.1", "bold", 1.5
    ),
    "source-sans-black": _pimoroni(
        "source-sans-pro", "SourceSansPro-Black.ttf", "Source Sans Pro", "OFL-1.1", "bold"
    ),
    "source-sans": _pimoroni(
        "source-sans-pro", "SourceSansPro-Regular.ttf", "Source Sans Pro", "OFL-1.1", "regular"
    ),
    "source-sans-semibold": _pimoroni(
        "source-sans-pro", "SourceSansPro-Semibold.ttf", "Source Sans Pro", "OFL-1.1", "condensed"
    ),
    "manrope-bold": _pimoroni("manrope", "Manrope-ExtraBold.ttf", "Manrope", "OFL-1.1", "bold", 0.7),
    "fjalla": _pimoroni("fjallaone", "FjallaOne-Regular.ttf", "Fjalla One", "OFL-1.1", "condensed", 2.0),
    "caladea-bold": _pimoroni("caladea", "Caladea-Bold.ttf", "Caladea", "Apache-2.0", "serif"),
    "intuitive": _pimoroni("intuitive", "Intuitive.ttf", "Intuitive", "OFL-1.1", "hand"),
    "dejavu-bold": _matplotlib("DejaVuSans-Bold.ttf", "DejaVu Sans", "Bitstream-Vera", "bold", 0.8),
    "dejavu": _matplotlib("DejaVuSans.ttf", "DejaVu Sans", "Bitstream-Vera", "regular"),
    "dejavu-mono": _matplotlib("DejaVuSansMono.ttf", "DejaVu Sans Mono", "Bitstream-Vera", "mono"),
    "dejavu-mono-bold": _matplotlib("DejaVuSansMono-Bold.ttf", "DejaVu Sans Mono", "Bitstream-Vera", "mono"),
    "stix-bold": _matplotlib("STIXGeneralBol.ttf", "STIX General", "OFL-1.1", "serif"),
    "lato-bold": _held_out("font-lato", "files/Lato-Bold.ttf", "Lato", "OFL-1.1", "bold"),
    "lato-black": _held_out("font-lato", "files/Lato-Black.ttf", "Lato", "OFL-1.1", "bold"),
    "lato": _held_out("font-lato", "files/Lato-Regular.ttf", "Lato", "OFL-1.1", "regular"),
    "opensans-bold": _held_out("ttf-opensans", "ttf/OpenSans-Bold.ttf", "Open Sans", "Apache-2.0", "bold"),
    "opensans": _held_out("ttf-opensans", "ttf/OpenSans-Regular.ttf", "Open Sans", "Apache-2.0", "regular"),
}
"""Every font by its short name."""


@lru_cache(maxsize=len(FONTS))
def font_path(name: str) -> Path:
    """Where the font file lies.

    Raises:
        ConfigError: no font of this name in `FONTS`.
        MissingExtraError: its package is not installed.
    """
    if name not in FONTS:
        raise ConfigError(
            "font", expected=f"one of {', '.join(FONTS)}", found=repr(name), cure="Check the name."
        )
    font = FONTS[name]
    # find_spec reads no code of the package: matplotlib's own import would cost half a second.
    spec = importlib.util.find_spec(font.module)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / font.file
        if path.is_file():
            return path
    raise MissingExtraError(
        f"font {name}",
        expected=f"package {font.distribution} with {font.file}",
        found="no such file",
        cure=_CURE,
    )


def _pillow() -> Any:
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise MissingExtraError(
            "synth texts", expected="package pillow", found="it cannot be imported", cure=_CURE
        ) from error
    return Image, ImageDraw, ImageFont


@lru_cache(maxsize=512)
def load_font(name: str, px: int) -> FreeTypeFont:
    """The font at ``px`` pixels per em, kept for the next call.

    Raises:
        ConfigError: no font of this name, or ``px`` below 1.
        MissingExtraError: Pillow or the font's package is not installed.
    """
    if px < 1:
        raise ConfigError("font size", expected="1 px or more", found=f"{px} px", cure="Pass a larger size.")
    image_font = _pillow()[2]
    # The basic layout gives the same glyph places with and without libraqm.
    font: FreeTypeFont = image_font.truetype(str(font_path(name)), px, layout_engine=image_font.Layout.BASIC)
    return font


@lru_cache(maxsize=len(FONTS))
def cap_ratio(name: str) -> float:
    """Height of a capital H as a fraction of the em."""
    _, top, _, bottom = load_font(name, 200).getbbox("H")
    return float(bottom - top) / 200


@lru_cache(maxsize=1024)
def text_mask(name: str, px: int, text: str) -> Mask:
    """Coverage 0..255 of one line of text, cropped to its ink; read-only.

    Raises:
        ConfigError, MissingExtraError: as `load_font`.
    """
    image, draw, _ = _pillow()
    font = load_font(name, px)
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    canvas = image.new("L", (max(1, right - left), max(1, bottom - top)))
    draw.Draw(canvas).text((-left, -top), text, font=font, fill=255)
    mask = np.array(canvas, dtype=np.uint8)
    mask.flags.writeable = False
    return mask


def choose_font(
    rng: np.random.Generator, style: FontStyle | Sequence[FontStyle] = "bold", *, held_out: bool = False
) -> str:
    """Name of a font of the wished style or styles, drawn by weight; of those held out, or of all others.

    Raises:
        ConfigError: no font has such a style.
    """
    styles = (style,) if isinstance(style, str) else tuple(style)
    names = [name for name, font in FONTS.items() if font.style in styles and font.held_out == held_out]
    if not names:
        raise ConfigError("font style", expected="a FontStyle", found=repr(style), cure="Check the spelling.")
    edges = np.cumsum([FONTS[name].weight for name in names])
    return names[int(np.searchsorted(edges, rng.uniform(0, edges[-1]), side="right"))]
