"""Items: every type, put, get, delete, conditions, update expressions, limits."""

from harness import Suite
from values import item, n, nested, s

suite = Suite("Items")


@suite.table("a value comes back as it was put", [
    ("text", {"S": "Grüße, 世界 🎉"}),
    ("empty text", {"S": ""}),
    ("whole number", {"N": "-42"}),
    ("38 digits", {"N": "12345678901234567890123456789012345678"}),
    ("fraction", {"N": "0.000123"}),
    ("bytes", {"B": bytes(range(256))}),
    ("empty bytes", {"B": b""}),
    ("true", {"BOOL": True}),
    ("null", {"NULL": True}),
    ("map", {"M": {"a": {"N": "1"}, "b": {"M": {}}}}),
    ("list", {"L": [{"S": "a"}, {"N": "1"}, {"L": []}, {"NULL": True}]}),
    ("32 levels", nested(32)),
])
def _(check, context, v):
    name = shared(context)
    context.client.put_item(TableName=name, Item=item(pk="types", sk="one", v=v))
    check.equal(context.client.get_item(TableName=name, Key=item(pk="types", sk="one"))["Item"]["v"], v)


@suite.table("a set comes back as a set", [
    ("texts", "SS", ["b", "a", "ä"]),
    ("numbers", "NS", ["3", "-1", "2.5"]),
    ("bytes", "BS", [b"x", b"\x00"]),
])
def _(check, context, kind, members):
    name = shared(context)
    context.client.put_item(TableName=name, Item=item(pk="sets", sk=kind, v={kind: members}))
    got = context.client.get_item(TableName=name, Key=item(pk="sets", sk=kind))["Item"]["v"]
    check.equal(sorted(got[kind]), sorted(members))


@suite.table("a number has one spelling", [
    ("leading zeros", "007", "7"),
    ("trailing zeros", "1.500", "1.5"),
    ("exponent", "1.5E3", "1500"),
    ("minus zero", "-0", "0"),
    ("plus", "+3", "3"),
])
def _(check, context, put, got):
    name = shared(context)
    context.client.put_item(TableName=name, Item=item(pk="numbers", sk=put, v={"N": put}))
    check.equal(context.client.get_item(TableName=name, Key=item(pk="numbers", sk=put))["Item"]["v"]["N"], got)


@suite.table("an item is refused", [
    ("no sort key", item(pk="a")),
    ("a key of another type", item(pk=1, sk="a")),
    ("an empty key", item(pk="", sk="a")),
    ("39 digits", item(pk="a", sk="b", v={"N": "1" * 39})),
    ("no number", item(pk="a", sk="b", v={"N": "twelve"})),
    ("an exponent out of range", item(pk="a", sk="b", v={"N": "1E126"})),
    ("an empty set", item(pk="a", sk="b", v={"SS": []})),
    ("a set with a member twice", item(pk="a", sk="b", v={"SS": ["x", "x"]})),
    ("null that is not true", item(pk="a", sk="b", v={"NULL": False})),
    ("33 levels", item(pk="a", sk="b", v=nested(33))),
    ("above 400 KB", item(pk="a", sk="b", v="x" * 409_600)),
    ("a partition key above 2,048 bytes", item(pk="x" * 2_049, sk="b")),
    ("a sort key above 1,024 bytes", item(pk="a", sk="x" * 1_025)),
])
def _(check, context, wrong):
    check.refused("ValidationException", context.client.put_item, TableName=shared(context), Item=wrong)


@suite.test("an item of exactly 400 KB and keys of exactly their limits are taken")
def _(check, context):
    name = shared(context)
    big = item(pk="big", sk="b", v="x" * (409_600 - len("pkbigskbv")))
    context.client.put_item(TableName=name, Item=big)
    check.equal(context.client.get_item(TableName=name, Key=item(pk="big", sk="b"))["Item"], big)
    keys = item(pk="x" * 2_048, sk="y" * 1_024)
    context.client.put_item(TableName=name, Item=keys)
    check.equal(context.client.get_item(TableName=name, Key=keys)["Item"], keys)


@suite.test("put replaces the whole item and returns the old one")
def _(check, context):
    client, name = context.client, shared(context)
    client.put_item(TableName=name, Item=item(pk="p", sk="1", a=1, b=2))
    old = client.put_item(TableName=name, Item=item(pk="p", sk="1", c=3), ReturnValues="ALL_OLD")
    check.equal(old["Attributes"], item(pk="p", sk="1", a=1, b=2))
    check.equal(client.get_item(TableName=name, Key=item(pk="p", sk="1"))["Item"], item(pk="p", sk="1", c=3))


