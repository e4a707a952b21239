"""The API before expressions: Expected, AttributeUpdates, KeyConditions, filters, AttributesToGet."""

from harness import Suite
from values import item

suite = Suite("The API before expressions")

INVALID = "One or more parameter values were invalid: "
MIXED = "Can not use both expression and non-expression parameters in the same request: "


def condition(operator, *values):
    return {"ComparisonOperator": operator} | ({"AttributeValueList": list(values)} if values else {})


S, N = (lambda text: {"S": text}), (lambda number: {"N": str(number)})
ITEMS = [
    {"pk": S("p"), "sk": S("1"), "v": N(5), "t": S("apple")},
    {"pk": S("p"), "sk": S("2"), "v": N(7), "t": S("pear"), "tags": {"SS": ["red", "sweet"]}},
    {"pk": S("p"), "sk": S("3"), "v": S("7"), "list": {"L": [N(1), S("x")]}, "flag": {"BOOL": True}},
    {"pk": S("p"), "sk": S("4"), "map": {"M": {"a": N(1)}}, "b": {"B": b"\x01\x02"}},
]
LISTED = {"L": [N(1), S("x")]}


def filled(context):
    """One table with the items above, made once."""
    if not hasattr(context, "legacy_table"):
        context.legacy_table = context.create_table()
        for one in ITEMS:
            context.client.put_item(TableName=context.legacy_table, Item=one)
    return context.legacy_table


def numbers(answer):
    return sorted(one["sk"]["S"] for one in answer["Items"])


@suite.table("a filter finds what its operator means", [
    ("EQ", {"v": condition("EQ", N("7.0"))}, ["2"]),
    ("EQ of a list", {"list": condition("EQ", LISTED)}, ["3"]),
    ("EQ of a flag", {"flag": condition("EQ", {"BOOL": True})}, ["3"]),
    ("NE, also of what is not there", {"v": condition("NE", N(7))}, ["1", "3", "4"]),
    ("LE", {"v": condition("LE", N(5))}, ["1"]),
    ("LT", {"v": condition("LT", N(7))}, ["1"]),
    ("GE", {"v": condition("GE", N(7))}, ["2"]),
    ("GT", {"v": condition("GT", N(4))}, ["1", "2"]),
    ("GT of another type", {"v": condition("GT", S("0"))}, ["3"]),
    ("IN", {"t": condition("IN", S("plum"), S("pear"))}, ["2"]),
    ("BETWEEN", {"v": condition("BETWEEN", N(5), N(6))}, ["1"]),
    ("NOT_NULL", {"t": condition("NOT_NULL")}, ["1", "2"]),
    ("NULL", {"t": condition("NULL")}, ["3", "4"]),
    ("CONTAINS of a text", {"t": condition("CONTAINS", S("ppl"))}, ["1"]),
    ("CONTAINS of a set", {"tags": condition("CONTAINS", S("red"))}, ["2"]),
    ("CONTAINS of a list", {"list": condition("CONTAINS", N(1))}, ["3"]),
    ("NOT_CONTAINS, also of what is not there", {"tags": condition("NOT_CONTAINS", S("red"))}, ["1", "3", "4"]),
    ("BEGINS_WITH", {"t": condition("BEGINS_WITH", S("pe"))}, ["2"]),
    ("BEGINS_WITH of bytes", {"b": condition("BEGINS_WITH", {"B": b"\x01"})}, ["4"]),
    ("two conditions", {"v": condition("GT", N(4)), "t": condition("EQ", S("pear"))}, ["2"]),
    ("none", {}, ["1", "2", "3", "4"]),
])
def _(check, context, conditions, wanted):
    name = filled(context)
    check.equal(numbers(context.client.scan(TableName=name, ScanFilter=conditions)), wanted, "scan")
    keys = {"pk": condition("EQ", S("p"))}
    answer = context.client.query(TableName=name, KeyConditions=keys, QueryFilter=conditions)
    check.equal(numbers(answer), wanted, "query")
    check.equal(answer["ScannedCount"], 4, "what was read")


@suite.test("conditions are joined by OR when it is asked for")
def _(check, context):
    both = {"v": condition("EQ", N(5)), "flag": condition("NOT_NULL")}
    answer = context.client.scan(TableName=filled(context), ScanFilter=both, ConditionalOperator="OR")
    check.equal(numbers(answer), ["1", "3"])
    check.equal(numbers(context.client.scan(TableName=filled(context), ScanFilter=both, ConditionalOperator="AND")), [])


