"""Many schedules at once: portions of them, each run by one of this machine's processors."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat

from scripts.dawr_dev.simulator.mutants import MUTANTS
from scripts.dawr_dev.simulator.rules import Rules
from scripts.dawr_dev.simulator.schedule import Outcome, Schedule

_PORTION = 50


@dataclass(frozen=True, slots=True)
class Portion:
    """What came of some schedules: how many there were, and those in which a guarantee was broken.

    `met` counts what they held, `processor_s` is what they cost.
    """

    schedules: int
    broken: tuple[Outcome, ...]
    met: Counter[str]
    processor_s: float


def portions(seeds: range, mutant: str | None, jobs: int) -> Iterator[Portion]:
    """Give what came of the seeds, in their order, whichever process ran them."""
    parts = [seeds[first : first + _PORTION] for first in range(0, len(seeds), _PORTION)]
    if min(jobs, len(parts)) < 2:
        yield from map(_run, parts, repeat(mutant))
        return
    # Not forked: who calls this may have threads.
    with ProcessPoolExecutor(min(jobs, len(parts)), multiprocessing.get_context("spawn")) as pool:
        try:
            yield from pool.map(_run, parts, repeat(mutant))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def rules_of(mutant: str | None) -> Rules:
    """Return the product's rules, or a mutant's."""
    return MUTANTS[mutant].rules if mutant else Rules()


def _run(seeds: range, mutant: str | None) -> Portion:
    rules, met, broken, began = rules_of(mutant), Counter[str](), [], time.process_time()
    # A schedule's parts know one another: what it leaves is collected once a portion and not in the middle of each.
    gc.disable()
    try:
        for seed in seeds:
            outcome = Schedule(seed, rules).run()
            met.update(outcome.met)
            if outcome.violations:
                broken.append(outcome)
    finally:
        gc.enable()
        gc.collect()
    return Portion(len(seeds), tuple(broken), met, time.process_time() - began)
