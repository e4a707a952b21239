"""Query, Scan, paging, secondary indexes, batches."""

from harness import Suite
from values import item, n, s

suite = Suite("Queries, indexes and batches")

INDEX = {
    "attributes": {"city": "S", "age": "N"},
    "GlobalSecondaryIndexes": [
        {"IndexName": "byCity", "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"},
                                              {"AttributeName": "age", "KeyType": "RANGE"}],
         "Projection": {"ProjectionType": "ALL"}},
        {"IndexName": "byAge", "KeySchema": [{"AttributeName": "age", "KeyType": "HASH"}],
         "Projection": {"ProjectionType": "KEYS_ONLY"}},
    ],
    "LocalSecondaryIndexes": [
        {"IndexName": "localAge", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                                                {"AttributeName": "age", "KeyType": "RANGE"}],
         "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]}},
    ],
}


def numbered(context):
    """A table with the sort keys -5 to 24 under one partition key."""
    if not hasattr(context, "numbered_table"):
        context.numbered_table = context.create_table(sort=("sk", "N"))
        for i in range(-5, 25):
            context.client.put_item(TableName=context.numbered_table, Item=item(pk="p", sk=i, even=i % 2 == 0))
    return context.numbered_table


@suite.table("a key condition selects", [
    ("all, in the order of numbers", "pk = :p", {}, list(range(-5, 25))),
    ("one", "pk = :p AND sk = :a", {":a": n(3)}, [3]),
    ("less", "pk = :p AND sk < :a", {":a": n(-3)}, [-5, -4]),
    ("at most", "pk = :p AND sk <= :a", {":a": n(-3)}, [-5, -4, -3]),
    ("greater", "pk = :p AND sk > :a", {":a": n(22)}, [23, 24]),
    ("at least", "sk >= :a AND pk = :p", {":a": n("22.5")}, [23, 24]),
    ("between", "pk = :p AND sk BETWEEN :a AND :b", {":a": n(9), ":b": n(11)}, [9, 10, 11]),
    ("nothing", "pk = :p AND sk > :a", {":a": n(24)}, []),
])
def _(check, context, condition, values, wanted):
    page = context.client.query(TableName=numbered(context), KeyConditionExpression=condition,
                                ExpressionAttributeValues={":p": s("p")} | values)
    check.equal([int(i["sk"]["N"]) for i in page["Items"]], wanted)
    check.equal((page["Count"], page["ScannedCount"]), (len(wanted), len(wanted)))


@suite.table("a scan's filter may name keys", [
    ("the sort key", "sk > :a", {":a": n(22)}, [23, 24]),
    ("both", "pk = :p AND sk BETWEEN :a AND :b", {":p": s("p"), ":a": n(-1), ":b": n(1)}, [-1, 0, 1]),
    ("another value of the partition key", "pk <> :p", {":p": s("p")}, []),
])
def _(check, context, text, values, wanted):
    page = context.client.scan(TableName=numbered(context), FilterExpression=text, ExpressionAttributeValues=values)
    check.equal(sorted(int(i["sk"]["N"]) for i in page["Items"]), wanted)
    check.equal((page["Count"], page["ScannedCount"]), (len(wanted), 30))


@suite.table("a query is refused", [
    ("no partition key", "sk = :a", {":a": n(1)}),
    ("an inequality of the partition key", "pk > :a", {":a": s("p")}),
    ("another attribute", "pk = :a AND even = :b", {":a": s("p"), ":b": {"BOOL": True}}),
    ("or", "pk = :a OR sk = :b", {":a": s("p"), ":b": n(1)}),
    ("a value of another type", "pk = :a", {":a": n(1)}),
])
def _(check, context, condition, values):
    check.refused("ValidationException", context.client.query, TableName=numbered(context),
                  KeyConditionExpression=condition, ExpressionAttributeValues=values)


@suite.test("a query runs backwards, filters after reading, and counts")
def _(check, context):
    query = lambda **more: context.client.query(  # noqa: E731
        TableName=numbered(context), KeyConditionExpression="pk = :p", **more)
    back = query(ScanIndexForward=False, Limit=3, ExpressionAttributeValues={":p": s("p")})
    check.equal([int(i["sk"]["N"]) for i in back["Items"]], [24, 23, 22])
    even = query(FilterExpression="even = :t", ExpressionAttributeValues={":p": s("p"), ":t": {"BOOL": True}})
    check.equal((even["Count"], even["ScannedCount"]), (15, 30))
    count = query(Select="COUNT", ExpressionAttributeValues={":p": s("p")})
    check.true(count["Count"] == 30 and not count.get("Items"), "COUNT has no items")


@suite.table("pages put together are the whole", [("forwards", True), ("backwards", False)])
def _(check, context, forwards):
    pages = context.client.get_paginator("query").paginate(
        TableName=numbered(context), KeyConditionExpression="pk = :p", ScanIndexForward=forwards,
        ExpressionAttributeValues={":p": s("p")}, PaginationConfig={"PageSize": 7})
    got = [int(i["sk"]["N"]) for page in pages for i in page["Items"]]
    check.equal(got, list(range(-5, 25)) if forwards else list(range(24, -6, -1)))


