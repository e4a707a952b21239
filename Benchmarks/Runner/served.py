"""The row of the item cache: GetItem over HTTP with it beside GetItem without it (`Benchmarks/Served/cached`)."""

from table import markdown, ratio, short

NAME = "getitem-zipf"
ABOUT = "GetItem over HTTP, zipfian with exponent 0.99, with the item cache and without it; 400 B and 4 KB"
WITHOUT, WITH = "off", "item cache"


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