@suite.table("a query finds a range of sort keys", [
    ("all", {}, ["1", "2", "3", "4"]),
    ("EQ", {"sk": condition("EQ", S("2"))}, ["2"]),
    ("LT", {"sk": condition("LT", S("3"))}, ["1", "2"]),
    ("LE", {"sk": condition("LE", S("3"))}, ["1", "2", "3"]),
    ("GT", {"sk": condition("GT", S("3"))}, ["4"]),
    ("GE", {"sk": condition("GE", S("3"))}, ["3", "4"]),
    ("BETWEEN", {"sk": condition("BETWEEN", S("2"), S("3"))}, ["2", "3"]),
    ("BEGINS_WITH", {"sk": condition("BEGINS_WITH", S("4"))}, ["4"]),
])
def _(check, context, sort, wanted):
    answer = context.client.query(TableName=filled(context), KeyConditions={"pk": condition("EQ", S("p"))} | sort)
    check.equal([one["sk"]["S"] for one in answer["Items"]], wanted)


@suite.test("key conditions go with an expression that filters or projects")
def _(check, context):
    answer = context.client.query(
        TableName=filled(context), KeyConditions={"pk": condition("EQ", S("p"))}, FilterExpression="v > :v",
        ProjectionExpression="sk", ExpressionAttributeValues={":v": N(6)})
    check.equal(answer["Items"], [{"sk": S("2")}])


@suite.test("reads return the attributes that were named")
def _(check, context):
    client, name, key = context.client, filled(context), {"pk": S("p"), "sk": S("2")}
    wanted = {"v": N(7), "t": S("pear")}
    check.equal(client.get_item(TableName=name, Key=key, AttributesToGet=["v", "t", "missing"])["Item"], wanted)
    batch = client.batch_get_item(RequestItems={name: {"Keys": [key], "AttributesToGet": ["v", "t"]}})
    check.equal(batch["Responses"][name], [wanted])
    check.equal(client.scan(TableName=name, AttributesToGet=["flag"])["Items"].count({"flag": {"BOOL": True}}), 1)
    query = client.query(TableName=name, KeyConditions={"pk": condition("EQ", S("p"))}, AttributesToGet=["sk"],
                         Select="SPECIFIC_ATTRIBUTES", Limit=2)
    check.equal(query["Items"], [{"sk": S("1")}, {"sk": S("2")}])


@suite.test("attributes are put, added and deleted")
def _(check, context):
    client, name, key = context.client, context.create_table(sort=None), item(pk="u")

    def update(**updates):
        actions = {n: {"Action": action} | ({"Value": value[0]} if value else {}) for n, (action, *value) in updates.items()}
        return client.update_item(TableName=name, Key=key, AttributeUpdates=actions, ReturnValues="ALL_NEW")["Attributes"]

    made = update(n=("ADD", N(3)), s=("ADD", {"SS": ["a"]}), l=("ADD", {"L": [N(1)]}), t=("PUT", S("x")))
    check.equal(made, key | {"n": N(3), "s": {"SS": ["a"]}, "l": {"L": [N(1)]}, "t": S("x")})
    changed = update(n=("ADD", N(-1)), s=("ADD", {"SS": ["b"]}), l=("ADD", {"L": [N(2)]}), t=("DELETE",))
    check.equal(sorted(changed["s"]["SS"]), ["a", "b"])
    check.equal((changed["n"], changed["l"], "t" in changed), (N(2), {"L": [N(1), N(2)]}, False))
    check.equal("s" in update(s=("DELETE", {"SS": ["a", "b"]})), False)
    error = check.refused("ValidationException", update, n=("ADD", {"SS": ["a"]}))
    check.equal(error["Error"]["Message"], "Type mismatch for attribute to update")
    check.equal(client.update_item(TableName=name, Key=key, AttributeUpdates={"n": {"Value": N(9)}},
                                   ReturnValues="UPDATED_OLD")["Attributes"], {"n": N(2)})


@suite.test("what only removes makes no item, in either style")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    for more in ({"AttributeUpdates": {"a": {"Action": "DELETE"}, "b": {"Action": "DELETE", "Value": {"SS": ["x"]}}}},
                 {"UpdateExpression": "REMOVE a"},
                 {"UpdateExpression": "DELETE b :b", "ExpressionAttributeValues": {":b": {"SS": ["x"]}}}):
        answer = client.update_item(TableName=name, Key=item(pk="none"), ReturnValues="ALL_NEW", **more)
        check.equal("Attributes" in answer, False, "attributes")
        check.equal(client.scan(TableName=name)["Count"], 0)
    for more in ({"AttributeUpdates": {"a": {"Action": "DELETE"}, "n": {"Action": "ADD", "Value": N(1)}}}, {"AttributeUpdates": {}}, {}):
        client.update_item(TableName=name, Key=item(pk="made"), **more)
        check.equal(client.scan(TableName=name)["Count"], 1)
        client.delete_item(TableName=name, Key=item(pk="made"))


