"""The patterns of Docs/Patterns.md that follow a stream: the files of Docs/Examples as they stand, by boto3 and by Terraform.

The materialised view is held against its table behind many kills of the server under load.

    stream_pattern_tests.py --kills 20 --seed 7      only that, so many times
"""

import argparse
import base64
import collections
import json
import pathlib
import random
import threading
import time

import boto3
import botocore
import dateutil
import jmespath
import s3transfer
import six
import urllib3

import function_tests
import harness
import terraform_tests
from harness import Failed, Suite
from values import item

EXAMPLES = harness.ROOT / "Docs" / "Examples"
# Of the client's descriptions of services only this is put into the archive: it makes the tests faster, and no other difference.
SERVICES = ("dynamodb",)
KEY = ("LOCALREPLICA", "the-secret-of-the-replica")
CUSTOMERS = [f"customer-{number:02}" for number in range(20)]
THREADS = 4


def modules():
    """boto3 and what it needs, as `pip install --target` puts them beside handlers: the service has them, this server does not."""
    files = {}
    for module in (boto3, botocore, dateutil, jmespath, s3transfer, urllib3):
        top = pathlib.Path(module.__file__).parent
        for path in sorted(top.rglob("*")):
            inside = path.relative_to(top)
            is_other = "data" in inside.parts[:1] and len(inside.parts) > 2 and inside.parts[1] not in SERVICES
            if path.is_file() and path.suffix != ".pyc" and not is_other:
                files[str(top.name / inside)] = path.read_bytes()
    files["six.py"] = pathlib.Path(six.__file__).read_bytes()
    return files


def archive(example):
    return function_tests.archive(**modules(), **{"handlers.py": (EXAMPLES / example / "handlers.py").read_text()})


def table(client, name, *keys, view=None):
    """Makes a table whose keys are names and types, with a stream where a view is given. Answers the stream."""
    stream = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view}} if view else {}
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", **stream,
        KeySchema=[{"AttributeName": key[0], "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))],
        AttributeDefinitions=[{"AttributeName": key[0], "AttributeType": key[1]} for key in keys])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return client.describe_table(TableName=name)["Table"].get("LatestStreamArn")


class World(function_tests.World):
    """A server with functions, and a second one for the replica, which asks for a key."""

    replica = None

    def restart(self):
        super().restart()
        self.tables = self.server.client()

    def deploy(self, example, name, handler, stream, size, **variables):
        """Makes the function of an example and has the stream run it, as main.tf does."""
        self.make(name, handler, Runtime="python3.12", Code={"ZipFile": archive(example)}, MemorySize=256, Timeout=30,
                  Environment={"Variables": variables})
        made = self.client.create_event_source_mapping(
            FunctionName=name, EventSourceArn=stream, StartingPosition="TRIM_HORIZON", BatchSize=size)
        self.mapping = made["UUID"]

    def clear(self):
        """Ends what an earlier example has left, whatever became of it."""
        for mapping in self.client.list_event_source_mappings()["EventSourceMappings"]:
            self.client.delete_event_source_mapping(UUID=mapping["UUID"])
        for name in self.tables.list_tables()["TableNames"]:
            self.tables.delete_table(TableName=name)
            self.tables.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})

    def deploy_view(self):
        stream = table(self.tables, "Orders", ("customer", "S"), ("number", "N"), view="NEW_AND_OLD_IMAGES")
        table(self.tables, "Totals", ("customer", "S"))
        table(self.tables, "Counted", ("change", "S"))
        self.deploy("MaterialisedView", "count", "count", stream, 50, TOTALS_TABLE="Totals", COUNTED_TABLE="Counted")
        self.stream = stream

    def last_result(self):
        return self.client.get_event_source_mapping(UUID=self.mapping)["LastProcessingResult"]

    def start_replica(self, port=None):
        (self.directory / "keys").write_text(f"{KEY[0]}:{KEY[1]}\n")
        self.replica = harness.Server(self.shale, self.directory / "replica", "--region", "eu-west-1",
                                      "--credentials-file", str(self.directory / "keys"), port=port).wait_until_ready()
        return self.replica.client(key=KEY[0], secret=KEY[1])

    def end(self):
        for server in (self.server, self.replica):
            if server and server.process.poll() is None:
                server.stop()


