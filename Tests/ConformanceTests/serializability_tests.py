"""Transactions on a few items over HTTP: all of them have one order, also across kill -9.

    serializability_tests.py --calls 2000 --rounds 20 --seed 7
"""

import itertools
import random
import threading
import time

import botocore.exceptions
import harness
from harness import Suite
from serializability import BAD, ENDLESS, GOOD, Transaction, problem

THREADS = 8
LISTS = [f"list {number}" for number in range(5)]
TABLE = "Shared"

suite = Suite("Serializability")


@suite.table("the checker finds an order", GOOD)
def _(check, context, transactions, lists):
    check.equal(problem(transactions, lists), None)


@suite.table("the checker refuses", BAD)
def _(check, context, transactions, lists):
    check.true(problem(transactions, lists) is not None, "it found an order")


class Caller(threading.Thread):
    """One client: transactions that append their number to some lists, or read some; each with its two moments."""

    def __init__(self, server, seed, count, numbers):
        super().__init__(daemon=True)
        self.client = server.client(connections=1)
        self.random, self.left, self.numbers = random.Random(seed), count, numbers
        self.transactions, self.failure = [], None

    def run(self):
        while self.left > 0:
            self.left -= 1
            names = self.random.sample(LISTS, self.random.randint(1, 3))
            is_writer = self.random.random() < 0.5
            one = Transaction(time.monotonic(), ENDLESS, tuple(names) if is_writer else (), {}, next(self.numbers) if is_writer else 0)
            try:
                if is_writer:
                    append(self.client, one)
                else:
                    one.reads = read(self.client, names)
            except self.client.exceptions.TransactionCanceledException:
                one.is_refused = True
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
                # It may have happened, and the server is gone.
                if is_writer:
                    self.transactions.append(one)
                self.failure = error
                return
            one.end = time.monotonic()
            self.transactions.append(one)


def append(client, one):
    client.transact_write_items(TransactItems=[{"Update": {
        "TableName": TABLE, "Key": {"pk": {"S": name}}, "UpdateExpression": "SET entries = list_append(if_not_exists(entries, :none), :own)",
        "ExpressionAttributeValues": {":none": {"L": []}, ":own": {"L": [{"N": str(one.number)}]}}}} for name in one.writes])


def read(client, names):
    got = client.transact_get_items(TransactItems=[{"Get": {"TableName": TABLE, "Key": {"pk": {"S": name}}}} for name in names])
    items = [answer.get("Item", {}) for answer in got["Responses"]]
    return {name: [int(entry["N"]) for entry in item.get("entries", {"L": []})["L"]] for name, item in zip(names, items)}


def play(server, seed, count, numbers, kill_after=None):
    """All callers at once; with `kill_after` seconds the server is killed meanwhile. What they did."""
    callers = [Caller(server, seed * 1000 + number, count, numbers) for number in range(THREADS)]
    harness.call_all(callers, server, kill_after)
    return [one for caller in callers for one in caller.transactions]


def rounds(check, context, seed, count, kills):
    """Loads, the server killed in each but the last."""
    chosen, numbers, transactions = random.Random(seed), itertools.count(1), []
    with harness.scratch() as directory:
        for round_number in range(kills + 1):
            with harness.running(context.shale, directory / "data") as server:
                if round_number == 0:
                    server.client().create_table(
                        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
                kill_after = 0.2 + chosen.random() if round_number < kills else None
                transactions += play(server, seed + round_number, 100_000 if kill_after else count, numbers, kill_after)
                if kill_after is None:
                    lists = read(server.client(), LISTS)
    check.equal(problem(transactions, lists), None, f"{len(transactions)} transactions")
    check.true(min(map(len, lists.values())) > 0, "each list was written")
    return len(transactions)


def suite_for(count, kills, seed):
    return suite.adding(
        f"transactions of {THREADS} clients on {len(LISTS)} items, {count} each, {kills} kills: one order (seed {seed})",
        lambda check, context: rounds(check, context, seed, count, kills))


if __name__ == "__main__":
    raise SystemExit(harness.run_seeded(__doc__, suite_for, calls=500))
