"""The forms of a centre's settings: what is wrong stands at its field, and two who change the same are both shown."""

from __future__ import annotations

import re

from tests.server.administration.workplace import Worker, Workplace, typed_in
from tests.server.pages.ministry import SERVICE
from tests.server.site import CENTRE

HERE = f"/staff/centres/{CENTRE}"


class TestForms:
    def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/rules", **{"booking.horizon_days": "400", "booking.misses": "٥"})
        assert answer.status_code == 422
        assert 'id="fault-booking-horizon_days">From 1 to 365.' in answer.text and 'value="400"' in answer.text
        assert 'value="٥"' in answer.text and 'id="fault-booking-misses"' not in answer.text
        assert re.search(r'name="booking.horizon_days"[^>]*aria-invalid="true"[^>]*autofocus', answer.text)

    def test_what_the_core_refuses_stands_beside_its_field_too(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/contact", **{"contact.phone": "17000000"})
        assert answer.status_code == 422 and 'id="fault-contact-phone"' in answer.text

    def test_the_settings_of_the_hall_are_changed_in_plain_numbers(self, workplace: Workplace, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/turns", **{"priority_age": "65", "rates.priority": "x", "step_out.max_s": "0"})
        assert answer.status_code == 422 and 'id="fault-priority_age"' not in answer.text
        assert 'id="fault-rates-priority">Please type a number' in answer.text
        assert 'id="fault-step_out-max_s">From 1 to 1440.' in answer.text
        answer = huda.fill(f"/en{HERE}/turns", **{"priority_age": "65", "rates.priority": "2.5"})
        assert answer.url.endswith("/turns?done=saved")
        assert 'value="65"' in answer.text and 'value="2.5"' in answer.text
        answer = huda.fill(f"/en{HERE}/messages", **{"messages.near_minutes": "10"})
        assert answer.url.endswith("/messages?done=saved") and 'value="10"' in answer.text
        # What was before stands in the log, to be put back.
        log = Worker(workplace, "huda").get("/en/staff/audit?act=centre_changed").text
        assert "Older people have priority from" in log and "Before: <bdi>60</bdi>" in log

    def test_the_last_country_stays_and_the_core_says_so_in_words(self, huda: Worker) -> None:
        fields = {"country": "966", "length": "9", "mobile_prefixes": "50 53"}
        answer = huda.fill(f"/en{HERE}/phones/new", **fields)
        assert answer.url.endswith("/phones?done=added"), answer.text
        links = re.findall(rf'href="(/en{HERE}/phones/[0-9a-f]+)"', answer.text)
        assert len(links) == 2
        for entry, status in ((links[1], 200), (links[0], 409)):
            huda.get(entry)
            assert huda.send(f"{entry}/remove", sure="on").status_code == status
        assert "One has to stay." in huda.html and "one or more" not in huda.html

    def test_a_letter_that_is_taken_is_told_at_its_field(self, huda: Worker) -> None:
        letter = typed_in(huda.get(f"/en{HERE}/services/{SERVICE}").text, f"/en{HERE}/services/{SERVICE}")["letter"]
        fields = {"id": "one-more", "name.ar": "شيء", "name.en": "A thing", "letter": letter}
        answer = huda.fill(f"/en{HERE}/services/new", **fields)
        assert answer.status_code == 422 and 'id="fault-letter">Another one has this already.' in answer.text

    def test_what_is_right_is_saved_and_public_at_once(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/contact", **{"contact.phone": "+97317000099"})
        assert answer.url.endswith("/contact?done=saved") and "Saved." in answer.text
        assert "+97317000099" in huda.get(f"/en/centres/{CENTRE}").text

    def test_a_service_is_added_served_and_removed(self, huda: Worker) -> None:
        fields = {"id": "test-thing", "name.ar": "شيء", "name.en": "A thing", "letter": "Z"}
        answer = huda.fill(f"/en{HERE}/services/new", **fields, letter2="")
        assert answer.url.endswith("/services?done=added"), answer.text
        answer = huda.fill(f"/en{HERE}/services/new", **fields)
        assert answer.status_code == 422 and "taken already" in answer.text
        answer = huda.fill(f"/en{HERE}/counters/1", **{"services.test-thing": "on"})
        assert answer.url.endswith("/counters?done=saved")
        assert "A thing" in huda.get(f"/en/centres/{CENTRE}").text
        huda.get(f"/en{HERE}/services/test-thing")
        answer = huda.send(f"/en{HERE}/services/test-thing/remove", sure="on")
        assert answer.url.endswith("/services?done=removed"), answer.text
        assert "A thing" not in huda.get(f"/en/centres/{CENTRE}").text

    def test_a_notice_is_looked_at_before_it_is_out(self, huda: Worker) -> None:
        fields = {"text.ar": "الصالة الثانية مغلقة", "text.en": "Hall two is closed <b>"}
        answer = huda.fill(f"/en{HERE}/notices/new", **fields, preview="on")
        assert answer.status_code == 200 and 'class="preview"' in answer.text
        assert "Hall two is closed &lt;b&gt;" in answer.text
        assert "Hall two" not in huda.get(f"/en/centres/{CENTRE}").text
        huda.fill(f"/en{HERE}/notices/new", **fields)
        assert "Hall two is closed &lt;b&gt;" in huda.get(f"/en/centres/{CENTRE}").text


class TestTwoAtOnce:
    def test_who_changes_another_section_is_in_nobodys_way(
        self, workplace: Workplace, huda: Worker, amal: Worker
    ) -> None:
        huda.get(f"/en{HERE}/rules")
        amal.fill(f"/en{HERE}/contact", **{"contact.whatsapp": "+97336000001"})
        answer = huda.post(f"/en{HERE}/rules", {**typed_in(huda.html, f"/en{HERE}/rules"), "booking.block_days": "9"})
        assert answer.url.endswith("?done=saved")
        assert "+97336000001" in huda.get(f"/en{HERE}/contact").text

    def test_who_changes_the_same_is_told_and_both_are_shown(
        self, workplace: Workplace, huda: Worker, amal: Worker
    ) -> None:
        path = f"/en{HERE}/rules"
        huda.get(path)
        mine = {**typed_in(huda.html, path), "booking.within_days": "12"}
        amal.fill(path, **{"booking.within_days": "10"})
        answer = huda.post(path, mine)
        assert answer.status_code == 409 and "Somebody else has changed this meanwhile" in answer.text
        other = re.search(r'id="other-booking-within_days">(.*?)</p>', answer.text, re.S)
        assert other is not None and ">10<" in other[1] and 'value="12"' in answer.text
        assert 'value="10"' in amal.get(path).text  # nothing was overwritten
        answer = huda.post(path, typed_in(answer.text, path))
        assert answer.url.endswith("?done=saved") and 'value="12"' in huda.get(path).text

    def test_an_entry_that_was_changed_meanwhile_is_not_another_one(self, huda: Worker, amal: Worker) -> None:
        for text in ("One thing", "Other thing"):
            huda.fill(f"/en{HERE}/questions/new", **{
                "question.ar": text, "question.en": text, "answer.ar": text, "answer.en": text
            })  # fmt: skip
        huda.get(f"/en{HERE}/questions")
        entry = re.findall(rf'href="(/en{HERE}/questions/[0-9a-f]+)">One thing', huda.html)[0]
        huda.get(entry)
        mine = typed_in(huda.html, entry)
        amal.get(entry)
        amal.send(f"{entry}/remove", sure="on")
        answer = huda.post(entry, {**mine, "answer.en": "Mine"})
        assert answer.status_code == 409 and "not there any more" in answer.text
        assert "Mine" not in huda.get(f"/en/centres/{CENTRE}").text
