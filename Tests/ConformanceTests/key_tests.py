"""Keys, of tables and of indexes: how many indexes there may be and of how many attributes, indexes that come and go beside writers,
numbers that are one key, long names, what is told of item collections.
"""

import itertools
import threading
import time

import harness
from harness import Suite
from query_tests import wait_for_index
from read_tests import VALIDATION, entries, fill, index, new_table
from values import item, n, s

suite = Suite("Keys and indexes")

WAIT_SECONDS = 60


def add_index(context, table, added, types=None):
    """UpdateTable with one more global index."""
    return context.client.update_table(
        TableName=table, GlobalSecondaryIndexUpdates=[{"Create": added}],
        AttributeDefinitions=[{"AttributeName": key["AttributeName"], "AttributeType": (types or {}).get(key["AttributeName"], "S")}
                              for key in added["KeySchema"]])


# How many indexes, and of how many attributes.

@suite.test("a table has five local and twenty global indexes, and not one more")
def _(check, context):
    client, name = context.client, "Indexes"
    local = [index(f"local{number}", ["pk"], [f"l{number}"], "KEYS_ONLY") for number in range(6)]
    many = [index(f"global{number:02}", [f"g{number}"], [], "KEYS_ONLY") for number in range(21)]
    check.refused(VALIDATION, new_table, context, name, ["pk"], ["sk"], LocalSecondaryIndexes=local)
    check.refused(VALIDATION, new_table, context, name, ["pk"], ["sk"], GlobalSecondaryIndexes=many)
    new_table(context, name, ["pk"], ["sk"], LocalSecondaryIndexes=local[:5], GlobalSecondaryIndexes=many[:20])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    values = {f"l{number}": f"v{number}" for number in range(5)} | {f"g{number}": f"v{number}" for number in range(20)}
    client.put_item(TableName=name, Item=item(pk="a", sk="b", **values))
    for each in local[:5]:
        check.equal(client.scan(TableName=name, IndexName=each["IndexName"])["Count"], 1, each["IndexName"])
    for number, each in enumerate(many[:20]):
        found = client.query(TableName=name, IndexName=each["IndexName"], KeyConditionExpression=f"g{number} = :v",
                             ExpressionAttributeValues={":v": s(f"v{number}")})["Items"]
        check.equal(found, [item(pk="a", sk="b") | {f"g{number}": s(f"v{number}")}], each["IndexName"])
    check.refused("LimitExceededException", add_index, context, name, many[20])
    described = client.describe_table(TableName=name)["Table"]
    check.equal([len(described[f"{kind}SecondaryIndexes"]) for kind in ("Local", "Global")], [5, 20])
    client.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "global07"}}])
    wait_until(lambda: len(client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]) == 19, "the index is gone")
    add_index(context, name, many[20])
    wait_for_index(client, name, "global20")


