from display.presence import GRACE_S, LONG_S, SILENT_S, Link, Presence


def test_a_short_break_shows_nothing():
    presence = Presence(0)
    presence.heard(1)
    presence.broke(2)
    assert presence.link(2 + GRACE_S - 0.1) is Link.LIVE
    presence.heard(4)
    assert presence.link(4 + GRACE_S) is Link.LIVE


def test_a_broken_connection_is_marked_then_told_to_staff_a_minute_after():
    presence = Presence(0)
    presence.heard(10)
    presence.broke(12)
    presence.broke(14)
    assert presence.due(12) == 12 + GRACE_S
    assert presence.link(12 + GRACE_S) is Link.LOST
    assert presence.due(20) == 12 + LONG_S
    assert presence.link(12 + LONG_S) is Link.LONG_LOST
    assert presence.due(12 + LONG_S) is None


def test_a_source_that_says_nothing_is_lost_too():
    presence = Presence(0)
    presence.heard(10)
    assert presence.link(10 + SILENT_S - 0.1) is Link.LIVE
    assert presence.link(10 + SILENT_S) is Link.LOST


def test_a_start_without_a_source_is_marked_after_the_grace():
    presence = Presence(100)
    assert presence.link(100) is Link.LIVE
    assert presence.link(100 + GRACE_S) is Link.LOST


def test_it_heals():
    presence = Presence(0)
    presence.broke(0)
    assert presence.link(100) is Link.LONG_LOST
    presence.heard(101)
    assert presence.link(101) is Link.LIVE
