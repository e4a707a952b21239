"""Loads the Debian package index of this machine through BatchWriteItem, and compares what the
server answers with the text: every item, and every value of both global indexes.

    debian_packages.py                 all records
    debian_packages.py --slice 3000    so many, evenly spread
"""

import argparse
import collections
import concurrent.futures
import threading
import time

import harness
import records
from harness import Suite

THREADS = 4


class Progress:
    """A rate every few seconds."""

    def __init__(self, what, total):
        self.what, self.total, self.done = what, total, 0
        self.began = self.told = time.monotonic()
        self.lock = threading.Lock()

    def add(self, count):
        with self.lock:
            self.done += count
            now = time.monotonic()
            if now - self.told >= 5:
                self.told = now
                self.tell()

    def tell(self):
        seconds = max(time.monotonic() - self.began, 0.001)
        print(f"        {self.what}: {self.done:,} of {self.total:,}, {self.done / seconds:,.0f}/s", flush=True)


def write_batch(client, table, items):
    """Writes up to 25 items and tries again what was left over."""
    requests = {table: [{"PutRequest": {"Item": item}} for item in items]}
    pause = 0.02
    while requests:
        requests = client.batch_write_item(RequestItems=requests)["UnprocessedItems"]
        if requests:
            time.sleep(pause)
            pause = min(pause * 2, 1)


def batches(items, size=25):
    items = list(items)
    return [items[start:start + size] for start in range(0, len(items), size)]


def load(client, table, items):
    progress = Progress("written", len(items))

    def write(batch):
        write_batch(client, table, batch)
        progress.add(len(batch))

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, batches(items.values())))
    progress.tell()


def scan_all(client, table, index=None, segments=THREADS):
    """Every item of a table or index, by a parallel scan."""
    more = {"IndexName": index} if index else {}

    def scan(segment):
        pages = client.get_paginator("scan").paginate(TableName=table, Segment=segment, TotalSegments=segments, **more)
        return [item for page in pages for item in page["Items"]]

    with concurrent.futures.ThreadPoolExecutor(segments) as pool:
        return [item for part in pool.map(scan, range(segments)) for item in part]


def query_index(client, table, attribute, value):
    pages = client.get_paginator("query").paginate(
        TableName=table, IndexName=f"by{attribute}", KeyConditionExpression="#a = :v",
        ExpressionAttributeNames={"#a": attribute}, ExpressionAttributeValues={":v": {"S": value}})
    return [item for page in pages for item in page["Items"]]


def suite_for(slice_size):
    suite = Suite("The Debian package index" + (f", {slice_size:,} records of it" if slice_size else ""))
    state = {}

    @suite.test("every record is taken")
    def _(check, context):
        state["items"] = items = records.load(slice_size)
        sizes = [len(item) for item in items.values()]
        print(f"        {len(items):,} records, {sum(sizes) / len(sizes):.1f} fields each", flush=True)
        state["table"] = records.create_table(context.client)
        load(context.client, state["table"], items)
        check.true(bool(items), "there are records")

    @suite.test("a scan returns every record, value for value")
    def _(check, context):
        items = state["items"]
        got = scan_all(context.client, state["table"])
        check.equal(len(got), len(items), "count")
        for item in got:
            check.equal(records.comparable(item), records.comparable(items[records.key(item)]), "item")

    for attribute in ("Section", "Maintainer"):
        @suite.test(f"queries by {attribute} agree with the text")
        def _(check, context, attribute=attribute):
            wanted = collections.defaultdict(list)
            for key, item in state["items"].items():
                if attribute in item:
                    wanted[item[attribute]["S"]].append(key)
            progress = Progress(f"values of {attribute}", len(wanted))

            def compare(value):
                got = query_index(context.client, state["table"], attribute, value)
                keys = [records.key(item) for item in got]
                progress.add(1)
                return value, keys, got

            with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
                for value, keys, got in pool.map(compare, wanted):
                    check.equal(sorted(keys), sorted(wanted[value]), value)
                    in_order = [package.encode() for package, _ in keys]
                    check.true(in_order == sorted(in_order), f"{value}: in the order of the packages")
                    check.equal(records.comparable(got[0]), records.comparable(state["items"][keys[0]]), value)
            progress.tell()

    @suite.test("a value that no record has finds nothing")
    def _(check, context):
        check.equal(query_index(context.client, state["table"], "Section", "no such section"), [])

    return suite


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    parser.add_argument("--slice", type=int, default=None, help="so many records; default all")
    arguments = parser.parse_args()
    shale, report = arguments.shale or harness.default_shale(), harness.Report()
    with harness.scratch() as directory, harness.running(shale, directory / "data") as server:
        suite_for(arguments.slice).run(report, harness.Context(shale, server))
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