HASHES, RANGES = [f"h{number}" for number in range(5)], [f"r{number}" for number in range(5)]
WIDE = index("wide", HASHES[:4], RANGES[:4])
WIDE_TYPES = {"h1": "N", "r1": "N", "r3": "N"}
WIDE_ITEMS = [item(pk=f"i{i}", h0="h", h1=i % 2, h2="hh", h3="hhh", r0=f"r{i // 8}", r1=i // 4 % 2, r2=f"x{i // 2 % 2}", r3=i)
              for i in range(32)]
FOUR = "h0 = :h0 AND h1 = :h1 AND h2 = :h2 AND h3 = :h3"
FOUR_VALUES = {":h0": s("h"), ":h1": n(1), ":h2": s("hh"), ":h3": s("hhh")}


def wide(context, way):
    """A table with an index of four and four attributes, made in one of two ways, once."""
    name = f"Wide{way}"
    if not hasattr(context, name):
        setattr(context, name, True)
        if way == "Created":
            new_table(context, name, ["pk"], types=WIDE_TYPES, GlobalSecondaryIndexes=[WIDE])
        else:
            new_table(context, name, ["pk"])
        fill(context.client, name, WIDE_ITEMS + [
            {each: value for each, value in (WIDE_ITEMS[1] | item(pk=f"no {left}")).items() if each != left}
            for left in HASHES[:4] + RANGES[:4]])
        if way == "Updated":
            add_index(context, name, WIDE, WIDE_TYPES)
            wait_for_index(context.client, name, "wide")
    return name


@suite.table("an index of four partition and four sort attributes is made and described", [("CreateTable", "Created"), ("UpdateTable", "Updated")])
def _(check, context, way):
    name = wide(context, way)
    described = context.client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
    check.equal([(each["IndexName"], each["KeySchema"]) for each in described], [("wide", WIDE["KeySchema"])])
    found = context.client.scan(TableName=name, IndexName="wide")["Items"]
    check.equal(sorted(each["pk"]["S"] for each in found), sorted(each["pk"]["S"] for each in WIDE_ITEMS), "items with all eight attributes")


@suite.table("an index of four and four attributes is queried by the four and", [
    (f"{what}, {way}", way, condition, values, pick) for way in ("Created", "Updated") for what, condition, values, pick in [
        ("no more", "", {}, lambda r: True),
        ("the first sort attribute", "r0 = :a", {":a": s("r1")}, lambda r: r[0] == "r1"),
        ("a part of the first", "begins_with(r0, :a)", {":a": s("r")}, lambda r: True),
        ("more than the first", "r0 > :a", {":a": s("r1")}, lambda r: r[0] > "r1"),
        ("two sort attributes", "r1 = :b AND r0 = :a", {":a": s("r1"), ":b": n("1.0")}, lambda r: r[:2] == ("r1", 1)),
        ("less than the second", "r0 = :a AND r1 < :b", {":a": s("r2"), ":b": n(1)}, lambda r: r[0] == "r2" and r[1] < 1),
        ("three sort attributes", "r0 = :a AND r1 = :b AND r2 = :c", {":a": s("r1"), ":b": n(0), ":c": s("x1")},
         lambda r: r[:3] == ("r1", 0, "x1")),
        ("a span of the third", "r0 = :a AND r1 = :b AND r2 BETWEEN :c AND :d", {":a": s("r3"), ":b": n(1), ":c": s("x0"), ":d": s("x0z")},
         lambda r: r[:3] == ("r3", 1, "x0")),
        ("all sort attributes", "r0 = :a AND r1 = :b AND r2 = :c AND r3 = :d", {":a": s("r1"), ":b": n(0), ":c": s("x1"), ":d": n("11.00")},
         lambda r: r == ("r1", 0, "x1", 11)),
        ("a span of the fourth", "r0 = :a AND r1 = :b AND r2 = :c AND r3 >= :d", {":a": s("r1"), ":b": n(0), ":c": s("x1"), ":d": n(10)},
         lambda r: r[:3] == ("r1", 0, "x1") and r[3] >= 10),
    ]
])
def _(check, context, way, condition, values, pick):
    sort_key = lambda each: (each["r0"]["S"], int(each["r1"]["N"]), each["r2"]["S"], int(each["r3"]["N"]))  # noqa: E731
    wanted = sorted((each for each in WIDE_ITEMS if each["h1"] == n(1) and pick(sort_key(each))), key=sort_key)
    check.true(wanted != [], "the condition finds something")
    query = {"TableName": wide(context, way), "IndexName": "wide", "ExpressionAttributeValues": FOUR_VALUES | values,
             "KeyConditionExpression": FOUR + (f" AND {condition}" if condition else "")}
    check.equal(context.client.query(**query)["Items"], wanted)
    check.equal(entries(context.client.query, **query, Limit=1, ScanIndexForward=False), wanted[::-1], "backwards, one a page")


@suite.table("a query of an index of four and four attributes is refused", [
    ("without one of the four", "h0 = :h0 AND h1 = :h1 AND h2 = :h2", {":h3"}, {}),
    ("with a span of one of the four", FOUR.replace("h3 =", "h3 >"), set(), {}),
    ("with the second sort attribute alone", FOUR + " AND r1 = :b", set(), {":b": n(1)}),
    ("with a sort attribute left out", FOUR + " AND r0 = :a AND r2 = :c", set(), {":a": s("r1"), ":c": s("x1")}),
    ("with a span before the last condition", FOUR + " AND r0 > :a AND r1 = :b", set(), {":a": s("r1"), ":b": n(1)}),
    ("with another attribute", FOUR + " AND pk = :a", set(), {":a": s("i1")}),
    ("with a value of another type", FOUR + " AND r0 = :a", set(), {":a": n(1)}),
])
def _(check, context, condition, left, values):
    values = {name: value for name, value in (FOUR_VALUES | values).items() if name not in left}
    check.refused(VALIDATION, context.client.query, TableName=wide(context, "Created"), IndexName="wide",
                  KeyConditionExpression=condition, ExpressionAttributeValues=values)


@suite.table("an index is refused of", [
    ("five partition attributes", index("wrong", HASHES, RANGES[:1])),
    ("five partition and four sort attributes", index("wrong", HASHES, RANGES[:4])),
    ("five sort attributes", index("wrong", HASHES[:1], RANGES)),
    ("four partition and five sort attributes", index("wrong", HASHES[:4], RANGES)),
    ("sort attributes alone", index("wrong", [], RANGES[:2])),
    ("one attribute twice", index("wrong", ["h0", "h0"], RANGES[:1])),
])
def _(check, context, wrong):
    check.refused(VALIDATION, new_table, context, "WideRefused", ["pk"], GlobalSecondaryIndexes=[wrong])
    if not hasattr(context, "wide_plain"):
        context.wide_plain = context.create_table(sort=None)
    check.refused(VALIDATION, add_index, context, context.wide_plain, wrong)
    check.true("GlobalSecondaryIndexes" not in context.client.describe_table(TableName=context.wide_plain)["Table"], "nothing was made")


# Indexes that come and go while others write.

def wait_until(condition, what):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise harness.Failed(f"not within {WAIT_SECONDS} s: {what}")
        time.sleep(0.02)


class Writers:
    """Four threads that put, update and delete items of their own, and count."""

    def __init__(self, server, table):
        self.counts, self.failures, self.stopped = [0] * 4, [], threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(number, server.client(), table)) for number in range(4)]

    def write(self, number, client, table):
        for turn in itertools.count():
            if self.stopped.is_set():
                return
            key = item(pk=f"w{number}-{turn % 150}")
            try:
                if turn % 5 == 3:
                    client.update_item(TableName=table, Key=key, UpdateExpression="SET city = :c, turn = :t",
                                       ExpressionAttributeValues={":c": s(f"c{turn % 7}"), ":t": n(turn)})
                elif turn % 5 == 4:
                    client.delete_item(TableName=table, Key=item(pk=f"w{number}-{turn * 7 % 150}"))
                else:
                    client.put_item(TableName=table, Item=key | item(turn=turn) | (item(city=f"c{turn % 7}") if turn % 11 else {}))
                self.counts[number] += 1
            except Exception as error:  # Whatever a write meets is what the test looks for.
                self.failures.append(repr(error))
                return

    def more(self, count):
        """Waits until each thread has written so many more."""
        goal = [each + count for each in self.counts]
        wait_until(lambda: self.failures or all(map(int.__ge__, self.counts, goal)), f"{count} writes of each thread")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(WAIT_SECONDS)


