"""The goals: ratios that one run must show, and whether it does."""

from dataclasses import dataclass

from rows import PEERS
from table import grouped, markdown, short, space, written

LOG_STRUCTURED = ("rocksdb", "leveldb")
MIB = 1 << 20


@dataclass(frozen=True)
class Goal:
    """Ours divided by each of `against` (or by the best of all peers) is at least `least` in every such row."""

    rows: tuple
    against: tuple
    least: float
    threads: tuple = ()


GOALS = [
    Goal(("fillrandom", "overwrite", "batch"), LOG_STRUCTURED, 2.0),
    Goal(("fillrandom", "overwrite", "batch"), ("best",), 1.0),
    Goal(("fillseq",), LOG_STRUCTURED, 2.0),
    Goal(("fillseq",), ("best",), 0.7),
    Goal(("putsynced",), ("bare",), 0.85),
    Goal(("putsynced",), ("best",), 1.1, (1, 64)),
    Goal(("putsynced",), ("best",), 1.25, (16,)),
    Goal(("readrandom", "readzipf"), LOG_STRUCTURED, 2.5, (1,)),
    Goal(("readrandom", "readzipf"), LOG_STRUCTURED, 1.8, (2,)),
    Goal(("readrandom", "readzipf"), ("lmdb",), 1.0),
    Goal(("readmissing",), ("rocksdb",), 1.25),
    Goal(("readmissing",), ("leveldb",), 2.5),
    Goal(("readcold",), ("bare",), 0.85),
    Goal(("readcold",), ("rocksdb",), 1.15),
    Goal(("scan10", "scan100", "ycsb-e"), LOG_STRUCTURED, 2.0),
    Goal(("scan10", "scan100", "ycsb-e"), ("best",), 1.0),
    Goal(("fullscan",), LOG_STRUCTURED, 1.5),
    Goal(("fullscan",), ("best",), 1.0),
    Goal(("ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-f", "readwhilewriting"), ("best",), 1.0),
    Goal(("recovery",), LOG_STRUCTURED, 3.03),
]


def label(key):
    row, value, keys, threads = key
    return f"{row}, {value} B, {short(keys)} keys, {threads} t"


def rates(goal, groups):
    """Yields (ratio, where) of everything that was measured for a goal."""
    for key, by in groups.items():
        if key[0] not in goal.rows or goal.threads and key[3] not in goal.threads or "shale" not in by:
            continue
        for name in goal.against:
            names = [peer for peer in PEERS if peer in by] if name == "best" else [name] if name in by else []
            if names:
                best = max(names, key=lambda peer: by[peer]["opsPerSecond"])
                yield by["shale"]["opsPerSecond"] / by[best]["opsPerSecond"], f"{label(key)}, {best}"


def against_rocksdb(groups, rows, measure):
    """Yields (ratio, where) of a measure that should be small."""
    for key, by in groups.items():
        if key[0] in rows and "shale" in by and "rocksdb" in by:
            ours, theirs = measure(by["shale"]), measure(by["rocksdb"])
            if ours is not None and theirs:
                yield ours / theirs, label(key)


def own_threads(groups):
    """CPU for an operation with two threads against one."""
    for (row, value, keys, threads), by in groups.items():
        one = groups.get((row, value, keys, 1), {}).get("shale")
        if threads == 2 and one and "shale" in by and row != "readcold":
            name = "cpuMicrosecondsPerOperation"
            yield by["shale"][name] / one[name], label((row, value, keys, threads))


def growth(groups, rows):
    """What is left of the rate at ten times the keys."""
    for row in rows:
        found = {key[2]: by["shale"] for key, by in groups.items() if key[0] == row and "shale" in by}
        if len(found) > 1:
            few, many = min(found), max(found)
            yield found[many]["opsPerSecond"] / found[few]["opsPerSecond"], f"{row}, {short(few)} to {short(many)}"


def memory(groups):
    """Resident memory without mapped files, against 1.15 budgets and 48 MiB."""
    for key, by in groups.items():
        line = by.get("shale")
        if line and line.get("peakAnonymousBytes"):
            yield line["peakAnonymousBytes"] / (1.15 * line["cacheBytes"] + 48 * MIB), label(key)


def minutes(groups):
    """The slowest interval against the median one."""
    for key, by in groups.items():
        if key[0] == "sustained" and "shale" in by:
            taken = sorted(by["shale"]["intervalOpsPerSecond"])
            yield taken[0] / taken[len(taken) // 2], label(key)


def verdict(what, goal, found, is_good, pick):
    found = list(found)
    if not found:
        return None
    value, where = pick(found)
    missed = sum(not is_good(number) for number, _ in found)
    state = "met" if not missed else f"missed in {missed} of {len(found)}"
    return [what, goal, f"{value:.2f}", where, state]


def targets(lines):
    """Markdown: each goal, the worst that was measured for it, and where."""
    groups = grouped(lines)
    found = []
    for goal in GOALS:
        threads = f", {'/'.join(map(str, goal.threads))} t" if goal.threads else ""
        what = f"{', '.join(goal.rows)}{threads} ÷ {', '.join(goal.against)}"
        found.append(verdict(what, f"≥ {goal.least}", rates(goal, groups), lambda n, g=goal: n >= g.least, min))
    open_rows = ("readwhilewriting-open", "ycsb-a-open")
    fills = ("fillrandom", "overwrite", "largefill", "largeoverwrite", "growoverwrite")
    last = {k: v for k, v in groups.items() if k[2] == max((key[2] for key in groups if key[0] == k[0]), default=0)}
    for what, most, numbers in (
        ("CPU of two threads ÷ one", 1.25, own_threads(groups)),
        ("p99.9 in an open loop ÷ rocksdb", 0.5, against_rocksdb(groups, open_rows, lambda l: l["p999Microseconds"])),
        ("space ÷ rocksdb", 1.1, against_rocksdb(groups, fills, space)),
        ("bytes written, most keys, ÷ rocksdb", 1.0, against_rocksdb(last, ("growoverwrite",), written)),
        ("memory ÷ (1.15 budgets + 48 MiB)", 1.0, memory(groups)),
    ):
        found.append(verdict(what, f"≤ {most}", numbers, lambda n, m=most: n <= m, max))
    for what, least, numbers in (
        ("load at ten times the keys ÷ at one", 0.85, growth(groups, ("growfill",))),
        ("get and scan at ten times the keys ÷ at one", 0.8, growth(groups, ("growread", "growscan"))),
        ("slowest minute ÷ median", 0.8, minutes(groups)),
    ):
        found.append(verdict(what, f"≥ {least}", numbers, lambda n, m=least: n >= m, min))
    rows = [line for line in found if line]
    return markdown(["what", "goal", "worst", "where", "state"], rows) if rows else ""