def scan(client, name):
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return [one for page in pages for one in page["Items"]]


def by_key(items):
    return {(one["customer"]["S"], one["number"]["N"]): one for one in items}


def wait(holds, what, seconds=60):
    """Waits until what is asked holds; answers it. `what` says what was there instead."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise Failed(what())
        time.sleep(0.05)
    return found


suite = Suite("patterns of streams")


# The audit log

def changes_of_an_account(client):
    """An account is made, changed twice and deleted; another is made."""
    client.put_item(TableName="Accounts", Item={"id": {"S": "ada"}, "cents": {"N": "100"}, "photo": {"B": b"\x00\xff"}})
    client.update_item(TableName="Accounts", Key=item(id="ada"), UpdateExpression="ADD cents :n",
                       ExpressionAttributeValues={":n": {"N": "-40"}})
    client.put_item(TableName="Accounts", Item={"id": {"S": "grace"}, "cents": {"N": "1"}})
    client.update_item(TableName="Accounts", Key=item(id="ada"), UpdateExpression="REMOVE photo")
    client.delete_item(TableName="Accounts", Key=item(id="ada"))


def log_of(client, account):
    answer = client.query(TableName="Audit", KeyConditionExpression="account = :a", ExpressionAttributeValues={":a": {"S": account}})
    return answer["Items"]


def course(entry):
    """What an entry says: the kind of change, and cents and whether there is a photo before and after."""
    images = [json.loads(entry[name]["S"]) if name in entry else None for name in ("before", "after")]
    return entry["what"]["S"], *((image["cents"]["N"], "photo" in image) if image else None for image in images)


COURSE = [("INSERT", None, ("100", True)), ("MODIFY", ("100", True), ("60", True)),
          ("MODIFY", ("60", True), ("60", False)), ("REMOVE", ("60", False), None)]


def audited(check, world):
    wait(lambda: len(log_of(world.tables, "ada")) >= 4 and log_of(world.tables, "grace"),
         lambda: f"the log has {log_of(world.tables, 'ada')}")
    entries = log_of(world.tables, "ada")
    check.equal([course(entry) for entry in entries], COURSE, "what happened, in order")
    check.equal(json.loads(entries[0]["after"]["S"])["photo"], {"B": base64.b64encode(b"\x00\xff").decode()}, "bytes")
    check.true(all(abs(int(entry["at"]["N"]) - time.time()) < 600 for entry in entries), "times")
    check.equal(len(log_of(world.tables, "grace")), 1, "entries of the other account")


@suite.test("audit log: what happened to an account stands there in its order, with what was before and after")
def _(check, context):
    world = context.patterns
    stream = table(world.tables, "Accounts", ("id", "S"), view="NEW_AND_OLD_IMAGES")
    table(world.tables, "Audit", ("account", "S"), ("sequence", "S"))
    world.deploy("AuditLog", "audit", "write_down", stream, 100, AUDIT_TABLE="Audit")
    changes_of_an_account(world.tables)
    audited(check, world)
    context.accounts = stream


def event_of(world, stream):
    """All changes of a stream, as a function gets them."""
    client = boto3.client("dynamodbstreams", endpoint_url=world.server.endpoint, region_name="us-east-1",
                          aws_access_key_id="local", aws_secret_access_key="local")
    kept = []
    # The record of the wire and not of the client, which turns times and bytes into its own.
    client.meta.events.register("before-parse.dynamodb-streams.GetRecords",
                                lambda response_dict, **_: kept.extend(json.loads(response_dict["body"])["Records"]))
    for shard in client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
        iterator = client.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        client.get_records(ShardIterator=iterator)
    return {"Records": kept}


@suite.test("audit log: what comes twice is there once")
def _(check, context):
    world = context.patterns
    before = scan(world.tables, "Audit")
    event = event_of(world, context.accounts)
    check.equal(len(event["Records"]), 5, "changes")
    answer, payload = world.call("audit", event)
    check.equal((answer.get("FunctionError"), payload), (None, None), "answer")
    check.equal(scan(world.tables, "Audit"), before, "the log")


# Replication

def orders_to_replicate():
    """Orders with every type of attribute, bytes in lists and maps among them."""
    many = {"bytes": {"B": b"\x00\x01\xff"}, "several": {"BS": [b"\x01", b"\x02"]}, "words": {"SS": ["a", "b"]},
            "numbers": {"NS": ["1", "2"]}, "nothing": {"NULL": True}, "yes": {"BOOL": True},
            "list": {"L": [{"B": b"\xfe"}, {"M": {"deep": {"B": b"\xfd"}}}]}}
    return [{"customer": {"S": customer}, "number": {"N": str(number)}, "cents": {"N": "5"}} | (many if number == 3 else {})
            for customer in ("ada", "grace") for number in range(40)]


def written(client, orders):
    for first in range(0, len(orders), 25):
        client.batch_write_item(RequestItems={"Orders": [{"PutRequest": {"Item": one}} for one in orders[first:first + 25]]})
    for number in range(0, 40, 2):
        client.update_item(TableName="Orders", Key=item(customer="ada", number=number), UpdateExpression="ADD cents :n",
                           ExpressionAttributeValues={":n": {"N": str(number + 1)}})
        client.delete_item(TableName="Orders", Key=item(customer="grace", number=number))


def replicated(check, world, client, count):
    same = lambda: by_key(scan(world.tables, "Orders")) == by_key(scan(client, "Orders"))
    wait(same, lambda: f"the replica has {len(scan(client, 'Orders'))} orders that are not the table's: {world.last_result()}")
    check.equal(len(scan(client, "Orders")), count, "orders")


@suite.test("replication: the table of a second server becomes what the first one's is, every type and every deletion")
def _(check, context):
    world = context.patterns
    world.clear()
    client = context.replica = world.start_replica()
    stream = table(world.tables, "Orders", ("customer", "S"), ("number", "N"), view="NEW_IMAGE")
    table(client, "Orders", ("customer", "S"), ("number", "N"))
    world.deploy("Replication", "replicate", "replicate", stream, 100, REPLICA_TABLE="Orders", REPLICA_REGION="eu-west-1",
                 REPLICA_ENDPOINT=world.replica.endpoint, REPLICA_KEY_ID=KEY[0], REPLICA_SECRET=KEY[1])
    written(world.tables, orders_to_replicate())
    replicated(check, world, client, 60)


@suite.test("replication: while the second server is away changes wait, and when either was killed they come")
def _(check, context):
    world, client = context.patterns, context.replica
    world.replica.kill()
    for number in range(40, 60):
        world.tables.put_item(TableName="Orders", Item=item(customer="ada", number=number, cents=number))
    wait(lambda: world.last_result().startswith("PROBLEM"), world.last_result)
    client = world.start_replica(port=world.replica.port)
    replicated(check, world, client, 80)
    for number in range(60, 80):
        world.tables.put_item(TableName="Orders", Item=item(customer="ada", number=number, cents=number))
    world.server.kill()
    world.restart()
    world.tables.delete_item(TableName="Orders", Key=item(customer="ada", number=60))
    replicated(check, world, client, 99)


# The materialised view

def totals_of(orders):
    """Orders and cents of each customer who has orders."""
    totals = collections.defaultdict(lambda: (0, 0))
    for order in orders:
        count, cents = totals[order["customer"]["S"]]
        totals[order["customer"]["S"]] = count + 1, cents + int(order["cents"]["N"])
    return dict(totals)


def totals_in_view(client):
    return {one["customer"]["S"]: (int(one["orders"]["N"]), int(one["cents"]["N"])) for one in scan(client, "Totals")
            if (one["orders"]["N"], one["cents"]["N"]) != ("0", "0")}


def exact(check, world):
    """The view becomes what the table says, and stays so."""
    wanted = totals_of(scan(world.tables, "Orders"))

    def difference():
        found = totals_in_view(world.tables)
        wrong = [f"{name} has {found.get(name)} for {wanted.get(name)}" for name in sorted(wanted | found)
                 if found.get(name) != wanted.get(name)]
        return f"the totals of {len(wrong)} of {len(wanted)} customers differ: {wrong[:3]}, {world.last_result()}"

    wait(lambda: totals_in_view(world.tables) == wanted, difference, seconds=90)
    time.sleep(1)
    check.true(totals_in_view(world.tables) == wanted, difference())
    check.true(len(wanted) > 0, "there are orders")


@suite.test("materialised view: what is put, changed and deleted is counted")
def _(check, context):
    world = context.patterns
    world.clear()
    world.deploy_view()
    written(world.tables, [order | {"cents": {"N": "7"}} for order in orders_to_replicate()])
    exact(check, world)
    check.equal(totals_in_view(world.tables), {"ada": (40, 40 * 7 + sum(range(1, 41, 2))), "grace": (20, 20 * 7)}, "totals")


@suite.test("materialised view: what comes twice, and what comes again among other changes, is counted once")
def _(check, context):
    world = context.patterns
    event = event_of(world, world.stream)
    check.equal(len(event["Records"]), 120, "changes")
    before = totals_in_view(world.tables)
    check.equal(world.call("count", event)[0].get("FunctionError"), None, "error")
    check.equal(totals_in_view(world.tables), before, "totals")
    new = json.loads(json.dumps(event["Records"][0]))
    new["eventID"] = "new"
    new["dynamodb"]["NewImage"]["customer"]["S"] = "nobody"
    mixed = {"Records": event["Records"][:3] + [new] + event["Records"][3:6]}
    check.equal(world.call("count", mixed)[0].get("FunctionError"), None, "error")
    after = totals_in_view(world.tables)
    world.tables.delete_item(TableName="Totals", Key=item(customer="nobody"))
    check.equal(after, before | {"nobody": (1, 7)}, "totals, the new one alone counted")


# Kills under load

class Load(threading.Thread):
    """Puts, changes and deletes orders of its own until the server is gone."""

    def __init__(self, world, number, seed):
        super().__init__(daemon=True)
        self.client, self.number, self.chance = world.server.client(connections=2), number, random.Random(seed)
        self.written, self.failure, self.stopping = 0, None, False

    def keys(self, count):
        numbers = self.chance.sample(range(500), count)
        return [item(customer=self.chance.choice(CUSTOMERS), number=number * THREADS + self.number) for number in numbers]

    def once(self):
        kind = self.chance.random()
        if kind < 0.5:
            puts = [{"PutRequest": {"Item": key | {"cents": {"N": str(self.chance.randrange(1_000))}}}} for key in self.keys(25)]
            self.client.batch_write_item(RequestItems={"Orders": puts})
            self.written += 25
        elif kind < 0.8:
            # An order that is not there is made by that.
            self.client.update_item(TableName="Orders", Key=self.keys(1)[0], UpdateExpression="ADD cents :n",
                                    ExpressionAttributeValues={":n": {"N": str(self.chance.randrange(-100, 100))}})
            self.written += 1
        else:
            self.client.delete_item(TableName="Orders", Key=self.keys(1)[0])
            self.written += 1

    def run(self):
        while not self.stopping:
            try:
                self.once()
            except Exception as error:  # The server was killed; anything else shows in `stopping`.
                self.failure = error
                return
            # The function has to keep up: what is counted late is killed late.
            time.sleep(0.05)


def life(check, world, chance, is_behind_transaction):
    """One life of the server under load, to the random moment at which it is killed. Answers how many changes were written.

    Where it is asked for, the moment is the next one at which a transaction of the function was just seen: its batch comes again.
    """
    before = totals_in_view(world.tables)
    loads = [Load(world, number, chance.randrange(1 << 32)) for number in range(THREADS)]
    for load in loads:
        load.start()
    try:
        wait(lambda: totals_in_view(world.tables) != before, lambda: f"the view does not move: {world.last_result()}")
        time.sleep(chance.uniform(0, 1))
        seen, until = totals_in_view(world.tables), time.monotonic() + 10
        while is_behind_transaction and totals_in_view(world.tables) == seen and time.monotonic() < until:
            continue
        check.equal([load.failure for load in loads if load.failure], [], "failures before the kill")
    finally:
        world.server.kill()
        for load in loads:
            load.stopping = True
        for load in loads:
            load.join(60)
    return sum(load.written for load in loads)


def counted_before(world):
    """In how many batches the function was given changes once more, and how many, by its log."""
    client = boto3.client("logs", endpoint_url=world.server.endpoint, region_name="us-east-1",
                          aws_access_key_id="local", aws_secret_access_key="local")
    pages = client.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/count", filterPattern='"were counted before"')
    lines = [event["message"] for page in pages for event in page["events"]]
    return len(lines), sum(int(line.split()[0]) for line in lines)


def kills(check, world, count, seed):
    chance, written, began = random.Random(seed), 0, time.monotonic()
    earlier = counted_before(world)
    for number in range(count):
        written += life(check, world, chance, is_behind_transaction=number % 2 == 1)
        world.restart()
    exact(check, world)
    batches, again = (now - then for now, then in zip(counted_before(world), earlier))
    orders = len(scan(world.tables, "Orders"))
    check.equal(world.server.stop(), 0, "exit code of the stopped server")
    print(f"        {count} kills in {time.monotonic() - began:.0f} s, {written:,} changes written, {orders:,} orders left; "
          f"{again:,} changes in {batches} batches came again", flush=True)


# By Terraform

class Deployed(terraform_tests.Terraform):
    """An example's own main.tf beside its archive; keys come from the environment, as they do for AWS."""

    def __init__(self, directory, server, example):
        directory.mkdir()
        (directory / "function.zip").write_bytes(archive(example))
        super().__init__(directory, server.endpoint, (EXAMPLES / example / "main.tf").read_text())

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def audit_works(check, world, _):
    changes_of_an_account(world.tables)
    audited(check, world)


