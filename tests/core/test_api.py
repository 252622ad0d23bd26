import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("domain", 409, "not_today"),
        ("limit", 429, "limit_reached"),
        ("validation", 400, "invalid"),
        ("missing", 404, "not_found"),
        ("forbidden", 403, "permission_denied"),
    ],
)
def test_every_refusal_of_the_api_has_one_shape(client, name, status, code):
    answer = client.post(f"/api?raise={name}", {}, content_type="application/json", headers={"accept-language": "en"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["code"], problem["status"]) == (f"urn:problem:{code}", code, status)
    assert problem["title"]
    assert problem["detail"]


def test_a_body_that_is_no_json_is_a_problem_too(client):
    answer = client.post("/api?raise=validation", "{", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_the_fields_that_are_wrong_are_named(client):
    answer = client.post("/api?raise=validation", {}, content_type="application/json")

    assert set(answer.json()["errors"]) == {"name"}


def test_a_limit_says_when_to_come_back(client):
    assert client.post("/api?raise=limit").headers["retry-after"] == "17"


def test_who_is_not_logged_in_gets_a_problem(client):
    answer = client.get("/members")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_authenticated")


def test_a_bug_stays_a_bug(client):
    with pytest.raises(ZeroDivisionError):
        client.post("/api?raise=bug")
