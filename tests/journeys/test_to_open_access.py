"""The main job: from nothing to open access."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.insured import BRANCH, EID, Insured


def _identify(person: Insured, method: str) -> None:
    person.choose(method)
    if method == EID:
        person.use_online_id()
    else:
        person.go_to_post_office()
    person.come_back()
    person.wait_for_case("identified")
    person.wait_for_access()


@pytest.mark.parametrize("method", [BRANCH, EID])
def test_a_person_with_a_phone_gets_access(insured: Insured, method: str):
    insured.apply()
    _identify(insured, method)
    assert len(insured.mails()) >= 3  # the code, the coupon or start, the result, the access


@pytest.mark.parametrize("method", [BRANCH, EID])
def test_it_works_without_javascript(visit: Callable[..., Any], method: str):
    person = visit(Insured, scripts=False)
    person.apply()
    _identify(person, method)


def test_the_page_that_waits_shows_the_result_by_itself(insured: Insured):
    insured.apply()
    ready = insured.choose(EID)
    second = insured.page.context.new_page()
    second.goto(ready)
    second.wait_for_load_state("networkidle")
    insured.use_online_id()
    second.wait_for_url(f"**{insured.case_path}", timeout=30_000)
    second.close()
