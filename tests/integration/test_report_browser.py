"""The report in a real browser: the page must say what the inspection decided."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lipack_vision.inspection import Inspection
from lipack_vision.inspection.report import write_report
from tests.unit.inspection.fakes import declared, inspector, photo

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH")


def dump_dom(path: Path, tmp_path: Path) -> str:
    """The page as the browser holds it after loading."""
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        path.as_uri(),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return result.stdout


def check(answer: Inspection, tmp_path: Path, decision: str) -> str:
    page = dump_dom(write_report(tmp_path / "report.html", answer, [photo()]), tmp_path)
    found = re.search(r'<html[^>]* data-decision="(\w+)"', page)
    assert found is not None
    assert found.group(1) == decision == answer.decision
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert title is not None
    assert title.group(1).startswith(decision.upper())
    assert re.search(rf'<p class="word">{decision.upper()}</p>', page)
    return page


def test_a_release_is_read_from_the_page(tmp_path: Path) -> None:
    page = check(inspector().inspect([photo()], declared()), tmp_path, "release")
    assert page.count("<polygon") == 6


def test_a_review_is_read_from_the_page_with_its_reasons(tmp_path: Path) -> None:
    answer = inspector(skip=()).inspect([photo()], declared(gross_kg=99))
    page = check(answer, tmp_path, "review")
    assert page.count('<li class="wrong">') == 1
    assert "Gross mass 99 kg is above the marked 25 kg." in page


def test_a_hostile_name_runs_nothing(tmp_path: Path) -> None:
    evil = "</title><script>document.documentElement.dataset.decision='release'</script>"
    answer = inspector().inspect([photo()], declared(reference=evil, gross_kg=99))
    page = check(answer, tmp_path, "review")
    assert "<script>" not in page
