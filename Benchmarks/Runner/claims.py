"""Figures of what is no engine: ours beside what the same run measured it against, with the goal.

A line of JSON has `row`, `what` was measured, `ours` and its `unit`. Where there is a `peer` it has `theirs` and the `ratio` of
both. A goal is `least`, `most` or `below`: of the ratio where there is a peer, otherwise of `ours`.

`python3 Benchmarks/Runner/claims.py RESULTS.jsonl` prints the table of a file of lines.
"""

import json
import operator
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from table import markdown  # noqa: E402

BOUNDS = {"least": ("≥", operator.ge), "most": ("≤", operator.le), "below": ("<", operator.lt)}


class Claims:
    """Takes figures, prints each, and appends it to a file at once: what comes later may fail."""

    def __init__(self, path=None):
        self.path = path

    def take(self, row, what, ours, unit, peer=None, theirs=None, **more):
        """One figure; `more` holds its goal and whatever else the line should tell."""
        line = {"row": row, "what": what, "ours": ours, "unit": unit}
        if peer:
            line |= {"peer": peer, "theirs": theirs, "ratio": ours / theirs}
        line |= more
        _, what, ours, peer, theirs, ratio, goal, state = cells(line)
        beside = f", {peer} {theirs}: {ratio}" if peer else ""
        print(f"{row:<22} {what}: {ours}{beside}" + (f" (goal {goal}: {state})" if goal else ""), flush=True)
        if self.path:
            with open(self.path, "a") as file:
                file.write(json.dumps(line) + "\n")


def shown(value, unit):
    space = "" if unit.startswith("/") else " "
    return f"{value:,.{0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2}f}{space}{unit}"


def cells(line):
    """Texts of one line: row, what, ours, peer, theirs, ratio, goal, state."""
    unit, has_peer = line["unit"], "peer" in line
    goal = state = ""
    for name, (sign, holds) in BOUNDS.items():
        if name in line:
            goal = f"{sign} {line[name]:g}" if has_peer else f"{sign} {shown(line[name], unit)}"
            state = "met" if holds(line["ratio"] if has_peer else line["ours"], line[name]) else "missed"
    peer = (line["peer"], shown(line["theirs"], unit), f"{line['ratio']:.2f}") if has_peer else ("", "", "")
    return [line["row"], line["what"], shown(line["ours"], unit), *peer, goal, state]


def is_claim(line):
    return "what" in line and "ours" in line


def claims(lines):
    """Markdown of the lines that are figures of this kind; nothing where there are none."""
    text = [cells(line) for line in lines if is_claim(line)]
    return markdown(["row", "what", "ours", "beside", "theirs", "ours ÷ theirs", "goal", "state"], text) if text else ""


if __name__ == "__main__":
    results = pathlib.Path(sys.argv[1]).read_text().splitlines()
    print(claims([json.loads(line) for line in results if line.strip()]))
