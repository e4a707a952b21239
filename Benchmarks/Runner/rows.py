"""The rows: what each does, on what it needs, and with how many threads."""

from dataclasses import dataclass, field

PEERS = ["rocksdb", "leveldb", "lmdb", "wiredtiger", "sqlite"]
ENGINES = ["shale"] + PEERS


@dataclass(frozen=True)
class Row:
    """One row of the table.

    needs     "empty": a new directory; "loaded": one that holds every key
    after     what the row leaves behind: "same" (still loaded), "grown" (load again), "own" (removed)
    """

    name: str
    about: str
    needs: str = "loaded"
    after: str = "same"
    child: str = ""
    threads: tuple = (1, 2)
    engines: tuple = tuple(ENGINES)
    values: tuple = (100, 400, 1024)
    arguments: dict = field(default_factory=dict)
    in_quick: bool = True

    @property
    def child_row(self):
        return self.child or self.name


# In the order in which they run on one loaded directory: rows that read first, those that add keys last.
ROWS = [
    Row("fillseq", "every key once, in the order of the keys", "empty", "own"),
    Row("fillrandom", "every key once, in random order", "empty", "own"),
    Row("batch", "fillrandom in atomic batches of 1,000", "empty", "own"),
    Row("readrandom", "one value by its key, uniformly; everything is in the cache"),
    Row("readmissing", "keys between those that are there"),
    Row("readzipf", "one value by its key, zipfian with exponent 0.99"),
    Row("scan10", "10 entries from a random key on, inside its partition key"),
    Row("scan100", "100 entries from a random key on, inside its partition key"),
    Row("fullscan", "every entry in the engine's order; an operation is one entry"),
    Row("overwrite", "every key once more, in random order"),
]


def named(names):
    """The rows of these names, in the order in which they run."""
    known = {row.name for row in ROWS}
    for name in names:
        if name not in known:
            raise SystemExit(f"no such row: {name}; --list names them")
    return [row for row in ROWS if row.name in names]
