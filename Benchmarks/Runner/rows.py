"""The rows: what each does, on what it needs, and with how many threads."""

from dataclasses import dataclass, field

PEERS = ["rocksdb", "leveldb", "lmdb", "wiredtiger", "sqlite"]
ENGINES = ["shale"] + PEERS
# Ours of another commit (`--against`).
OTHER = "shale-before"


MIB = 1 << 20


@dataclass(frozen=True, eq=False)
class Row:
    """One row of the table.

    needs      "empty": a new directory; "loaded": one that holds every key; "crashed": one whose process was
               killed after the load
    after      what the row leaves behind: "same" (still loaded), "grown" (load again), "own" (removed)
    keeps      whether a fill with one thread leaves its directory to the rows behind it
    scales     how many times the number of keys
    data       if not 0: as many keys as make so many bytes
    cache      share of the data that the cache may hold; 0: the cache of the run
    load       arguments of the load, where they are not the row's own
    least_rounds  of rows that drift most, so that the machine's moods hit every engine
    open_loop  the closed row whose rate with RocksDB, halved, is this row's rate
    """

    name: str
    about: str
    needs: str = "loaded"
    after: str = "same"
    child: str = ""
    threads: tuple = (1, 2)
    engines: tuple = tuple(ENGINES)
    values: tuple = (100, 400, 1024)
    keeps: bool = False
    scales: tuple = (1,)
    data: int = 0
    cache: float = 0
    arguments: dict = field(default_factory=dict)
    load: dict = field(default_factory=dict)
    open_loop: str = ""
    least_rounds: int = 1
    in_quick: bool = True
    # What --quick measures of it, where that is less.
    quick_threads: tuple = ()
    quick_values: tuple = (400,)

    @property
    def child_row(self):
        return self.child or self.name


def ycsb(letter, about, after="same", threads=(1, 2)):
    return Row(f"ycsb-{letter}", f"YCSB {letter.upper()}: {about}; records of 1,000 B", after=after, values=(1000,),
               threads=threads, quick_threads=(1,), quick_values=(1000,))


SYNCED = {"synced": "yes"}
LARGE = {"values": (4096, 32768, 409600), "data": 512 * MIB, "quick_values": (32768,), "threads": (1,)}
GROWTH = {"values": (100,), "scales": (1, 3, 10), "threads": (1,), "in_quick": False,
          "arguments": {"cache": 4096 * MIB}}

# In the order in which they run on one loaded directory: rows that read first, those that add keys last.
ROWS = [
    Row("fillseq", "every key once, in the order of the keys", "empty", "own"),
    Row("fillrandom", "every key once, in random order", "empty", "own", keeps=True),
    Row("batch", "fillrandom in atomic batches of 1,000; latency is the batch's", "empty", "own", quick_threads=(1,)),
    Row("readrandom", "one value by its key, uniformly; everything is in the cache"),
    Row("readmissing", "keys between those that are there"),
    Row("readzipf", "one value by its key, zipfian with exponent 0.99"),
    Row("scan10", "10 entries from a random key on, inside its partition key", quick_threads=(1,)),
    Row("scan100", "100 entries from a random key on, inside its partition key", quick_threads=(1,)),
    Row("fullscan", "every entry in the engine's order; an operation is one entry", quick_threads=(1,)),
    Row("readcold", "readrandom after the page cache was dropped, the cache holds 10 % of the data",
        threads=(1, 2, 16), cache=0.1, arguments={"cold": "yes"}, engines=(*ENGINES, "bare"),
        quick_threads=(1, 16)),
    Row("overwrite", "every key once more, in random order"),
    Row("readwhilewriting", "readers of random keys beside one thread that overwrites; the rate is the reads'",
        quick_threads=(1,)),
    Row("readwhilewriting-open", "the same at half of RocksDB's rates; latency from the intended start",
        child="readwhilewriting", threads=(1,), open_loop="readwhilewriting"),
    Row("putsynced", "puts that wait for the disk, 1, 16 and 64 blocking threads", "empty", "own",
        threads=(1, 16, 64), arguments=SYNCED, engines=(*ENGINES, "bare"), least_rounds=3),
    Row("putsynced-tasks", "the same with asynchronous tasks instead of threads", "empty", "own",
        threads=(1, 16, 64), arguments=SYNCED, engines=("shale",), quick_threads=(16,)),
    ycsb("a", "half reads, half updates"),
    Row("ycsb-a-open", "YCSB A at half of RocksDB's rate; latency from the intended start", child="ycsb-a",
        values=(1000,), quick_values=(1000,), threads=(1,), open_loop="ycsb-a"),
    ycsb("b", "95 % reads, 5 % updates"),
    ycsb("c", "reads"),
    ycsb("f", "half reads, half reads with an update behind"),
    ycsb("d", "95 % reads of the newest, 5 % inserts", "grown"),
    ycsb("e", "95 % scans of 1 to 100, 5 % inserts", "grown"),
    Row("recovery", "open, and read one key, after kill -9 with about 256 MiB of log", "crashed", "own",
        threads=(1,), values=(400,), data=250 * MIB,
        engines=("shale", "rocksdb", "leveldb", "wiredtiger", "sqlite"),
        arguments={"log-cap": 1280 * MIB},
        load={"memtable": 1024 * MIB, "cache": 4096 * MIB, "log-cap": 1280 * MIB}),
    Row("largefill", "fillrandom with values of 4, 32 and 400 KB, 512 MiB in all", "empty", "own",
        child="fillrandom", keeps=True, **LARGE),
    Row("largeread", "readrandom of them", child="readrandom", **LARGE),
    Row("largeoverwrite", "overwrite of them", child="overwrite", **LARGE),
    Row("growfill", "fillrandom of 1, 3 and 10 times the keys, 100 B", "empty", "own", child="fillrandom",
        keeps=True, **GROWTH),
    Row("growread", "readrandom of them, all in the cache", child="readrandom", **GROWTH),
    Row("growscan", "scan100 of them, all in the cache", child="scan100", **GROWTH),
    Row("growoverwrite", "overwrite of them", child="overwrite", **GROWTH),
    Row("sustained", "30 minutes of zipfian overwrite at ten times the memory budget of 256 MiB",
        values=(400,), threads=(1,), data=2560 * MIB, engines=("shale", "rocksdb"), in_quick=False,
        arguments={"cache": 256 * MIB}),
]

# One group of rows shares a loaded directory; a new group begins with the keys, values or memory.
GROUPS = {"large": "large", "grow": "grow", "ycsb": "ycsb", "recovery": "recovery", "sustained": "sustained"}


def group(row):
    """The rows of one group run together, so that at most one group's databases are on the disk."""
    return next((name for prefix, name in GROUPS.items() if row.name.startswith(prefix)), "core")


def matching(name, wanted):
    """Whether a row is the wanted one; what is wanted may be a prefix ending in `*`."""
    return name == wanted or wanted.endswith("*") and name.startswith(wanted[:-1])


def named(names):
    """The rows of these names, in the order in which they run."""
    return [row for row in ROWS if any(matching(row.name, name) for name in names)]
