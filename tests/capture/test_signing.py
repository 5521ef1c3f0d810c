"""The ways in which programs sign what they send, with signatures made by other hands."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from engine.blueprint.capture import Part, Signed
from engine.rules.signing import STALE, WRONG, Sent, refusal

NOW = 1_795_253_400
BODY = b'{"event": "ping"}'


def sent(body: bytes = BODY, address: str = "", fields: tuple[tuple[str, str], ...] = (), **headers: str) -> Sent:
    return Sent(body, {name.replace("_", "-"): value for name, value in headers.items()}, address, {}, fields)


def made(content: bytes, digest: str = "sha256", key: bytes = b"secret") -> bytes:
    return hmac.new(key, content, getattr(hashlib, digest)).digest()


def test_a_signature_in_hexadecimals_with_a_prefix() -> None:
    """As GitHub's documents give it: secret, body and signature."""
    signed = Signed("hmac", "X", Part("X-Hub-Signature-256"), prefix="sha256=")
    body, sign = b"Hello, World!", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert refusal(signed, "It's a Secret to Everybody", sent(body, x_hub_signature_256=sign), NOW) is None
    assert refusal(signed, "It's a Secret to Everybody", sent(body + b" ", x_hub_signature_256=sign), NOW) == WRONG
    assert refusal(signed, "", sent(body, x_hub_signature_256=sign), NOW) == WRONG


def test_a_header_of_several_parts_with_the_moment_in_it() -> None:
    """`t=1,v1=abc,v0=old`, over `1.body`."""
    moment = Part("Pay-Signature", "t")
    signed = Signed("hmac", "X", Part("Pay-Signature", "v1"), signs="{Pay-Signature.t}.{body}", time=moment)
    good = made(f"{NOW}.".encode() + BODY).hex()
    assert refusal(signed, "secret", sent(pay_signature=f"t={NOW},v1={'0' * 64},v1={good},v0=1"), NOW) is None
    assert refusal(signed, "secret", sent(pay_signature=f"t={NOW},v1={good}"), NOW + 301) == STALE
    assert refusal(signed, "secret", sent(pay_signature=f"t={NOW + 1},v1={good}"), NOW) == WRONG
    assert refusal(signed, "secret", sent(pay_signature=f"v1={good}"), NOW) == WRONG


def test_several_signatures_while_a_secret_is_changed() -> None:
    """The Standard Webhooks: `v1,BASE64 v1,BASE64` over id, moment and body."""
    signed = Signed("hmac", "X", Part("webhook-signature"), written="base64", prefix="v1,",
                    signs="{webhook-id}.{webhook-timestamp}.{body}", time=Part("webhook-timestamp"))  # fmt: skip
    good = base64.b64encode(made(f"msg_1.{NOW}.".encode() + BODY)).decode()
    headers = {"webhook_id": "msg_1", "webhook_timestamp": str(NOW)}
    assert refusal(signed, "secret", sent(webhook_signature=f"v1,AAAA v1,{good}", **headers), NOW) is None
    assert refusal(signed, "secret", sent(webhook_signature="v1,AAAA", **headers), NOW) == WRONG
    assert refusal(signed, "secret", sent(webhook_signature=f"v2,{good}", **headers), NOW) == WRONG


def test_an_address_and_the_sorted_fields_of_a_form() -> None:
    """As Twilio's documents give it."""
    caller = "+14158675310"
    fields = (("CallSid", "CA1234567890ABCDE"), ("Caller", caller), ("Digits", "1234"), ("From", caller),
              ("To", "+18005551212"))
    signed = Signed("hmac", "X", Part("X-Twilio-Signature"), digest="sha1", written="base64", signs="{address}{fields}")
    at = "https://example.com/myapp.php?foo=1&bar=2"
    given = {"x_twilio_signature": "L/OH5YylLD5NRKLltdqwSvS0BnU="}
    assert refusal(signed, "12345", sent(b"", at, fields, **given), NOW) is None
    assert refusal(signed, "12345", sent(b"", at, fields[:-1], **given), NOW) == WRONG


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret"])
def test_a_bearer_token(header: str) -> None:
    assert refusal(Signed("bearer", "X"), "secret", sent(authorization=header), NOW) is None


@pytest.mark.parametrize("header", ["Bearer other", "secret", "Basic secret", "Bearer", ""])
def test_what_is_no_bearer_token_of_ours(header: str) -> None:
    assert refusal(Signed("bearer", "X"), "secret", sent(authorization=header), NOW) == WRONG


def test_a_secret_in_a_header() -> None:
    signed = Signed("header", "X", Part("X-Token"))
    assert refusal(signed, "secret", sent(x_token="secret"), NOW) is None
    assert refusal(signed, "secret", sent(x_token="Secret"), NOW) == WRONG
    assert refusal(signed, "secret", sent(), NOW) == WRONG
