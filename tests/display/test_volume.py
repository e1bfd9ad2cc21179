from datetime import time

import pytest

from display.volume import VolumeSchedule


def test_the_step_of_the_hour_holds():
    schedule = VolumeSchedule.parse([("12:00", 50), ("07:00", 100), ("13:30", 0)])
    assert schedule.at(time(8)) == 1.0
    assert schedule.at(time(12)) == pytest.approx(0.316, abs=0.01)
    assert schedule.at(time(14)) == 0.0
    assert schedule.at(time(6)) == 0.0, "the last step of the day before still holds"


def test_without_steps_it_is_full():
    assert VolumeSchedule().at(time(3)) == 1.0


@pytest.mark.parametrize("steps", [[("07:00", 101)], [("25:00", 50)], [("noon", 50)]])
def test_what_is_no_schedule_is_refused(steps):
    with pytest.raises(ValueError, match=r".+"):
        VolumeSchedule.parse(steps)
