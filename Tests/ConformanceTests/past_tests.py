"""Tables restored to random seconds of random histories: writers, kills and stops, and a model that knows what may be there."""

import contextlib
import dataclasses
import json
import random
import threading
import time

import botocore.exceptions

import harness
from backup_tests import contents, enable, indexed_table, wait_active
from harness import Suite
from scaling_tests import NAMESPACE, scaling, tracking
from values import item, n

WRITERS, KEYS = 4, 12
ERRORS = (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError)


@dataclasses.dataclass
class Write:
    """One write of one key: when it was sent, when it was answered, and what the key holds behind it (None: nothing)."""

    sent: float
    answered: float
    value: int | None


class History:
    """What one writer did to keys that nobody else writes; the last two are only ever written together."""

    def __init__(self, number, generator):
        self.number, self.random = number, generator
        self.writes = {key: [] for key in range(KEYS + 2)}
        self.next = 1
        self.open = []
        self.ended = 0.0

    def name(self, key):
        return {"pk": f"w{self.number}", "sk": f"k{key}"}

    def item(self, key, value):
        return item(**self.name(key), year=1900 + value % 7, v=value)

    def step(self, client, table):
        """One write, noted before it is sent. Raises what the client raises; the write may have been made or not."""
        value, kind = self.next, self.random.choice(["put", "put", "update", "delete", "batch", "both"])
        self.next += 1
        keys = [self.random.randrange(KEYS)]
        if kind == "batch":
            keys = self.random.sample(range(KEYS), 4)
        elif kind == "both":
            keys = [KEYS, KEYS + 1]
        self.open = [(key, Write(time.time(), float("inf"), None if kind == "delete" else value)) for key in keys]
        for key, write in self.open:
            self.writes[key].append(write)
        if kind == "put":
            client.put_item(TableName=table, Item=self.item(keys[0], value))
        elif kind == "update":
            client.update_item(
                TableName=table, Key=item(**self.name(keys[0])), UpdateExpression="SET v = :v, #y = :y",
                ExpressionAttributeNames={"#y": "year"}, ExpressionAttributeValues={":v": n(value), ":y": n(1900 + value % 7)})
        elif kind == "delete":
            client.delete_item(TableName=table, Key=item(**self.name(keys[0])))
        elif kind == "batch":
            left = {table: [{"PutRequest": {"Item": self.item(key, value)}} for key in keys]}
            while left:
                left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]
        else:
            client.transact_write_items(
                TransactItems=[{"Put": {"TableName": table, "Item": self.item(key, value)}} for key in keys])
        for _, write in self.open:
            write.answered = time.time()
        self.open = []

    def settle(self, client, table):
        """Looks up whether a write that was cut off was made; if so, then before the server ended."""
        for key, write in self.open:
            found = client.get_item(TableName=table, Key=item(**self.name(key)), ConsistentRead=True).get("Item")
            if (int(found["v"]["N"]) if found else None) == write.value:
                write.answered = self.ended
            else:
                self.writes[key].remove(write)
        self.open = []

    def allowed(self, key, moment):
        """What the key may hold at `moment`: what was answered last before, or anything that was under way then."""
        certain = [write for write in self.writes[key] if write.answered <= moment]
        values = {certain[-1].value if certain else None}
        return values | {write.value for write in self.writes[key] if write.sent <= moment < write.answered}


def write_until(stop, history, server, table):
    client = harness.client(server.endpoint)
    with contextlib.suppress(*ERRORS):  # the server was killed: what was sent is settled behind it
        while not stop.is_set():
            history.step(client, table)


def live(context, data, table, histories, seconds, kill):
    """One life of the server under writers."""
    server = harness.Server(context.shale, data).wait_until_ready()
    client, stop = server.client(), threading.Event()
    for history in histories:
        history.settle(client, table)
    writers = [threading.Thread(target=write_until, args=(stop, one, server, table)) for one in histories]
    for writer in writers:
        writer.start()
    time.sleep(seconds)
    if kill:
        server.kill()
    stop.set()
    for history, writer in zip(histories, writers):
        writer.join()
        history.ended = time.time()
    if not kill:
        server.stop()


