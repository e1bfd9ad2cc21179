"""News between processes: heard soon, gathered in a rush, and nothing is lost when the connection breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from server import news, postgres
from server.news import News, SharedNews
from tests.clusters import fresh_database
from tests.waiting import until


class Listener:
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[frozenset[str]] = []

    def __call__(self, keys: frozenset[str]) -> None:
        self.heard.append(keys)

    @property
    def keys(self) -> set[str]:
        return set().union(*self.heard)


@pytest.fixture(scope="module")
def url() -> str:
    return fresh_database("news")


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def pair(url: str, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SharedNews, SharedNews]]:
    """Two processes' news; the second listens. Nobody looks at everything but at the beginning."""
    monkeypatch.setattr(news, "EVERYTHING_S", 3600.0)
    both = SharedNews(url), SharedNews(url)
    both[1].listen("centre", listener)
    for each in both:
        each.start()
    until(lambda: listener.heard, "the first look at everything")
    yield both
    for each in both:
        each.close()


def test_what_one_tells_the_other_hears_and_not_itself(pair: tuple[SharedNews, SharedNews], listener: Listener) -> None:
    teller, hearer = pair
    hearer.tell("centre", "own")
    teller.tell("other-topic", "x")
    teller.tell("centre", "riffa traffic")
    until(lambda: "riffa traffic" in listener.keys, "it to be heard")
    assert listener.heard == [frozenset(), frozenset({"riffa traffic"})]


def test_what_comes_while_one_tells_is_heard_at_once(
    pair: tuple[SharedNews, SharedNews], listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes with the answer to what is told: the connection's socket has nothing to say of it any more."""
    monkeypatch.setattr(news, "PAUSE_S", 0.0)
    for n in range(150):
        for each in pair:
            each.tell("centre", str(n))
        until(lambda: str(n) in listener.keys, f"number {n} to be heard", 5)  # noqa: B023  # looked at within the round


def test_a_rush_is_heard_in_few_pieces(pair: tuple[SharedNews, SharedNews], listener: Listener) -> None:
    for n in range(500):
        pair[0].tell("centre", str(n))
    until(lambda: len(listener.keys) == 500, "all of it to be heard")
    assert len(listener.heard) < 20


def test_what_is_told_to_oneself_is_heard(pair: tuple[SharedNews, SharedNews], listener: Listener) -> None:
    pair[1].hear("centre", "behind")
    until(lambda: "behind" in listener.keys, "it to be heard")


def test_after_a_break_everything_is_looked_at(
    url: str, pair: tuple[SharedNews, SharedNews], listener: Listener
) -> None:
    listener.heard.clear()
    with postgres.connect(url) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    until(lambda: frozenset() in listener.heard, "the look at everything")
    pair[0].tell("centre", "after")
    until(lambda: "after" in listener.keys, "it to be heard again")


def test_who_never_listened_tells_at_its_end(url: str, pair: tuple[SharedNews, SharedNews], listener: Listener) -> None:
    command = SharedNews(url)
    command.tell("centre", "by a command")
    command.close()
    until(lambda: "by a command" in listener.keys, "it to be heard")


def test_nobody_is_told_past_the_end(url: str) -> None:
    news, late = SharedNews(url), Listener()
    waits, goes_on = threading.Event(), threading.Event()

    def slow(keys: frozenset[str]) -> None:
        waits.set()
        assert goes_on.wait(10)

    news.listen("centre", slow)
    news.listen("centre", late)
    news.listen("wish", late)
    news.start()
    assert waits.wait(10)
    news.close(timeout_s=0.01)
    goes_on.set()
    news._thread.join(10)
    news.close()
    assert late.heard == [] and not news._thread.is_alive()


def test_alone_nobody_is_told() -> None:
    alone, listener, before = News(), Listener(), threading.active_count()
    alone.listen("centre", listener)
    alone.start()
    alone.tell("centre", "a")
    alone.hear("centre", "a")
    alone.close()
    assert listener.heard == [] and threading.active_count() == before
