"""The shortest story that still ends badly: trouble is ended earlier and earlier, and all is judged as ever."""

from __future__ import annotations

from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.schedule import Outcome, Schedule


def shortest(broken: Outcome, rules: Rules) -> Outcome:
    """Return the outcome of the shortest prefix of a schedule's trouble that breaks a guarantee that it broke.

    The seconds that are tried are those at which something was told: up to there everything happens as before.
    """
    guarantees = {violation.guarantee for violation in broken.violations}
    for second in sorted({at for at, _, _ in broken.noted}):
        outcome = Schedule(broken.seed, rules, trouble_s=second).run()
        if guarantees & {violation.guarantee for violation in outcome.violations}:
            return outcome
    return broken
