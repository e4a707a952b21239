"""What Query and Scan may be asked for, of a table and of each kind of index: attributes, start keys, pages, filters, segments."""

import itertools
import json

import harness
import protocol_tests
from harness import Suite
from values import item, n, s

suite = Suite("Reads")

VALIDATION = "ValidationException"


def keys(partition, sort=()):
    """A key schema of these attributes."""
    return [{"AttributeName": name, "KeyType": kind} for names, kind in ((partition, "HASH"), (sort, "RANGE")) for name in names]


def index(name, partition, sort=(), projection="ALL", *attributes):
    more = {"NonKeyAttributes": list(attributes)} if attributes else {}
    return {"IndexName": name, "KeySchema": keys(partition, sort), "Projection": {"ProjectionType": projection} | more}


def new_table(context, name, partition, sort=(), types=None, **more):
    """Makes a table with a name of the test's own; attributes are texts unless told otherwise."""
    indexes = more.get("GlobalSecondaryIndexes", []) + more.get("LocalSecondaryIndexes", [])
    named = {key["AttributeName"] for schema in [keys(partition, sort), *(each["KeySchema"] for each in indexes)] for key in schema}
    return context.client.create_table(
        TableName=name, KeySchema=keys(partition, sort), BillingMode="PAY_PER_REQUEST", **more,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": (types or {}).get(each, "S")} for each in sorted(named)])


def fill(client, table, items):
    for start in range(0, len(items), 25):
        written = client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": each}} for each in items[start:start + 25]]})
        if written["UnprocessedItems"]:
            raise harness.Failed("a batch was not written whole")


def pages(call, bound=500, **request):
    """The pages of a query or scan, with the start keys passed on as they came."""
    for _ in range(bound):
        page = call(**request)
        yield page
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    raise harness.Failed(f"no end within {bound} pages")


def entries(call, **request):
    return [each for page in pages(call, **request) for each in page["Items"]]


def ids(items):
    return [(each["pk"]["S"], int(each["sk"]["N"])) for each in items]


# One table with every kind of index. Many items are equal in the keys of an index, so that the table's key has to part them.

NUMBERS = {"sk": "N", "la": "N", "gs": "N", "d2": "N"}
ITEMS = [item(pk=f"p{i % 3}", sk=i - 10, la=i // 6, g="xy"[i % 2], gs=i // 5, c1="a", c2="uv"[i % 4 // 2], d1=f"d{i // 12}",
              d2=i // 8, note=f"{'even' if i % 2 == 0 else 'odd'} {i}", rest=f"r{i}") for i in range(30)]
# Items that no index holds.
BARE = [item(pk="p1", sk=100), item(pk="p9", sk=-100)]
ALL = sorted(ITEMS[0])
# The index, its condition, values, the partition's attributes, the sort attributes.
TARGETS = {
    "a table": (None, "pk = :a", {":a": s("p1")}, ["pk"], ["sk"]),
    "a local index": ("local", "pk = :a", {":a": s("p1")}, ["pk"], ["la"]),
    "a global index": ("global", "g = :a", {":a": s("x")}, ["g"], ["gs"]),
    "a global index of several attributes": ("composite", "c1 = :a AND c2 = :b", {":a": s("a"), ":b": s("u")}, ["c1", "c2"], ["d1", "d2"]),
}
EACH = [(name, *target) for name, target in TARGETS.items()]
TABLE, LOCAL, GLOBAL = (TARGETS[name] for name in ("a table", "a local index", "a global index"))
# Global indexes that have less.
NARROW = ("narrow", "g = :a", {":a": s("x")}, ["g"], ["sk"])
KEYS = ("keys", "gs = :a", {":a": n(1)}, ["gs"], [])


def reads(context):
    """The table, made and filled once."""
    name = "Reads"
    if not hasattr(context, "reads_made"):
        context.reads_made = True
        new_table(context, name, ["pk"], ["sk"], NUMBERS, LocalSecondaryIndexes=[
            index("local", ["pk"], ["la"], "INCLUDE", "note"),
        ], GlobalSecondaryIndexes=[
            index("global", ["g"], ["gs"]), index("narrow", ["g"], ["sk"], "INCLUDE", "note"),
            index("keys", ["gs"], [], "KEYS_ONLY"), index("composite", ["c1", "c2"], ["d1", "d2"]),
        ])
        fill(context.client, name, ITEMS + BARE)
    return name


def source(context, target):
    """Where a request reads."""
    return {"TableName": reads(context)} | ({"IndexName": target} if target else {})


def query_of(context, target, condition, values, *_, **more):
    values = values | more.pop("ExpressionAttributeValues", {})
    return source(context, target) | {"KeyConditionExpression": condition, "ExpressionAttributeValues": values} | more


def held(target):
    """The items that the table or an index holds."""
    return ITEMS + (BARE if target is None else [])


def expected(target, values, partition):
    """The items that a query of a target has to find, in no order."""
    wanted = dict(zip(partition, values.values()))
    return [each for each in held(target) if all(each[name] == value for name, value in wanted.items())]


# Select.

@suite.table("a Select that its source does not have is refused", [
    ("ALL_PROJECTED_ATTRIBUTES of a table", TABLE, {"Select": "ALL_PROJECTED_ATTRIBUTES"}),
    ("SPECIFIC_ATTRIBUTES without any", TABLE, {"Select": "SPECIFIC_ATTRIBUTES"}),
    ("ALL_ATTRIBUTES of a global index that includes some", NARROW, {"Select": "ALL_ATTRIBUTES"}),
    ("ALL_ATTRIBUTES of a global index of keys", KEYS, {"Select": "ALL_ATTRIBUTES"}),
    ("what a global index does not project", NARROW, {"ProjectionExpression": "rest"}),
    ("what a global index does not project, by name", NARROW, {"Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": "note, rest"}),
] + [
    (f"{select} beside a projection, of {where}", target, {"Select": select, "ProjectionExpression": "note"})
    for where, target in TARGETS.items() for select in ("ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT")
])
def _(check, context, target, more):
    check.refused(VALIDATION, context.client.query, **query_of(context, *target), **more)
    check.refused(VALIDATION, context.client.scan, **source(context, target[0]), **more)


@suite.table("a Select gives", [
    ("all of a table", TABLE, {"Select": "ALL_ATTRIBUTES"}, ALL),
    ("all of a table, unasked", TABLE, {}, ALL),
    ("what is named", TABLE, {"Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": "note, rest, nowhere"}, ["note", "rest"]),
    ("what is named, of a global index", NARROW, {"Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": "note, pk"}, ["note", "pk"]),
    ("what is named, of a local index that has to fetch it", LOCAL,
     {"Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": "rest, la"}, ["la", "rest"]),
    ("what a global index includes", NARROW, {"Select": "ALL_PROJECTED_ATTRIBUTES"}, ["g", "note", "pk", "sk"]),
    ("what a global index includes, unasked", NARROW, {}, ["g", "note", "pk", "sk"]),
    ("what a local index includes", LOCAL, {"Select": "ALL_PROJECTED_ATTRIBUTES"}, ["la", "note", "pk", "sk"]),
    ("what a local index includes, unasked", LOCAL, {}, ["la", "note", "pk", "sk"]),
    ("what an index of keys has", KEYS, {"Select": "ALL_PROJECTED_ATTRIBUTES"}, ["gs", "pk", "sk"]),
    ("all of a global index that has all", GLOBAL, {"Select": "ALL_ATTRIBUTES"}, ALL),
    ("all of a global index that has all, as what it projects", GLOBAL, {"Select": "ALL_PROJECTED_ATTRIBUTES"}, ALL),
    ("all of a narrower local index, from the table", LOCAL, {"Select": "ALL_ATTRIBUTES"}, ALL),
])
def _(check, context, target, more, wanted):
    index_name, _, values, partition, _ = target
    cut = lambda items: sorted(({name: each[name] for name in wanted if name in each} for each in items), key=repr)  # noqa: E731
    parts = lambda items: sorted((dict(sorted(each.items())) for each in items), key=repr)  # noqa: E731
    found = context.client.query(**query_of(context, *target), **more)["Items"]
    check.equal(parts(found), cut(expected(index_name, values, partition)), "queried")
    check.equal(parts(context.client.scan(**source(context, index_name), **more)["Items"]), cut(held(index_name)), "scanned")


@suite.table("COUNT gives numbers and no items", EACH)
def _(check, context, target, condition, values, partition, _):
    for page, wanted in (
        (context.client.query(**query_of(context, target, condition, values, Select="COUNT")), expected(target, values, partition)),
        (context.client.scan(**source(context, target), Select="COUNT"), held(target)),
    ):
        check.true("Items" not in page, "no items")
        check.equal((page["Count"], page["ScannedCount"]), (len(wanted), len(wanted)))


# Start keys.

OTHER_TYPE = {"S": {"N": "1"}, "N": {"S": "1"}}


@suite.table("a start key that cannot be one is refused, of", EACH)
def _(check, context, target, condition, values, partition, sort):
    client = context.client
    query = query_of(context, target, condition, values)
    start = client.query(**query, Limit=2)["LastEvaluatedKey"]
    check.equal(set(start), {"pk", "sk", *partition, *sort}, "the attributes of a start key")
    wrong = {f"without {name}": {other: value for other, value in start.items() if other != name} for name in start}
    wrong |= {f"{name} of another type": start | {name: OTHER_TYPE[next(iter(value))]} for name, value in start.items()}
    wrong |= {f"{name} that is no scalar": start | {name: {"L": [value]}} for name, value in start.items()}
    wrong["with one too many"] = start | item(rest="r")
    for what, key in wrong.items():
        for call, request in ((client.query, query), (client.scan, source(context, target))):
            try:
                check.refused(VALIDATION, call, **request, ExclusiveStartKey=key)
            except harness.Failed as failure:
                raise harness.Failed(f"{what}: {failure}") from None
    for name in partition:
        check.refused(VALIDATION, client.query, **query, ExclusiveStartKey=start | {name: s("elsewhere")})


@suite.test("a start key outside of what the sort key may be is refused")
def _(check, context):
    request = query_of(context, None, "pk = :a AND sk > :b", {":a": s("p1"), ":b": n(0)})
    check.refused(VALIDATION, context.client.query, **request, ExclusiveStartKey=item(pk="p1", sk=-9))


@suite.test("a scan's start key of another segment is refused")
def _(check, context):
    client, name = context.client, reads(context)
    of_segment = [client.scan(TableName=name, Segment=segment, TotalSegments=2, Limit=1).get("LastEvaluatedKey") for segment in range(2)]
    check.true(any(of_segment), "a segment holds items")
    for segment, key in enumerate(of_segment):
        if key:
            client.scan(TableName=name, Segment=segment, TotalSegments=2, ExclusiveStartKey=key)
            check.refused(VALIDATION, client.scan, TableName=name, Segment=1 - segment, TotalSegments=2, ExclusiveStartKey=key)


# Pages.

@suite.table("pages of one item have each item once", [
    (f"{name}, {way}", *rest, forwards) for (name, *rest), (way, forwards) in
    itertools.product(EACH, [("forwards", True), ("backwards", False)])
])
def _(check, context, target, condition, values, partition, sort, forwards):
    query = query_of(context, target, condition, values, ScanIndexForward=forwards)
    whole = context.client.query(**query)["Items"]
    found = entries(context.client.query, **query, Limit=1)
    check.equal(found, whole)
    check.equal(sorted(ids(found)), sorted(ids(expected(target, values, partition))))
    order = [tuple(float(each[name]["N"]) if "N" in each[name] else each[name]["S"] for name in sort) for each in found]
    check.equal(order, sorted(order, reverse=not forwards), "order of the sort attributes")


@suite.table("a scan in pages of one item has each item once", EACH)
def _(check, context, target, *_):
    found = ids(entries(context.client.scan, **source(context, target), Limit=1))
    check.equal(sorted(found), sorted(ids(held(target))))


@suite.table("Limit counts what was looked at, before the filter", EACH)
def _(check, context, target, condition, values, partition, sort):
    client, start_names = context.client, {"pk", "sk", *partition, *sort}
    for call, request in ((client.query, query_of(context, target, condition, values)), (client.scan, source(context, target))):
        order, place = entries(call, **request), 0
        filtered = lambda text: request | {  # noqa: E731
            "FilterExpression": "begins_with(note, :t)",
            "ExpressionAttributeValues": request.get("ExpressionAttributeValues", {}) | {":t": s(text)}}
        for page in pages(call, **filtered("even"), Limit=4):
            part = order[place:place + 4]
            matching = [each for each in part if each.get("note", s(""))["S"].startswith("even")]
            check.equal((page["Items"], page["Count"], page["ScannedCount"]), (matching, len(matching), len(part)))
            if "LastEvaluatedKey" in page:
                check.equal(page["LastEvaluatedKey"], {name: part[-1][name] for name in start_names}, "the last that was looked at")
            place += len(part)
        check.equal(place, len(order), "all were looked at")
        nothing = call(**filtered("neither"), Limit=3)
        check.equal((nothing["Items"], nothing["Count"], nothing["ScannedCount"]), ([], 0, 3))
        check.equal(nothing["LastEvaluatedKey"], {name: order[2][name] for name in start_names}, "the last that was looked at")


# Filters.

@suite.table("a query's filter may not name the keys by which it reads, of", EACH)
def _(check, context, target, condition, values, partition, sort):
    for name, text in itertools.product(partition + sort, ("{} <> :f", "attribute_exists({}) AND note <> :f", "note = :f OR NOT {} IN (:f)")):
        query = query_of(context, target, condition, values, ExpressionAttributeValues={":f": s("f")}, FilterExpression=text.format(name))
        check.refused(VALIDATION, context.client.query, **query)


@suite.table("a query's filter may name the table's keys where it reads", [
    ("a local index", *LOCAL, "sk", ITEMS[4]["sk"]), ("a global index", *GLOBAL, "sk", n(0)),
    ("a global index, by its partition key", *GLOBAL, "pk", s("p1")),
    ("a global index of several attributes", *TARGETS["a global index of several attributes"], "pk", s("p1")),
])
def _(check, context, target, condition, values, partition, sort, name, bound):
    query = query_of(context, target, condition, values, ExpressionAttributeValues={":f": bound}, FilterExpression=f"{name} = :f")
    page = context.client.query(**query)
    everything = expected(target, values, partition)
    check.equal(sorted(ids(page["Items"])), sorted(ids(each for each in everything if each[name] == bound)))
    check.equal(page["ScannedCount"], len(everything))


@suite.table("a scan's filter may name every key of", EACH)
def _(check, context, target, condition, values, partition, sort):
    for name in {"pk", "sk", *partition, *sort}:
        value = ITEMS[7][name]
        found = context.client.scan(**source(context, target), FilterExpression="#k = :v AND attribute_exists(note)",
                                    ExpressionAttributeNames={"#k": name}, ExpressionAttributeValues={":v": value})["Items"]
        check.equal(sorted(ids(found)), sorted(ids([each for each in ITEMS if each[name] == value])), name)


# Segments.

@suite.table("the segments of a scan are disjoint and complete", [(f"{count} of {where}", target, count) for count, (where, target) in
             itertools.product([1, 4, 1000], [("a table", None), ("a global index", "byCity")])])
def _(check, context, target, count):
    client, name = context.client, "Segments"
    if not hasattr(context, "segments_made"):
        context.segments_made = True
        new_table(context, name, ["pk"], GlobalSecondaryIndexes=[index("byCity", ["city"])])
        fill(client, name, [item(pk=f"k{number}", city=f"c{number % 90}") for number in range(600)])
    place = {"TableName": name} | ({"IndexName": target} if target else {})
    parts = [[each["pk"]["S"] for each in entries(client.scan, **place, Segment=segment, TotalSegments=count, Limit=150)]
             for segment in range(count)]
    check.equal(sorted(key for part in parts for key in part), sorted(f"k{number}" for number in range(600)))
    if count == 4:
        check.true(min(map(len, parts)) > 0, f"each of four segments holds something: {list(map(len, parts))}")


@suite.table("a number of segments is refused", [("none", 0), ("more than a million", 1_000_001)])
def _(check, context, count):
    body = json.dumps({"TableName": reads(context), "Segment": 0, "TotalSegments": count})
    status, _, answer = protocol_tests.call(context.server.port, "Scan", body)
    check.equal((status, json.loads(answer)["__type"].split("#")[-1]), (400, VALIDATION))
