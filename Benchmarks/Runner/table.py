"""The table: rates of all engines, and ours against the peers."""

from rows import ENGINES, PEERS

LOG_STRUCTURED = ["rocksdb", "leveldb"]


def short(rate):
    if rate >= 1e6:
        return f"{rate / 1e6:.2f} M"
    if rate >= 1e4:
        return f"{rate / 1e3:.0f} k"
    if rate >= 1e3:
        return f"{rate / 1e3:.1f} k"
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


def table(lines):
    """Markdown: one line for each row, rates in operations a second."""
    engines = [name for name in ENGINES if any(line["engine"] == name for line in lines)]
    others = sorted({line["engine"] for line in lines} - set(engines))
    head = ["row", "value", "keys", "threads", *engines, *others]
    head += ["÷ rocksdb", "÷ leveldb", "÷ best peer", "p99.9 µs (÷ rocksdb)", "CPU µs/op (÷ rocksdb)"]
    text = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    for (row, value, keys, threads), by in grouped(lines).items():
        rates = {name: line["opsPerSecond"] for name, line in by.items()}
        ours = rates.get("shale", 0)
        best = max((rates[name], name) for name in PEERS if name in rates) if set(PEERS) & set(rates) else None
        cells = [row, str(value), short(keys), str(threads)]
        cells += [short(rates[name]) if name in rates else "" for name in engines + others]
        cells += [ratio(ours, rates.get(name)) for name in LOG_STRUCTURED]
        cells.append(f"{ratio(ours, best[0])} ({best[1]})" if best and ours else "–")
        for name in ("p999Microseconds", "cpuMicrosecondsPerOperation"):
            mine, theirs = by.get("shale", {}).get(name), by.get("rocksdb", {}).get(name)
            cells.append(f"{mine:,.1f} ({ratio(mine, theirs)})" if mine is not None else "–")
        text.append("| " + " | ".join(cells) + " |")
    return "\n".join(text)


def settings(lines):
    """What each engine was told, once."""
    seen = {}
    for line in lines:
        seen.setdefault(line["engine"], line.get("settings", ""))
    return "\n".join(f"- {engine}: {text}" for engine, text in sorted(seen.items()) if text)
