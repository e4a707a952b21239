"""Every operation and parameter of the service model, made wrong in every way the model can tell.

For each member of a request, at any depth: the member missing where it is required, each bound crossed, each word
that is no word of its enumeration, each wrong JSON type, each malformed attribute value. The answer must be 4xx with
the right error name, and the connection must stay open. Requests are signed and sent as bytes, because boto3 checks
parameters before it sends.

    model_tests.py --shale PATH            rewrites the table in Docs/DynamoDB.md from the model and from what
                                           the server answers; the suite compares the two
"""

import argparse
import atexit
import contextlib
import copy
import http.client
import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.loaders
import harness
from harness import Failed, Suite

suite = Suite("The service model")

TABLES = botocore.loaders.Loader().load_service_model("dynamodb", "service-2")
STREAMS = botocore.loaders.Loader().load_service_model("dynamodbstreams", "service-2")
OPERATIONS = TABLES["operations"] | STREAMS["operations"]
# Shapes of one name in both models are alike, as far as requests have them.
SHAPES = STREAMS["shapes"] | TABLES["shapes"]
TARGETS = {name: model["metadata"]["targetPrefix"] for model in (TABLES, STREAMS) for name in model["operations"]}
CREDENTIALS = {"SHALE_ACCESS_KEY_ID": "key", "SHALE_SECRET_ACCESS_KEY": "secret"}
DOCUMENT = harness.ROOT / "Docs" / "DynamoDB.md"
BEGIN, END = "<!-- generated: operations -->", "<!-- end of what is generated -->"

TABLE = {
    "TableName": "Model", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "other")],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [{"IndexName": "byOther", "Projection": {"ProjectionType": "ALL"},
                                "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}]}],
}
KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}

