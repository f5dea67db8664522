"""The sender's identity: who may send, and whose mail will be believed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.errors import SenderError
from digest.events.amazon import Amazon
from digest.events.identity import Identity, covering
from tests.doubles.ses import SesDouble


@pytest.fixture
def amazon(ses: SesDouble, aws: Callable[[str], None]) -> Amazon:
    aws(ses.url)
    ses.account.identities = {"courier.news"}
    return Amazon("us-east-1")


def told(amazon: Amazon, address: str) -> Identity:
    found = covering(amazon, address)
    assert found is not None
    return found


def test_a_verified_domain_that_signs_and_answers_for_its_bounces_is_in_order(amazon: Amazon) -> None:
    assert told(amazon, "daily@courier.news") == Identity(name="courier.news")


def test_a_domain_answers_for_all_below_it(amazon: Amazon) -> None:
    assert told(amazon, "daily@mail.letters.courier.news").name == "courier.news"


def test_a_domain_in_its_own_script_is_asked_for_as_dns_writes_it(amazon: Amazon, ses: SesDouble) -> None:
    ses.account.identities = {"xn--bcher-kva.news"}

    assert told(amazon, "post@bücher.news").name == "xn--bcher-kva.news"


def test_nobody_answers_for_a_stranger(amazon: Amazon) -> None:
    assert covering(amazon, "daily@courier.example") is None


def test_an_address_of_its_own_counts_before_its_domain_and_is_distrusted(amazon: Amazon, ses: SesDouble) -> None:
    ses.account.identities = {"daily@courier.news", "courier.news"}

    (doubt,) = told(amazon, "daily@courier.news").doubts

    assert "Only the address daily@courier.news is verified" in doubt


def test_a_domain_that_is_not_verified_says_why(amazon: Amazon, ses: SesDouble) -> None:
    ses.account.about_identities["courier.news"] = {
        "VerifiedForSendingStatus": False,
        "VerificationStatus": "FAILED",
        "VerificationInfo": {"ErrorType": "TYPE_NOT_FOUND"},
    }

    assert "courier.news is not verified in SES (failed: type not found)" in told(amazon, "a@courier.news").trouble


def test_unsigned_mail_and_a_foreign_or_broken_mail_from_are_doubts(amazon: Amazon, ses: SesDouble) -> None:
    about = ses.account.about_identities
    about["courier.news"] = {"DkimAttributes": {"SigningEnabled": True, "Status": "PENDING"}, "MailFromAttributes": {}}
    unsigned, foreign = told(amazon, "a@courier.news").doubts
    assert "not signed with DKIM (pending)" in unsigned
    assert "no MAIL FROM domain of its own" in foreign

    broken = {"MailFromDomain": "b.courier.news", "MailFromDomainStatus": "FAILED"}
    about["courier.news"] = {"MailFromAttributes": broken}
    assert "The MAIL FROM domain b.courier.news does not work" in told(amazon, "a@courier.news").doubts[0]


def test_credentials_that_may_not_look_are_no_verdict(amazon: Amazon, ses: SesDouble) -> None:
    ses.fault(
        "refuse", operation="GetEmailIdentity", code="AccessDeniedException", message="not authorized", status=403
    )

    with pytest.raises(SenderError, match="not authorized"):
        covering(amazon, "a@courier.news")
