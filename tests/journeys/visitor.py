"""One person at a browser: pages, links and forms, as hands would use them."""

from __future__ import annotations

import re
import secrets
from typing import Any

from playwright.sync_api import Locator, Page, Response

from tests.journeys.world import World
from tests.stack import until

CODE = re.compile(r"^\s+([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", re.MULTILINE)
SUBMIT = "button:not([type=button])"


class Visitor:
    """Opens pages and fills in forms. `look` names the page that is open for axe or a picture."""

    def __init__(self, world: World, *, phone: bool = True, scripts: bool = True) -> None:
        self.world, self.stack, self.scripts = world, world.stack, scripts
        self.page: Page = world.context(phone=phone, scripts=scripts).new_page()

    def open(self, path: str) -> Response:
        """Open an address of ours; return the answer."""
        response = self.page.goto(path)
        assert response is not None
        return response

    def look(self, name: str) -> None:
        """Look at this page; without JavaScript at a copy of it, from which its scripts are kept away (axe is one)."""
        if self.scripts:
            self.world.looking.at(self.page, name)
        elif not self.world.looking.has_seen(plain := f"{name}-without-scripts"):
            with self.world.without_scripts(self.page.context.cookies()) as page:
                page.goto(self.page.url)
                self.world.looking.at(page, plain)

    def send(self, button: str = "", /, **values: str) -> None:
        """Fill in fields of the page's form and send it, by the button with this name and value ("name=value")."""
        for name, value in values.items():
            self._fill(name, value)
        form = self._form(next(iter(values), ""))
        name, _, value = button.partition("=")
        presses = form.locator(f"button[name='{name}'][value='{value}']" if button else SUBMIT)
        with self.page.expect_navigation():
            presses.first.click()

    def _form(self, field: str) -> Locator:
        forms = self.page.locator("main form")
        return forms.filter(has=self.page.locator(f"[name='{field}']")).first if field else forms.first

    def _fill(self, name: str, value: str) -> None:
        fields = self.page.locator(f"main [name='{name}']")
        kind = fields.first.evaluate("each => each.type")
        if kind == "radio":
            self.page.locator(f"main [name='{name}'][value='{value}']").check(force=True)  # its label lies above
        elif kind.startswith("select"):
            fields.first.select_option(value)
        else:
            fields.first.fill(value)

    def follow(self, selector: str) -> None:
        """Press a link; a whole page comes."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def text(self) -> str:
        """Return what can be read on the page."""
        return self.page.locator("main").inner_text()

    def json(self, path: str) -> Any:
        """Return what an address answers to this person's browser."""
        return self.page.request.get(path).json()

    def close(self) -> None:
        self.page.context.close()

    # --- accounts ---

    def sign_up(self) -> None:
        """Create an account, with the code from the mailbox."""
        self.email = f"journey-{secrets.token_hex(8)}@example.org"
        self.open("/")
        self.look("start")
        self.open("/konto/signup/")
        self.look("sign-up")
        self.send(email=self.email, password1=secrets.token_urlsafe(12))
        self.look("confirm-address")
        self.send(code=self._code())
        assert "/uebersicht/" in self.page.url

    def _code(self) -> str:
        def read() -> str:
            found = [CODE.search(mail["text"]) for mail in self.stack.outside.mails(to=self.email)]
            return next((match[1] for match in found if match), "")

        return until(read, within=20, what="mail with the code")

    def log_in(self, email: str, password: str) -> None:
        """Log in with an account that there is."""
        self.open("/konto/login/")
        self.look("log-in")
        self.send(login=email, password=password)
