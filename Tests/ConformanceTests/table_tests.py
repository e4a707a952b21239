"""Tables: create, describe, list, update, delete, and what is refused."""

import json
import random
import threading

import harness
from harness import Suite

suite = Suite("Tables")

HASH = [{"AttributeName": "pk", "KeyType": "HASH"}]
PK = [{"AttributeName": "pk", "AttributeType": "S"}]


@suite.test("a created table is described as it was asked for")
def _(check, context):
    name = context.create_table(partition=("artist", "S"), sort=("year", "N"))
    table = context.client.describe_table(TableName=name)["Table"]
    check.equal(table["TableName"], name)
    check.equal(table["TableStatus"], "ACTIVE")
    check.equal([(k["AttributeName"], k["KeyType"]) for k in table["KeySchema"]], [("artist", "HASH"), ("year", "RANGE")])
    check.equal(sorted((a["AttributeName"], a["AttributeType"]) for a in table["AttributeDefinitions"]), [("artist", "S"), ("year", "N")])
    check.equal(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
    check.contains(table["TableArn"], f":table/{name}")
    check.equal(table["ItemCount"], 0)


@suite.test("the answer to a creation says that it is under way, and the next description that it is over")
def _(check, context):
    made = context.client.create_table(
        TableName="Status", BillingMode="PAY_PER_REQUEST", KeySchema=HASH, AttributeDefinitions=PK + [
            {"AttributeName": "gk", "AttributeType": "S"}], GlobalSecondaryIndexes=[{
                "IndexName": "ByG", "KeySchema": [{"AttributeName": "gk", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}],
    )["TableDescription"]
    check.equal((made["TableStatus"], made["GlobalSecondaryIndexes"][0]["IndexStatus"]), ("CREATING", "CREATING"))
    table = context.client.describe_table(TableName="Status")["Table"]
    check.equal((table["TableStatus"], table["GlobalSecondaryIndexes"][0]["IndexStatus"]), ("ACTIVE", "ACTIVE"))
    check.equal(context.client.delete_table(TableName="Status")["TableDescription"]["TableStatus"], "DELETING")


@suite.test("tables are listed in order and in pages")
def _(check, context):
    client = context.client
    names = [f"List-{i:02}" for i in range(5)]
    for name in names:
        client.create_table(TableName=name, KeySchema=HASH, AttributeDefinitions=PK, BillingMode="PAY_PER_REQUEST")
    listed = client.list_tables()["TableNames"]
    check.equal([name for name in listed if name.startswith("List-")], names)
    page = client.list_tables(ExclusiveStartTableName="List-", Limit=2)
    check.equal(page["TableNames"], names[:2])
    check.equal(page["LastEvaluatedTableName"], names[1])
    rest = client.list_tables(ExclusiveStartTableName=page["LastEvaluatedTableName"], Limit=2)
    check.equal(rest["TableNames"], names[2:4])


@suite.test("a deleted table is gone, and its name is free")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    client.put_item(TableName=name, Item={"pk": {"S": "a"}})
    client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    check.refused("ResourceNotFoundException", client.describe_table, TableName=name)
    client.create_table(TableName=name, KeySchema=HASH, AttributeDefinitions=PK, BillingMode="PAY_PER_REQUEST")
    check.true("Item" not in client.get_item(TableName=name, Key={"pk": {"S": "a"}}), "the new table is empty")


@suite.test("a second table of one name is refused")
def _(check, context):
    name = context.create_table(sort=None)
    check.refused("ResourceInUseException", context.client.create_table, TableName=name, KeySchema=HASH,
                  AttributeDefinitions=PK, BillingMode="PAY_PER_REQUEST")


@suite.test("a table with deletion protection stays until that is taken away")
def _(check, context):
    client, name = context.client, context.create_table(sort=None, DeletionProtectionEnabled=True)
    check.refused("ValidationException", client.delete_table, TableName=name)
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    check.equal(client.delete_table(TableName=name)["TableDescription"]["TableName"], name)


@suite.test("a provisioned table remembers its throughput and a change of it")
def _(check, context):
    client = context.client
    client.create_table(TableName="Provisioned", KeySchema=HASH, AttributeDefinitions=PK,
                        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
    units = client.describe_table(TableName="Provisioned")["Table"]["ProvisionedThroughput"]
    check.equal((units["ReadCapacityUnits"], units["WriteCapacityUnits"]), (5, 6))
    client.update_table(TableName="Provisioned", ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 6})
    units = client.describe_table(TableName="Provisioned")["Table"]["ProvisionedThroughput"]
    check.equal(units["ReadCapacityUnits"], 7)


@suite.table("a table is refused", [
    ("no partition key", {"KeySchema": [{"AttributeName": "pk", "KeyType": "RANGE"}]}),
    ("a key attribute without a type", {"AttributeDefinitions": []}),
    ("a type for an attribute that is in no key", {"AttributeDefinitions": PK + [{"AttributeName": "x", "AttributeType": "S"}]}),
    ("paid by request and provisioned", {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}),
    ("one attribute as both keys", {"KeySchema": HASH + [{"AttributeName": "pk", "KeyType": "RANGE"}]}),
    ("two indexes of one name", {"GlobalSecondaryIndexes": [
        {"IndexName": "byPk", "KeySchema": HASH, "Projection": {"ProjectionType": "ALL"}}] * 2}),
    ("a name with a space", {"TableName": "a table"}),
])
def _(check, context, changes):
    request = {"TableName": "Refused", "KeySchema": HASH, "AttributeDefinitions": PK, "BillingMode": "PAY_PER_REQUEST"}
    check.refused("ValidationException", context.client.create_table, **(request | changes))


@suite.table("a missing table is told", [
    ("describe", lambda c: c.describe_table(TableName="Missing")),
    ("put", lambda c: c.put_item(TableName="Missing", Item={"pk": {"S": "a"}})),
    ("get", lambda c: c.get_item(TableName="Missing", Key={"pk": {"S": "a"}})),
    ("scan", lambda c: c.scan(TableName="Missing")),
    ("delete", lambda c: c.delete_table(TableName="Missing")),
])
def _(check, context, call):
    check.refused("ResourceNotFoundException", call, context.client)


@suite.test("racing creations and deletions of one name leave a whole table or none")
def _(check, context):
    client, name, unexpected = context.client, "Raced", []
    counts = {"create": 0, "delete": 0}

    def race(seed):
        generator = random.Random(seed)
        mine = harness.client(context.server.endpoint)
        for _ in range(25):
            what = generator.choice(["create", "delete"])
            try:
                if what == "create":
                    mine.create_table(TableName=name, KeySchema=HASH, AttributeDefinitions=PK, BillingMode="PAY_PER_REQUEST")
                    mine.put_item(TableName=name, Item={"pk": {"S": str(seed)}})
                else:
                    mine.delete_table(TableName=name)
                counts[what] += 1
            except mine.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in ("ResourceInUseException", "ResourceNotFoundException"):
                    unexpected.append(error)

    threads = [threading.Thread(target=race, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check.equal(unexpected, [])
    check.true(min(counts.values()) > 0, f"both happened: {counts}")
    if name not in client.list_tables()["TableNames"]:
        check.refused("ResourceNotFoundException", client.describe_table, TableName=name)
        client.create_table(TableName=name, KeySchema=HASH, AttributeDefinitions=PK, BillingMode="PAY_PER_REQUEST")
    found = {one["pk"]["S"] for one in client.scan(TableName=name)["Items"]}
    client.put_item(TableName=name, Item={"pk": {"S": "last"}})
    check.equal({one["pk"]["S"] for one in client.scan(TableName=name)["Items"]}, found | {"last"})
    client.delete_table(TableName=name)
    check.true(name not in client.list_tables()["TableNames"], "it is gone")


@suite.test("stats names a key that most requests are for, and the log says that nothing is encrypted")
def _(check, context):
    with harness.scratch() as directory:
        with harness.running(context.shale, directory / "data") as server:
            client = server.client()
            client.create_table(TableName="Hot", KeySchema=HASH, AttributeDefinitions=PK, BillingMode="PAY_PER_REQUEST",
                                SSESpecification={"Enabled": True})
            check.equal(client.describe_table(TableName="Hot")["Table"]["SSEDescription"]["Status"], "ENABLED")
            for number in range(600):
                key = {"pk": {"S": "star" if number % 3 else f"other-{number}"}}
                client.get_item(TableName="Hot", Key=key)
            log = server.log_tail()
        check.contains(log, "unencrypted")
        stats = json.loads(harness.run_shale(context.shale, "stats", directory / "data", "--json").stdout)
        check.equal([(hot["table"], hot["partition_key"]) for hot in stats["hot_keys"]], [("Hot", '{"S":"star"}')])
        check.contains(harness.run_shale(context.shale, "stats", directory / "data").stdout, '{"S":"star"} of Hot: ')
