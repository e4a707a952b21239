"""Concurrent calls on a few items over HTTP: every answer has a place in one order, also across kill -9.

    linearizability_tests.py --calls 2000 --rounds 20 --seed 7
"""

import random
import threading
import time

import botocore.exceptions
import harness
from harness import Failed, Suite
from linearizability import BAD, GOOD, problem

THREADS = 8
ITEMS = 3
TABLE = "Shared"

suite = Suite("Linearizability")


@suite.table("the checker finds an order", GOOD)
def _(check, context, calls):
    check.equal(problem(calls), None)
    check.equal(problem(calls[::-1]), None)


@suite.table("the checker refuses", BAD)
def _(check, context, calls):
    check.true(problem(calls) is not None, "it found an order")


class Caller(threading.Thread):
    """One client: random calls on the items of all, each written down with its two moments."""

    def __init__(self, server, seed, count):
        super().__init__(daemon=True)
        self.client = server.client(connections=1)
        self.random, self.left = random.Random(seed), count
        self.calls, self.failure = {number: [] for number in range(ITEMS)}, None

    def run(self):
        while self.left > 0:
            self.left -= 1
            number, ask = self.random.randrange(ITEMS), self.ask()
            begin = time.monotonic_ns()
            try:
                answer = perform(self.client, number, ask)
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
                # It may have happened, and the server is gone.
                self.calls[number].append((begin, None, ask, None))
                self.failure = error
                return
            self.calls[number].append((begin, time.monotonic_ns(), ask, answer))

    def ask(self):
        value = self.random.randrange(4)
        kind = self.random.choice(["put", "get", "get", "add", "swap", "swap", "create", "delete"])
        return (kind,) if kind in ("get", "delete") else (kind, value) if kind != "swap" else (kind, value, value + 1)


def perform(client, number, ask):
    """One call; what it was answered, in the words of the checker."""
    key = {"pk": {"S": f"item {number}"}}
    kind, *values = ask
    if kind == "get":
        return _value(client.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item"))
    if kind == "delete":
        return _value(client.delete_item(TableName=TABLE, Key=key, ReturnValues="ALL_OLD").get("Attributes"))
    if kind == "add":
        return _value(client.update_item(
            TableName=TABLE, Key=key, UpdateExpression="ADD v :v", ReturnValues="UPDATED_NEW",
            ExpressionAttributeValues={":v": {"N": str(values[0])}})["Attributes"])
    item = key | {"v": {"N": str(values[-1])}}
    if kind == "put":
        return _value(client.put_item(TableName=TABLE, Item=item, ReturnValues="ALL_OLD").get("Attributes"))
    condition = {"ConditionExpression": "attribute_not_exists(pk)"} if kind == "create" else {
        "ConditionExpression": "v = :v", "ExpressionAttributeValues": {":v": {"N": str(values[0])}}}
    try:
        client.put_item(TableName=TABLE, Item=item, **condition)
        return True
    except client.exceptions.ConditionalCheckFailedException:
        return False


def _value(item):
    return int(item["v"]["N"]) if item else None


def create_table(client):
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "v", "AttributeType": "N"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "byValue", "KeySchema": [{"AttributeName": "v", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"}}],
    )
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def play(server, seed, count, history, kill_after=None):
    """All callers at once; with `kill_after` seconds the server is killed meanwhile."""
    callers = [Caller(server, seed * 1000 + number, count) for number in range(THREADS)]
    harness.call_all(callers, server, kill_after)
    for caller in callers:
        for number, calls in caller.calls.items():
            history[number] += calls


def look(client, history):
    """Reads all items, as calls of the history; the index must agree."""
    for number in range(ITEMS):
        begin = time.monotonic_ns()
        value = perform(client, number, ("get",))
        history[number].append((begin, time.monotonic_ns(), ("get",), value))
    items = client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    entries = client.scan(TableName=TABLE, IndexName="byValue")["Items"]
    order = lambda item: item["pk"]["S"]
    if sorted(items, key=order) != sorted(entries, key=order):
        raise Failed(f"the table holds {items}, its index {entries}")


def verify(check, history):
    for number, calls in history.items():
        check.equal(problem(calls), None, f"item {number}, {len(calls)} calls")


def rounds(check, context, seed, count, kills, *options):
    """Loads, the server killed in each but the last."""
    chosen = random.Random(seed)
    history = {number: [] for number in range(ITEMS)}
    with harness.scratch() as directory:
        for round_number in range(kills + 1):
            with harness.running(context.shale, directory / "data", *options) as server:
                client = server.client()
                if round_number == 0:
                    create_table(client)
                else:
                    look(client, history)
                kill_after = 0.2 + chosen.random() if round_number < kills else None
                play(server, seed + round_number, 100_000 if kill_after else count, history, kill_after)
                if kill_after is None:
                    look(server.client(), history)
    verify(check, history)
    return sum(map(len, history.values()))


def suite_for(count, kills, seed):
    return suite.adding(
        f"{THREADS} clients on {ITEMS} items, {count} calls each, {kills} kills: one order (seed {seed})",
        lambda check, context: rounds(check, context, seed, count, kills))


if __name__ == "__main__":
    raise SystemExit(harness.run_seeded(__doc__, suite_for, calls=2000))
