"""One test of one candidate, in one round."""

from .failure import Failure
from .machine import QUIET, OtherLoad, wait_for_quiet
from .processes import progress
from .suite import NARROW_BYTES_PER_SECOND, TESTS
from .targets import NarrowLink
from .tunnel import Tunnel

# Of a measurement during which others were busy.
ATTEMPTS = 3


class Measurement:
    """Starts a candidate, measures it, stops it. A candidate that fails is a result, too."""

    def __init__(self, name, candidate, options, targets, processes):
        self.name = name
        self.test = TESTS[name]
        self.candidate = candidate
        self.options = options
        self.targets = targets
        self.processes = processes

    def record(self, results, turn):
        """The least disturbed of some attempts; the first that was not disturbed."""
        best = None
        for _ in range(ATTEMPTS):
            wait_for_quiet(self.processes)
            already_running = list(self.processes.running)
            try:
                with OtherLoad(self.processes) as others:
                    numbers = self._numbers()
            except (Failure, OSError) as error:
                started = [each for each in self.processes.running if each not in already_running]
                self._record_failure(results, turn, error, started)
                return
            finally:
                for process in reversed(self.processes.running[len(already_running) :]):
                    self.processes.stop(process)
            if best is None or others.cores < best[1]:
                best = numbers, others.cores
            if others.cores <= QUIET:
                break
        numbers, cores = best
        results.add(self.name, self.candidate.name, turn, numbers, cores)
        text = "  ".join(f"{name} {value:.5g}" for name, value in numbers.items())
        progress(f"{self.name} {self.candidate.name}: {text}" + (f"  (others: {cores:.2f} cores)" * (cores > 0.05)))

    def _numbers(self):
        target = self.targets.sink_port if self.test.needs_sink else self.targets.web_port
        link = NarrowLink(self.processes, NARROW_BYTES_PER_SECOND) if self.test.narrow else None
        tunnel = Tunnel(self.candidate, target, self.processes, link)
        tunnel.start()
        numbers = self.test.measure(tunnel, self.options)
        tunnel.check()
        return numbers

    def _record_failure(self, results, turn, error, started):
        reason = str(error) or type(error).__name__
        last_words = [f"{each.name}: {words}" for each in started if (words := each.last_words())]
        results.fail(self.name, self.candidate.name, turn, reason, last_words)
        progress(f"{self.name} {self.candidate.name}: failed: {reason}")
        for words in last_words:
            progress(f"  {words}")
