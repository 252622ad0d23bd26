"""Whatever is missing, unknown or nonsense in a payload breaks nothing and proves nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Never
from identity.providers.ports import Progress
from identity.providers.postident.reading import read_case
from tests.identity.providers.postident.payloads import CASE, a_document, a_payload, an_identification, only, read


@pytest.mark.parametrize("missing", [{}, None])
@pytest.mark.parametrize("name", ["caseStatus", "orderData", "contactData", "accountingData", "identifications"])
def test_every_group_may_be_missing_or_null(name: str, missing: Any):
    payload = a_payload(an_identification())
    payload.pop(name, None)
    if missing is None:
        payload[name] = None

    assert read_case(payload, CASE).provider_case_id == CASE


@pytest.mark.parametrize("name", ["identificationMethod", "identificationStatus", "identificationDocument", "records"])
def test_every_part_of_an_identification_may_be_missing_or_null(name: str):
    without = an_identification()
    without.pop(name, None)

    for identification in (without, an_identification(**{name: None})):
        assert len(read(identification).identifications) == 1


@pytest.mark.parametrize("name", sorted(a_document()))
def test_every_field_of_a_document_may_be_missing_or_null(name: str):
    without = a_document()
    del without[name]

    for document in (without, a_document(**{name: None})):
        case = read(an_identification(identificationDocument=document))
        assert only(case).progress is Progress.SUCCESS
        assert dict(case.remarks) == {}


def test_unknown_keys_are_ignored_on_every_level():
    new = {"xNewFeature": {"enabled": True}}
    document = a_document(**new)
    document["firstName"] |= new
    document["address"] |= new
    identification = an_identification(identificationDocument=document, **new)
    identification["identificationStatus"] |= new

    assert read(identification, **new) == read(an_identification())


def test_an_entry_that_is_no_identification_is_left_out_and_remarked():
    case = read(an_identification(), "nonsense", None)

    assert len(case.identifications) == 1
    assert "odd_identifications" in case.remarks


@pytest.mark.parametrize("payload", [None, [], "closed", 7, True])
def test_what_is_no_object_is_no_case(payload: Any):
    with pytest.raises(Never, match="not_a_case"):
        read_case(payload, CASE)


@pytest.mark.parametrize("case_id", [None, "", "ANOTHER00001", 7, [CASE]])
def test_the_result_of_another_case_is_never_taken(case_id: Any):
    with pytest.raises(Never, match="other_case"):
        read_case(a_payload(an_identification(), caseId=case_id), CASE)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["success", "basic"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)


@given(st.data())
def test_no_payload_whatever_breaks_the_reading(data: st.DataObject):
    document = data.draw(st.dictionaries(st.sampled_from([*a_document(), "extra"]), ANYTHING, max_size=6))
    identification = an_identification(identificationDocument=data.draw(st.just(document) | ANYTHING))
    for name in data.draw(st.lists(st.sampled_from(sorted(identification)), max_size=2)):
        identification[name] = data.draw(ANYTHING)
    payload = a_payload(identification)
    for name in data.draw(st.lists(st.sampled_from([name for name in payload if name != "caseId"]), max_size=2)):
        payload[name] = data.draw(ANYTHING)

    case = read_case(payload, CASE)

    assert all(isinstance(each.progress, Progress) for each in case.identifications)