def replication_works(check, world, replica):
    written(world.tables, orders_to_replicate())
    replicated(check, world, replica, 60)


def view_works(check, world, _):
    check.equal(world.tables.describe_time_to_live(TableName="Counted")["TimeToLiveDescription"],
                {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}, "time to live of the notes")
    written(world.tables, orders_to_replicate())
    exact(check, world)


terraform = Suite("Terraform: patterns of streams")


@terraform.table("is applied, planned again without changes, works, and is destroyed", [
    ("audit log", "AuditLog", audit_works),
    ("replication", "Replication", replication_works),
    ("materialised view", "MaterialisedView", view_works),
])
def _(check, context, example, works):
    terraform_tests.tools()
    with harness.scratch("shale-terraform-") as directory:
        world = World(context.shale, directory)
        try:
            replica = world.start_replica() if example == "Replication" else None
            given = {"replica_endpoint": world.replica.endpoint,
                     "replica_key": json.dumps({"id": KEY[0], "secret": KEY[1]})} if replica else {}
            deployed = Deployed(directory / "terraform", world.server, example)
            deployed.apply(**given)
            plan = deployed.changes(**given)
            check.equal(plan.returncode, 0, f"the second plan: {plan.stdout[-3000:]}")
            world.mapping = world.client.list_event_source_mappings()["EventSourceMappings"][0]["UUID"]
            works(check, world, replica)
            deployed.run("destroy", "-auto-approve", "-input=false", **given)
            check.equal(world.client.list_functions()["Functions"], [], "functions")
            check.equal(world.client.list_event_source_mappings()["EventSourceMappings"], [], "mappings")
            check.equal(world.tables.list_tables()["TableNames"], [], "tables")
            check.equal(replica.list_tables()["TableNames"] if replica else [], [], "tables of the replica")
            check.equal(world.server.stop(), 0, "exit code of the server")
        finally:
            world.end()


class PatternSuite:
    """The tests above, on servers that run functions, and the kills."""

    def __init__(self, count, seed):
        self.count, self.seed = count, seed

    def run(self, report, context):
        with harness.scratch("shale-stream-patterns-") as directory:
            context.patterns = World(context.shale, directory)
            try:
                suite.run(report, context)
                report.run(f"materialised view: it is exact behind {self.count} kills of the server under load, seed {self.seed}",
                           lambda check: kills(check, context.patterns, self.count, self.seed))
            finally:
                context.patterns.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="default: drawn and printed")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    report = harness.Report()
    with harness.scratch("shale-view-kills-") as directory:
        world = World(arguments.shale or harness.default_shale(), directory)
        try:
            world.deploy_view()
            report.run(f"the view is exact behind {arguments.kills} kills, seed {seed}",
                       lambda check: kills(check, world, arguments.kills, seed))
        finally:
            world.end()
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
