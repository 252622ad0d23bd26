"""What is done with every page that a journey comes by: axe and width, or a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = {
    "light": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},  # nothing but the colours is another
}
AXE_WIDTHS, PICTURE_WIDTHS = (320, 1280), (390, 1280)
README = {
    "start": 390,
    "choice": 390,
    "ready-postident_branch": 390,
    "case-identified": 390,
    "access-open": 390,
    "review-desk": 1280,
}
"""Pictures that the README shows, with their widths; without what lies below the fold."""
HEIGHTS = {320: 640, 390: 844, 1280: 900}


class Looking:
    """Looks once at each page of a name, as it stands. `pictures`: a folder for pictures, which are made instead."""

    def __init__(self, pictures: Path | None = None) -> None:
        self.pictures = pictures
        self.titles: set[str] = set()
        self.findings: list[str] = []
        self._seen: set[str] = set()
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)

    def has_seen(self, name: str) -> bool:
        return name in self._seen

    def at(self, page: Page, name: str) -> None:
        """Look at a page in light and dark, narrow and wide; findings are collected."""
        self.titles.add(page.title())
        if name in self._seen:
            return
        self._seen.add(name)
        if not self.pictures:
            page.evaluate(AXE_SCRIPT)
        with as_it_was(page):
            for width in PICTURE_WIDTHS if self.pictures else AXE_WIDTHS:
                page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
                if self.pictures:
                    self._take(page, name, width)
                else:
                    self._examine(page, f"{name} at {width} px")

    def _take(self, page: Page, name: str, width: int) -> None:
        assert self.pictures
        page.screenshot(path=self.pictures / f"{name}-{width}.png", full_page=True)
        if README.get(name) == width:
            page.screenshot(path=self.pictures / "readme" / f"{name}.png")

    def _examine(self, page: Page, where: str) -> None:
        overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overhang > 0:
            self.findings.append(f"{where}: scrolls sideways by {overhang} px")
        for scheme, rules in RULES.items():
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            options = {"runOnly": rules, "resultTypes": ["violations"]}
            found = page.evaluate("options => axe.run(options)", options)["violations"]
            self.findings += [f"{where}, {scheme}: {line}" for line in _lines(found)]

    def take_findings(self) -> list[str]:
        """Return what was found since the last call."""
        found, self.findings = self.findings, []
        return found


def _lines(violations: list[dict[str, Any]]) -> Iterator[str]:
    for each in violations:
        yield from (f"{each['id']}: {node['target']} {node['html'][:120]}" for node in each["nodes"])


@contextmanager
def as_it_was(page: Page) -> Iterator[None]:
    """Give the page back its size and colours."""
    size = page.viewport_size
    yield
    page.emulate_media(color_scheme="light")
    if size:
        page.set_viewport_size(size)
