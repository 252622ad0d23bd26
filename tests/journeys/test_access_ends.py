"""Access to the ePA that does not open: what the person reads, and what the operators' desk shows."""

from __future__ import annotations

from collections.abc import Callable

from core.accounts.models import Account
from epa.states import AccessState
from tests.epa.accesses import an_access
from tests.factories import an_insurant
from tests.journeys.insured import Insured
from tests.journeys.visitor import Visitor

WORDS = {AccessState.STUCK: "stuck", AccessState.CANCELLED: "cancelled"}


def test_an_access_that_does_not_open_says_how_it_goes_on(insured: Insured, staff: Callable[[str], Visitor]):
    insured.sign_up()
    insurant = an_insurant(account=Account.objects.get(email=insured.email))
    for state, word in WORDS.items():
        access = an_access(state, insurant=insurant)
        assert insured.open(f"/epa/zugang/{access.public_id}/").status == 200
        insured.look(f"access-{word}")

    administrator = staff("administrator")
    assert administrator.open("/epa/arbeitsplatz/").status == 200
    administrator.look("access-desk")
    assert administrator.page.locator("main form[action$='/erneut/']").count()
