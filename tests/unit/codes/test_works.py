from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipack_vision.codes import CodeReading, PackagingCodeReader, TextLine
from lipack_vision.codes.works import compared, read_works
from lipack_vision.errors import ConfigError
from lipack_vision.regulations import parse_packaging_code

QUAD = [[0, 0], [400, 0], [400, 40], [0, 40]]


def reading(text: str) -> CodeReading:
    code = parse_packaging_code(text)
    return CodeReading(text, text, 0.98, QUAD, code)


def test_known_works_are_read_with_their_names(tmp_path: Path) -> None:
    file = tmp_path / "works.txt"
    file.write_text("# of our suppliers\nC370012, Xiamen Board\n\nc310320\n", encoding="utf-8")
    assert read_works(file) == {"C370012": "Xiamen Board", "C310320": ""}


@pytest.mark.parametrize("line", ["C37012", "370012", "C370012 Xiamen"])
def test_a_line_without_a_works_code_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "works.txt"
    file.write_text(f"C370012\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2"):
        read_works(file)
    with pytest.raises(ConfigError, match=r"nowhere\.txt"):
        read_works(tmp_path / "nowhere.txt")


def test_an_unknown_works_code_is_told_and_nothing_changed() -> None:
    known = {"C370012": "Xiamen Board", "C229999": ""}
    read = reading("4G/Y25/S/25/CN/C370013 PI:015")
    (note,) = compared(read, known).warnings
    assert note[0] == "maker"
    assert "C370013 is not among the 2 known works codes; the nearest is C370012 Xiamen Board" in note[1]
    assert compared(read, known).text == read.text
    assert compared(read, {"C370013": ""}) == read
    other = reading("4G/Y25/S/25/D/BAM 4711")
    assert compared(other, known) == other


def test_the_reader_compares() -> None:
    class Engine:
        def read_lines(self, image: object) -> list[TextLine]:
            return [TextLine("4G/Y25/S/25/CN/C370013 PI:015", 0.99, QUAD)]

    photo = np.zeros((60, 420, 3), np.uint8)
    (told,) = PackagingCodeReader(Engine(), works={"C370012": ""}).read(photo, marks=[])
    assert any("known works codes" in reason for _, reason in told.warnings)
    (untold,) = PackagingCodeReader(Engine()).read(photo, marks=[])
    assert not any("known works codes" in reason for _, reason in untold.warnings)
