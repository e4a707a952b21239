"""Draws the plots over time of Docs/Capacity.md and Docs/Schedules.md: `python3 Tools/plots.py`, and with `--check` only compares.

The data, Docs/Pictures/NAME.csv, have seconds first. Those of capacity are what a simulation wrote (PublishedBehaviourTests): units a
second; those of timers what `TimerBench` measured: milliseconds.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from pictures import INK, LINE, Drawing  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "Docs" / "Pictures"
UNITS = "units a second over time"
# Name: (title, unit of the time axis, seconds of that unit, what the lines are).
PLOTS = {
    "capacity-burst": ("A table with 100 units, asked for 200 a second: the saved burst lasts 300 s", "s", 1, UNITS),
    "capacity-hot-range": ("A table with 1,600 units and one hot key range: it is lent what others leave", "s", 1, UNITS),
    "capacity-on-demand": ("A table paid by request, asked for 20,000 a second: it doubles every half hour", "min", 60, UNITS),
    "timers-late": ("1,000 timers a second, told while as many are set and 1,000,000 wait", "s", 1, "milliseconds late, by second"),
}
COLOURS = ["#8c959f", "#0969da", "#bf8700", "#cf222e"]
LEFT, TOP, WIDTH, HEIGHT = 70, 60, 760, 240


def table(text):
    """Names of the columns, and rows of numbers."""
    lines = [line.split(",") for line in text.strip().split("\n")]
    return lines[0], [[float(number) for number in line] for line in lines[1:]]


def step(most):
    """A round distance of which four to ten make the axis."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if most / (size * factor) <= 6:
                return size * factor
        size *= 10


def plot(title, unit, seconds, axis, text):
    columns, rows = table(text)
    end = rows[-1][0] + (rows[1][0] - rows[0][0])
    most = max(max(row[1:]) for row in rows) * 1.05
    drawing = Drawing(LEFT + WIDTH + 30, TOP + HEIGHT + 50, title)
    drawing.text(LEFT, 24, title, weight="600")
    for units in range(0, int(most) + 1, step(most)):
        y = round(TOP + HEIGHT * (1 - units / most), 1)
        drawing.parts.append(f'<path d="M{LEFT} {y} H{LEFT + WIDTH}" stroke="{LINE}" stroke-width="0.4"/>')
        drawing.text(LEFT - 8, y + 4, f"{units:,}", anchor="end", size=11)
    for time in range(0, int(end / seconds) + 1, step(end / seconds)):
        x = round(LEFT + WIDTH * time * seconds / end, 1)
        drawing.text(x, TOP + HEIGHT + 18, f"{time} {unit}", anchor="middle", size=11)
    drawing.text(LEFT + WIDTH, TOP + HEIGHT + 38, axis, anchor="end", size=11, colour=INK)
    for column, name in enumerate(columns[1:]):
        points = " ".join(
            f"{LEFT + WIDTH * row[0] / end:.1f},{TOP + HEIGHT * (1 - row[column + 1] / most):.1f}" for row in rows)
        dash = ' stroke-dasharray="5 4"' if "offered" in name or "goal" in name else ""
        drawing.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[column]}" stroke-width="1.8"{dash}/>')
        drawing.text(LEFT + 150 * column, 44, name, colour=COLOURS[column], weight="600", size=12)
    return drawing.svg()


def pictures(data):
    """File name and content of every plot; `data` gives the text of a file beside them."""
    return {f"{name}.svg": plot(*labels, data(f"{name}.csv")) for name, labels in PLOTS.items()}


def main():
    stale = []
    for name, svg in pictures(lambda name: (FOLDER / name).read_text(encoding="utf-8")).items():
        file = FOLDER / name
        if not file.exists() or file.read_text(encoding="utf-8") != svg:
            stale.append(name)
            if "--check" not in sys.argv:
                file.write_text(svg, encoding="utf-8")
                print(f"drew Docs/Pictures/{name}")
    if "--check" in sys.argv and stale:
        print(f"stale: {', '.join(stale)}; run python3 Tools/plots.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
