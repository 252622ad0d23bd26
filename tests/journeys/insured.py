"""An insured person on the way to open access, page by page."""

from __future__ import annotations

import re

from tests.journeys.people import Canary
from tests.journeys.visitor import Visitor
from tests.journeys.world import World
from tests.stack import until

BRANCH, EID = "postident_branch", "postident_eid"
WITHIN_SECONDS = 30
CASE = re.compile(r"/vorgang/([0-9a-f-]{36})/")


class Insured(Visitor):
    """Somebody of the register, with a browser."""

    def __init__(self, world: World, *, phone: bool = True, scripts: bool = True) -> None:
        super().__init__(world, phone=phone, scripts=scripts)
        self.canary: Canary = world.next_person()
        self.case = ""

    @property
    def case_path(self) -> str:
        return f"/vorgang/{self.case}/"

    def apply(self) -> None:
        """Sign up, link the insurance, ask for access and send the application; ends at the choice of a way."""
        self.sign_up()
        self.look("overview-new")
        self.link()
        self.look("purpose")
        self.open("/epa/zugang/")
        self.look("channel")
        self.send(channel="app_android")
        self.look("application")
        self.send()
        found = CASE.search(self.page.url)
        assert found, self.page.url
        self.case = found[1]
        self.look("choice")

    def link(self) -> None:
        """Connect the insurance."""
        year, month, day = self.canary.person.birth_date.split("-")
        self.open("/versicherung/")
        self.look("link")
        self.send(
            kvnr=self.canary.person.kvnr,
            birth_date_0=day,
            birth_date_1=month,
            birth_date_2=year,
            card_digits=self.canary.card_last6,
        )
        assert self.page.url.endswith("/antrag/"), self.text()

    def choose(self, method: str) -> str:
        """Choose a way; return the path of the attempt. Ends at its page."""
        self.open(f"{self.case_path}wahl/")
        self.send(method=method)
        assert "/versuch/" in self.page.url, self.text()
        self.look(f"ready-{method}")
        return self.page.url.removeprefix(self.stack.base_url)

    def take_coupon(self) -> None:
        """Go on to the provider and get the coupon. Ends there."""
        self.follow("a[href$='/weiter/']")
        self.look("provider-start")
        self.send(method="basic")
        self.look("provider-coupon")

    def go_to_post_office(self, outcome: str = "success", **document: str) -> None:
        """Take the coupon to the counter; `document` replaces what stands on one's own. Ends at the counter."""
        self.take_coupon()
        self.follow("a#schalter")
        self.look("provider-counter-visit")
        shown = self.canary.document() | self.canary.paper() | document
        self.send("action=finish", outcome=outcome, **shown)
        self.look(f"provider-counter-{outcome}")

    def use_online_id(self, outcome: str = "success") -> None:
        """Go on to the provider and use the online ID. Ends at the provider's last page."""
        self.follow("a[href$='/weiter/']")
        self.send(method="eid")
        self.look("provider-eid-consent")
        self.send("step=consent")
        self.look("provider-eid-pin")
        self.page.locator("main form details summary").click()
        self.send(outcome=outcome, **self.canary.document())
        self.look(f"provider-eid-{outcome}")

    def come_back(self) -> None:
        """Follow the provider's link back to us."""
        self.follow("a#zurueck")
        assert self.page.url.startswith(self.stack.base_url), self.page.url

    def wait_for_case(self, state: str) -> None:
        """Wait until the case is in a state, and open its page."""
        found = ""

        def reached() -> bool:
            nonlocal found
            found = self.json(f"{self.case_path}stand.json")["state"]
            return bool(found == state)

        until(reached, within=WITHIN_SECONDS, what=f"case {state}", every=0.2)
        self.open(self.case_path)
        self.look(f"case-{state}")

    def wait_for_access(self) -> None:
        """Wait until access to the ePA is open, on its page."""
        self.open("/epa/zugang/")
        self.look("access-under-way")
        status = f"{self.page.url}stand.json"
        until(lambda: self.json(status)["state"] == "open", within=WITHIN_SECONDS, what="open access", every=0.2)
        self.open("/epa/zugang/")
        self.look("access-open")

    def wait_for_mail(self, subject: str) -> None:
        """Wait until a mail with this subject is in the mailbox."""
        until(lambda: subject in self.mails(), within=WITHIN_SECONDS, what=f"mail {subject}", every=0.2)

    def mails(self) -> list[str]:
        """Return the subjects of all mails to this person."""
        return [mail["subject"] for mail in self.stack.outside.mails(to=self.email)]
