from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from lipack_vision.errors import ImageError
from lipack_vision.image import find_photos, read_image, read_reduced


def encoded(picture: Image.Image, fmt: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, fmt, **options)
    return stream.getvalue()


@pytest.fixture
def colours() -> np.ndarray:
    """A picture whose four corners have four colours, so that any turn shows."""
    array = np.zeros((40, 60, 3), np.uint8)
    array[:20, :30], array[:20, 30:] = (255, 0, 0), (0, 255, 0)
    array[20:, :30], array[20:, 30:] = (0, 0, 255), (255, 255, 255)
    return array


def test_path_bytes_and_array_give_the_same(tmp_path: Path, colours: np.ndarray) -> None:
    data = encoded(Image.fromarray(colours))
    (tmp_path / "p.png").write_bytes(data)
    for source in (tmp_path / "p.png", str(tmp_path / "p.png"), data, colours):
        np.testing.assert_array_equal(read_image(source), colours)


def test_exif_turn_is_applied(colours: np.ndarray) -> None:
    picture = Image.fromarray(colours)
    exif = picture.getexif()
    exif[0x0112] = 6  # the camera lay on its side: turn 90 degrees clockwise to see it upright
    turned = read_image(encoded(picture, "JPEG", exif=exif, quality=95, subsampling=0))
    assert turned.shape == (60, 40, 3)
    np.testing.assert_allclose(turned[5, 35], (255, 0, 0), atol=12)  # top-left went to top-right


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "RGBA", "LA", "YCbCr", "I;16", "I", "F"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    grey = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (32, 1))
    if mode in {"I;16", "I", "F"}:
        scale = 257 if mode != "F" else 1
        picture = Image.fromarray(
            (grey.astype(np.float32) * scale).astype({"I;16": "<u2", "I": "<i4", "F": "<f4"}[mode])
        )
        fmt = "TIFF"
    else:
        picture = Image.fromarray(grey).convert("RGB")
        picture = picture.quantize(256) if mode == "P" else picture.convert(mode)
        fmt = "TIFF" if mode in {"CMYK", "YCbCr"} else "PNG"
    result = read_image(encoded(picture, fmt))
    assert result.shape == (32, 64, 3)
    assert result.dtype == np.uint8
    if mode != "1":
        np.testing.assert_allclose(result[:, :, 1], grey, atol=6)


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert (read_image(encoded(clear)) == 255).all()


def huge_png(width: int, height: int) -> bytes:
    """A PNG whose header tells its size and that holds no pixels: decoding it would fail differently."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = (
        struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    body = zlib.compress(b"")
    idat = struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", zlib.crc32(b"IDAT" + body))
    return b"\x89PNG\r\n\x1a\n" + chunk + idat


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "0 bytes"),
        (b"Dear customs, please find attached", "text"),
        (bytes(range(7)) * 9, "another format"),
        (huge_png(30000, 30000), "30000 x 30000 px"),
        (encoded(Image.new("RGB", (1, 1))), "1 x 1 px"),
        (encoded(Image.effect_noise((300, 300), 90), "JPEG")[:3000], "damaged"),
    ],
)
def test_unusable_bytes_are_named(data: bytes, found: str) -> None:
    with pytest.raises(ImageError) as caught:
        read_image(data, name="photo 3")
    assert caught.value.where == "photo 3"
    assert found in caught.value.found
    assert caught.value.cure


def test_size_limit_can_be_raised_and_lowered(colours: np.ndarray) -> None:
    with pytest.raises(ImageError, match=r"at most 0\.001 megapixels"):
        read_image(colours, max_pixels=1000)
    with pytest.raises(ImageError, match="damaged"):
        read_image(huge_png(30000, 30000), max_pixels=10**9)


def test_missing_folder_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file"):
        read_image(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match="a folder"):
        read_image(tmp_path)


@pytest.mark.parametrize(
    "array", [np.zeros((20, 20), np.uint8), np.zeros((20, 20, 4), np.uint8), np.zeros((20, 20, 3))]
)
def test_wrong_arrays_are_refused(array: np.ndarray) -> None:
    with pytest.raises(ImageError, match=r"\(H, W, 3\)"):
        read_image(array)


def test_find_photos_expands_folders_in_order(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    found = find_photos([tmp_path, tmp_path / "notes.txt"])
    assert [p.name for p in found] == ["a.png", "b.JPG", "notes.txt"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match="without any"):
        find_photos([tmp_path / "empty"])


def smooth(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], -1).astype(
        np.uint8
    )


def jpeg(array: np.ndarray, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "JPEG", quality=95, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("size", "least", "factor"),
    [
        ((1600, 1200), 400, 4),
        ((1600, 1200), 401, 2),
        ((1600, 1200), 900, 1),
        ((1604, 1202), 300, 2),
        ((801, 600), 100, 1),
    ],
)
def test_a_jpeg_is_decoded_smaller(size: tuple[int, int], least: int, factor: int) -> None:
    data = jpeg(smooth(*size))
    photo = read_reduced(data, least)
    assert photo.factor == factor
    assert photo.image.shape == (size[1] // factor, size[0] // factor, 3)
    whole = photo.whole()
    np.testing.assert_array_equal(whole, read_image(data))
    shrunk = cv2.resize(whole, photo.image.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(int) - photo.image).mean() < 2


def test_a_reduced_photo_is_upright_too(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg(smooth(800, 400), exif=exif))
    photo = read_reduced(path, 200)
    assert (photo.factor, photo.image.shape) == (4, (200, 100, 3))
    assert photo.whole().shape == (800, 400, 3)


def test_arrays_and_other_formats_are_not_reduced(tmp_path: Path) -> None:
    array = smooth(800, 400)
    assert read_reduced(array, 100).image is array
    path = tmp_path / "photo.png"
    Image.fromarray(array).save(path)
    assert read_reduced(path, 100).factor == 1


def test_a_cut_off_jpeg_is_refused_when_reduced() -> None:
    with pytest.raises(ImageError, match="whole photo"):
        read_reduced(jpeg(smooth(800, 400))[:4000], 100)
