"""The row that asks a server: GetItem over HTTP with the item cache beside GetItem without it (`Benchmarks/Served/cached`)."""

import json
import pathlib
import subprocess
import sys
import tempfile

from table import markdown, ratio, short

NAME = "getitem-zipf"
ABOUT = "GetItem over HTTP, zipfian with exponent 0.99, with the item cache and without it; 400 B and 4 KB"
CACHED = pathlib.Path(__file__).resolve().parent.parent / "Served" / "cached"
WITHOUT, WITH = "off", "item cache"


def wanted(options):
    """Whether this run has the row: where rows or engines are named or commits compared, it has to be asked for."""
    if options.rows:
        return NAME in options.rows
    return not options.against and not options.engines


def measure(options):
    """The lines of both servers for each size of values."""
    print(f"{NAME}: two servers in turns", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="shale-served-") as scratch:
        found = pathlib.Path(scratch) / "lines"
        command = [sys.executable, str(CACHED), "--shale", options.shale, "--json", str(found), "--scratch", options.data or scratch]
        if options.quick:
            command.append("--quick")
        done = subprocess.run(command, stdout=sys.stderr)
        if done.returncode != 0:
            raise SystemExit(f"{NAME}: {CACHED.name} ended with {done.returncode}")
        return [json.loads(line) for line in found.read_text().splitlines()]


def cached(lines):
    """Markdown: what the item cache gains; nothing where the row was not measured."""
    pairs = {}
    for line in lines:
        if line["row"] == NAME:
            pairs.setdefault((line["valueSizeBytes"], line["keys"]), {})[line["engine"]] = line
    text = []
    for (value, keys), by in pairs.items():
        if WITHOUT not in by or WITH not in by:
            continue
        off, on = by[WITHOUT], by[WITH]
        cells = [NAME, str(value), short(keys), short(off["opsPerSecond"]), short(on["opsPerSecond"]),
                 ratio(on["opsPerSecond"], off["opsPerSecond"]), f"{on['hitRatio']:.1%}"]
        for name in ("p99Microseconds", "cpuMicrosecondsPerOperation"):
            cells.append(f"{off[name]:,.1f}")
            cells.append(ratio(on[name], off[name]))
        text.append(cells)
    head = ["row", "value", "items", "without", "with", "with ÷ without", "hits", "p99 µs without", "with ÷ without",
            "CPU µs/op without", "with ÷ without"]
    return markdown(head, text) if text else ""