@suite.test("begins_with selects text by its bytes")
def _(check, context):
    client, name = context.client, context.create_table()
    for sk in ["a", "ab", "abc", "abd", "ac", "äb"]:
        client.put_item(TableName=name, Item=item(pk="p", sk=sk))
    page = client.query(TableName=name, KeyConditionExpression="pk = :p AND begins_with(sk, :b)",
                        ExpressionAttributeValues={":p": s("p"), ":b": s("ab")})
    check.equal([i["sk"]["S"] for i in page["Items"]], ["ab", "abc", "abd"])


@suite.test("a page ends at 1 MB, and the pages hold everything")
def _(check, context):
    client, name = context.client, context.create_table()
    for i in range(12):
        client.put_item(TableName=name, Item=item(pk="p", sk=f"{i:02}", v="x" * 200_000))
    first = client.query(TableName=name, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": s("p")})
    check.true(5 <= first["Count"] <= 6, f"{first['Count']} items of 200 KB in the first page")
    check.true("LastEvaluatedKey" in first, "there is more")
    pages = client.get_paginator("query").paginate(
        TableName=name, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": s("p")})
    check.equal([i["sk"]["S"] for page in pages for i in page["Items"]], [f"{i:02}" for i in range(12)])


@suite.test("a scan returns every item once, also in parallel segments and pages")
def _(check, context):
    client, name = context.client, context.create_table()
    wanted = {(f"p{i % 37}", f"s{i}") for i in range(200)}
    for pk, sk in sorted(wanted):
        client.put_item(TableName=name, Item=item(pk=pk, sk=sk))
    key = lambda i: (i["pk"]["S"], i["sk"]["S"])  # noqa: E731
    pages = client.get_paginator("scan").paginate(TableName=name, PaginationConfig={"PageSize": 9})
    got = [key(i) for page in pages for i in page["Items"]]
    check.equal((len(got), set(got)), (200, wanted), "in pages")
    got = [key(i) for segment in range(4) for i in client.scan(TableName=name, Segment=segment, TotalSegments=4)["Items"]]
    check.equal((len(got), set(got)), (200, wanted), "in segments")
    client.delete_item(TableName=name, Key=item(pk="p0", sk="s0"))
    resumed = client.scan(TableName=name, ExclusiveStartKey=item(pk="p0", sk="s0"))
    check.true(resumed["Count"] <= 199, "a key that no longer exists is a valid start")


def people(context):
    """A table with two global indexes and a local one."""
    name = context.create_table(**INDEX)
    for i in range(12):
        context.client.put_item(TableName=name, Item=item(
            pk=f"p{i % 3}", sk=f"{i:02}", city=["Bonn", "Köln"][i % 2], age=i // 2, note=f"n{i}", other="x"))
    context.client.put_item(TableName=name, Item=item(pk="p0", sk="none"))
    return name


def by_city(context, name, city, **more):
    page = context.client.query(TableName=name, IndexName="byCity", KeyConditionExpression="city = :c",
                                ExpressionAttributeValues={":c": s(city)}, **more)
    return [i["sk"]["S"] for i in page["Items"]]


@suite.test("a global index orders by its own keys and holds what it projects")
def _(check, context):
    name = people(context)
    check.equal(by_city(context, name, "Bonn"), ["00", "02", "04", "06", "08", "10"])
    check.equal(by_city(context, name, "Köln", ScanIndexForward=False, Limit=2), ["11", "09"])
    check.equal(by_city(context, name, "Ulm"), [])
    keys = context.client.query(TableName=name, IndexName="byAge", KeyConditionExpression="age = :a",
                                ExpressionAttributeValues={":a": n(2)})["Items"]
    check.equal(sorted(map(sorted, keys)), [["age", "pk", "sk"]] * 2, "keys only")
    scanned = context.client.scan(TableName=name, IndexName="byCity")
    check.equal(scanned["Count"], 12, "an item without the index's keys is not in it")


@suite.test("a global index follows every put, update and delete")
def _(check, context):
    client, name, key = context.client, people(context), item(pk="p0", sk="00")
    client.update_item(TableName=name, Key=key, UpdateExpression="SET city = :c", ExpressionAttributeValues={":c": s("Ulm")})
    check.equal((by_city(context, name, "Ulm"), "00" in by_city(context, name, "Bonn")), (["00"], False), "moved")
    client.update_item(TableName=name, Key=key, UpdateExpression="REMOVE city")
    check.equal(by_city(context, name, "Ulm"), [], "the attribute removed")
    client.put_item(TableName=name, Item=key | item(city="Ulm", age=1))
    check.equal(by_city(context, name, "Ulm"), ["00"], "put again")
    client.delete_item(TableName=name, Key=key)
    check.equal(by_city(context, name, "Ulm"), [], "deleted")
    check.refused("ValidationException", client.put_item, TableName=name, Item=key | item(city=5))


@suite.test("pages of a global index put together are the whole")
def _(check, context):
    name = people(context)
    pages = context.client.get_paginator("query").paginate(
        TableName=name, IndexName="byCity", KeyConditionExpression="city = :c",
        ExpressionAttributeValues={":c": s("Bonn")}, PaginationConfig={"PageSize": 2})
    check.equal([i["sk"]["S"] for page in pages for i in page["Items"]], ["00", "02", "04", "06", "08", "10"])


@suite.test("a local index orders the items of one partition key, and fetches what it does not hold")
def _(check, context):
    name = people(context)
    query = lambda **more: context.client.query(  # noqa: E731
        TableName=name, IndexName="localAge", KeyConditionExpression="pk = :p AND age >= :a",
        ExpressionAttributeValues={":p": s("p1"), ":a": n(2)}, **more)["Items"]
    check.equal([i["sk"]["S"] for i in query(ConsistentRead=True)], ["04", "07", "10"])
    check.equal(sorted(query()[0]), ["age", "note", "pk", "sk"], "projected")
    check.equal(sorted(query(Select="ALL_ATTRIBUTES")[0]), ["age", "city", "note", "other", "pk", "sk"], "fetched")


@suite.test("a consistent read of a global index is refused")
def _(check, context):
    name = people(context)
    check.refused("ValidationException", context.client.query, TableName=name, IndexName="byCity", ConsistentRead=True,
                  KeyConditionExpression="city = :c", ExpressionAttributeValues={":c": s("Bonn")})
    check.refused("ValidationException", context.client.scan, TableName=name, IndexName="byCity", ConsistentRead=True)


@suite.test("a query of an index that is not there is refused")
def _(check, context):
    check.refused("ValidationException", context.client.query, TableName=people(context), IndexName="nope",
                  KeyConditionExpression="city = :c", ExpressionAttributeValues={":c": s("Bonn")})


@suite.test("an index made later holds what the table held")
def _(check, context):
    client, name = context.client, people(context)
    client.update_table(
        TableName=name, AttributeDefinitions=[{"AttributeName": "note", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "byNote", "KeySchema": [{"AttributeName": "note", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}}}])
    wait_for_index(client, name, "byNote")
    got = client.query(TableName=name, IndexName="byNote", KeyConditionExpression="note = :v",
                       ExpressionAttributeValues={":v": s("n7")})
    check.equal([i["sk"]["S"] for i in got["Items"]], ["07"])
    client.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byNote"}}])


def wait_for_index(client, name, index):
    import time
    for _ in range(300):
        found = {i["IndexName"]: i for i in client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]}
        if found.get(index, {}).get("IndexStatus") == "ACTIVE":
            return
        time.sleep(0.1)
    raise TimeoutError(f"{index} did not become active within 30 s")


@suite.test("a batch writes and deletes up to 25 items, and a batch reads up to 100")
def _(check, context):
    client, name = context.client, context.create_table()
    for start in range(0, 100, 25):
        puts = [{"PutRequest": {"Item": item(pk="b", sk=f"{i:03}", v=i)}} for i in range(start, start + 25)]
        check.equal(client.batch_write_item(RequestItems={name: puts})["UnprocessedItems"], {})
    client.batch_write_item(RequestItems={name: [{"DeleteRequest": {"Key": item(pk="b", sk="007")}}]})
    keys = [item(pk="b", sk=f"{i:03}") for i in range(100)]
    got = client.batch_get_item(RequestItems={name: {"Keys": keys, "ProjectionExpression": "v"}})
    check.equal(got["UnprocessedKeys"], {})
    check.equal(sorted(int(i["v"]["N"]) for i in got["Responses"][name]), [i for i in range(100) if i != 7])


@suite.table("a batch is refused", [
    ("26 writes", lambda c, t: c.batch_write_item(RequestItems={t: [
        {"PutRequest": {"Item": item(pk="b", sk=str(i))}} for i in range(26)]}), "ValidationException"),
    ("one key twice", lambda c, t: c.batch_write_item(RequestItems={t: [
        {"PutRequest": {"Item": item(pk="b", sk="1")}}, {"DeleteRequest": {"Key": item(pk="b", sk="1")}}]}), "ValidationException"),
    ("101 keys", lambda c, t: c.batch_get_item(RequestItems={t: {
        "Keys": [item(pk="b", sk=str(i)) for i in range(101)]}}), "ValidationException"),
    ("a missing table", lambda c, t: c.batch_get_item(RequestItems={"Missing": {
        "Keys": [item(pk="b", sk="1")]}}), "ResourceNotFoundException"),
])
def _(check, context, call, code):
    if not hasattr(context, "batch_table"):
        context.batch_table = context.create_table()
    check.refused(code, call, context.client, context.batch_table)
