"""The mailbox."""

import smtplib
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient

from simulators.app import create_app
from simulators.mailbox import start_smtp
from simulators.settings import Settings
from simulators.world import EXTENSION, World
from tests.simulators.conftest import told


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(replace(settings, smtp_port=port))
    world: World = app.extensions[EXTENSION]
    smtp = start_smtp(world)
    yield app
    smtp.stop()
    world.close()


def send(app: Flask, *, to: str = "erika@example.org", subject: str = "Größe", html: bool = True) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "kasse@example.org", to, subject
    message.set_content("Guten Tag,\nhier: https://vorweis.example/weiter?a=1.\n")
    if html:
        message.add_alternative(
            '<p>Guten Tag <a href="https://vorweis.example/weiter?a=1&amp;b=2">weiter</a><script>böse()</script></p>',
            subtype="html",
        )
    settings = app.extensions[EXTENSION].settings
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=5) as smtp:
        smtp.send_message(message)


def test_a_sent_mail_is_listed_with_text_html_and_links(app: Flask, http: FlaskClient) -> None:
    send(app)

    (mail,) = told(http.get("/postfach/api/mails"))["mails"]
    assert (mail["from"], mail["to"], mail["subject"]) == ("kasse@example.org", ["erika@example.org"], "Größe")
    assert mail["text"].startswith("Guten Tag")
    assert "<p>" in mail["html"]
    assert mail["links"] == ["https://vorweis.example/weiter?a=1", "https://vorweis.example/weiter?a=1&b=2"]
    assert mail["headers"]["From"] == "kasse@example.org"
    assert http.get(f"/postfach/api/mails/{mail['id']}").json == mail


def test_mails_are_found_by_address_subject_and_id(app: Flask, http: FlaskClient) -> None:
    send(app, to="a@example.org", subject="Eins")
    send(app, to="b@example.org", subject="Zwei", html=False)

    def subjects(query: str) -> list[str]:
        return [mail["subject"] for mail in told(http.get(f"/postfach/api/mails?{query}"))["mails"]]

    assert subjects("") == ["Eins", "Zwei"]
    assert subjects("to=A@example.org") == ["Eins"]
    assert subjects("to=example.org") == []
    assert subjects("subject=zwei") == ["Zwei"]
    assert subjects("since_id=1") == ["Zwei"]
    assert subjects("limit=1") == ["Eins"]


def test_mails_can_be_deleted(app: Flask, http: FlaskClient) -> None:
    for to in ("a@example.org", "b@example.org", "c@example.org"):
        send(app, to=to)

    assert http.delete("/postfach/api/mails?to=a@example.org").json == {"deleted": 1}
    assert http.post("/postfach/", data={"to": "b@example.org"}).status_code == 303
    assert http.delete("/postfach/api/mails").json == {"deleted": 1}


def test_the_html_part_is_locked_in(app: Flask, http: FlaskClient) -> None:
    send(app)
    page = http.get("/postfach/1/")
    part = http.get("/postfach/1/html")

    assert "<iframe" in page.text
    assert "böse" not in page.text
    assert 'href="https://vorweis.example/weiter?a=1&amp;b=2"' in page.text
    policy = part.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert http.get("/postfach/9/").status_code == 404


def test_mails_survive_a_restart(app: Flask, settings: Settings) -> None:
    send(app)
    again = create_app(settings)

    assert told(again.test_client().get("/postfach/api/mails"))["count"] == 1
    again.extensions[EXTENSION].close()


def test_the_oldest_of_too_many_mails_go(app: Flask, http: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.mail_store.KEPT", 2)
    for subject in ("Eins", "Zwei", "Drei"):
        send(app, subject=subject, html=False)

    assert [mail["subject"] for mail in told(http.get("/postfach/api/mails"))["mails"]] == ["Zwei", "Drei"]
