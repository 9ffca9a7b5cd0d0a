"""What goes wrong with a candidate, as opposed to with the benchmarks."""


class Failure(Exception):
    """A candidate did not do what a tunnel has to do. The table says so, and the run goes on."""