BY_CITY = index("byCity", ["city"])


@suite.test("an index is deleted while four threads write: no write fails, and it is gone")
def _(check, context):
    client, name = context.client, "DeletedBeside"
    new_table(context, name, ["pk"], GlobalSecondaryIndexes=[BY_CITY, index("stays", ["city"], ["pk"])])
    with Writers(context.server, name) as writers:
        writers.more(40)
        client.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byCity"}}])
        writers.more(40)
        wait_until(lambda: len(client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]) == 1, "the index is gone")
        writers.more(40)
    check.equal(writers.failures, [])
    check.refused(VALIDATION, client.scan, TableName=name, IndexName="byCity")
    check.equal([each["IndexName"] for each in client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]], ["stays"])
    same_as_table(check, client, name, "stays")


def same_as_table(check, client, name, index_name):
    """What the index holds is what the table has with its key."""
    by_key = lambda each: each["pk"]["S"]  # noqa: E731
    wanted = sorted((each for each in entries(client.scan, TableName=name) if "city" in each), key=by_key)
    check.true(len(wanted) > 50, f"{len(wanted)} items")
    check.equal(sorted(entries(client.scan, TableName=name, IndexName=index_name), key=by_key), wanted)


@suite.test("an index that is made while four threads write is whole")
def _(check, context):
    client, name = context.client, "CreatedBeside"
    new_table(context, name, ["pk"])
    fill(client, name, [item(pk=f"old{number}", city=f"c{number % 7}", text="x" * 500) for number in range(2_000)])
    with Writers(context.server, name) as writers:
        writers.more(40)
        add_index(context, name, BY_CITY)
        writers.more(20)
        wait_for_index(client, name, "byCity")
        writers.more(40)
    check.equal(writers.failures, [])
    same_as_table(check, client, name, "byCity")


