"""Damage on the disk of a running server: the scrubber and `shale verify --online` tell file and place."""

import json
import re
import time
import urllib.request

import harness
from harness import Suite
from values import item

suite = Suite("scrubber")

# The scrubber waits for a minute at most until there is nothing to flush and compact, and begins with the first bytes of a file.
FOUND_SECONDS = 150


def filled(context, data):
    """A closed database with a table in sorted runs."""
    with harness.running(context.shale, data) as server:
        client = server.client()
        client.create_table(
            TableName="table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
        client.get_waiter("table_exists").wait(TableName="table")
        for number in range(200):
            client.put_item(TableName="table", Item=item(pk=f"key {number}", text="x" * 1_000))


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x10]))


def largest_run(data):
    return max(data.rglob("*.run"), key=lambda path: path.stat().st_size)


def damaged_places(server):
    text = urllib.request.urlopen(f"{server.endpoint}/shale/metrics", timeout=30).read().decode()
    return int(float(re.search(r"^shale_engine_damaged_places_total (\S+)", text, re.MULTILINE)[1]))


@suite.test("the scrubber tells damage in the log and by a metric, once, and the rest is read as before")
def _(check, context):
    with harness.scratch() as directory:
        data = directory / "data"
        filled(context, data)
        for run in data.rglob("*.run"):
            # Wherever it begins: the first block of each.
            flip(run, 200)
        (data / "SCRUB").unlink(missing_ok=True)
        with harness.running(context.shale, data) as server:
            deadline = time.monotonic() + FOUND_SECONDS
            while not damaged_places(server) and time.monotonic() < deadline:
                time.sleep(0.2)
            check.true(damaged_places(server) >= 1, "the metric")
            told = [json.loads(line) for line in server.log_path.read_text().splitlines() if "damage on the disk" in line]
            places = [(line["metadata"]["file"], line["metadata"]["offset"]) for line in told]
            check.true(len(told) >= 1, "the log")
            check.equal(len(places), len(set(places)), "told once")
            check.true(all(file.endswith(".run") for file, _ in places), f"the file: {places}")
            check.equal(server.client().list_tables()["TableNames"], ["table"], "the server goes on")


@suite.test("verify --online finds damage beside the server that has the database open, and nothing where there is none")
def _(check, context):
    with harness.scratch() as directory:
        data = directory / "data"
        filled(context, data)
        with harness.running(context.shale, data) as server:
            locked = harness.run_shale(context.shale, "verify", data)
            check.true(locked.returncode != 0, "without --online the database is in use")
            whole = harness.run_shale(context.shale, "verify", data, "--online")
            check.equal(whole.returncode, 0, f"a whole one: {whole.stdout}{whole.stderr}")
            victim = largest_run(data)
            flip(victim, victim.stat().st_size // 2)
            damaged = harness.run_shale(context.shale, "verify", data, "--online")
            check.equal(damaged.returncode, 1, "a damaged one")
            check.contains(damaged.stdout + damaged.stderr, victim.name, "the file")
            check.contains(damaged.stdout + damaged.stderr, "offset", "the place")
            flip(victim, victim.stat().st_size // 2)
            mended = harness.run_shale(context.shale, "verify", data, "--online")
            check.equal(mended.returncode, 0, f"a mended one: {mended.stdout}{mended.stderr}")
            check.equal(server.client().get_item(TableName="table", Key=item(pk="key 7"))["Item"]["text"]["S"], "x" * 1_000, "an item")
