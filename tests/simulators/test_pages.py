"""The pages of person, clerk and operator, used like a browser without JavaScript."""

import io
import re
import zlib
from html import unescape
from typing import Any

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from simulators.settings import Settings
from tests.simulators.conftest import Postident, Receiver, told

WAYS_BACK = {
    f"callbackUrl{name}": {"webUrl": f"https://vorweis.example/zurueck/{name.lower()}"}
    for name in ("CouponRequested", "ReviewPending", "Incomplete", "Success", "Declined")
}


@pytest.fixture
def case_id(postident: Postident) -> str:
    return postident.case("REF1", **WAYS_BACK)


def status_of(postident: Postident, case_id: str, place: int = -1) -> Any:
    return postident.result(case_id)["identifications"][place]["identificationStatus"]["status"]


def choose(http: FlaskClient, case_id: str, method: str) -> str:
    response = http.post(f"/postident/user/start/?caseId={case_id}", data={"method": method})
    assert response.status_code == 303
    return str(response.headers["Location"])


def way_back(page: str) -> str | None:
    found = re.search(r'<a[^>]*href="([^"]+)"[^>]*id="zurueck"', page)
    return found[1] if found else None


def test_the_start_page_offers_what_the_contract_allows(
    http: FlaskClient, settings: Settings, postident: Postident, case_id: str
) -> None:
    everything = http.get(f"/postident/user/start/?caseId={case_id}").text
    only_eid = Postident(http, settings.clients["DEMOEID"]).case()
    little = http.get(f"/postident/user/start/?caseId={only_eid}").text

    assert [f'value="{method}"' in everything for method in ("basic", "eid", "video", "photo")] == [True] * 3 + [False]
    assert 'value="basic"' not in little
    assert http.post(f"/postident/user/start/?caseId={only_eid}", data={"method": "basic"}).status_code == 400


def test_an_unknown_case_has_no_page(http: FlaskClient) -> None:
    assert http.get("/postident/user/start/?caseId=NIX").status_code == 404
    assert http.get("/postident/user/coupon/").status_code == 404


def test_every_page_says_that_it_is_a_simulator(http: FlaskClient, case_id: str) -> None:
    paths = [
        "/",
        f"/postident/user/start/?caseId={case_id}",
        "/postident/schalter",
        "/postident/faelle",
        f"/postident/faelle/fall?caseId={case_id}",
        "/postident/webhooks",
        "/postident/stoerungen",
        f"/postident/stoerungen?caseId={case_id}",
        "/aktensystem/",
        "/postfach/",
    ]
    for path in paths:
        response = http.get(path)
        assert response.status_code == 200, path
        assert "<strong>Simulator</strong>" in response.text, path
        assert "<script" not in response.text, path
        assert "default-src 'none'" in response.headers["Content-Security-Policy"], path


