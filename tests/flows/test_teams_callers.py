"""Who is let in at /api/messages: the Bot Connector alone, for us alone, with tokens of now that name where answers go."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest

from tests.fakes.teams_login import key_named
from tests.flows.colleagues import Colleague
from tests.flows.two_platforms import TEAM, TwoPlatforms

NOW = int(time.time())  # when the tests were read: good for what is far off
MINUTE = 60

WRONG: dict[str, dict[str, Any]] = {
    "for another app": {"aud": "22222222-0000-0000-0000-000000000000"},
    "for several apps, none ours": {"aud": ["a", "b"]},
    "for nobody": {"aud": None},
    "of another issuer": {"iss": "https://sts.windows.net/99999999-8888-7777-6666-555555555555/"},
    "of no issuer": {"iss": None},
    "expired six minutes ago": {"exp": NOW - 6 * MINUTE},
    "that never expires": {"exp": None},
    "that expires at a word": {"exp": "soon"},
    "good in an hour": {"nbf": NOW + 60 * MINUTE},
    "unsigned": {"algorithm": "none"},
    "signed with a password": {"algorithm": "HS256", "key": secrets.token_bytes(64)},
    "signed by another": {"key": key_named("another")},
    "signed by another, who names a key of their own": {"key": key_named("another"), "kid": "another"},
    "with an unknown key's name": {"kid": "key-of-nobody"},
    "without an address": {"serviceurl": None},
    "with another address": {"serviceurl": "https://smba.example.com/uk/"},
    "with an address that is no text": {"serviceurl": ["x"]},
}


@pytest.fixture
def known(both: TwoPlatforms, colleague: Colleague) -> Colleague:
    """Somebody of whom the bot has heard, so that its keys are at hand."""
    colleague.says("help")
    both.teams.calls.clear()
    return colleague


def test_a_token_that_is_not_the_connectors_for_us_is_refused(both: TwoPlatforms, known: Colleague) -> None:
    answers = {name: known.sends(known.message("status jane smith"), **claims) for name, claims in WRONG.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(WRONG, 401)
    assert both.teams.called("post") == []
    assert all("Jane" not in answer.text for answer in answers.values())


def test_no_token_at_all_or_none_that_can_be_read(both: TwoPlatforms, known: Colleague) -> None:
    for token in ("", "abc", "a.b.c", "e30.e30.", "\N{BULLET}".encode().decode("latin-1")):
        assert known.sends(known.message("help"), token=token).status_code == 401, token
    assert both.teams.called("post") == []


def test_a_token_by_another_scheme_is_refused(known: Colleague) -> None:
    good = known.teams.login.signed(known.teams.service_url)
    answer = known.http.post(
        f"{known.bot}/api/messages", json=known.message("help"), headers={"Authorization": f"Basic {good}"}
    )
    assert answer.status_code == 401


def test_the_public_key_is_no_password(known: Colleague) -> None:
    """Who signs with HS256 and the key that everybody can read is not let in."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key_named(known.teams.login.kid).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = _hs256({"iss": "https://api.botframework.com", "aud": known.teams.login.client_id}, pem, known)
    assert known.sends(known.message("help"), token=forged).status_code == 401


def _hs256(claims: dict[str, Any], key: bytes, who: Colleague) -> str:
    """By hand: the library refuses to sign with such a key."""
    import base64
    import hashlib
    import hmac
    import json

    def coded(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head = coded(json.dumps({"alg": "HS256", "kid": who.teams.login.kid, "typ": "JWT"}).encode())
    body = coded(json.dumps(claims | {"exp": NOW + 3600, "serviceurl": who.teams.service_url}).encode())
    return f"{head}.{body}.{coded(hmac.new(key, f'{head}.{body}'.encode(), hashlib.sha256).digest())}"


def test_clocks_may_be_five_minutes_apart_and_we_one_of_several(known: Colleague) -> None:
    now = int(time.time())
    for claims in ({"exp": now - 4 * MINUTE}, {"nbf": now + 4 * MINUTE}, {"aud": ["x", known.teams.login.client_id]}):
        assert known.sends(known.message("help"), **claims).status_code == 200, claims


def test_strangers_who_name_unknown_keys_do_not_have_them_fetched_over_and_over(
    both: TwoPlatforms, known: Colleague
) -> None:
    for number in range(5):
        assert known.sends(known.message("help"), kid=f"key-{number}").status_code == 401
    assert len(both.teams.called("keys")) <= 1


def test_keys_that_cannot_be_fetched_let_nobody_in_and_are_asked_for_again(
    both: TwoPlatforms, colleague: Colleague
) -> None:
    both.teams.trouble("keys", "status", 503)
    assert colleague.sends(colleague.message("help")).status_code == 401
    assert colleague.hears() == []


def test_another_organisation_is_not_answered(both: TwoPlatforms, known: Colleague) -> None:
    given = known.message("status jane smith")
    given["conversation"]["tenantId"] = "77777777-0000-0000-0000-000000000000"
    assert known.sends(given).status_code == 403
    given = known.message("status jane smith")
    given["channelData"]["tenant"]["id"] = "77777777-0000-0000-0000-000000000000"
    assert known.sends(given).status_code == 403, "one of the two is not ours"
    del given["conversation"]["tenantId"]
    assert known.sends(given).status_code == 403
    assert both.teams.called("post") == []


def test_an_activity_from_nowhere_or_nobody_is_refused(both: TwoPlatforms, known: Colleague) -> None:
    for name in ("conversation", "from"):
        for blank in ("", " ", ";messageid=5"):
            given = known.message("help")
            given[name]["id"] = blank
            assert known.sends(given).status_code == 400
    assert both.teams.called("post") == []


def test_an_activity_that_says_not_where_answers_go(known: Colleague) -> None:
    for service_url in (None, "", 5, "ftp://x/", "//evil.example.com", {"a": 1}):
        given = {**known.message("help"), "serviceUrl": service_url}
        if service_url is None:
            del given["serviceUrl"]
        assert known.sends(given).status_code == 400, service_url


def test_answers_go_only_where_the_token_says(both: TwoPlatforms, known: Colleague) -> None:
    """With the bot's own token an attacker could write to everybody."""
    given = {**known.message("status jane smith"), "serviceUrl": "http://127.0.0.1:9/steal/"}
    assert known.sends(given).status_code == 401
    both.teams_posts_go_to(TEAM)
    both.hurry()
    assert both.in_teams("Jane Smith")