@suite.table("a write happens only where Expected holds", [
    ("a value", {"v": {"Value": N(5)}}, True),
    ("another value", {"v": {"Value": N(6)}}, False),
    ("absent, but there", {"v": {"Exists": False}}, False),
    ("absent", {"w": {"Exists": False}}, True),
    ("there", {"v": {"Exists": True, "Value": N(5)}}, True),
    ("a comparison with a list", {"v": condition("GT", N(4))}, True),
    ("a comparison with a value", {"v": {"ComparisonOperator": "LT", "Value": N(4)}}, False),
    ("NOT_NULL", {"v": condition("NOT_NULL")}, True),
    ("both", {"v": condition("NOT_NULL"), "w": condition("NOT_NULL")}, False),
])
def _(check, context, expected, holds):
    client, name = context.client, context.create_table(sort=None)
    old = item(pk="a") | {"v": N(5)}
    client.put_item(TableName=name, Item=old)
    writes = [
        lambda: client.update_item(TableName=name, Key=item(pk="a"), Expected=expected,
                                   AttributeUpdates={"x": {"Value": N(1)}}, ReturnValues="ALL_OLD")["Attributes"],
        lambda: client.put_item(TableName=name, Item=old, Expected=expected, ReturnValues="ALL_OLD")["Attributes"]["v"],
        lambda: client.delete_item(TableName=name, Key=item(pk="a"), Expected=expected, ReturnValues="ALL_OLD")["Attributes"],
    ]
    for write, wanted in zip(writes, [old, N(5), old]):
        if holds:
            check.equal(write(), wanted)
        else:
            check.refused("ConditionalCheckFailedException", write)
    check.equal("Item" in client.get_item(TableName=name, Key=item(pk="a")), not holds)


PUT = {"Item": item(pk="a")}
ONE = {"a": condition("EQ", S("x"))}


