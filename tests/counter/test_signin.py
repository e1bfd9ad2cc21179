"""Signing in, choosing the counter, leaving."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.counter.clerk import Clerk
from tests.counter.fake_hub import FakeHub


def test_a_wrong_pin_is_told_in_words_and_leaves_no_digits(new_page: Callable[..., Page], hub: FakeHub) -> None:
    page = new_page()
    page.goto(hub.url)
    page.locator("[data-clerk=fatima]").click()
    page.keyboard.type("9999")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-message")).to_contain_text("does not match")
    expect(page.locator("#pin")).to_have_value("")


def test_by_the_keypad_and_with_arabic_digits(new_page: Callable[..., Page], hub: FakeHub) -> None:
    page = new_page(1024, 690)
    page.goto(hub.url)
    page.locator("[data-clerk=fatima]").click()
    for digit in "12":
        page.get_by_role("button", name=digit, exact=True).click()
    page.locator("#pin").press_sequentially("٣٤")
    expect(page.locator("#pin")).to_have_value("1234")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".places")).to_be_visible()


def test_what_is_missing_is_said(new_page: Callable[..., Page], hub: FakeHub) -> None:
    page = new_page()
    page.goto(hub.url)
    expect(page.locator("[data-clerk=ali]")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#sign-in-message")).to_have_text("Choose your name first.")
    page.locator("[data-clerk=ali]").click()
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-message")).to_have_text("Enter your PIN.")


def test_the_counter_is_remembered_and_can_be_changed(clerk: Clerk) -> None:
    page = clerk.page
    page.reload()
    clerk.sees("closed")
    expect(page.locator(".bar-place")).to_contain_text("3")
    page.locator("#change-counter").click()
    expect(page.locator(".places")).to_be_visible()
    clerk.press("2")
    expect(page.locator(".bar-place")).to_contain_text("2")


def test_signing_out_leaves_nothing_of_the_clerk_on_the_screen(clerk: Clerk, hub: FakeHub) -> None:
    page = clerk.page
    page.locator("#sign-out").click()
    expect(page.locator(".sign-in")).to_be_visible()
    expect(page.locator(".bar-clerk")).to_be_hidden()
    assert hub.sessions == {}
    page.reload()
    expect(page.locator(".sign-in")).to_be_visible()


def test_a_hub_that_is_not_there_yet_is_waited_for(new_page: Callable[..., Page], hub: FakeHub) -> None:
    page = new_page()
    page.route("**/v1/staff", lambda route: route.abort("connectionrefused"), times=2)
    page.goto(hub.url)
    expect(page.locator("#sign-in-message")).to_contain_text("does not answer")
    expect(page.locator("[data-clerk=ali]")).to_be_visible()
    expect(page.locator("#sign-in-message")).to_be_hidden()


def test_the_language_can_be_changed_without_losing_what_was_entered(
    new_page: Callable[..., Page], hub: FakeHub
) -> None:
    page = new_page()
    page.goto(hub.url)
    page.locator("[data-clerk=fatima]").click()
    page.keyboard.type("12")
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("[data-clerk=fatima]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#pin")).to_have_value("12")
