"""The tables: rates of all engines with ours against the peers', and space, writes and memory."""

from rows import ENGINES, OTHER, PEERS

KEY_SIZE = 20  # The mean of a key: 16 to 24 bytes.
LOG_STRUCTURED = ["rocksdb", "leveldb"]


def short(rate):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if rate >= limit:
            scaled = rate / limit
            return f"{scaled:.{2 if scaled < 10 else 1 if scaled < 100 else 0}f} {unit}"
    return f"{rate:.0f}"


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}" if ours and theirs else "–"


def grouped(lines):
    """Lines by (row, value, keys, threads), then by engine."""
    groups = {}
    for line in lines:
        key = (line["row"], line["valueSizeBytes"], line.get("keys", 0), line["threads"])
        groups.setdefault(key, {})[line["engine"]] = line
    return groups


def best_peer(by, name="opsPerSecond"):
    """(value, engine) of the peer with the greatest value, or None."""
    found = [(by[peer][name], peer) for peer in PEERS if peer in by]
    return max(found) if found else None


def columns(lines):
    present = {line["engine"] for line in lines}
    return [name for name in ENGINES if name in present] + sorted(present - set(ENGINES))


def markdown(head, rows):
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in [head, *rows]]
    rule = "|".join([":" + "-" * (widths[0] + 1)] + ["-" * (width + 1) + ":" for width in widths[1:]])
    return "\n".join([f"| {lines[0]} |", f"|{rule}|"] + [f"| {line} |" for line in lines[1:]])


def table(lines):
    """One line for each row: rates in operations a second, and what they are against the peers'."""
    engines = columns(lines)
    head = ["row", "value", "keys", "threads", *engines, "÷ rocksdb", "÷ leveldb", "÷ best peer",
            "p99.9 µs", "÷ rocksdb", "CPU µs/op", "÷ rocksdb"]
    text = []
    for (row, value, keys, threads), by in grouped(lines).items():
        ours = by.get("shale", {})
        best = best_peer(by)
        cells = [row, str(value), short(keys), str(threads)]
        cells += [short(by[name]["opsPerSecond"]) if name in by else "" for name in engines]
        cells += [ratio(ours.get("opsPerSecond"), by.get(name, {}).get("opsPerSecond")) for name in LOG_STRUCTURED]
        cells.append(f"{ratio(ours['opsPerSecond'], best[0])} {best[1]}" if best and ours else "–")
        for name in ("p999Microseconds", "cpuMicrosecondsPerOperation"):
            mine = ours.get(name)
            cells.append("–" if mine is None else f"{mine:,.1f}" if mine >= 1 else f"{mine:.2f}")
            cells.append(ratio(mine, by.get("rocksdb", {}).get(name)))
        text.append(cells)
    return markdown(head, text) if text else ""


def against(lines):
    """What ours is against ours of another commit, in rate and processor time; nothing where there is no other."""
    text = []
    for (row, value, keys, threads), by in grouped(lines).items():
        if "shale" not in by or OTHER not in by:
            continue
        new, old = by["shale"], by[OTHER]
        cells = [row, str(value), short(keys), str(threads), short(new["opsPerSecond"]), short(old["opsPerSecond"])]
        cells.append(ratio(new["opsPerSecond"], old["opsPerSecond"]))
        cells.append(ratio(new["cpuMicrosecondsPerOperation"], old["cpuMicrosecondsPerOperation"]))
        text.append(cells)
    return markdown(["row", "value", "keys", "threads", "now", "before", "rate", "CPU"], text) if text else ""


def space(line):
    """Bytes of the settled database without its log and its reserve, for each user byte that it holds."""
    files = line["bytesOnDisk"] - line["logBytesOnDisk"] - line.get("reserveBytesOnDisk", 0)
    return files / (line["keys"] * (line["valueSizeBytes"] + KEY_SIZE))


def written(line):
    """Bytes sent to the disk for each user byte that the row wrote; None where it wrote none."""
    return line["bytesWritten"] / line["userBytesWritten"] if line.get("userBytesWritten") else None


def resources(lines):
    """Space, bytes written and memory of the rows that write."""
    engines = columns(lines)
    text = []
    for (row, value, keys, threads), by in grouped(lines).items():
        by = {name: line for name, line in by.items() if written(line) is not None and name != "bare"}
        if not by or row.startswith("putsynced"):
            continue
        for what, measure in (
            ("space ÷ user byte", lambda line: f"{space(line):.2f}"),
            ("log MiB", lambda line: f"{line['logBytesOnDisk'] / 2**20:.0f}"),
            ("written ÷ user byte", lambda line: f"{written(line):.2f}"),
            ("peak anonymous MiB", lambda line: f"{line['peakAnonymousBytes'] / 2**20:.0f}"),
        ):
            cells = [measure(by[name]) if name in by else "" for name in engines]
            text.append([f"{row}, {value} B, {short(keys)} keys, {threads} t", what, *cells])
    return markdown(["row", "what", *engines], text) if text else ""


def settings(lines):
    """What each engine was told, once."""
    seen = {}
    for line in lines:
        seen.setdefault(line["engine"], line.get("settings", ""))
    return "\n".join(f"- {engine}: {text}" for engine, text in seen.items() if text)
