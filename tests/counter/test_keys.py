"""Which presses are a verb's key, and which are not."""

from __future__ import annotations

import pytest

from tests.counter.clerk import Clerk
from tests.counter.fake_hub import FakeHub

PRESS = (
    "(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, cancelable: true, ...init}))"
)


def test_the_same_key_works_on_an_arabic_keyboard(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open()
    clerk.page.evaluate(PRESS, {"key": "ى", "code": "KeyN"})
    clerk.sees("called", "A047")


def test_on_another_latin_layout_the_letter_counts_not_its_place(clerk: Clerk, hub: FakeHub) -> None:
    clerk.page.evaluate(PRESS, {"key": "o", "code": "KeyS"})
    clerk.sees("open")


@pytest.mark.parametrize("key", ["r", "Enter"], ids=["its key", "Enter on its button"])
def test_a_key_held_down_is_one_press(clerk: Clerk, hub: FakeHub, key: str) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called").is_told("A047 is called")
    clerk.page.locator("#verb-recall").focus()
    clerk.page.keyboard.down(key)
    clerk.is_told("called again")
    for _ in range(3):
        clerk.page.keyboard.down(key)  # a repeat, as from a key held down
    clerk.page.keyboard.up(key)
    clerk.press("s").sees("serving")
    assert [claim["what"]["verb"] for claim in hub.claims_received].count("recall") == 1


def test_letters_that_choose_in_a_list_are_no_verbs(clerk: Clerk, hub: FakeHub) -> None:
    clerk.page.locator("#theme").focus()
    clerk.press("o").press("b")
    clerk.page.locator("#verb-open").focus()
    clerk.press("n").is_told("Open the counter first")
    assert hub.claims_received == []


def test_letters_typed_into_a_field_are_no_verbs(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open().press("n").sees("called").press("p").is_asked("A047").press("1").sees("open")
    hub.take("C001", "transfer")
    clerk.press("g").is_asked("Call a given number")
    clerk.page.keyboard.type("ncbo")
    clerk.press("Escape").sees("open")
    assert [claim["what"]["verb"] for claim in hub.claims_received] == ["open", "call_next", "park"]


def test_the_key_that_opens_a_field_does_not_type_into_it(clerk: Clerk, hub: FakeHub) -> None:
    clerk.open()
    for _ in range(4):
        clerk.page.keyboard.down("g")
    clerk.page.keyboard.up("g")
    clerk.is_asked("Call a given number")
    assert clerk.page.locator("dialog input").input_value() == ""


def test_the_browsers_own_shortcuts_are_left_alone(clerk: Clerk, hub: FakeHub) -> None:
    clerk.page.evaluate(PRESS, {"key": "o", "code": "KeyO", "ctrlKey": True})
    clerk.page.evaluate(PRESS, {"key": "o", "code": "KeyO", "altKey": True})
    clerk.press("n").is_told("Open the counter first")
    assert hub.claims_received == []


def test_keys_typed_faster_than_the_hub_answers_are_done_in_order(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal", 100)
    hub.take("A048", "renewal", 50)
    clerk.open().press("n").sees("called", "A047").press("s").sees("serving")
    clerk.page.evaluate(
        PRESS.replace("(init) =>", "() => ['KeyF', 'KeyN'].forEach((code) =>").replace(
            "...init", "key: 'x'.repeat(2), code"
        )
        + ")"
    )
    clerk.sees("called", "A048")
    assert [claim["what"]["verb"] for claim in hub.claims_received][-2:] == ["finish", "call_next"]


def test_three_keys_ahead_of_the_first_answer_are_all_done(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal", 100)
    hub.take("A048", "renewal", 50)
    clerk.open().press("n").sees("called", "A047")
    clerk.page.evaluate(
        PRESS.replace("(init) =>", "() => ['KeyS', 'KeyF', 'KeyN'].forEach((code) =>").replace(
            "...init", "key: 'x'.repeat(2), code"
        )
        + ")"
    )
    clerk.sees("called", "A048")
    verbs = [claim["what"]["verb"] for claim in hub.claims_received]
    assert verbs[-3:] == ["start_serving", "finish", "call_next"]


def test_the_same_key_twice_at_once_is_one_claim(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal", 100)
    hub.take("A048", "renewal", 50)
    clerk.open()
    clerk.page.evaluate("() => { for (const _ of [1, 2]) document.getElementById('verb-call-next').click() }")
    clerk.sees("called", "A047")
    assert [claim["what"]["verb"] for claim in hub.claims_received].count("call_next") == 1
