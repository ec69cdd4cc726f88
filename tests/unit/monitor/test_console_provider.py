"""Signing in by an identity provider, against one that the test runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from detectors.alerts import Text
from detectors.yaml_file import FaultyError
from monitor.console.app import build
from monitor.console.provider import Provider, ProviderSettings, load_provider
from monitor.console.tables import Account
from streams.moments import SECOND
from tests.unit.alert_sinks.order_examples import NOW
from tests.unit.monitor.console_office import Browser, Office
from tests.unit.monitor.identity_provider import CLIENT, SECRET, IdentityProvider

START = "/sign-in/provider?next=/suppressions"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    running = IdentityProvider(NOW // SECOND)
    yield running
    running.close()


@pytest.fixture
def office(tmp_path: Path, provider: IdentityProvider) -> Iterator[Office]:
    office = Office(tmp_path)
    settings = ProviderSettings(
        issuer=provider.issuer,
        client_id=CLIENT,
        client_secret=SECRET,
        back="http://console.example/sign-in/provider/back",
        claim="preferred_username",
        name=Text(zh="统一身份认证", en="County login"),
    )
    with httpx.Client(timeout=5.0) as asking:
        asked = Provider(settings, asking, lambda: office.now)
        office.app = build(replace(office.app.state.console, provider=asked))
        yield office
    office.close()


def path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def come_back(office: Office, provider: IdentityProvider, browser: Browser) -> httpx.Response:
    sent = browser.get(START)
    assert sent.status_code == 303
    return browser.get(path(provider.authorize(sent.headers["location"])))


def test_a_person_signs_in_and_comes_to_the_page_that_was_asked_for(office: Office, provider: IdentityProvider) -> None:
    browser = Browser(office.app)
    assert "统一身份认证" in browser.get("/sign-in").text
    answer = come_back(office, provider, browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/suppressions")
    assert browser.get("/suppressions").status_code == 200
    assert "monitor_provider" not in browser.cookies


def test_a_password_that_was_never_used_dies(office: Office, provider: IdentityProvider) -> None:
    with office.desk.database.writing() as session:
        session.get_one(Account, "li").one_time = True
    browser = Browser(office.app)
    come_back(office, provider, browser)
    assert browser.get("/").status_code == 200
    assert office.person("li").signed_in.status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"exp": NOW // SECOND - 3600},
        {"preferred_username": None},
    ],
)
def test_a_token_that_is_not_for_this_browser_now_is_refused(
    office: Office, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    browser = Browser(office.app)
    assert come_back(office, provider, browser).status_code == 401
    assert browser.get("/").status_code == 303


def test_a_token_of_another_key_is_refused(office: Office, provider: IdentityProvider) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "first"})
    assert come_back(office, provider, Browser(office.app)).status_code == 401


def test_an_answer_to_another_browsers_question_is_refused(office: Office, provider: IdentityProvider) -> None:
    theirs = provider.authorize(Browser(office.app).get(START).headers["location"])
    mine = Browser(office.app)
    assert mine.get(path(theirs)).status_code == 401
    mine.get(START)
    assert mine.get(path(theirs)).status_code == 401
    assert provider.wrong_verifiers == 0  # so far the state alone told
    state = path(theirs).partition("state=")[2]
    mine.cookies.set("monitor_provider", f"{state}.nonce.verifier", domain="console.example", path="/")
    assert mine.get(path(theirs)).status_code == 401
    assert provider.wrong_verifiers == 1


@pytest.mark.parametrize("person", ["nobody", "zhou"])
def test_who_has_no_account_or_a_disabled_one_is_refused(
    office: Office, provider: IdentityProvider, person: str
) -> None:
    with office.desk.database.writing() as session:
        session.get_one(Account, "zhou").disabled = True
    provider.person = person
    browser = Browser(office.app)
    assert come_back(office, provider, browser).status_code == 403
    assert browser.get("/").status_code == 303


def test_a_provider_that_is_away_is_said(office: Office, provider: IdentityProvider) -> None:
    provider.issuer = "https://elsewhere.example"  # its discovery names another issuer now
    answer = Browser(office.app).get(START)
    assert answer.status_code == 503
    assert "暂时无法连接" in answer.text


def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    plain = Office(tmp_path)
    browser = Browser(plain.app)
    assert "/sign-in/provider" not in browser.get("/sign-in").text
    assert browser.get(START).status_code == 403
    plain.close()


def test_the_file_of_the_provider_is_read_strictly(tmp_path: Path) -> None:
    file = tmp_path / "provider.yaml"
    assert load_provider(file) is None
    good = "issuer: https://id.example\nclient_id: monitor\nback: https://m.example/sign-in/provider/back\n"
    good += "name: {zh: 统一身份认证, en: County login}\n"
    file.write_text(good, encoding="utf-8")
    assert load_provider(file) == ProviderSettings(
        issuer="https://id.example",
        client_id="monitor",
        client_secret="",
        back="https://m.example/sign-in/provider/back",
        claim="preferred_username",
        name=Text(zh="统一身份认证", en="County login"),
    )
    file.write_text(good.replace("https://id", "http://id") + "client_secret_file: absent\ncolour: red\n")
    with pytest.raises(FaultyError) as raised:
        load_provider(file)
    assert len(raised.value.faults) == 3
