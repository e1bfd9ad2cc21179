"""The contract with the hub: the board that the real hub makes is one that the display reads and speaks."""

from __future__ import annotations

import itertools
import json
from zoneinfo import ZoneInfo

from assets.paths import VOICE
from assets.texts import Catalogue
from display.board import Board
from display.phrase import phrase
from display.picture import Moment, picture
from display.presence import Link
from display.voice import load_voice
from hub.hall import Hall as HubHall
from hub.settings import Settings
from hub.views import Sight, board
from queueing.centre import Centre
from queueing.commands import CallNext, Finish, Recall, StartServing
from queueing.waits import forecast
from tests.queueing.hall import NINE, Hall, centre_json


def boards_of_a_morning() -> list[object]:
    """Play a morning on the real rules; return the hub's board after each step, as JSON brings it over."""
    hall = Hall(Centre.from_json(centre_json()))
    hub = HubHall("hub")
    settings = Settings(1, hall.centre, "")
    boards = []

    def look() -> None:
        for event in [*hall.hub.log, *hall.kiosk.log]:
            hub.fold(event)
        sight = Sight(hub, settings, hall.now, forecast(hub.state, hall.centre, hall.now))
        boards.append(json.loads(json.dumps(board(sight))))

    look()
    hall.open()
    for number in ("A001", "A002", "B001"):
        hall.take(number, "renew" if number[0] == "A" else "test")
        hall.later(minutes=1)
    look()
    for command in (CallNext, Recall, StartServing, Finish, CallNext):
        hall.press(command)
        hall.later(seconds=20)
        look()
    return boards


def test_every_board_of_a_morning_is_read_shown_and_can_be_spoken():
    words = {language: Catalogue.load(language) for language in ("ar", "en")}
    voices = [load_voice(VOICE / language) for language in words]
    boards = [Board.from_json(each) for each in boards_of_a_morning()]
    assert boards[-1].announce
    assert {each.kind for each in boards[-1].announce} == {"call", "recall"}
    for each in boards:
        moment = Moment(now=NINE, zone=ZoneInfo(each.timezone), link=Link.LIVE, heard_at=None, turn=0)
        shown = picture(each, None, (), moment, words)
        assert len(shown.services) == 2
        for call in each.announce:
            assert all(phrase(voice, call.number, call.counter, call.kind) for voice in voices)
    for before, after in itertools.pairwise(boards):
        assert not after.older_than(before)
