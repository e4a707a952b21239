#!/usr/bin/env python3
"""Draws hit ratios over cache sizes: plot.py DATA.jsonl PICTURE.svg (the data is what HitRatio prints)."""

import json
import math
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 56, 52
COLOURS = {"Shale": "#0969da", "W-TinyLFU": "#bf8700", "LRU": "#8c959f"}


def main(data, picture):
    with open(data) as file:
        rows = [json.loads(line) for line in file if line.strip()]
    policies = [name for name in COLOURS if any(row["policy"] == name for row in rows)]
    sizes = sorted({row["percent"] for row in rows})
    top = math.ceil(max(row["hitRatio"] for row in rows) * 10) / 10
    bottom = math.floor(min(row["hitRatio"] for row in rows) * 10) / 10

    def x(percent):
        low, high = math.log(sizes[0]), math.log(sizes[-1])
        return LEFT + (math.log(percent) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(ratio):
        return HEIGHT - BOTTOM - (ratio - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM)

    keys, exponent = rows[0]["keys"], rows[0]["exponent"]
    title = f"Hit ratio by size of the cache: {keys:,} keys, zipf {exponent}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="12" role="img" '
        f'aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="28" font-size="15" font-weight="bold" fill="#24292f">{escape(title)}</text>',
    ]
    step = round((top - bottom) / 5, 2) or 0.1
    for number in range(6):
        ratio = bottom + number * step
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(ratio):.1f}" y2="{y(ratio):.1f}" stroke="#d8dee4"/>'
            f'<text x="{LEFT - 8}" y="{y(ratio) + 4:.1f}" text-anchor="end" fill="#57606a">{ratio:.0%}</text>'
        )
    for percent in sizes:
        parts.append(
            f'<text x="{x(percent):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#57606a">'
            f"{percent} %</text>"
        )
    parts.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle" fill="#57606a">'
        "cache, percent of all keys</text>"
    )
    for index, name in enumerate(policies):
        points = sorted((row["percent"], row["hitRatio"]) for row in rows if row["policy"] == name)
        line = " ".join(f"{x(percent):.1f},{y(ratio):.1f}" for percent, ratio in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        for percent, ratio in points:
            parts.append(
                f'<circle cx="{x(percent):.1f}" cy="{y(ratio):.1f}" r="{5 - index}" fill="{COLOURS[name]}">'
                f"<title>{escape(name)}, {percent} %: {ratio:.2%}</title></circle>"
            )
        parts.append(
            f'<rect x="{WIDTH - 150}" y="{HEIGHT - BOTTOM - 76 + 22 * index}" width="14" height="4" '
            f'fill="{COLOURS[name]}"/><text x="{WIDTH - 128}" y="{HEIGHT - BOTTOM - 70 + 22 * index}" '
            f'fill="#24292f">{escape(name)}</text>'
        )
    parts.append("</svg>")
    with open(picture, "w") as file:
        file.write("\n".join(parts) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
