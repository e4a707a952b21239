"""The caches of a server: what hits, what is told of it, and that a page is as old as it was said to be and no older."""

import json
import re
import threading
import time
import urllib.request

import harness
from harness import Suite
from linearizability_tests import rounds

suite = Suite("Caches")
TABLE, OTHER = "Cached", "Uncached"
# Of the order of what the server keeps pages for; looked at until it is over, with a limit.
PAGE_SECONDS = 2


def metrics(server, cache):
    with urllib.request.urlopen(f"{server.endpoint}/shale/metrics") as reply:
        text = reply.read().decode()
    return {name: float(value) for name, value in re.findall(rf"^shale_{cache}_(\w+) (\S+)$", text, re.MULTILINE)}


def create(client, *names):
    for name in names:
        client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}])
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def key(number):
    return {"pk": {"S": "a"}, "sk": {"N": str(number)}}


def put(client, number, value, table=TABLE):
    client.put_item(TableName=table, Item=key(number) | {"v": {"N": str(value)}})


def get(client, number):
    return client.get_item(TableName=TABLE, Key=key(number), ConsistentRead=True).get("Item", {}).get("v", {}).get("N")


def query(client, table=TABLE, **more):
    found = client.query(TableName=table, KeyConditionExpression="pk = :a", ExpressionAttributeValues={":a": {"S": "a"}}, **more)
    return [item["v"]["N"] for item in found["Items"]]


@suite.test("items hit and are never old; numbers of it are in metrics, and in stats when the server has ended")
def _(check, context):
    with harness.scratch() as directory:
        data = directory / "data"
        with harness.running(context.shale, data, "--item-cache", "4MiB") as server:
            client = server.client()
            create(client, TABLE)
            check.equal(get(client, 1), None)
            for value in range(20):
                put(client, 1, value)
                for _ in range(3):
                    check.equal(get(client, 1), str(value))
            client.delete_item(TableName=TABLE, Key=key(1))
            for _ in range(3):
                check.equal(get(client, 1), None)
            # Several ask at once for what nobody has read since it was written.
            put(client, 2, 7)
            callers = [threading.Thread(target=lambda: check.equal(get(client, 2), "7")) for _ in range(8)]
            for caller in callers:
                caller.start()
            for caller in callers:
                caller.join()
            found = metrics(server, "item_cache")
            check.true(found["hits_total"] >= 40, f"hits: {found}")
            check.true(found["misses_total"] >= 20, f"misses: {found}")
            check.true(0 < found["bytes"] <= 4 << 20, f"bytes: {found}")
        stats = harness.run_shale(context.shale, "stats", data, "--json")
        check.equal(stats.returncode, 0, stats.stderr)
        caches = {cache["name"]: cache for cache in json.loads(stats.stdout)["caches"]}
        check.true(caches["items"]["numbers"]["hits"] >= found["hits_total"], f"{caches}")
        check.true("pages" not in caches, "nobody asked for pages")


@suite.test("pages of a named table may be old for its seconds, consistent ones and other tables' never")
def _(check, context):
    with harness.scratch() as directory:
        with harness.running(context.shale, directory / "data", "--cache", f"{TABLE}={PAGE_SECONDS}") as server:
            client = server.client()
            create(client, TABLE, OTHER)
            for table in (TABLE, OTHER):
                put(client, 1, 1, table)
                check.equal(query(client, table), ["1"])
            began = time.monotonic()
            for table in (TABLE, OTHER):
                put(client, 1, 2, table)
            check.equal(query(client, OTHER), ["2"], "a table that is not named")
            check.equal(query(client, ConsistentRead=True), ["2"], "a consistent query")
            check.equal(query(client, ScanIndexForward=False), ["2"], "another request")
            old = query(client)
            if time.monotonic() - began < PAGE_SECONDS / 2:
                check.equal(old, ["1"], "within its time")
            while query(client) != ["2"]:
                check.true(time.monotonic() - began < PAGE_SECONDS + 10, "the page never ends")
            check.true(metrics(server, "page_cache")["hits_total"] >= 1, "hits of pages")


@suite.test("without either option neither cache is there")
def _(check, context):
    client = context.server.client()
    before = metrics(context.server, "item_cache")
    client.list_tables()
    check.equal(before.get("hits_total", 0), 0)
    check.equal(metrics(context.server, "page_cache").get("hits_total", 0), 0)


@suite.table("an option that makes no sense is refused", [
    ("more than half of the memory", ["--memory-budget", "64MiB", "--item-cache", "33MiB"]),
    ("no seconds", ["--cache", "T=0"]),
    ("too many seconds", ["--cache", "T=86401"]),
    ("no table", ["--cache", "=5"]),
])
def _(check, context, options):
    with harness.scratch() as directory:
        ended = harness.run_shale(context.shale, "serve", "--data", directory / "data", "--port", "0", *options)
        check.true(ended.returncode != 0, "it was accepted")
        check.true(options[-2] in ended.stderr, ended.stderr)


def suite_for(count, kills, seed):
    chosen = Suite(suite.title)
    chosen.tests = list(suite.tests)

    @chosen.test(f"with the item cache too there is one order, over {kills} kills (seed {seed})")
    def _(check, context):
        # So small that it evicts as well.
        rounds(check, context, seed, count, kills, "--item-cache", "64KiB")

    return chosen
