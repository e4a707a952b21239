"""Isolation, from outside: one winner of conditional puts, and transfers that never tear.

    isolation_tests.py --kills 20 --seed 7
"""

import argparse
import random
import threading
import time

import harness
from harness import Failed, Suite
from values import item, n

PUTTERS = 50
ROUNDS = 20
ACCOUNTS = 12
START = 100
MOVERS = 6
TABLE = "Accounts"


def key(number):
    return {"pk": {"S": f"account-{number:02}"}}


def in_parallel(count, body):
    """Runs `body` with each number at once, and gives what they return or raises what one raised."""
    answers, failures, gate = [None] * count, [], threading.Barrier(count)

    def run(number):
        try:
            gate.wait(60)
            answers[number] = body(number)
        except Exception as error:  # Told to the test.
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if failures:
        raise failures[0]
    return answers


def create(client):
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": TABLE, "Item": key(number) | {"balance": n(START), "moves": n(0)}}} for number in range(ACCOUNTS)])


def snapshot(client):
    got = client.transact_get_items(TransactItems=[{"Get": {"TableName": TABLE, "Key": key(number)}} for number in range(ACCOUNTS)])
    items = [answer["Item"] for answer in got["Responses"]]
    return [int(one["balance"]["N"]) for one in items], [int(one["moves"]["N"]) for one in items]


class Mover(threading.Thread):
    """Moves money between two accounts at a time until it is told to stop or the server is gone.

    Each transfer changes both balances, counts at both, and puts a receipt: four traces of one thing.
    """

    def __init__(self, server, name, seed):
        super().__init__(daemon=True)
        self.client, self.name, self.chance = server.client(connections=2), name, random.Random(seed)
        self.acknowledged, self.uncertain, self.failure, self.stopping = [], None, None, False

    def run(self):
        number = 0
        while not self.stopping:
            source, target = self.chance.sample(range(ACCOUNTS), 2)
            amount = self.chance.randint(1, 30)
            receipt, number = f"receipt-{self.name}-{number:06}", number + 1
            self.uncertain = receipt
            try:
                self.client.transact_write_items(TransactItems=[
                    change(source, -amount, "balance >= :least", amount), change(target, amount),
                    {"Put": {"TableName": TABLE, "Item": item(pk=receipt, source=source, target=target, amount=amount),
                             "ConditionExpression": "attribute_not_exists(pk)"}},
                ])
                self.acknowledged.append(receipt)
            except self.client.exceptions.TransactionCanceledException:
                pass  # There was not enough.
            except Exception as error:  # The server is gone, or something is wrong: the test decides.
                self.failure = error
                return
            self.uncertain = None


def change(number, amount, condition=None, least=None):
    values = {":amount": n(amount), ":one": n(1)} | ({":least": n(least)} if condition else {})
    return {"Update": {
        "TableName": TABLE, "Key": key(number), "UpdateExpression": "SET balance = balance + :amount, moves = moves + :one",
        "ExpressionAttributeValues": values, **({"ConditionExpression": condition} if condition else {})}}


def balance_book(check, client, movers):
    """Every acknowledged transfer is there whole; of those under way each is there whole or not at all."""
    balances, moves = snapshot(client)
    check.equal(sum(balances), ACCOUNTS * START, "money in all accounts")
    receipts, start = {}, {}
    while True:
        page = client.scan(TableName=TABLE, ConsistentRead=True, **start)
        receipts |= {one["pk"]["S"]: one for one in page["Items"] if one["pk"]["S"].startswith("receipt")}
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    wanted_balances, wanted_moves = [START] * ACCOUNTS, [0] * ACCOUNTS
    for receipt in receipts.values():
        source, target, amount = (int(receipt[name]["N"]) for name in ("source", "target", "amount"))
        wanted_balances[source] -= amount
        wanted_balances[target] += amount
        wanted_moves[source] += 1
        wanted_moves[target] += 1
    check.equal(balances, wanted_balances, "balances, by the receipts")
    check.equal(moves, wanted_moves, "moves, by the receipts")
    acknowledged = {receipt for mover in movers for receipt in mover.acknowledged}
    uncertain = {mover.uncertain for mover in movers if mover.uncertain}
    check.equal(sorted(acknowledged - set(receipts)), [], "acknowledged transfers that are gone")
    check.equal(sorted(set(receipts) - acknowledged - uncertain), [], "transfers that nobody made")
    return len(receipts)


def move(server, seed, seconds, watch):
    """Lets movers run, while `watch` looks at them; kills the server at the end where that is asked for."""
    movers = [Mover(server, f"{seed}-{number}", seed * 100 + number) for number in range(MOVERS)]
    for mover in movers:
        mover.start()
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            watch()
    finally:
        for mover in movers:
            mover.stopping = True
    return movers


def join(movers):
    for mover in movers:
        mover.join(120)
        if mover.is_alive():
            raise Failed("a mover did not end")


def suite_for(kills, seed):
    suite = Suite(f"Isolation, {kills} kills, seed {seed}")

    @suite.test(f"of {PUTTERS} conditional puts on one key exactly one wins, in each of {ROUNDS} rounds")
    def _(check, context):
        client, name = context.server.client(connections=PUTTERS), context.create_table(sort=None)
        for number in range(ROUNDS):
            def put(putter):
                try:
                    client.put_item(TableName=name, Item=item(pk=f"round-{number}", winner=putter), ConditionExpression="attribute_not_exists(pk)")
                    return True
                except client.exceptions.ConditionalCheckFailedException:
                    return False
            won = in_parallel(PUTTERS, put)
            check.equal(won.count(True), 1, f"winners of round {number}")
            winner = client.get_item(TableName=name, Key=item(pk=f"round-{number}"))["Item"]["winner"]["N"]
            check.equal(int(winner), won.index(True), "who is there")

    @suite.test("transfers between accounts never tear, whoever looks")
    def _(check, context):
        with harness.scratch() as directory, harness.running(context.shale, directory / "data") as server:
            client = server.client()
            create(client)

            def watch():
                balances, _ = snapshot(client)
                check.equal(sum(balances), ACCOUNTS * START, "money in all accounts, seen meanwhile")
                check.true(min(balances) >= 0, "no account is overdrawn")

            movers = move(server, seed, 4, watch)
            join(movers)
            check.equal([mover.failure for mover in movers if mover.failure], [], "failures")
            print(f"        {balance_book(check, client, movers):,} transfers", flush=True)

    @suite.test(f"transfers never tear across {kills} times kill -9")
    def _(check, context):
        chance, transfers = random.Random(seed), 0
        with harness.scratch() as directory:
            everybody = []
            for number in range(kills + 1):
                server = harness.Server(context.shale, directory / "data")
                try:
                    client = server.wait_until_ready().client()
                    if number == 0:
                        create(client)
                    transfers = balance_book(check, client, everybody)
                    movers = move(server, seed + 1 + number, chance.uniform(0.2, 2.0), lambda: time.sleep(0.02)) if number < kills else []
                    early = [mover.failure for mover in movers if mover.failure]
                    check.equal(early, [], "failures before the kill")
                finally:
                    server.kill()
                    server.log.close()
                join(movers)
                everybody += movers
            print(f"        {transfers:,} transfers, {kills} kills", flush=True)

    return suite


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="default: drawn and printed")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    report, shale = harness.Report(), arguments.shale or harness.default_shale()
    with harness.scratch() as directory, harness.running(shale, directory / "data") as server:
        suite_for(arguments.kills, seed).run(report, harness.Context(shale, server))
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