@suite.test("delete removes, returns the old item, and takes a missing one for done")
def _(check, context):
    client, name, key = context.client, shared(context), item(pk="d", sk="1")
    client.put_item(TableName=name, Item=key | item(a=1))
    check.equal(client.delete_item(TableName=name, Key=key, ReturnValues="ALL_OLD")["Attributes"], key | item(a=1))
    check.true("Item" not in client.get_item(TableName=name, Key=key), "the item is gone")
    check.true("Attributes" not in client.delete_item(TableName=name, Key=key, ReturnValues="ALL_OLD"), "nothing was there")


@suite.test("a projection returns the named parts only")
def _(check, context):
    client, name, key = context.client, shared(context), item(pk="proj", sk="1")
    client.put_item(TableName=name, Item=key | item(a={"M": {"b": n(1), "c": n(2)}}, l=[10, 20, 30], size=5))
    got = client.get_item(TableName=name, Key=key, ProjectionExpression="a.b, l[1], #s", ExpressionAttributeNames={"#s": "size"})
    check.equal(got["Item"], item(a={"M": {"b": n(1)}}, l=[20], size=5))


@suite.test("consumed capacity counts half a unit per 4 KB read and one per 1 KB written")
def _(check, context):
    client, name, key = context.client, shared(context), item(pk="cap", sk="1")
    wrote = client.put_item(TableName=name, Item=key | item(v="x" * 5_000), ReturnConsumedCapacity="TOTAL")
    check.equal(wrote["ConsumedCapacity"], {"TableName": name, "CapacityUnits": 5.0})
    read = client.get_item(TableName=name, Key=key, ReturnConsumedCapacity="TOTAL")
    check.equal(read["ConsumedCapacity"]["CapacityUnits"], 1.0)
    read = client.get_item(TableName=name, Key=key, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    check.equal(read["ConsumedCapacity"]["CapacityUnits"], 2.0)


# What the conditions below are tried on.
SUBJECT = item(pk="cond", sk="1", a=5, t="hello", l=[1, 2], m={"x": s("y")}, ss={"SS": ["p", "q"]})


@suite.table("a condition holds", [
    ("equal", "a = :v", {":v": n(5)}, True),
    ("not equal", "a <> :v", {":v": n(5)}, False),
    ("less", "a < :v", {":v": n(6)}, True),
    ("between", "a BETWEEN :v AND :w", {":v": n(1), ":w": n(5)}, True),
    ("in", "a IN (:v, :w)", {":v": n(1), ":w": n(2)}, False),
    ("exists", "attribute_exists(m.x)", None, True),
    ("does not exist", "attribute_not_exists(pk)", None, False),
    ("type", "attribute_type(l, :v)", {":v": s("L")}, True),
    ("begins", "begins_with(t, :v)", {":v": s("hel")}, True),
    ("contains in text", "contains(t, :v)", {":v": s("ell")}, True),
    ("contains in a set", "contains(ss, :v)", {":v": s("z")}, False),
    ("size", "size(l) = :v", {":v": n(2)}, True),
    ("and, or, not", "NOT (a = :v OR t = :w) AND l[0] = :x", {":v": n(6), ":w": s("x"), ":x": n(1)}, True),
    ("other type", "a = :v", {":v": s("5")}, False),
    ("missing attribute", "nope = :v", {":v": n(5)}, False),
])
def _(check, context, condition, values, holds):
    client, name = context.client, shared(context)
    client.put_item(TableName=name, Item=SUBJECT)
    request = {"TableName": name, "Item": SUBJECT, "ConditionExpression": condition}
    if values:
        request["ExpressionAttributeValues"] = values
    if holds:
        check.equal(client.put_item(**request)["ResponseMetadata"]["HTTPStatusCode"], 200)
    else:
        check.refused("ConditionalCheckFailedException", client.put_item, **request)


@suite.test("a failed condition changes nothing and can return the item")
def _(check, context):
    client, name, key = context.client, shared(context), item(pk="failed", sk="1")
    client.put_item(TableName=name, Item=key | item(a=1))
    response = check.refused(
        "ConditionalCheckFailedException", client.update_item, TableName=name, Key=key,
        UpdateExpression="SET a = :v", ConditionExpression="a > :v", ExpressionAttributeValues={":v": n(9)},
        ReturnValuesOnConditionCheckFailure="ALL_OLD")
    check.equal(response["Item"], key | item(a=1))
    check.equal(client.get_item(TableName=name, Key=key)["Item"], key | item(a=1))


BEFORE = dict(a=1, l=[1, 2, 3], m={"x": n(6)}, ss={"SS": ["p", "q"]})


@suite.table("an update changes", [
    ("set", "SET b = :v", {":v": n(7)}, BEFORE | dict(b=7)),
    ("set inside a map", "SET m.y = :v", {":v": s("z")}, BEFORE | dict(m={"x": n(6), "y": s("z")})),
    ("set inside a list", "SET l[1] = :v", {":v": n(9)}, BEFORE | dict(l=[1, 9, 3])),
    ("set behind a list's end", "SET l[9] = :v", {":v": n(9)}, BEFORE | dict(l=[1, 2, 3, 9])),
    ("plus", "SET a = a + :v", {":v": n("0.5")}, BEFORE | dict(a=1.5)),
    ("minus", "SET a = a - :v", {":v": n(3)}, BEFORE | dict(a=-2)),
    ("if not exists", "SET a = if_not_exists(a, :v), b = if_not_exists(b, :v)", {":v": n(8)}, BEFORE | dict(b=8)),
    ("append", "SET l = list_append(l, :v)", {":v": {"L": [n(4)]}}, BEFORE | dict(l=[1, 2, 3, 4])),
    ("copy", "SET b = m.x", None, BEFORE | dict(b=6)),
    ("swap", "SET a = m.x, m.x = a", None, BEFORE | dict(a=6, m={"x": n(1)})),
    ("remove", "REMOVE a, l[0], m.x", None, dict(l=[2, 3], m={"M": {}}, ss={"SS": ["p", "q"]})),
    ("add to a number", "ADD a :v", {":v": n(10)}, BEFORE | dict(a=11)),
    ("add to nothing", "ADD fresh :v", {":v": n(10)}, BEFORE | dict(fresh=10)),
    ("delete from a set", "DELETE ss :v", {":v": {"SS": ["p"]}}, BEFORE | dict(ss={"SS": ["q"]})),
    ("delete a whole set", "DELETE ss :v", {":v": {"SS": ["p", "q"]}}, {k: v for k, v in BEFORE.items() if k != "ss"}),
    ("several clauses", "SET b = :v REMOVE a ADD c :v", {":v": n(2)},
     {k: v for k, v in BEFORE.items() if k != "a"} | dict(b=2, c=2)),
])
def _(check, context, expression, values, after):
    client, name, key = context.client, shared(context), item(pk="update", sk="1")
    client.put_item(TableName=name, Item=key | item(**BEFORE))
    request = {"TableName": name, "Key": key, "UpdateExpression": expression, "ReturnValues": "ALL_NEW"}
    if values:
        request["ExpressionAttributeValues"] = values
    check.equal(client.update_item(**request)["Attributes"], key | item(**after), "returned")
    check.equal(client.get_item(TableName=name, Key=key)["Item"], key | item(**after), "stored")


@suite.table("an update is refused", [
    ("of a key", "SET pk = :v", {":v": s("x")}),
    ("of one path twice", "SET a = :v, a = :v", {":v": n(1)}),
    ("with a value that is not given", "SET a = :w", {":v": n(1)}),
    ("with a value that is not used", "SET a = :v", {":v": n(1), ":w": n(2)}),
    ("with arithmetic on text", "SET a = t + :v", {":v": n(1)}),
    ("with a reserved word", "SET size = :v", {":v": n(1)}),
    ("that does not parse", "SET a =", None),
])
def _(check, context, expression, values):
    client, name, key = context.client, shared(context), item(pk="refused", sk="1")
    client.put_item(TableName=name, Item=key | item(t="text"))
    request = {"TableName": name, "Key": key, "UpdateExpression": expression}
    if values:
        request["ExpressionAttributeValues"] = values
    check.refused("ValidationException", client.update_item, **request)


@suite.table("an update returns", [
    ("nothing", "NONE", None),
    ("the old item", "ALL_OLD", item(pk="ret", sk="1", a=1, b=1)),
    ("the old parts", "UPDATED_OLD", item(a=1)),
    ("the new item", "ALL_NEW", item(pk="ret", sk="1", a=2, b=1)),
    ("the new parts", "UPDATED_NEW", item(a=2)),
])
def _(check, context, kind, wanted):
    client, name, key = context.client, shared(context), item(pk="ret", sk="1")
    client.put_item(TableName=name, Item=key | item(a=1, b=1))
    got = client.update_item(TableName=name, Key=key, UpdateExpression="SET a = :v",
                             ExpressionAttributeValues={":v": n(2)}, ReturnValues=kind)
    check.equal(got.get("Attributes"), wanted)


@suite.table("an update of nested parts returns", [
    ("the old parts", "UPDATED_OLD", item(m={"a": 1}, l=[1])),
    ("the new parts", "UPDATED_NEW", item(m={"a": 2, "new": 2}, l=[2])),
])
def _(check, context, kind, wanted):
    client, name, key = context.client, shared(context), item(pk="ret", sk="2")
    client.put_item(TableName=name, Item=key | item(m={"a": 1, "b": 1}, l=[0, 1], c=1))
    got = client.update_item(TableName=name, Key=key, UpdateExpression="SET m.a = :v, m.#n = :v, l[1] = :v",
                             ExpressionAttributeNames={"#n": "new"}, ExpressionAttributeValues={":v": n(2)}, ReturnValues=kind)
    check.equal(got.get("Attributes"), wanted)


def shared(context):
    """The table that this file's tests share."""
    if not hasattr(context, "items_table"):
        context.items_table = context.create_table()
    return context.items_table