# Numbers.

SPELLINGS = ["1000", "1e3", "1000.0", "1000.00", "+1000", "0001000", "10E+2", "100000e-2"]


def numbers(context):
    """A table whose keys are numbers."""
    if not hasattr(context, "numbers_table"):
        context.numbers_table = context.create_table(partition=("pk", "N"), sort=("sk", "N"))
    return context.numbers_table


@suite.table("one number is one key, put as", [(spelling, spelling) for spelling in SPELLINGS])
def _(check, context, spelling):
    client, name = context.client, numbers(context)
    key = {"pk": n(spelling), "sk": n(spelling)}
    client.put_item(TableName=name, Item=key | item(by=spelling))
    for other in SPELLINGS:
        got = client.get_item(TableName=name, Key={"pk": n(other), "sk": n(other)}).get("Item")
        check.equal(got, item(pk=1000, sk=1000, by=spelling), f"read as {other}")
        query = client.query(TableName=name, KeyConditionExpression="pk = :v AND sk = :v", ExpressionAttributeValues={":v": n(other)})
        check.equal(query["Items"], [item(pk=1000, sk=1000, by=spelling)], f"queried as {other}")
    check.equal(client.scan(TableName=name)["Count"], 1)


@suite.test("one number in two spellings is an element twice, and a key twice")
def _(check, context):
    client, name = context.client, numbers(context)
    for one, other in itertools.combinations(SPELLINGS, 2):
        twice = [{"pk": n(1), "sk": n(spelling)} for spelling in (one, other)]
        check.refused(VALIDATION, client.put_item, TableName=name, Item=item(pk=1, sk=1, v={"NS": ["7", one, other]}))
        check.refused(VALIDATION, client.batch_write_item, RequestItems={name: [{"PutRequest": {"Item": each}} for each in twice]})
        check.refused(VALIDATION, client.batch_get_item, RequestItems={name: {"Keys": twice}})
        check.refused(VALIDATION, client.transact_write_items, TransactItems=[{"Put": {"TableName": name, "Item": each}} for each in twice])


@suite.test("an element of a set is found, taken away and not added again by each spelling")
def _(check, context):
    client, name, key = context.client, numbers(context), item(pk=2, sk=2)
    for spelling in SPELLINGS:
        client.put_item(TableName=name, Item=key | item(v={"NS": ["7", spelling]}))
        for other in SPELLINGS:
            change = {"TableName": name, "Key": key, "ReturnValues": "ALL_NEW"}
            added = client.update_item(**change, UpdateExpression="ADD v :one", ConditionExpression="contains(v, :v)",
                                       ExpressionAttributeValues={":one": {"NS": [other]}, ":v": n(other)})
            check.equal(sorted(added["Attributes"]["v"]["NS"]), ["1000", "7"])
        less = client.update_item(**change, UpdateExpression="DELETE v :one", ExpressionAttributeValues={":one": {"NS": [SPELLINGS[1]]}})
        check.equal(less["Attributes"]["v"], {"NS": ["7"]})


HUGE = {"1e999999999": "1e999999999", "1 with 100,000 zeros": "1" + "0" * 100_000, "1e-999999999": "1e-999999999",
        "-1e999999999": "-1e999999999", "1e99999999999999999999": "1e99999999999999999999", "1e-99999999999999999999": "1e-99999999999999999999",
        "0. with 100,000 zeros and 1": "0." + "0" * 100_000 + "1", "1 with 100,000 ones": "1" * 100_001, "1e126": "1e126", "1e-131": "1e-131"}


