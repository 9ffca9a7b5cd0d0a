"""The results as Markdown."""

from .rows import ROWS


def markdown(results, candidates, tests, machine, options):
    """`candidates` in the order of the columns, the one that is held against the others last."""
    columns = [each for each in candidates if each.name != "dashboard"]
    lines = [
        row(["", *(each.title for each in columns), "ratio", "target"]),
        row(["---", *("---:" for _ in columns), "---:", "---:"]),
    ]
    lines += [line(each, columns, results) for each in ROWS if each.test in tests]
    lines += ["", f"{machine}. {conditions(results, options)}"]
    for test, candidate, turn, reason, last_words in results.failures:
        lines += ["", f"{candidate}, {test}, round {turn + 1}, failed: {reason}"]
        lines += [f"    {part}" for words in last_words for part in words.splitlines()]
    return "\n".join(lines) + "\n"


def conditions(results, options):
    rounds = "one round" if options.rounds == 1 else f"{options.rounds} rounds, medians (± half of the range)"
    cores = results.other_cores
    others = f"; other programs used {sum(cores) / len(cores):.2f} cores, {max(cores):.2f} at most" if cores else ""
    return f"Of {rounds}, {options.seconds} s for each rate; ratio: to HAProxy ×2 in the same round{others}."


def line(spec, columns, results):
    cells = [spec.title]
    for each in columns:
        name = spec.subject if each.name == "tpot" else each.name
        cells.append(values(spec, name, results))
        # Between the yardstick and ours: those that are held against it too.
        held_against = spec.numbers[0].as_ratio and each.name not in ("direct", "haproxy", "tpot")
        if held_against and (text := ratios(spec, name, results)):
            cells[-1] += f" ({text})"
    ours = [
        (results.median(spec.test, spec.subject, number.name), ratio(spec, number, spec.subject, results))
        for number in spec.numbers
    ]
    reached = [number.is_reached(*pair) for number, pair in zip(spec.numbers, ours)]
    target = " / ".join(number.target_text for number in spec.numbers)
    mark = "" if None in reached else " ✓" if all(reached) else " ✗"
    return row([*cells, ratios(spec, spec.subject, results), target + mark])


def values(spec, candidate, results):
    if (spec.test, candidate) in results.failed and results.median(spec.test, candidate, spec.numbers[0].name) is None:
        return "failed"
    texts = []
    for number in spec.numbers:
        value = results.median(spec.test, candidate, number.name)
        if value is None:
            return ""
        spread = results.spread(spec.test, candidate, number.name)
        texts.append(digits(value) + (f" ±{spread:.0%}" if spread is not None else ""))
    # Some rounds failed, others did not.
    partly = " (failed at times)" if (spec.test, candidate) in results.failed else ""
    return " / ".join(texts) + partly


def ratio(spec, number, candidate, results):
    return results.ratio(spec.test, candidate, spec.base, number.name)


def ratios(spec, candidate, results):
    found = [ratio(spec, number, candidate, results) for number in spec.numbers]
    return " / ".join("" if each is None else f"{each:.2f}" for each in found) if any(found) else ""


def digits(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def row(cells):
    return "| " + " | ".join(cells) + " |"
