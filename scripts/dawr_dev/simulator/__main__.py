"""`scripts/simulate centre --schedules N --seed S [--mutant NAME]`: look for schedules that break a guarantee."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter

from scripts.dawr_dev.simulator.mutants import MUTANTS
from scripts.dawr_dev.simulator.portions import portions, rules_of
from scripts.dawr_dev.simulator.schedule import Outcome
from scripts.dawr_dev.simulator.shrinking import shortest

_SHOWN = 3


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 1 when a guarantee was broken."""
    parser = argparse.ArgumentParser(prog="scripts/simulate", description="look for schedules that break a guarantee")
    parser.add_argument("what", nargs="?", choices=["centre"], default="centre", help="what is simulated (centre)")
    parser.add_argument("--schedules", type=int, default=2000, metavar="N", help="how many (2000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first schedule's seed (1)")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), metavar="NAME", help="break one rule on purpose")
    parser.add_argument("--mutants", action="store_true", help="list the rules that can be broken")
    parser.add_argument("--verbose", action="store_true", help="tell what the schedules held, and what they cost")
    parser.add_argument("--whole", action="store_true", help="tell a story whole, not its shortest bad beginning")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="J", help="processes (one a processor)"
    )
    chosen = parser.parse_args(arguments)
    if chosen.mutants:
        for name, mutant in MUTANTS.items():
            print(f"{name:20} {mutant.does} (guarantees {', '.join(map(str, mutant.breaks))})")
        return 0
    began, done, shown, processor_s = time.perf_counter(), 0, 0, 0.0
    met: Counter[str] = Counter()
    broken: Counter[int] = Counter()
    for portion in portions(range(chosen.seed, chosen.seed + chosen.schedules), chosen.mutant, chosen.jobs):
        done += portion.schedules
        processor_s += portion.processor_s
        met += portion.met
        for outcome in portion.broken:
            broken.update(violation.guarantee for violation in outcome.violations)
            shown += 1
            if shown <= _SHOWN:
                _tell(outcome, chosen.mutant, whole=chosen.whole)
        if chosen.mutant and shown >= _SHOWN:
            break
    per_s = done / (time.perf_counter() - began)
    if chosen.verbose:
        for what, count in sorted(met.items()):
            print(f"{what:32} {count:9} {count / done:8.2f} a schedule")
        print(f"{'milliseconds of processor time':32} {'':9} {1000 * processor_s / done:8.2f} a schedule")
    for guarantee, count in sorted(broken.items()):
        print(f"guarantee {guarantee}: {count} violations")
    violations = broken.total()
    print(json.dumps({"schedules": done, "violations": violations, "per_s": round(per_s, 1)}))
    return 1 if violations else 0


def _tell(outcome: Outcome, mutant: str | None, *, whole: bool) -> None:
    again = f"scripts/simulate centre --schedules 1 --seed {outcome.seed}" + (f" --mutant {mutant}" if mutant else "")
    told = outcome if whole else shortest(outcome, rules_of(mutant))
    print(f"seed {outcome.seed}: {len(outcome.violations)} violations; again by: {again}")
    if told is not outcome:
        print("  (trouble ended as soon as it could and still go wrong; --whole tells all of it)")
    for line in told.script:
        print(f"  {line}")
    for violation in told.violations:
        print(f"  BROKEN {violation}")


if __name__ == "__main__":
    sys.exit(main())
