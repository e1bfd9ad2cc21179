"""The public pages over real sockets: what they say, weigh and promise, and their faces for what goes wrong."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from assets.paths import DEMO
from follow.page import whole_style
from server.pages.everywhere import Everywhere
from server.pages.frame import LOOK
from server.seed import SeedError
from tests.server.site import CENTRE, OTHER, Client, Site

FIRST_VIEW_MAX = 60_000
"""All that a phone has to fetch for a page that it sees for the first time, heads included."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Site(tmp_path_factory.mktemp("site")).served(everywhere=DEMO / "everywhere.json") as client:
        yield client


def get(client: Client, path: str, **headers: str) -> requests.Response:
    return requests.get(client.url + path, headers=headers, timeout=10, allow_redirects=False)


def fetched(url: str, path: str) -> tuple[int, str]:
    """Fetch by a bare socket, packed as browsers ask for it; return all the bytes on the wire, and the heads."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        asked = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        line.sendall(asked.encode())
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    head = answer.partition(b"\r\n\r\n")[0].decode()
    assert head.startswith("HTTP/1.1 200"), head
    return len(answer), head


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", ["", "/centres", f"/centres/{CENTRE}", "/questions"])
def test_a_first_view_weighs_sixty_kilobytes_at_most(client: Client, language: str, path: str) -> None:
    html = get(client, f"/{language}{path}").text
    look = re.findall(r'(?:href|src)="(/pages/[^"]+)"', html)
    assert {file.rpartition("/")[2] for file in look} == {"icon.svg", "regular.woff2", "page.css"}
    files = {*look, f"{look[0].rpartition('/')[0]}/bold.woff2"}
    weights = {file: fetched(client.url, file)[0] for file in [f"/{language}{path}", *files]}
    assert sum(weights.values()) < FIRST_VIEW_MAX, weights


def test_files_are_kept_for_ever_and_pages_for_a_minute(client: Client) -> None:
    style = re.findall(r'href="(/pages/[^"]+page\.css)"', get(client, "/ar").text)[0]
    _, head = fetched(client.url, style)
    assert "immutable" in head and "content-encoding: gzip" in head.lower()
    answer = get(client, "/ar")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers
    assert get(client, style.replace("page.css", "none.css")).status_code == 404
    assert get(client, "/pages/old/page.css").status_code == 404


def test_a_page_may_load_nothing_from_elsewhere_and_runs_no_script(client: Client) -> None:
    answer = get(client, f"/en/centres/{CENTRE}")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script" not in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.text and "style=" not in answer.text


@pytest.mark.parametrize(
    ("wished", "language"),
    [
        ("", "ar"),
        ("fr", "ar"),
        ("en-GB,en;q=0.9", "en"),
        ("ar-BH,en;q=0.5", "ar"),
        ("en,ar;q=0.5", "en"),
        ("es-AR,en;q=0.5", "en"),
    ],
)
def test_the_bare_address_leads_to_the_browsers_language(client: Client, wished: str, language: str) -> None:
    answer = get(client, "/", **{"Accept-Language": wished})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{language}")
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr")])
def test_a_page_names_its_language_and_the_others(client: Client, language: str, direction: str) -> None:
    html = get(client, f"/{language}/centres").text
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert 'hreflang="ar" href="/ar/centres"' in html and 'hreflang="en" href="/en/centres"' in html


def test_a_centre_says_when_it_is_open_what_it_offers_and_how_it_is_asked(client: Client) -> None:
    html = get(client, f"/en/centres/{CENTRE}").text
    for said in (
        "Open now until 14:15",
        "Driving Licence Renewal",
        "Your current licence",
        "BHD 20 for five years",
        "about 5 minutes",
        "No appointment needed",
        "+973 1700 0000",
        "https://wa.me/97330000000",
        "mailto:muharraq@traffic.example",
        "Wednesday 16 December",
        "National Day",
        "Is there parking",
    ):
        assert said in html, said
    assert "Labour Day" not in html, "that is half a year ahead"


def test_what_is_for_all_stands_on_the_pages_of_all(client: Client) -> None:
    assert "Do I have to book before I come?" in get(client, "/en/questions").text
    for path in ("/en", f"/en/centres/{OTHER}"):
        html = get(client, path).text
        assert "16 and 17 December" in html and "Until Thursday 17 December" in html


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 22, 3, 59, tzinfo=UTC), "Closed now, opens today at 07:00"),
        (datetime(2026, 11, 22, 11, 15, tzinfo=UTC), "Closed now, opens tomorrow at 07:00"),
        (datetime(2026, 11, 26, 12, 0, tzinfo=UTC), "Closed now, opens Sunday 29 November at 07:00"),
        (datetime(2026, 12, 16, 6, 0, tzinfo=UTC), "Public holiday, opens Sunday 20 December at 07:00"),
    ],
)
def test_a_closed_centre_says_when_it_opens(site: Site, at: datetime, said: str) -> None:
    site.clock.at = at
    with site.served(everywhere=DEMO / "everywhere.json") as client:
        assert said in get(client, "/en/centres").text
        shown = "16 and 17 December" in get(client, "/en").text
        assert shown == (at < datetime(2026, 12, 17, 21, tzinfo=UTC))


def test_centres_stand_by_governorate(site: Site) -> None:
    centre = site.other_centre() | {"governorate": {"ar": "محافظة العاصمة", "en": "Capital Governorate"}}
    nowhere = site.other_centre() | {"id": "nowhere", "governorate": None, "digits": "arab"}
    site.overlay["centres"] = [centre, nowhere]
    with site.served() as client:
        english = get(client, "/en/centres").text
        found = re.findall(r"<h2 id=\"g\d\">([^<]+)</h2>", english)
        assert found == ["Capital Governorate", "Muharraq Governorate", "Other centres"]
        # Digits are the centre's own, in Arabic.
        assert "حتى الساعة \u2066١٤:١٥\u2069" in get(client, "/ar/centres/nowhere").text


def test_a_slash_too_many_does_no_harm(client: Client) -> None:
    for path in ("/en/", "/en/centres/"):
        answer = requests.get(client.url + path, timeout=10)
        assert answer.status_code == 200 and answer.url == client.url + path.rstrip("/")
    assert requests.head(f"{client.url}/en", timeout=10).status_code == 200


@pytest.mark.parametrize("path", ["/en/nothing", "/en/centres/nowhere", "/en/centres/x/y"])
def test_an_unknown_address_has_a_face(client: Client, path: str) -> None:
    answer = get(client, path)
    assert answer.status_code == 404
    assert "We could not find this page" in answer.text
    assert answer.headers["Content-Security-Policy"]


def test_people_get_a_page_and_programs_their_problem(client: Client) -> None:
    browser = get(client, "/nothing", Accept="text/html,*/*", **{"Accept-Language": "en"})
    assert (browser.status_code, "We could not find" in browser.text) == (404, True)
    for path, accept in (("/nothing", "*/*"), ("/v1/nothing", "text/html")):
        answer = get(client, path, Accept=accept)
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert requests.post(f"{client.url}/ar/centres", timeout=10).status_code == 405


def test_what_people_write_into_data_is_no_markup(site: Site) -> None:
    evil = '<script>alert("x")</script>'
    site.overlay["centres"][0] |= {"name": {"ar": evil, "en": evil}, "address": {"en": '" onload="x'}}
    with site.served() as client:
        for path in ("/en/centres", f"/en/centres/{OTHER}", "/ar/questions"):
            html = get(client, path).text
            assert "<script" not in html and 'onload="' not in html


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "file: "),
        ('{"notice": []}', "notice: "),
        ('{"notices": [{"text": {"en": "x"}, "until": "2026-12-01T00:00:00"}]}', "notices.0.until: "),
    ],
)
def test_a_faulty_file_for_all_is_refused_at_the_start(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "all.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SeedError) as error:
        Everywhere.read(path)
    assert told in str(error.value)
    with pytest.raises(SeedError):
        Everywhere.read(tmp_path / "none.json")


def test_the_demonstrations_data_is_in_both_languages() -> None:
    def texts(value: Any) -> Iterator[dict[str, str]]:
        if isinstance(value, dict):
            if "ar" in value or "en" in value:
                yield value
            else:
                for each in value.values():
                    yield from texts(each)
        elif isinstance(value, list):
            for each in value:
                yield from texts(each)

    for name in ("everywhere.json", "centre.json"):
        for text in texts(json.loads((DEMO / name).read_text(encoding="utf-8"))):
            assert text.keys() == {"ar", "en"} and all(text.values()), text


def test_the_style_asks_nothing_newer_than_2016(client: Client) -> None:
    style = re.sub(r"/\*.*?\*/", "", whole_style(LOOK), flags=re.S)
    assert ".channels" in style and "@import" not in style
    for word in (
        *("grid", "gap:", "inset", "-inline", "-block-", "clamp(", "min(", "max(", ":is(", ":focus-visible", "dvh"),
        *("float", "left:", "right:", "-left", "-right"),  # a side that a language would turn round
    ):
        assert word not in style, word


def test_every_colour_stands_there_for_browsers_without_variables_too(client: Client) -> None:
    path = re.findall(r'href="(/pages/[^"]+page\.css)"', get(client, "/ar").text)[0]
    style = get(client, path).text
    own = style[style.index("@font-face") :]
    used = re.findall(r"([a-z-]+):[^;{}]*var\(--[a-z-]+\)", own)
    plain = re.findall(r"([a-z-]+):[^;{}]*#[0-9A-F]{6}[^;{}]*;\1:[^;{}]*var\(", own)
    assert used and len(plain) == len(used)