@suite.table("a number far out of range is refused within a second", [(what, number) for what, number in HUGE.items()])
def _(check, context, number):
    client, name, v = context.client, numbers(context), {":v": n(number)}
    key = item(pk=3, sk=3)
    calls = [
        lambda: client.put_item(TableName=name, Item=key | item(v=n(number))),
        lambda: client.put_item(TableName=name, Item=key | item(v={"NS": ["1", number]})),
        lambda: client.put_item(TableName=name, Item=key | item(v={"L": [{"M": {"a": n(number)}}]})),
        lambda: client.put_item(TableName=name, Item=key | {"sk": n(number)}),
        lambda: client.get_item(TableName=name, Key=key | {"pk": n(number)}),
        lambda: client.update_item(TableName=name, Key=key, UpdateExpression="ADD v :v", ExpressionAttributeValues=v),
        lambda: client.query(TableName=name, KeyConditionExpression="pk = :v", ExpressionAttributeValues=v),
        lambda: client.scan(TableName=name, FilterExpression="v > :v", ExpressionAttributeValues=v),
        lambda: client.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": key | {"sk": n(number)}}}]}),
    ]
    for call in calls:
        began = time.monotonic()
        check.refused(VALIDATION, call)
        check.true(time.monotonic() - began < 1, f"{time.monotonic() - began:.2f} s")


GREATEST = "9.9999999999999999999999999999999999999E+125"


@suite.table("a sum that no 38 digits hold is refused within a second, and the item stays", [
    ("1e125 + 1e-130", "1e125", "+", "1e-130"), ("1e125 - 1e-130", "1e125", "-", "1e-130"), ("1e-130 + 1e125", "1e-130", "+", "1e125"),
    ("-1e125 + 1e-130", "-1e125", "+", "1e-130"), ("1e50 + 1", "1e50", "+", "1"), ("the greatest and the least", GREATEST, "+", "1e-130"),
    ("too large", GREATEST, "+", "1e125"), ("too large, below zero", "-" + GREATEST, "-", "1e125"), ("too small", "1.1e-130", "-", "1e-130"),
])
def _(check, context, one, sign, other):
    client, name, key = context.client, numbers(context), item(pk=4, sk=4)
    client.put_item(TableName=name, Item=key | item(v=n(one)))
    before = client.get_item(TableName=name, Key=key)["Item"]
    for text in [f"SET v = v {sign} :v"] + (["ADD v :v"] if sign == "+" else []):
        began = time.monotonic()
        check.refused(VALIDATION, client.update_item, TableName=name, Key=key, UpdateExpression=text,
                      ExpressionAttributeValues={":v": n(other)})
        check.true(time.monotonic() - began < 1, f"{time.monotonic() - began:.2f} s")
        check.equal(client.get_item(TableName=name, Key=key)["Item"], before)


# Names.

@suite.test("names of keys and of projected attributes have 255 characters, and not one more")
def _(check, context):
    client, name = context.client, "LongNames"
    pk, sk, gk, gs, ls, note = ("".join((letter, "x" * 254)) for letter in "psghln")
    good = {"partition": [pk], "sort": [sk], "LocalSecondaryIndexes": [index("local", [pk], [ls], "INCLUDE", note)],
            "GlobalSecondaryIndexes": [index("global", [gk], [gs], "INCLUDE", note)]}
    for changes in [
        {"partition": [pk + "x"], "LocalSecondaryIndexes": [index("local", [pk + "x"], [ls], "INCLUDE", note)]}, {"sort": [sk + "x"]},
        {"LocalSecondaryIndexes": [index("local", [pk], [ls + "x"])]}, {"LocalSecondaryIndexes": [index("local", [pk], [ls], "INCLUDE", note + "x")]},
        {"GlobalSecondaryIndexes": [index("global", [gk + "x"])]}, {"GlobalSecondaryIndexes": [index("global", [gk], [gs + "x"])]},
        {"GlobalSecondaryIndexes": [index("global", [gk], [], "INCLUDE", note + "x")]},
    ]:
        check.refused(VALIDATION, lambda changes=changes: new_table(context, name, **good | changes))
    new_table(context, name, **good)
    check.refused(VALIDATION, add_index, context, name, index("more", [gk + "x"]))
    check.refused(VALIDATION, add_index, context, name, index("more", [gk], [], "INCLUDE", note + "x"))
    client.put_item(TableName=name, Item=item(**{pk: "a", sk: "b", gk: "c", gs: "d", ls: "e", note: "f", "left": "out"}))
    check.equal(client.scan(TableName=name, IndexName="global")["Items"], [item(**{pk: "a", sk: "b", gk: "c", gs: "d", note: "f"})])
    found = client.query(TableName=name, IndexName="local", KeyConditionExpression="#p = :a AND #l = :e",
                         ExpressionAttributeNames={"#p": pk, "#l": ls}, ExpressionAttributeValues={":a": s("a"), ":e": s("e")})
    check.equal(found["Items"], [item(**{pk: "a", sk: "b", ls: "e", note: "f"})])


