"""A claim from the press to its answer: the line loses replies, the hub restarts, the page is reloaded."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.counter.clerk import Clerk, lose_replies
from tests.counter.fake_hub import FakeHub


def test_a_lost_reply_is_asked_again_with_the_same_id_and_calls_once(tapped_clerk: Clerk, hub: FakeHub) -> None:
    clerk = tapped_clerk
    hub.take("A047", "renewal", 100)
    hub.take("A048", "renewal", 50)
    clerk.open()
    lose_replies(clerk.page, times=2)
    clerk.press("n").sees("called", "A047").is_told("A047 is called to counter 3")
    # The live news tells of the call at once; the answer comes with the third try.
    expect(clerk.page.locator("#verb-call-next")).not_to_have_attribute("aria-busy", "true")
    calls = [claim for claim in hub.claims_received if claim["what"]["verb"] == "call_next"]
    assert len(calls) == 3
    assert len({claim["claim_id"] for claim in calls}) == 1
    assert [card["status"] for card in hub.hall.cards.values()] == ["called", "waiting"]


def test_while_the_hub_is_silent_the_clerk_is_told_and_can_stop(tapped_clerk: Clerk, hub: FakeHub) -> None:
    clerk = tapped_clerk
    hub.take("A047", "renewal")
    clerk.open()
    clerk.page.route("**/v1/claims", lambda route: route.abort("connectionrefused"))
    clerk.press("n").is_told("No answer yet")
    expect(clerk.page.locator("#verb-call-next")).to_have_attribute("aria-busy", "true")
    expect(clerk.page.locator("#verb-call")).to_have_attribute("aria-disabled", "true")
    clerk.press("g").is_told("No answer yet")
    clerk.page.locator("#give-up").click()
    clerk.is_told("Not sent again")
    clerk.page.unroute("**/v1/claims")
    clerk.page.reload()
    clerk.sees("open").press("n").sees("called", "A047")
    assert [claim["what"]["verb"] for claim in hub.claims_received] == ["open", "call_next"]


def test_a_hub_that_restarts_is_asked_again(tapped_clerk: Clerk, hub: FakeHub) -> None:
    clerk = tapped_clerk
    hub.take("A047", "renewal")
    clerk.open()
    clerk.page.route(
        "**/v1/claims", lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, body="busy"), times=1
    )
    clerk.press("n").sees("called", "A047")


def test_a_claim_without_an_answer_survives_a_reload(tapped_clerk: Clerk, hub: FakeHub) -> None:
    clerk = tapped_clerk
    hub.take("A047", "renewal", 100)
    hub.take("A048", "renewal", 50)
    clerk.open()
    lose_replies(clerk.page, times=50)
    with clerk.page.expect_request("**/v1/claims"):
        clerk.press("n")
    clerk.sees("called", "A047")
    clerk.page.unroute("**/v1/claims")
    with clerk.page.expect_response("**/v1/claims") as answered:
        clerk.page.reload()
    assert answered.value.json()["ticket"]["number"] == "A047"
    assert len({claim["claim_id"] for claim in hub.claims_received if claim["what"]["verb"] == "call_next"}) == 1
    assert clerk.page.evaluate("sessionStorage.getItem('dawr.claim')") is None


def test_an_old_claim_or_another_clerks_is_not_sent_after_a_reload(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open()
    for who, age in (("fatima", 61_000), ("ali", 0)):
        clerk.page.evaluate(
            "([clerk, age]) => sessionStorage.setItem('dawr.claim', JSON.stringify({claim_id: 'x', counter: '3', clerk,"
            " what: {verb: 'call_next'}, made_at: Date.now() - age}))",
            [who, age],
        )
        clerk.page.reload()
        clerk.sees("open")
        clerk.page.wait_for_function("sessionStorage.getItem('dawr.claim') === null")
    assert [claim["what"]["verb"] for claim in hub.claims_received] == ["open"]


def test_signed_out_in_between_the_claim_waits_for_the_sign_in(clerk: Clerk, hub: FakeHub) -> None:
    hub.take("A047", "renewal")
    clerk.open()
    hub.sessions.clear()
    clerk.press("n")
    page = clerk.page
    page.locator("[data-clerk=fatima]").click()
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    clerk.sees("called", "A047")


def test_ids_are_random_uuids_also_where_the_browser_has_no_secure_context(
    modules: Callable[[str, str], object],
) -> None:
    with_it, without_it, another = modules(
        "ids.js",
        "const bare = {getRandomValues: (a) => crypto.getRandomValues(a)};"
        " return [m.newClaimId(), m.newClaimId(bare), m.newClaimId(bare)];",
    )
    form = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(form, one) for one in (with_it, without_it, another))
    assert without_it != another