@suite.table("a contradiction is told in the service's words", [
    ("Value and list", "put_item", PUT | {"Expected": {"a": {"Value": N(1), "AttributeValueList": [N(1)]}}},
     INVALID + "Value and AttributeValueList cannot be used together for Attribute: a"),
    ("Exists and operator", "put_item", PUT | {"Expected": {"a": {"Exists": True, "ComparisonOperator": "NULL"}}},
     INVALID + "Exists and ComparisonOperator cannot be used together for Attribute: a"),
    ("list without operator", "put_item", PUT | {"Expected": {"a": {"AttributeValueList": [N(1)]}}},
     INVALID + "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
    ("nothing", "put_item", PUT | {"Expected": {"a": {}}},
     INVALID + "Value must be provided when Exists is null for Attribute: a"),
    ("there without a value", "put_item", PUT | {"Expected": {"a": {"Exists": True}}},
     INVALID + "Value must be provided when Exists is true for Attribute: a"),
    ("absent with a value", "put_item", PUT | {"Expected": {"a": {"Exists": False, "Value": N(1)}}},
     INVALID + "Value cannot be used when Exists is false for Attribute: a"),
    ("operator without values", "put_item", PUT | {"Expected": {"a": {"ComparisonOperator": "EQ"}}},
     INVALID + "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a"),
    ("too many values", "put_item", PUT | {"Expected": {"a": condition("EQ", N(1), N(2))}},
     INVALID + "Invalid number of argument(s) for the EQ ComparisonOperator"),
    ("one bound", "scan", {"ScanFilter": {"a": condition("BETWEEN", N(1))}},
     INVALID + "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
    ("a value for NULL", "scan", {"ScanFilter": {"a": condition("NULL", N(1))}},
     INVALID + "Invalid number of argument(s) for the NULL ComparisonOperator"),
    ("a set below", "scan", {"ScanFilter": {"a": condition("LT", {"SS": ["a"]})}},
     INVALID + "ComparisonOperator LT is not valid for SS AttributeValue type"),
    ("a number as beginning", "scan", {"ScanFilter": {"a": condition("BEGINS_WITH", N(1))}},
     INVALID + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
    ("two types", "scan", {"ScanFilter": {"a": condition("IN", N(1), S("x"))}},
     INVALID + "AttributeValues inside AttributeValueList must be of same type"),
    ("bounds in the wrong order", "scan", {"ScanFilter": {"a": condition("BETWEEN", N(2), N(1))}},
     "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"),
    ("operator without conditions", "scan", {"ConditionalOperator": "OR"},
     "ConditionalOperator cannot be used without Filter or Expected"),
    ("operator for one condition", "put_item", PUT | {"ConditionalOperator": "OR", "Expected": ONE},
     "ConditionalOperator can only be used when Filter or Expected has two or more elements"),
    ("an attribute twice", "scan", {"AttributesToGet": ["a", "b", "a"]},
     INVALID + "Duplicate value in attribute name: a"),
    ("a count of attributes", "scan", {"AttributesToGet": ["a"], "Select": "COUNT"},
     "Cannot specify the AttributesToGet when choosing to get only the Count"),
    ("put without a value", "update_item", {"Key": item(pk="a"), "AttributeUpdates": {"a": {"Action": "PUT"}}},
     INVALID + "Only DELETE action is allowed when no attribute value is specified"),
    ("a text added", "update_item", {"Key": item(pk="a"), "AttributeUpdates": {"a": {"Action": "ADD", "Value": S("x")}}},
     INVALID + "ADD action is not supported for the type S"),
    ("a list deleted", "update_item", {"Key": item(pk="a"), "AttributeUpdates": {"a": {"Action": "DELETE", "Value": LISTED}}},
     INVALID + "DELETE action with value is not supported for the type L"),
    ("a key updated", "update_item", {"Key": item(pk="a"), "AttributeUpdates": {"pk": {"Value": S("x")}}},
     INVALID + "Cannot update attribute pk. This attribute is part of the key"),
    ("put in both styles", "put_item", PUT | {"Expected": ONE, "ConditionExpression": "attribute_exists(pk)"},
     MIXED + "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"),
    ("update in both styles", "update_item",
     {"Key": item(pk="a"), "AttributeUpdates": {"a": {"Value": N(1)}}, "ConditionExpression": "attribute_exists(pk)"},
     MIXED + "Non-expression parameters: {AttributeUpdates} Expression parameters: {ConditionExpression}"),
    ("scan in both styles", "scan", {"ScanFilter": ONE, "AttributesToGet": ["a"], "ProjectionExpression": "a"},
     MIXED + "Non-expression parameters: {AttributesToGet, ScanFilter} Expression parameters: {ProjectionExpression}"),
    ("query in both styles", "query", {"KeyConditions": ONE, "KeyConditionExpression": "pk = :p"},
     MIXED + "Non-expression parameters: {KeyConditions} Expression parameters: {KeyConditionExpression}"),
    ("names without expressions", "scan", {"ScanFilter": ONE, "ExpressionAttributeNames": {"#a": "a"}},
     "ExpressionAttributeNames can only be specified when using expressions"),
    ("values without expressions", "update_item", {"Key": item(pk="a"), "ExpressionAttributeValues": {":v": N(1)}},
     "ExpressionAttributeValues can only be specified when using expressions"),
    ("no key conditions", "query", {"KeyConditions": {}}, "Conditions can be of length 1 or 2 only"),
    ("neither form", "query", {},
     "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
    ("NE of a key", "query", {"KeyConditions": {"pk": condition("NE", S("a"))}},
     "Attempted conditional constraint is not an indexable operation"),
    ("GT of the partition key", "query", {"KeyConditions": {"pk": condition("GT", S("a"))}},
     "Query key condition not supported"),
    ("another attribute", "query", {"KeyConditions": ONE}, "Query condition missed key schema element: pk"),
    ("a key of the wrong type", "query", {"KeyConditions": {"pk": condition("EQ", N(1))}},
     INVALID + "Condition parameter type does not match schema type"),
    ("a key in the filter", "query", {"KeyConditions": {"pk": condition("EQ", S("a"))}, "QueryFilter": {"pk": condition("EQ", S("a"))}},
     "QueryFilter can only contain non-primary key attributes: Primary key attribute: pk"),
])
def _(check, context, operation, request, message):
    if not hasattr(context, "legacy_errors"):
        context.legacy_errors = context.create_table(sort=None)
    error = check.refused("ValidationException", getattr(context.client, operation), TableName=context.legacy_errors, **request)
    # The writes of single items tell it as a broken constraint, but for what the table's key decides.
    is_enveloped = operation in ("put_item", "update_item") and "part of the key" not in message
    check.equal(error["Error"]["Message"], ("1 validation error detected: " if is_enveloped else "") + message)