@suite.table("an attribute's name has 65,535 bytes and not one more", [
    ("of one byte each", "x" * 65_535), ("of two and three", "ä" * 32_766 + "世"),
])
def _(check, context, name):
    client, table = context.client, context.create_table(sort=None)
    check.equal(len(name.encode()), 65_535)
    client.put_item(TableName=table, Item=item(pk="a", **{name: 1}))
    check.equal(client.get_item(TableName=table, Key=item(pk="a"))["Item"], item(pk="a", **{name: 1}))
    check.refused(VALIDATION, client.put_item, TableName=table, Item=item(pk="b", **{name + "x": 1}))
    check.equal(client.scan(TableName=table, Select="COUNT")["Count"], 1)


# Item collections.

def of_put(client, table, **more):
    return client.put_item(TableName=table, Item=item(pk="c", sk="1", la="x"), **more).get("ItemCollectionMetrics")


def of_update(client, table, **more):
    return client.update_item(TableName=table, Key=item(pk="c", sk="1"), UpdateExpression="SET la = :v",
                              ExpressionAttributeValues={":v": s("y")}, **more).get("ItemCollectionMetrics")


def of_delete(client, table, **more):
    return client.delete_item(TableName=table, Key=item(pk="c", sk="1"), **more).get("ItemCollectionMetrics")


def of_batch(client, table, **more):
    return client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item(pk="c", sk="2", la="x")}}]},
                                   **more).get("ItemCollectionMetrics")


def of_transaction(client, table, **more):
    return client.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": item(pk="c", sk="3", la="x")}}],
                                       **more).get("ItemCollectionMetrics")


@suite.table("the size of an item collection is told where there is a local index", [
    ("PutItem", of_put, False), ("UpdateItem", of_update, False), ("DeleteItem", of_delete, False), ("BatchWriteItem", of_batch, True),
    ("TransactWriteItems", of_transaction, True),
])
def _(check, context, call, of_tables):
    if not hasattr(context, "collections"):
        context.collections = ["Collections", "NoCollections"]
        new_table(context, "Collections", ["pk"], ["sk"], LocalSecondaryIndexes=[index("local", ["pk"], ["la"])])
        new_table(context, "NoCollections", ["pk"], ["sk"], GlobalSecondaryIndexes=[index("global", ["la"])])
    table, without = context.collections
    metrics = call(context.client, table, ReturnItemCollectionMetrics="SIZE")
    if of_tables:
        check.equal((list(metrics), len(metrics[table])), ([table], 1))
        metrics = metrics[table][0]
    check.equal((sorted(metrics), metrics["ItemCollectionKey"]), (["ItemCollectionKey", "SizeEstimateRangeGB"], item(pk="c")))
    low, high = metrics["SizeEstimateRangeGB"]
    check.true(0 <= low <= high, f"from {low} to {high} GB")
    check.true(not call(context.client, table), "none unless asked for")
    check.true(not call(context.client, table, ReturnItemCollectionMetrics="NONE"), "none where none are wanted")
    check.true(not call(context.client, without, ReturnItemCollectionMetrics="SIZE"), "none without a local index")
