"""Draws Docs/Pictures: `python3 Tools/pictures.py`, and with `--check` only compares.

layers.svg     the layers, from the table in Package.swift
write-path.svg the way of one write, from the table below
"""

import pathlib
import sys
from xml.sax.saxutils import escape

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from layers import layers  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
INK, PAPER, LINE, SOFT, ACCENT, DISK = "#24292f", "#ffffff", "#8c959f", "#f6f8fa", "#ddf4ff", "#fff8c5"

# The way of one write: (what happens, remark, kind). Kinds: call, step, wait, answer, disk.
REQUEST = [
    ("put, update, delete", "a call of the embedding API, or a signed HTTP request", "call"),
    ("own the key", "a stripe of keys: only the writer of this key waits", "step"),
    ("read the old item, check the condition", "the item's index entries are worked out here", "step"),
    ("append one log record", "item and index entries together: whole or absent", "disk"),
    ("release the key", "the next writer of it goes on; nobody sees the write yet", "step"),
    ("group commit", "one sync for all who wait", "disk"),
    ("visible, acknowledged", "readers see it from now on", "answer"),
]
BACKGROUND = [
    ("memtable", "in memory, in key order", "step"),
    ("flush", "only what the log has synced", "step"),
    ("sorted runs", "LZ4 blocks, checksums, filters", "disk"),
    ("compaction", "piece by piece, bounded space", "step"),
    ("one bottom run", "per partition; its log is reused", "disk"),
]
FILLS = {"call": ACCENT, "step": SOFT, "disk": DISK, "answer": ACCENT}


class Drawing:
    """An SVG under construction. All sizes are in pixels of the drawing."""

    def __init__(self, width, height, title):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13" '
            f'role="img" aria-label="{escape(title)}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>',
        ]

    def box(self, x, y, width, height, fill):
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" fill="{fill}" stroke="{LINE}"/>'
        )

    def text(self, x, y, text, weight="normal", anchor="start", size=13, colour=INK):
        self.parts.append(
            f'<text x="{x}" y="{y}" fill="{colour}" font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{escape(text)}</text>'
        )

    def arrow(self, x1, y1, x2, y2):
        self.parts.append(f'<path d="M{x1} {y1} L{x2} {y2}" stroke="{LINE}" stroke-width="1.5" fill="none"/>')
        if x1 == x2:
            head = f"M{x2 - 4} {y2 - 7} L{x2 + 4} {y2 - 7} L{x2} {y2} Z"
        else:
            head = f"M{x2 - 7} {y2 - 4} L{x2 - 7} {y2 + 4} L{x2} {y2} Z"
        self.parts.append(f'<path d="{head}" fill="{LINE}"/>')

    def svg(self):
        return "\n".join(self.parts + ["</svg>", ""])


def picture_of_layers(manifest):
    rows = [("", "The one executable: arguments, and calls of what is below.", ["shale"])]
    rows += [(layer.number, layer.remark, list(layer.targets)) for layer in reversed(layers(manifest))]
    rows.append(("", "What Swift cannot say: LZ4, zlib, the CRC-32C instruction, XXH3.", ["CShaleShims", "CShaleLZ4", "CShaleZlib"]))
    height, gap, left, width = 44, 8, 52, 860
    drawing = Drawing(width, 20 + len(rows) * (height + gap), "The layers of Shale, the lowest at the bottom")
    for index, (number, remark, targets) in enumerate(rows):
        y = 14 + index * (height + gap)
        drawing.text(30, y + 27, number, weight="600", anchor="middle", colour=LINE)
        x = left
        for target in targets:
            box = 22 + 8 * len(target)
            drawing.box(x, y, box, height, ACCENT if index else SOFT)
            drawing.text(x + box / 2, y + 27, target, weight="600", anchor="middle")
            x += box + gap
        lines = wrapped(remark.replace("`", ""), (width - x - 20) / 6.4)
        for line, text in enumerate(lines):
            drawing.text(x + 8, y + 27 + 16 * line - 8 * (len(lines) - 1), text, size=12)
    return drawing.svg()


def wrapped(text, characters):
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > characters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def picture_of_write_path():
    height, gap, width = 48, 22, 860
    rows = max(len(REQUEST), len(BACKGROUND) + 2)
    drawing = Drawing(width, 60 + rows * (height + gap), "The way of one write")
    columns = [(20, 440, "While the caller waits", REQUEST, 0), (540, 300, "Later, in the background", BACKGROUND, 2)]
    for x, box, title, steps, skipped in columns:
        top = 44 + skipped * (height + gap)
        drawing.text(x, top - 16, title, weight="600", colour=LINE)
        for index, (name, remark, kind) in enumerate(steps):
            y = top + index * (height + gap)
            drawing.box(x, y, box, height, FILLS[kind])
            drawing.text(x + 14, y + 20, name, weight="600")
            drawing.text(x + 14, y + 38, remark, size=12)
            if index:
                drawing.arrow(x + box / 2, y - gap, x + box / 2, y)
    # A record enters the memtable when it is appended, and is seen there when it is committed.
    y = 44 + 3 * (height + gap) + height / 2
    memtable = 44 + 2 * (height + gap) + height / 2
    drawing.parts.append(
        f'<path d="M460 {y} L500 {y} L500 {memtable} L540 {memtable}" stroke="{LINE}" stroke-width="1.5" fill="none"/>'
    )
    drawing.arrow(520, memtable, 540, memtable)
    return drawing.svg()


def pictures(manifest):
    """File name and content of every picture."""
    return {"layers.svg": picture_of_layers(manifest), "write-path.svg": picture_of_write_path()}


def main():
    manifest = (ROOT / "Package.swift").read_text(encoding="utf-8")
    stale = []
    for name, svg in pictures(manifest).items():
        file = ROOT / "Docs" / "Pictures" / name
        if not file.exists() or file.read_text(encoding="utf-8") != svg:
            stale.append(name)
            if "--check" not in sys.argv:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(svg, encoding="utf-8")
                print(f"drew Docs/Pictures/{name}")
    if "--check" in sys.argv and stale:
        print(f"stale: {', '.join(stale)}; run python3 Tools/pictures.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
