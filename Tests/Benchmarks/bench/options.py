"""The command line."""

import argparse

from .candidates import added
from .suite import TESTS


def parsed():
    parser = argparse.ArgumentParser(
        prog="run",
        description="Measures tpot beside two HAProxy TCP hops in a chain, and prints a table.",
    )
    parser.add_argument("--quick", action="store_true", help="one short round of each test: about three minutes")
    parser.add_argument("--tests", type=names(TESTS), default=list(TESTS), help=f"some of {','.join(TESTS)}")
    parser.add_argument("--rounds", type=positive, help="rounds over all tests and candidates (3; quick: 1)")
    parser.add_argument("--seconds", type=positive, help="how long a rate of requests is measured (8; quick: 2)")
    parser.add_argument("--binary", metavar="PATH", help="measure this tpot instead of building one")
    parser.add_argument("--only", help="some of the candidates: direct,haproxy,haproxy64k,tpot and those added")
    parser.add_argument(
        "--add",
        type=added,
        action="append",
        default=[],
        metavar="NAME|SERVER|CLIENT[|HOST]",
        help="another tunnel: a server's and a client's command, in which {port} (visitors), {link} (where the client "
        "finds the server), {target} (the web server's port) and {subdomain} are filled in; HOST is the Host of the "
        "visitors' requests ({subdomain}.localhost:{port})",
    )
    parser.add_argument("--markdown", metavar="FILE", help="write the table to a file too")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (2 if options.quick else 8)
    return options


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def names(known):
    def split(text):
        chosen = [name.strip() for name in text.split(",") if name.strip()]
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no {name}: choose from {', '.join(known)}")
        return chosen

    return split
