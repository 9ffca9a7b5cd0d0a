"""One run: builds, starts, measures, prints."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from . import candidates, machine
from .measurement import Measurement
from .options import parsed
from .processes import Processes
from .results import Results
from .suite import TESTS
from .table import markdown
from .targets import Targets

PACKAGE = Path(__file__).resolve().parents[3]


def built_binary():
    # As the README says that a release is built; in a folder of its own, because other flags build everything anew.
    folder = str(PACKAGE / ".build-release")
    flags = ["--static-swift-stdlib", "-Xswiftc", "-enforce-exclusivity=unchecked", "--product", "tpot"]
    build = ["swift", "build", "-c", "release", "--package-path", str(PACKAGE), "--scratch-path", folder, *flags]
    subprocess.run(build, check=True, stdout=sys.stderr)
    place = subprocess.run([*build, "--show-bin-path"], check=True, stdout=subprocess.PIPE, text=True)
    return Path(place.stdout.strip()) / "tpot"


def chosen_candidates(options):
    binary = str(Path(options.binary).resolve() if options.binary else built_binary())
    if not os.access(binary, os.X_OK):
        sys.exit(f"{binary} is no program")
    known = [candidates.DIRECT, candidates.HAPROXY, candidates.HAPROXY_64K, *options.add, candidates.tpot(binary)]
    names = options.only.split(",") if options.only else [each.name for each in known]
    if unknown := set(names) - {each.name for each in known}:
        sys.exit(f"there is no candidate {', '.join(sorted(unknown))}: choose from {', '.join(e.name for e in known)}")
    chosen = [each for each in known if each.name in names]
    if "tpot" in names and "dashboard" in options.tests:
        chosen.append(candidates.tpot_with_dashboard(binary))
    return chosen


def takes_part(candidate, test):
    if test.only:
        return candidate.name in test.only
    return candidate.name != "dashboard" and (candidate.is_tunnel or not test.needs_tunnel)


def main():
    options = parsed()
    # After the options: asking for help installs nothing.
    subprocess.run([PACKAGE / "Tests/Benchmarks/setup"], check=True)
    chosen = chosen_candidates(options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit("stopped"))
    # A thousand conversations, and several sockets for each; the programs that we start get it too.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    results = Results()
    with Processes() as processes:
        targets = Targets(processes)
        for turn in range(options.rounds):
            for name in options.tests:
                taking_part = [each for each in chosen if takes_part(each, TESTS[name])]
                # In every round another one begins.
                shift = turn % max(1, len(taking_part))
                for candidate in taking_part[shift:] + taking_part[:shift]:
                    Measurement(name, candidate, options, targets, processes).record(results, turn)
        table = markdown(results, chosen, options.tests, machine.description(), options)
    print(table)
    if options.markdown:
        Path(options.markdown).write_text(table)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped")
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed: {' '.join(map(str, error.cmd))}")