# Requests that the server takes as they are; the others are made from what the model requires.
VALID = {
    "BatchExecuteStatement": {"Statements": [{"Statement": "SELECT * FROM Model WHERE pk = ? AND sk = 'b'", "Parameters": [{"S": "a"}]}]},
    "BatchGetItem": {"RequestItems": {"Model": {"Keys": [KEY]}}},
    "BatchWriteItem": {"RequestItems": {"Model": [{"PutRequest": {"Item": KEY}}]}},
    "CreateTable": TABLE | {"TableName": "Made"},
    "DeleteItem": {"TableName": "Model", "Key": KEY},
    "DeleteTable": {"TableName": "Missing"},
    "ExecuteStatement": {"Statement": "SELECT * FROM Model WHERE pk = ?", "Parameters": [{"S": "a"}]},
    "ExecuteTransaction": {"TransactStatements": [{"Statement": "SELECT * FROM Model WHERE pk = ? AND sk = 'b'", "Parameters": [{"S": "a"}]}]},
    "GetItem": {"TableName": "Model", "Key": KEY},
    "PutItem": {"TableName": "Model", "Item": KEY},
    "PutResourcePolicy": {"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Model", "Policy": json.dumps({
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:Scan", "Resource": "*"}})},
    "Query": {"TableName": "Model", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}},
    "TransactWriteItems": {"TransactItems": [{"Put": {"TableName": "Model", "Item": KEY}}]},
    "UpdateItem": {"TableName": "Model", "Key": KEY},
    "UpdateTable": {"TableName": "Model", "DeletionProtectionEnabled": False},
}

VALIDATION, SERIALIZATION = {"ValidationException"}, {"SerializationException"}
WRONG_KINDS = {"string": ["x"], "number": [7], "boolean": [True], "list": [[]], "object": [{}]}
JSON_KIND = {"string": "string", "blob": "string", "integer": "number", "long": "number", "double": "number", "float": "number",
             "timestamp": "number", "boolean": "boolean", "list": "list", "map": "object", "structure": "object"}

# What no attribute value may be, wherever one stands.
BAD_VALUES = [
    ("no type", {}, VALIDATION), ("an unknown type", {"X": "a"}, VALIDATION), ("two types", {"S": "a", "N": "1"}, VALIDATION),
    ("a number in a string", {"S": 7}, SERIALIZATION), ("a string for no number", {"N": "abc"}, VALIDATION),
    ("a bare number", {"N": 7}, SERIALIZATION), ("39 digits", {"N": "1" * 39}, VALIDATION),
    ("a huge number", {"N": "1e126"}, VALIDATION), ("bad base64", {"B": "*"}, SERIALIZATION),
    ("a false null", {"NULL": False}, VALIDATION), ("an empty set", {"SS": []}, VALIDATION),
    ("a set with a wrong member", {"NS": ["x"]}, VALIDATION), ("a set of numbers", {"SS": [1]}, SERIALIZATION),
    ("a list of strings", {"L": ["a"]}, SERIALIZATION), ("a map of strings", {"M": {"a": "b"}}, SERIALIZATION),
    ("a word", "a", SERIALIZATION), ("a list", [], SERIALIZATION),
]


class Wire:
    """Signed requests over one connection, which must stay open."""

    def __init__(self, server, service="dynamodb", targets=None):
        self.address = f"127.0.0.1:{server.port}"
        self.targets = targets or TARGETS
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials("key", "secret"), service, "us-east-1")

    def send(self, operation, body):
        """Returns the status, the error's name (None for none) and the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = botocore.awsrequest.AWSRequest("POST", f"http://{self.address}/", data=data, headers={
            "X-Amz-Target": f"{self.targets[operation]}.{operation}", "Content-Type": "application/x-amz-json-1.0"})
        self.signer.add_auth(request)
        self.connection.request("POST", "/", data, dict(request.headers))
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.will_close:
            raise Failed(f"{operation} closed the connection after {data[:300]}")
        name = answer.get("__type")
        return response.status, name.split("#")[-1] if name else None, answer


def example(shape_name, shape=None):
    """A valid value of a shape: what is required and nothing else."""
    shape = shape or SHAPES[shape_name]
    if shape_name == "AttributeValue":
        return {"S": "a"}
    if shape_name in ("Key", "PutItemInputAttributeMap"):
        return copy.deepcopy(KEY)
    kind = shape["type"]
    if shape_name == "Projection":
        return {"ProjectionType": "ALL"}
    if kind == "structure":
        return {name: example(shape["members"][name]["shape"]) for name in shape.get("required", [])}
    if kind == "list":
        return [example(shape["member"]["shape"])]
    if kind == "map":
        return {example(shape["key"]["shape"]): example(shape["value"]["shape"])}
    if kind == "boolean":
        return False
    if kind in ("integer", "long", "double", "timestamp"):
        return max(shape.get("min", 1), 1)
    if "enum" in shape:
        return shape["enum"][0]
    if shape_name in ("TableName", "TableArn"):
        return "Model"
    if "Arn" in shape_name:
        return "arn:aws:dynamodb:us-east-1:000000000000:table/Model"
    if shape_name in ("S3Bucket", "IndexName"):
        return {"S3Bucket": "bucket", "IndexName": "byOther"}[shape_name]
    return "x" * max(shape.get("min", 1), 1)


def wrong_values(shape_name, value, shapes=SHAPES):
    """What a value of a shape may not be: (what is wrong, the value, names of the error)."""
    shape = shapes[shape_name]
    if shape_name == "AttributeValue":
        yield from BAD_VALUES
        return
    kind = shape["type"]
    for other, values in WRONG_KINDS.items():
        if other != JSON_KIND[kind]:
            for wrong in values:
                yield f"a {other} for a {kind}", wrong, SERIALIZATION
    if "enum" in shape:
        yield "no word of the enumeration", "WRONG", VALIDATION
        yield "a word in lower case", shape["enum"][0].lower(), VALIDATION
    least, most = shape.get("min"), shape.get("max")
    if kind == "string":
        if least:
            yield "too short", "x" * (least - 1), VALIDATION
        if most:
            yield "too long", "x" * (most + 1), VALIDATION
        if "pattern" in shape and "enum" not in shape and shape["pattern"].startswith("[a-zA-Z0-9"):
            yield "against the pattern", "x y!" * 2, VALIDATION
    elif kind in ("integer", "long", "double", "float"):
        if least is not None:
            yield "too small", least - 1, VALIDATION
            yield "far too small", -(1 << 31), VALIDATION
        if most is not None:
            yield "too large", most + 1, VALIDATION
    elif kind == "list" and value:
        if least:
            yield "too few", [], VALIDATION
        if most:
            yield "too many", [copy.deepcopy(value[0]) for _ in range(most + 1)], VALIDATION
    elif kind == "map" and value:
        key, first = next(iter(value.items()))
        if least:
            yield "too few", {}, VALIDATION
        if most:
            yield "too many", {f"{key}{i}": first for i in range(most + 1)}, VALIDATION


def wrong_requests(shape_name, value, depth=0):
    """Every wrong form of a valid value: (where and what, the value, names of the error)."""
    for what, wrong, names in wrong_values(shape_name, value):
        if depth > 0:
            yield what, wrong, names
    shape = SHAPES[shape_name]
    if shape_name == "AttributeValue" or depth > 8:
        return
    if shape["type"] == "structure":
        for member, reference in shape["members"].items():
            inner = value.get(member, example(reference["shape"]))
            if member in shape.get("required", []):
                rest = {name: other for name, other in value.items() if name != member}
                yield f"{member}: missing", rest, VALIDATION
                yield f"{member}: null", rest | {member: None}, VALIDATION
            for what, wrong, names in wrong_requests(reference["shape"], inner, depth + 1):
                yield f"{member}.{what}", value | {member: wrong}, names
    elif shape["type"] == "list" and value:
        for what, wrong, names in wrong_requests(shape["member"]["shape"], value[0], depth + 1):
            yield f"0.{what}", [wrong], names
    elif shape["type"] == "map" and value:
        key, first = next(iter(value.items()))
        for what, wrong, names in wrong_requests(shape["value"]["shape"], first, depth + 1):
            yield f"{key}.{what}", value | {key: wrong}, names


def valid_request(operation):
    shape = OPERATIONS[operation]["input"]["shape"]
    return copy.deepcopy(VALID.get(operation) or example(shape))


def with_member(operation, member):
    """A valid request that has this member as well."""
    members = SHAPES[OPERATIONS[operation]["input"]["shape"]]["members"]
    return {member: example(members[member]["shape"])} | valid_request(operation)


class Server:
    """One server with credentials for all tests of this file, started by the first."""

    wire = None
    stop = None

    @classmethod
    def of(cls, context):
        if cls.wire is None:
            running = contextlib.ExitStack()
            atexit.register(running.close)
            cls.stop = running.close
            server = running.enter_context(harness.running(context.shale, context.scratch / "model", environment=CREDENTIALS))
            cls.wire = Wire(server)
            status, name, answer = cls.wire.send("CreateTable", TABLE)
            if status != 200:
                raise Failed(f"{name}: {answer}")
        return cls.wire


def is_absent(answer):
    return "not supported by this server" in str(answer.get("message", ""))


def refused_members(wire, operation):
    """The members whose mere presence is refused because their feature is not there."""
    members = SHAPES[OPERATIONS[operation]["input"]["shape"]]["members"]
    return {member for member in members if is_absent(wire.send(operation, with_member(operation, member))[2])}


def test_operation(check, context, operation):
    wire = Server.of(context)
    status, name, answer = wire.send(operation, valid_request(operation))
    check.true(status < 500, f"a valid request: {answer}")
    if name == "UnknownOperationException" or (name == "ValidationException" and is_absent(answer)):
        check.equal(status, 400)
        check.true(len(answer["message"]) > 10, f"a sentence: {answer}")
        return
    wrong = []
    for what, body, names in wrong_requests(OPERATIONS[operation]["input"]["shape"], valid_request(operation)):
        status, name, answer = wire.send(operation, body)
        if operation == "BatchExecuteStatement" and status == 200 and answer["Responses"][0].get("Error", {}).get("Code") == "ValidationError":
            # What is wrong with the parameters of a statement is told in its place.
            status, name = 400, "ValidationException"
        # What is inside of a parameter whose feature is not there is not looked at.
        if 400 <= status < 500 and (name in names or name == "ValidationException" and is_absent(answer)):
            check.count += 1
        else:
            wrong.append(f"{what}: {status} {name or 'was accepted'} {answer.get('message', '')[:90]}")
        if operation == "CreateTable" and status == 200:
            wire.send("DeleteTable", {"TableName": answer["TableDescription"]["TableName"]})
    if wrong:
        raise Failed(f"{len(wrong)} of {check.count + len(wrong)}:\n          " + "\n          ".join(wrong[:40]))


for _operation in sorted(OPERATIONS):
    suite.test(f"{_operation} refuses every wrong request by its name")(
        lambda check, context, operation=_operation: test_operation(check, context, operation))


@suite.test("bodies that are no requests are refused by every operation")
def _(check, context):
    wire = Server.of(context)
    bodies = [b"", b"{", b"[]", b"7", b'"x"', b"null", b"\xff", b"[" * 200_000, b'{"a":' * 200_000, b'{"TableName":"\\ud800"}']
    for operation in sorted(OPERATIONS):
        for body in bodies:
            status, name, answer = wire.send(operation, body)
            check.true(400 <= status < 500 and name in {"SerializationException", "ValidationException", "UnknownOperationException"},
                       f"{operation} {body[:20]}: {status} {name} {answer}")


@suite.test("several broken constraints are told at once, before anything else is")
def _(check, context):
    wire = Server.of(context)
    status, name, answer = wire.send("Query", {"TableName": "", "Limit": 0, "Select": "WRONG", "KeyConditions": {"a": {}},
                                               "ExclusiveStartKey": {"a": {"N": "x"}}})
    check.equal((status, name), (400, "ValidationException"))
    check.true(answer["message"].startswith("4 validation errors detected: "), answer["message"])
    for path in ("tableName", "limit", "select", "keyConditions.a.member.comparisonOperator"):
        check.contains(answer["message"], f"at '{path}' failed to satisfy constraint", path)


MISSING = {"TableName": "Missing", "Key": KEY}


@suite.table("what is wrong in itself is told before the table is looked up", [
    ("GetItem", "GetItem", MISSING | {"ProjectionExpression": "a,,b"}),
    ("PutItem", "PutItem", {"TableName": "Missing", "Item": KEY, "ConditionExpression": "a ="}),
    ("PutItem", "PutItem", {"TableName": "Missing", "Item": KEY, "ReturnValues": "ALL_NEW"}),
    ("DeleteItem", "DeleteItem", MISSING | {"Expected": {"a": {"Exists": True}}}),
    ("UpdateItem", "UpdateItem", MISSING | {"UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"N": "1"}, ":w": {"N": "1"}}}),
    ("UpdateItem", "UpdateItem", MISSING | {"AttributeUpdates": {"a": {"Action": "ADD", "Value": {"S": "x"}}}}),
    ("Query", "Query", {"TableName": "Missing", "KeyConditionExpression": "a = :v OR b = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}),
    ("Query", "Query", {"TableName": "Missing", "KeyConditions": {}}),
    ("Query", "Query", {"TableName": "Missing", "IndexName": "abc", "KeyConditionExpression": "a ="}),
    ("Scan", "Scan", {"TableName": "Missing", "FilterExpression": "size(a)"}),
    ("Scan", "Scan", {"TableName": "Missing", "Select": "SPECIFIC_ATTRIBUTES"}),
    ("Scan", "Scan", {"TableName": "Missing", "Segment": 1}),
    ("BatchGetItem", "BatchGetItem", {"RequestItems": {"Missing": {"Keys": [KEY]}, "Model": {"Keys": [KEY], "ProjectionExpression": "a b"}}}),
    ("BatchWriteItem", "BatchWriteItem", {"RequestItems": {"Missing": [{}]}}),
    ("TransactWriteItems", "TransactWriteItems", {"TransactItems": [{"Update": MISSING | {"UpdateExpression": "SET"}}]}),
])
def _(check, context, operation, request):
    status, name, answer = Server.of(context).send(operation, request)
    check.equal((status, name), (400, "ValidationException"), f"{request}: {answer}")


def parameters(wire, operation):
    """What becomes of each parameter: (read, refused, left unread)."""
    read, refused, unread = [], [], []
    shape = SHAPES[OPERATIONS[operation]["input"]["shape"]]
    absent = refused_members(wire, operation)
    for member, reference in sorted(shape["members"].items()):
        kind = JSON_KIND[SHAPES[reference["shape"]]["type"]]
        wrong = [] if kind == "object" else {}
        _, name, _ = wire.send(operation, valid_request(operation) | {member: wrong})
        if member in absent:
            refused.append(member)
        elif name == "SerializationException":
            read.append(member)
        else:
            unread.append(member)
    return read, refused, unread


def table(wire):
    """The generated part of Docs/DynamoDB.md."""
    lines = [BEGIN, "", "| operation | parameters honoured | what differs |", "|---|---|---|"]
    for operation in sorted(OPERATIONS):
        _, name, answer = wire.send(operation, valid_request(operation))
        if name == "UnknownOperationException":
            lines.append(f"| {operation} | | not there: UnknownOperationException |")
            continue
        if name == "ValidationException" and is_absent(answer):
            lines.append(f"| {operation} | | not there: {answer['message'].split(': ')[-1].rstrip('.')} |")
            continue
        read, refused, unread = parameters(wire, operation)
        differs = [f"{', '.join(refused)}: refused"] if refused else []
        differs += [f"{', '.join(unread)}: not looked at"] if unread else []
        lines.append(f"| {operation} | {', '.join(read) or 'none'} | {'; '.join(differs)} |")
    return "\n".join([*lines, "", END])


def documented():
    text = DOCUMENT.read_text()
    return text[text.index(BEGIN):text.index(END) + len(END)]


@suite.test("the table of operations in Docs/DynamoDB.md is what this server answers")
def _(check, context):
    wanted, got = documented().splitlines(), table(Server.of(context)).splitlines()
    for left, right in zip(wanted, got):
        check.equal(right, left, "a line of the table; model_tests.py writes it anew")
    check.equal(len(got), len(wanted), "lines")


@suite.test("the server of these tests stops")
def _(check, context):
    Server.of(context).connection.close()
    Server.stop()
    check.true(True, "stopped")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    arguments = parser.parse_args()
    with harness.scratch() as directory:
        context = harness.Context(arguments.shale or harness.default_shale(), None)
        context.scratch = directory
        new = table(Server.of(context))
        Server.stop()
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(text.replace(documented(), new))


if __name__ == "__main__":
    main()
