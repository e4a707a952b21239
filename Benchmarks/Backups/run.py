"""Backups of small and of large tables, and what writers feel of them.

    .venv/bin/python3 Benchmarks/Backups/run.py --shale .build/release/shale [--gigabytes 1,10] [--json FILE]

For each size a server of its own is filled over HTTP. Then `CreateBackup` is called again and again, of each size in turn so that a slow disk
is slow for all, and timed until the backup is AVAILABLE; and `shale bench` drives PutItem over what is there, in alternating rounds: without
backups, and with one every half second.
Goals: a backup of 10 GB takes at most 1.5 times that of 1 GB, and the p99.9 of writers with backups is at most 1.5 times that without.
The disk needs three times the largest size.
"""

import argparse
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "ConformanceTests"))
import harness

TABLE = "bench"
EVERY_SECONDS = 0.5
SETTLE_SECONDS = 10
SETTLE_LIMIT_SECONDS = 300
ENDED = ("shale_engine_flushes_total", "shale_engine_compactions_total")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", required=True)
    parser.add_argument("--gigabytes", default="1,10")
    parser.add_argument("--value-size", type=int, default=4_000)
    parser.add_argument("--backups", type=int, default=9, help="timed one by one, without other load; the median counts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of each round")
    parser.add_argument("--scratch", help="where databases are made; must be a disk")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    tempfile.tempdir = arguments.scratch or tempfile.tempdir
    sizes = [float(each) for each in arguments.gigabytes.split(",")]
    with contextlib.ExitStack() as stack:
        tables = [stack.enter_context(filled(arguments, size)) for size in sizes]
        for table in tables:
            settle(table.server)
        times = [[] for _ in tables]
        for number in range(arguments.backups):
            for place in sorted(range(len(tables)), reverse=number % 2 == 1):
                times[place].append(back_up(tables[place].server.client()))
        rows = [{
            "gigabytes": table.gigabytes,
            "backupMilliseconds": statistics.median(taken) * 1e3,
            "backupMillisecondsLeast": min(taken) * 1e3,
            **beside_writers(table, arguments),
        } for table, taken in zip(tables, times)]
    for row in rows:
        print("  ".join(f"{key} {value:,.2f}" for key, value in row.items()), flush=True)
    if len(rows) > 1:
        ratio = rows[-1]["backupMilliseconds"] / rows[0]["backupMilliseconds"]
        print(f"largest by smallest: {ratio:.2f} of the time (goal 1.5)")
    for row in rows:
        ratio = row["p999WithMicroseconds"] / row["p999WithoutMicroseconds"]
        print(f"p99.9 of writers with backups by without, {row['gigabytes']:g} GB: {ratio:.2f} (goal 1.5)")
    if arguments.json:
        with open(arguments.json, "a") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


class Table:
    """What is measured: a table of one size in a server of its own."""

    def __init__(self, shale, gigabytes, keys, server):
        self.shale, self.gigabytes, self.keys, self.server = shale, gigabytes, keys, server


@contextlib.contextmanager
def filled(arguments, gigabytes):
    """Serves a table of a size."""
    shale = pathlib.Path(arguments.shale).resolve()
    keys = int(gigabytes * 1e9 / arguments.value_size)
    with harness.scratch("shale-backups-") as directory:
        with harness.running(shale, directory / "data") as server:
            table = Table(shale, gigabytes, keys, server)
            print(f"    filling {keys:,} items of {arguments.value_size} bytes", flush=True)
            bench(table, arguments, 1, filled=False)
            yield table


def beside_writers(table, arguments):
    """What writers do without backups and with them, in turns."""
    without, with_backups = [], []
    for _ in range(arguments.rounds):
        without.append(bench(table, arguments, arguments.seconds))
        with Backups(table.server.client()) as backups:
            with_backups.append(bench(table, arguments, arguments.seconds))
        if not backups.count:
            raise SystemExit("no backup was made meanwhile")

    def middle(results, name):
        return statistics.median(result[name] for result in results)
    return {
        "p999WithoutMicroseconds": middle(without, "p999Microseconds"),
        "p999WithMicroseconds": middle(with_backups, "p999Microseconds"),
        "perSecondWithout": middle(without, "opsPerSecond"),
        "perSecondWith": middle(with_backups, "opsPerSecond"),
    }


def settle(server):
    """Waits until no flush and no merge has ended for ten seconds."""
    start = time.monotonic()
    written, since = None, start
    while time.monotonic() - since < SETTLE_SECONDS:
        if time.monotonic() - start > SETTLE_LIMIT_SECONDS:
            raise SystemExit(f"still merging {SETTLE_LIMIT_SECONDS} s after the load")
        time.sleep(0.2)
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/shale/metrics") as reply:
            lines = reply.read().decode().splitlines()
        now = [line for line in lines if line.startswith(ENDED)]
        if now != written:
            written, since = now, time.monotonic()
    print(f"    settled after {since - start:.0f} s", flush=True)


def back_up(client):
    """Makes a backup and deletes it; seconds until it was there."""
    start = time.monotonic()
    arn = client.create_backup(TableName=TABLE, BackupName="timed")["BackupDetails"]["BackupArn"]
    while client.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] != "AVAILABLE":
        time.sleep(0.001)
    took = time.monotonic() - start
    client.delete_backup(BackupArn=arn)
    return took


class Backups:
    """Makes a backup every half second, as long as it is entered."""

    def __init__(self, client):
        self.client = client
        self.count = 0
        self.isOver = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.isOver.wait(EVERY_SECONDS):
            back_up(self.client)
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.isOver.set()
        self.thread.join()


def bench(table, arguments, seconds, filled=True):
    command = [
        str(table.shale), "bench", "--http", f"http://127.0.0.1:{table.server.port}", "--json", "--workload", "putitem",
        "--connections", "16", "--threads", "1", "--seconds", str(seconds), "--warm-up", "1", "--keys", str(table.keys),
        "--value-size", str(arguments.value_size), "--process", str(table.server.process.pid)]
    if filled:
        command.append("--filled")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"the load failed: {done.stderr[-1_000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
