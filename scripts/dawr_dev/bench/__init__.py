"""The measurements of `scripts/bench`: real processes, medians and tails, each floor taken in the same run."""
