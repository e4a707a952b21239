"""Draws the measured lines: `python3 Benchmarks/Runner/plots.py RESULTS.jsonl FOLDER`, or `run --plots`.

benchmarks-writes.svg, -reads.svg, -mixed.svg   bars: operations a second of every engine
benchmarks-sustained.svg                        thirty minutes of overwrites, minute by minute
benchmarks-growth.svg                           rates at 1, 3 and 10 times the keys
"""

import json
import pathlib
import sys
from xml.sax.saxutils import escape

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from rows import ENGINES  # noqa: E402
from table import grouped, short  # noqa: E402

INK, PAPER, LINE, SOFT = "#24292f", "#ffffff", "#d0d7de", "#57606a"
COLOURS = {
    "shale": "#0969da", "rocksdb": "#bf8700", "leveldb": "#8250df", "lmdb": "#1a7f37",
    "wiredtiger": "#cf222e", "sqlite": "#6e7781", "bare": "#afb8c1",
}
BARS = {
    "writes": ("Writes", ("fillseq", "fillrandom", "overwrite", "batch", "putsynced")),
    "reads": ("Reads", ("readrandom", "readmissing", "readzipf", "scan10", "scan100", "fullscan", "readcold")),
    "mixed": ("Mixed", ("readwhilewriting", "ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-e", "ycsb-f")),
}


class Drawing:
    """An SVG under construction. All sizes are in pixels of the drawing."""

    def __init__(self, width, title, remark):
        self.width, self.parts = width, []
        self.title = title
        self.text(16, 28, title, size=17, weight="bold")
        self.text(16, 47, remark, size=12, colour=SOFT)

    def rectangle(self, x, y, width, height, fill):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" fill="{fill}"/>'
        )

    def text(self, x, y, text, size=12, weight="normal", anchor="start", colour=INK):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
            f'fill="{colour}">{escape(text)}</text>'
        )

    def path(self, points, colour, width=2):
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="{width}"/>')

    def svg(self, height):
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" width="{self.width}" '
            f'height="{height}" font-family="ui-sans-serif, system-ui, sans-serif" role="img" '
            f'aria-label="{escape(self.title)}">\n<title>{escape(self.title)}</title>\n'
            f'<rect width="{self.width}" height="{height}" rx="8" fill="{PAPER}"/>\n'
        )
        return head + "\n".join(self.parts) + "\n</svg>\n"


def panel(drawing, x, y, width, title, by):
    """One row: a bar for each engine, the longest is the fastest. Returns its height."""
    names = [name for name in [*ENGINES, "bare"] if name in by]
    most = max(by[name]["opsPerSecond"] for name in names)
    drawing.text(x, y + 12, title, weight="bold")
    for index, name in enumerate(names):
        top = y + 20 + 16 * index
        rate = by[name]["opsPerSecond"]
        length = (width - 136) * rate / most
        drawing.text(x + 70, top + 10, name, size=11, anchor="end", weight="bold" if name == "shale" else "normal")
        drawing.rectangle(x + 76, top, max(length, 1), 12, COLOURS[name])
        drawing.text(x + 80 + length, top + 10, short(rate), size=11, colour=SOFT)
    return 20 + 16 * len(names) + 14


def bars(lines, title, rows):
    """Small pictures of all rows with 400 B (YCSB: 1,000 B) values, two in a line."""
    found = [
        (key, by) for key, by in grouped(lines).items()
        if key[0] in rows and key[1] in (400, 1000) and "shale" in by
    ]
    found.sort(key=lambda pair: (rows.index(pair[0][0]), pair[0][3]))
    if not found:
        return None
    drawing = Drawing(860, title, "operations a second, values of 400 B (YCSB: 1,000 B); longer is faster")
    heights = [62, 62]
    for (row, _, _, threads), by in found:
        side = 0 if heights[0] <= heights[1] else 1
        unit = "thread" if threads == 1 else "threads"
        heights[side] += panel(drawing, 16 + side * 424, heights[side], 412, f"{row}, {threads} {unit}", by)
    return drawing.svg(max(heights) + 4)


def curves(title, remark, series, label):
    """Lines over one scale: series are (name, [(x, y)])."""
    series = [(name, points) for name, points in series if points]
    if not series:
        return None
    drawing = Drawing(860, title, remark)
    left, top, width, height = 64, 70, 660, 260
    last = max(x for _, points in series for x, _ in points)
    most = max(y for _, points in series for _, y in points) * 1.05
    for step in range(5):
        y = top + height - height * step / 4
        drawing.path([(left, y), (left + width, y)], LINE, 1)
        drawing.text(left - 6, y + 4, short(most * step / 4), size=11, anchor="end", colour=SOFT)
    drawing.text(left + width / 2, top + height + 32, label, anchor="middle", colour=SOFT)
    for x in sorted({x for _, points in series for x, _ in points}):
        if last <= 40 and (x % 5 == 0 or len(series[0][1]) < 6) or x == last:
            drawing.text(left + width * x / last, top + height + 16, f"{x:g}", size=11, anchor="middle", colour=SOFT)
    for index, (name, points) in enumerate(series):
        colour = COLOURS.get(name.split(",")[0], INK)
        drawing.path([(left + width * x / last, top + height - height * y / most) for x, y in points], colour)
        drawing.rectangle(left + width + 12, top + 4 + 18 * index, 12, 10, colour)
        drawing.text(left + width + 30, top + 13 + 18 * index, name, size=11)
    return drawing.svg(top + height + 44)


def sustained(lines):
    series = []
    for line in lines:
        if line["row"] == "sustained":
            minutes = line["intervalSeconds"] / 60
            rates = line["intervalOpsPerSecond"]
            series.append((line["engine"], [((i + 1) * minutes, rate) for i, rate in enumerate(rates)]))
    return curves("Sustained overwrites", "operations a second; zipfian keys, data ten times the memory budget",
                  series, "minutes")


def growth(lines):
    series = {}
    for line in lines:
        if line["row"] == "growread":
            series.setdefault(line["engine"], []).append((line["keys"] / 1e6, line["opsPerSecond"]))
    return curves("Growth", "random reads a second, values of 100 B, everything in the cache",
                  [(name, sorted(points)) for name, points in series.items()], "million keys")


def draw(lines, folder):
    """Writes every picture for which there are lines of engines; returns their paths."""
    lines = [line for line in lines if "threads" in line]
    drawn = {f"benchmarks-{name}.svg": bars(lines, title, rows) for name, (title, rows) in BARS.items()}
    drawn |= {"benchmarks-sustained.svg": sustained(lines), "benchmarks-growth.svg": growth(lines)}
    paths = []
    for name, svg in drawn.items():
        if svg:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(svg)
            paths.append(path)
    return paths


if __name__ == "__main__":
    results = pathlib.Path(sys.argv[1]).read_text().splitlines()
    for path in draw([json.loads(line) for line in results if line.strip()], sys.argv[2]):
        print(path)