class TestPostOffice:
    def test_from_the_coupon_to_the_result(self, http: FlaskClient, postident: Postident, case_id: str) -> None:
        coupon = http.get(choose(http, case_id, "basic"))
        assert case_id in coupon.text
        assert "REF1" in coupon.text
        assert way_back(coupon.text) == "https://vorweis.example/zurueck/couponrequested"
        assert status_of(postident, case_id) == "coupon requested"

        visit = f"/postident/schalter/fall?caseId={case_id}"
        form = http.get(visit).text
        assert 'value="Weiß"' in form
        assert 'value="Hauptstraße 5"' in form
        done = http.post(visit, data={**fields(form), "action": "finish"}, follow_redirects=True)

        assert "erfolgreich" in done.text
        assert way_back(done.text) == "https://vorweis.example/zurueck/success"
        document = postident.result(case_id)["identifications"][0]["identificationDocument"]
        assert {value["status"] for key, value in document["address"].items()} == {"match"}
        assert document["lastName"]["status"] == "match"

    def test_a_second_choice_of_the_post_office_is_the_same_attempt(
        self, http: FlaskClient, postident: Postident, case_id: str
    ) -> None:
        choose(http, case_id, "basic")
        choose(http, case_id, "basic")

        assert len(postident.result(case_id)["identifications"]) == 1

    def test_the_coupon_holds_a_data_matrix_that_a_scanner_reads(self, http: FlaskClient, case_id: str) -> None:
        choose(http, case_id, "basic")
        response = http.get(f"/postident/user/coupon.pdf?caseId={case_id}")

        assert response.mimetype == "application/pdf"
        (code,) = zxingcpp.read_barcodes(first_image(response.data))
        assert (code.text, code.format) == (case_id, zxingcpp.BarcodeFormat.DataMatrix)

    def test_there_is_no_coupon_without_the_choice(self, http: FlaskClient, case_id: str) -> None:
        assert http.get(f"/postident/user/coupon.pdf?caseId={case_id}").status_code == 404

    def test_the_coupon_can_be_mailed(self, http: FlaskClient, case_id: str) -> None:
        coupon = choose(http, case_id, "basic")
        http.post(coupon, data={"email": "joerg@example.org"})

        (mail,) = told(http.get("/postfach/api/mails?to=joerg@example.org"))["mails"]
        assert mail["links"][0].endswith(coupon)

    def test_the_clerk_finds_a_case_by_number_or_reference(self, http: FlaskClient, case_id: str) -> None:
        for query in (case_id, case_id.lower(), "REF1"):
            response = http.get(f"/postident/schalter?q={query}")
            assert response.headers["Location"].endswith(f"caseId={case_id}")
        assert http.get("/postident/schalter?q=nix").status_code == 404

    def test_waiting_coupons_are_listed(self, http: FlaskClient, postident: Postident, case_id: str) -> None:
        choose(http, case_id, "basic")
        postident.case("REF2")

        page = http.get("/postident/schalter").text
        assert case_id in page
        assert "REF2" not in page

    def test_a_difference_changes_the_form_and_finishes_nothing(
        self, http: FlaskClient, postident: Postident, case_id: str
    ) -> None:
        visit = f"/postident/schalter/fall?caseId={case_id}"
        form = fields(http.get(visit).text)
        page = http.post(visit, data={**form, "difference": "capitals"}).text
        page = http.post(visit, data={**fields(page), "difference": "hyphen_as_blank"}).text

        assert fields(page)["first_name"] == "JÖRG UWE"
        assert postident.result(case_id)["identifications"] is None

    def test_a_passport_loses_the_address(self, http: FlaskClient, postident: Postident, case_id: str) -> None:
        visit = f"/postident/schalter/fall?caseId={case_id}"
        form = fields(http.get(visit).text)
        http.post(visit, data={**form, "document_type": "2", "action": "finish"})

        assert postident.result(case_id)["identifications"][0]["identificationDocument"]["address"] == {}

    @pytest.mark.parametrize(
        ("outcome", "status"),
        [
            ("declined", "declined"),
            ("declined_fraud", "declined"),
            ("incomplete", "incomplete"),
            ("review_pending", "review pending"),
        ],
    )
    def test_other_outcomes(
        self, http: FlaskClient, postident: Postident, case_id: str, outcome: str, status: str
    ) -> None:
        visit = f"/postident/schalter/fall?caseId={case_id}"
        form = fields(http.get(visit).text)
        http.post(visit, data={**form, "outcome": outcome, "action": "finish", "expired": "on"})

        assert status_of(postident, case_id) == status

    def test_without_an_outcome_nothing_is_finished(
        self, http: FlaskClient, postident: Postident, case_id: str
    ) -> None:
        response = http.post(f"/postident/schalter/fall?caseId={case_id}", data={"action": "finish"})

        assert response.status_code == 400
        assert postident.result(case_id)["identifications"] is None

    def test_an_expired_coupon_is_taken_with_a_hint(
        self, http: FlaskClient, postident: Postident, case_id: str
    ) -> None:
        choose(http, case_id, "basic")
        postident.control("PATCH", f"/cases/{case_id}", {"shift_days": -20})
        page = http.get(f"/postident/schalter/fall?caseId={case_id}").text
        http.post(f"/postident/schalter/fall?caseId={case_id}", data={**fields(page), "action": "finish"})

        assert "abgelaufen" in page
        assert status_of(postident, case_id) == "success"


class TestEid:
    def test_from_the_rights_to_success(self, http: FlaskClient, postident: Postident, case_id: str) -> None:
        consent = choose(http, case_id, "eid")
        assert "Familienname" in http.get(consent).text
        pin = http.post(consent, data={"step": "consent"}).headers["Location"]
        page = http.get(pin).text
        done = http.post(pin, data={**fields(page), "pin": "123456"}, follow_redirects=True).text

        assert "Sie haben sich ausgewiesen" in done
        assert way_back(done) == "https://vorweis.example/zurueck/success"
        assert status_of(postident, case_id) == "success"
        assert "123456" not in str(postident.control("GET", f"/cases/{case_id}"))

    def test_cancelling_at_the_rights(self, http: FlaskClient, postident: Postident, case_id: str) -> None:
        consent = choose(http, case_id, "eid")
        done = http.post(consent, data={"step": "cancel"}, follow_redirects=True).text

        assert way_back(done) == "https://vorweis.example/zurueck/incomplete"
        assert "noch-einmal" in done
        assert status_of(postident, case_id) == "incomplete"

    def test_failure_then_the_post_office(self, http: FlaskClient, postident: Postident, case_id: str) -> None:
        choose(http, case_id, "eid")
        http.post(f"/postident/user/eid/pin/?caseId={case_id}", data={"outcome": "pin_blocked"})
        choose(http, case_id, "basic")

        assert [status_of(postident, case_id, place) for place in (0, 1)] == ["declined", "coupon requested"]

    def test_other_data_on_the_card(self, http: FlaskClient, postident: Postident, case_id: str) -> None:
        choose(http, case_id, "eid")
        pin = f"/postident/user/eid/pin/?caseId={case_id}"
        http.post(pin, data={**fields(http.get(pin).text), "last_name": "Schwarz", "difference": "capitals"})

        document = postident.result(case_id)["identifications"][0]["identificationDocument"]
        assert document["lastName"] == {"status": "change", "value": "SCHWARZ"}
        assert document["address"]["city"]["value"] == "KIEL"

    @pytest.mark.parametrize("data", [{"outcome": "nix"}, {"outcome": "success", "pin": "12345"}])
    def test_a_wrong_form_ends_nothing(
        self, http: FlaskClient, postident: Postident, case_id: str, data: dict[str, str]
    ) -> None:
        choose(http, case_id, "eid")

        assert http.post(f"/postident/user/eid/pin/?caseId={case_id}", data=data).status_code == 400
        assert status_of(postident, case_id) == "started"

    def test_a_success_stands_when_the_form_is_sent_twice(
        self, http: FlaskClient, postident: Postident, case_id: str
    ) -> None:
        choose(http, case_id, "eid")
        for outcome in ("success", "cancelled"):
            http.post(f"/postident/user/eid/pin/?caseId={case_id}", data={"outcome": outcome})

        assert len(postident.result(case_id)["identifications"]) == 1
        assert status_of(postident, case_id) == "success"


