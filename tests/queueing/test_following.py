"""The follow id: from the event alone, and only its form is ever believed."""

import pytest

from queueing.centre import Centre, CentreError
from queueing.facts import TicketTaken
from queueing.following import follow_id, follow_link, is_address, read_id
from tests.queueing.hall import DAY, NINE, Writer, centre_json

QR_ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def taken(number: str = "A001") -> str:
    return follow_id(Writer("kiosk-1").write(TicketTaken(number, "renew", DAY, "ar"), NINE))


def test_the_id_follows_from_the_event_and_differs_between_events() -> None:
    assert taken() == taken()
    assert taken() != taken("A002")
    assert read_id(taken()) == taken()


@pytest.mark.parametrize("text", ["", "ABC", "A" * 17, "A" * 15 + "1", "A" * 15 + "é", "A" * 15 + "\n", "../" * 6])
def test_what_has_not_the_form_of_an_id_is_none(text: str) -> None:
    assert read_id(text) is None


def test_an_id_typed_in_small_letters_is_the_same() -> None:
    assert read_id(taken().lower()) == taken()


def test_the_link_stays_alphanumeric_and_short() -> None:
    address = "https://" + "a" * 37
    assert is_address(address)
    link = follow_link(address, taken())
    assert link == f"HTTPS://{'A' * 37}/T/{taken()}"
    assert set(link) <= QR_ALPHANUMERIC
    assert len(link) <= 90  # version 4 at level M
    assert follow_link("", taken()) == taken()


@pytest.mark.parametrize(
    "address",
    ["dawr.bh", "https://dawr.bh/", "https://dawr.bh/path", "HTTPS://DAWR.BH", "https://" + "a" * 38, "ftp://a"],
)
def test_an_address_that_capitals_would_break_is_a_fault_of_the_centre(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(CentreError, match="follow_url"):
        Centre.from_json(centre_json() | {"follow_url": address})


def test_a_centre_may_have_an_address() -> None:
    assert Centre.from_json(centre_json() | {"follow_url": "http://127.0.0.1:8461"}).follow_url
