"""What was measured, by test, candidate and number, with the failures."""

import statistics
from collections import defaultdict


class Results:
    def __init__(self):
        # (test, candidate, name) -> round -> value
        self.values = defaultdict(dict)
        self.failures = []
        self.failed = set()
        self.other_cores = []

    def add(self, test, candidate, turn, numbers, other_cores):
        for name, value in numbers.items():
            self.values[test, candidate, name][turn] = value
        self.other_cores.append(other_cores)

    def fail(self, test, candidate, turn, reason, last_words):
        self.failed.add((test, candidate))
        self.failures.append((test, candidate, turn, reason, last_words))

    def median(self, test, candidate, name):
        values = self.values.get((test, candidate, name))
        return statistics.median(values.values()) if values else None

    def spread(self, test, candidate, name):
        """Half of the distance from the smallest to the largest, in parts of the median."""
        values = self.values.get((test, candidate, name), {}).values()
        middle = statistics.median(values) if values else 0
        return (max(values) - min(values)) / 2 / middle if len(values) > 1 and middle else None

    def ratio(self, test, candidate, base, name):
        """The median over the rounds of the ratio within one round: what disturbs a round disturbs both."""
        ours = self.values.get((test, candidate, name), {})
        theirs = self.values.get((test, base, name), {})
        ratios = [ours[turn] / theirs[turn] for turn in ours if theirs.get(turn)]
        return statistics.median(ratios) if ratios else None