def test_other_methods_have_one_page(http: FlaskClient, postident: Postident, case_id: str) -> None:
    page = choose(http, case_id, "video")
    done = http.post(page, data={"outcome": "success", "difference": "capitals"}, follow_redirects=True).text

    assert "Videochat" in done
    assert postident.result(case_id)["identifications"][0]["identificationMethod"] == "video"


def test_faults_are_switched_on_the_page_for_all_and_for_one(
    http: FlaskClient, postident: Postident, case_id: str
) -> None:
    http.post("/postident/stoerungen", data={"http_503": "on", "http_503.retry_after": "9", "http_503.times": "2"})
    http.post(f"/postident/stoerungen?caseId={case_id}", data={"webhook_lost": "on", "webhook_lost.probability": "0.5"})

    everywhere = postident.control("GET", "/faults")["faults"]
    assert everywhere == {
        "http_503": {"retry_after": 9, "on": ["create", "result"], "times": 2, "probability": 1.0},
    }
    here = postident.control("GET", f"/cases/{case_id}/faults")["faults"]
    assert here == {"webhook_lost": {"times": None, "probability": 0.5}}
    assert "checked" in http.get("/postident/stoerungen").text

    http.post("/postident/stoerungen", data={})
    assert postident.control("GET", "/faults")["faults"] == {}


def test_a_fault_form_that_makes_no_sense_is_not_saved(http: FlaskClient, postident: Postident) -> None:
    response = http.post("/postident/stoerungen", data={"time_out": "on", "time_out.seconds": "lange"})

    assert response.status_code == 400
    assert postident.control("GET", "/faults")["faults"] == {}


def test_the_log_page_sends_again(http: FlaskClient, postident: Postident, receiver: Receiver) -> None:
    case_id = postident.case("A", webHookUrl=receiver.url)
    postident.finish(case_id)
    receiver.wait_for(1)

    assert case_id in http.get("/postident/webhooks").text
    http.post("/postident/webhooks", data={"action": "redeliver", "id": "1"})
    receiver.wait_for(2)


def test_the_page_of_a_case_shows_the_result(http: FlaskClient, postident: Postident, case_id: str) -> None:
    postident.finish(case_id)

    page = http.get(f"/postident/faelle/fall?caseId={case_id}").text
    assert "identificationDocument" in page
    assert case_id in http.get("/postident/faelle").text


def fields(page: str) -> dict[str, str]:
    """Return what a browser would send of the inputs, radios and selects of a page."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        is_choice = attributes.get("type") in {"radio", "checkbox"}
        if not is_choice or " checked" in tag:
            found[attributes["name"]] = unescape(attributes.get("value", "on"))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def first_image(pdf: bytes) -> Image.Image:
    """Return the first picture inside a PDF file."""
    for header, data in re.findall(rb"obj\n(<<.*?/Subtype /Image.*?>>)\nstream\n(.*?)\nendstream", pdf, re.DOTALL):
        width, height = (int(re.search(rb"/%s (\d+)" % key, header)[1]) for key in (b"Width", b"Height"))  # type: ignore[index]
        raw = zlib.decompress(data)
        if len(raw) in {width * height + height, 3 * width * height + height}:  # each row begins with its PNG filter
            return Image.open(io.BytesIO(png(raw, width, height, grey=len(raw) == width * height + height)))
        return Image.frombytes("L" if len(raw) == width * height else "RGB", (width, height), raw)
    raise AssertionError("no picture in the PDF")


def png(raw: bytes, width: int, height: int, *, grey: bool) -> bytes:
    """Wrap filtered rows as a PNG file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0 if grey else 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
