"""Which keys are pressed where, and which part of the screen has to answer.

What moves by itself is not looked at: the two lines of the header, and the numbers of the tab line.
"""

import re
from dataclasses import dataclass, field


def list_state(screen):
    """The selected row, the tab line, and the prompt or help bar."""
    lines = screen.lines[2:]
    selected = next((line for line in lines[:-1] if line.lstrip()[:1] in ("▸", ">")), None)
    tabs = next((re.sub(r"[\d,.]+", "", line) for line in lines if "Requests" in line), None)
    return selected, tabs, lines[-1]


def below_header(screen):
    return tuple(screen.lines[2:])


@dataclass
class Step:
    """Keys that are pressed before, the key, and the keys that undo it."""

    key: str
    undo: list = field(default_factory=list)
    before: list = field(default_factory=list)
    name: str = ""


@dataclass
class Typed:
    """A prompt, and a text that is typed into it letter by letter."""

    prompt: str
    text: str
    end: str = "Enter"
    undo: list = field(default_factory=lambda: ["Esc", "Esc"])


@dataclass
class Group:
    """Keys in one view. `begin` opens it from the list, and `end` leaves it."""

    name: str
    steps: list
    begin: list = field(default_factory=list)
    end: list = field(default_factory=lambda: ["Esc", "Esc", "Esc"])
    # Before each step, so that new requests do not move the selected row.
    each: list = field(default_factory=list)
    region: object = below_header


PINNED = ["g", "j", "j", "j"]

LIST = Group(
    "list",
    [
        *[Step(key) for key in ("j", "k", "Down", "Up", "PageDown", "G", "End")],
        *[Step(key, before=["PageDown", "PageDown"]) for key in ("PageUp", "g", "Home")],
        *[Step(key, undo=["1"]) for key in ("2", "3", "4", "t", "Tab", "BackTab", "Right", "Left")],
        Step("1", before=["2"]),
        Step("Space", undo=["Space"]),
        Step("m", undo=["m"]),
        Step("Enter", undo=["Esc", "Esc"]),
        Step("r"),
        Step("R", undo=["Esc"]),
        Step("e"),
        Step("d", undo=["Esc", "d"]),
        Step("y", undo=["Esc"]),
        Step("/", undo=["Esc"]),
        Step(":", undo=["Esc"]),
        Step("!", undo=["!"]),
        Step("5", undo=["Esc"]),
        Step("c", undo=["Esc"]),
        Step("+", undo=["-"]),
        Step("-", undo=["+"]),
        Step("?", undo=["Esc"]),
        Step("Q", undo=["Esc"]),
        Step("o"),
        Step("p", undo=["p"]),
        Step("P", undo=["Esc"]),
    ],
    each=PINNED,
    region=list_state,
)

SORT = Group("list", [Step("s") for _ in range(10)], each=PINNED, region=list_state)

FILTERS = Group(
    "list",
    [
        Typed("/", text)
        for text in (
            "stripe", "status:5xx", "event:invoice", "body:oolong", "body:not there", "-body:oolong", "took:>1s",
            "is:failed", "size:>60K",
        )
    ],
    each=PINNED,
    region=list_state,
)

DETAIL_STEPS = [
    *[Step(key, undo=["Home"]) for key in ("Down", "j", "PageDown", "End", "G", "ctrl-d")],
    *[Step(key, before=["End"]) for key in ("Up", "k", "PageUp", "Home", "g", "ctrl-u")],
    *[Step(key, undo=["1"]) for key in ("2", "3", "Tab", "BackTab", "Right")],
    *[Step(key, undo=[opposite]) for key, opposite in (("J", "K"), ("K", "J"), ("h", "h"), ("z", "z"), ("Z", "Z"))],
    Step("b", undo=["b", "b"]),
    Step("b", before=["b"], undo=["b"], name="b (raw to hex)"),
    Step("m", undo=["m"]),
    Step("y", undo=["Esc"]),
    Step("S", undo=["Esc"]),
    Step("?", undo=["Esc"]),
    Step("+", undo=["-"]),
    Typed("/", "description", undo=[]),
    Step("n"),
    Step("N"),
]

DETAIL = Group("detail", DETAIL_STEPS, begin=[*PINNED, "Enter", "Enter"])

LARGE = Group(
    "64 KiB",
    DETAIL_STEPS,
    begin=["/", *"path:uploads", "Enter", "Home", "Enter", "Enter"],
    end=["Esc", "Esc", "Esc", "Esc"],
)

COMPARISON = Group(
    "comparison",
    [
        Step("d", undo=["Esc"]),
        *[Step(key, before=["d"], undo=["Esc"]) for key in ("Down", "PageDown", "End", "n", "N", "Esc")],
    ],
    begin=[*PINNED, "r", "Enter", "Enter"],
)

CONVERSATIONS = Group(
    "conversations",
    [Step(key, undo=["Home"]) for key in ("Down", "j", "PageDown", "End")] + [Step("Enter", undo=["Esc", "2"])],
    begin=["2"],
    end=["Esc", "1"],
)

# Pressed once, because there may be nothing left afterwards.
LAST = Group(
    "list",
    [Step("w"), Step("X", undo=["Esc"]), Step("q", undo=["Esc"])],
    each=PINNED,
    region=list_state,
)

GROUPS = [LIST, FILTERS, DETAIL, LARGE, COMPARISON, CONVERSATIONS, SORT]
