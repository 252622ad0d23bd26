"""A browser without JavaScript: pages, links and forms. What it cannot find on a page it says by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

BUTTONS = ("submit", "button", "image", "reset")


class Lost(Exception):
    """The page is not the one that was expected."""


@dataclass
class Form:
    """A form as it stands on the page: where it goes and what it would send."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self.text: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self.links.append((given["href"], given))
        elif tag == "title":
            self._in_title = True
        elif self._form is not None and tag in ("input", "select", "textarea", "option", "button"):
            self._read_field(tag, given)

    def _read_field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None  # noqa: S101 (for the type checker)
        name = given.get("name", "")
        if tag == "option":
            if self._select and ("selected" in given or self._select not in self._form.fields):
                self._form.fields[self._select] = given.get("value", "")
            return
        self._form.names.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea" and name:
            self._form.fields[name] = ""
        elif tag == "input" and name and _is_sent(given):
            self._form.fields[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        self.text.append(data)


def _is_sent(given: dict[str, str]) -> bool:
    """Would a browser send this input as it stands?"""
    kind = given.get("type", "text")
    return kind not in BUTTONS and (kind not in ("radio", "checkbox") or "checked" in given)


class Browser:
    """One person's browser: cookies, the page at hand."""

    def __init__(self, base_url: str, *, timeout_seconds: float = 30) -> None:
        self.base_url = base_url
        self.client = httpx.Client(follow_redirects=True, timeout=timeout_seconds, headers={"Accept-Language": "de"})
        self.page = _Reader()
        self.url = base_url
        self.status = 0

    def close(self) -> None:
        self.client.close()

    def get(self, path: str) -> None:
        """Open an address; relative ones against the page at hand. Raises Lost for an error page."""
        self._show(self.client.get(urljoin(self.url, path)))

    def submit(self, has: str = "", **values: str) -> None:
        """Fill in the form that has a field or button of this name, or else the page's own, and send it."""
        own = [form for form in self.page.forms if form.method == "post" and not form.action]
        form = next((form for form in (self.page.forms if has else own) if not has or has in form.names), None)
        if form is None:
            raise Lost(f"no form with {has!r} on {self.where()}")
        data = {**form.fields, **values}
        target = urljoin(self.url, form.action or self.url)
        headers = {"Referer": self.url, "Origin": str(httpx.URL(self.url).copy_with(raw_path=b"")).rstrip("/")}
        if form.method == "post":
            self._show(self.client.post(target, data=data, headers=headers))
        else:
            self._show(self.client.get(target, params=data))

    def follow(self, part: str) -> None:
        """Follow the link with this id, else the first whose address contains `part`."""
        for href, given in sorted(self.page.links, key=lambda link: link[1].get("id") != part):
            if part in href or part == given.get("id"):
                return self.get(href)
        raise Lost(f"no link to {part!r} on {self.where()}")

    def where(self) -> str:
        """Return the path and title of the page, for messages."""
        return f"{httpx.URL(self.url).path} ({self.page.title.strip()!r}, {self.status})"

    def _show(self, answer: httpx.Response) -> None:
        self.url, self.status = str(answer.url), answer.status_code
        self.page = _Reader()
        if "html" in answer.headers.get("content-type", ""):
            self.page.feed(answer.text)
        if answer.status_code >= 400:
            raise Lost(f"error page {self.where()}")