def restore(check, client, table, histories, second, target):
    """Restores to a second, and compares each key with what it may hold."""
    client.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target, RestoreDateTime=second)
    wait_active(client, target)
    found = contents(client, target)
    check.true(contents(client, target, IndexName="ByYear") == found, f"the index at {second}")
    held = {(one["pk"]["S"], one["sk"]["S"]): int(one["v"]["N"]) for one in found.values()}
    for history in histories:
        for key in range(KEYS + 2):
            value = held.pop(tuple(history.name(key).values()), None)
            may = history.allowed(key, second)
            check.true(value in may, f"at {second} {history.name(key)} is {value}, and may be {sorted(may, key=str)}")
        both = [found.get(place) for place in found if found[place]["pk"]["S"] == f"w{history.number}"
                and found[place]["sk"]["S"] in (f"k{KEYS}", f"k{KEYS + 1}")]
        check.true(len({one["v"]["N"] for one in both}) <= 1 and len(both) in (0, 2), f"a transaction is whole at {second}: {both}")
    check.equal(held, {}, "items that nobody wrote")
    client.delete_table(TableName=target)


def suite_for(lives, seconds, restores, seed):
    suite = Suite("The past")

    @suite.test(f"at {restores} random seconds of {lives} lives that end by kill or stop a restored table is the model's (seed {seed})")
    def _(check, context):
        generator = random.Random(seed)
        histories = [History(number, random.Random(generator.random())) for number in range(WRITERS)]
        with harness.scratch() as directory:
            data = directory / "data"
            with harness.running(context.shale, data) as server:
                table = indexed_table(harness.Context(context.shale, server))
                enable(server.client(), table)
            # Clients send whole seconds.
            first = int(time.time()) + 1
            time.sleep(first - time.time() + 0.02)
            for life in range(lives):
                live(context, data, table, histories, seconds * generator.uniform(0.5, 1.5), life % 3 != 2)
            last = int(time.time())
            writes = sum(len(one) for history in histories for one in history.writes.values())
            check.true(writes > 100 * lives, f"{writes} writes are a history")
            print(f"        {writes} writes in {last - first} s", flush=True)
            with harness.running(context.shale, data) as server:
                client = server.client()
                for history in histories:
                    history.settle(client, table)
                for number in range(restores):
                    restore(check, client, table, histories, generator.randint(first, last), f"Restored{number}")
            check.equal(harness.run_shale(context.shale, "verify", data).returncode, 0, "verify")

    @suite.test("a restored table is provisioned as its source was, and has neither its policy, its protection, its scaling nor its past")
    def _(check, context):
        client, scales = context.client, scaling(context.server)
        name, target = "Provisioned", "ProvisionedAgain"
        client.create_table(
            TableName=name, BillingMode="PROVISIONED", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], DeletionProtectionEnabled=True,
            ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 9})
        arn = client.describe_table(TableName=name)["Table"]["TableArn"]
        client.put_resource_policy(ResourceArn=arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": arn}]}))
        resource = NAMESPACE | {"ResourceId": f"table/{name}", "ScalableDimension": "dynamodb:table:WriteCapacityUnits"}
        scales.register_scalable_target(**resource, MinCapacity=1, MaxCapacity=20)
        scales.put_scaling_policy(**resource, PolicyName="keep", PolicyType="TargetTrackingScaling",
                                  TargetTrackingScalingPolicyConfiguration=tracking())
        enable(client, name)
        client.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=target, UseLatestRestorableTime=True)
        table = wait_active(client, target)
        check.equal([table["ProvisionedThroughput"][what] for what in ("ReadCapacityUnits", "WriteCapacityUnits")], [7, 9])
        check.equal(table["DeletionProtectionEnabled"], False)
        check.refused("PolicyNotFoundException", client.get_resource_policy, ResourceArn=table["TableArn"])
        targets = scales.describe_scalable_targets(**NAMESPACE, ResourceIds=[f"table/{target}"])["ScalableTargets"]
        check.equal(targets, [])
        past = client.describe_continuous_backups(TableName=target)["ContinuousBackupsDescription"]
        check.equal(past["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED")
        scales.deregister_scalable_target(**resource)
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        for one in (name, target):
            client.delete_table(TableName=one)

    return suite
