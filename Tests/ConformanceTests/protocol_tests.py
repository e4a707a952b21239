"""The envelope: bytes over a socket, well-formed and not, and signatures."""

import http.client
import json
import socket
import zlib

import harness
from harness import Suite
from values import item

suite = Suite("The protocol")


def call(port, operation, body, method="POST", headers=None):
    """One request without any client library. Returns status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sent = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
                             "SignedHeaders=host, Signature=00"}
    sent |= headers or {}
    connection.request(method, "/", body, {name: value for name, value in sent.items() if value is not None})
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, answer


def raw(port, data, wait=10):
    """Sends bytes as they are and reads until the other side closes or has answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass  # Closed while we were still sending: the answer may be there all the same.
        got = b""
        try:
            while part := connection.recv(65536):
                got += part
                if b"\r\n\r\n" in got:
                    break
        except OSError:
            pass
        return got


@suite.test("an answer has its type, request id and checksum")
def _(check, context):
    status, headers, body = call(context.server.port, "ListTables", "{}")
    check.equal(status, 200)
    check.equal(headers["content-type"], "application/x-amz-json-1.0")
    check.true(len(headers.get("x-amzn-requestid", "")) >= 36, "a request id")
    check.equal(headers["x-amz-crc32"], str(zlib.crc32(body)))
    check.true("TableNames" in json.loads(body), "the body is the answer")


@suite.table("an error has its exact type", [
    ("unknown operation", "Frobnicate", "{}", 400, "com.amazon.coral.service#UnknownOperationException"),
    ("no JSON", "ListTables", "{", 400, "com.amazon.coral.service#SerializationException"),
    ("a member of another type", "ListTables", '{"Limit": "ten"}', 400, "com.amazon.coral.service#SerializationException"),
    ("a missing table", "DescribeTable", '{"TableName": "Missing"}', 400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"),
    ("a bad value", "ListTables", '{"Limit": 0}', 400, "com.amazon.coral.validate#ValidationException"),
])
def _(check, context, operation, body, status, kind):
    got, headers, answer = call(context.server.port, operation, body)
    check.equal(got, status, "status")
    check.equal(json.loads(answer)["__type"], kind, "__type")
    check.equal(headers["x-amz-crc32"], str(zlib.crc32(answer)), "checksum")


@suite.test("a request without a target is refused")
def _(check, context):
    status, _, _ = call(context.server.port, "", "{}", headers={"X-Amz-Target": None})
    check.true(400 <= status < 500, f"status {status}")


@suite.test("many requests share one connection, also when sent ahead")
def _(check, context):
    body = b"{}"
    request = (b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n"
               b"Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
               b"SignedHeaders=host, Signature=00\r\n"
               b"Content-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n" + body)
    with socket.create_connection(("127.0.0.1", context.server.port), timeout=10) as connection:
        connection.sendall(request * 5)
        got = b""
        while got.count(b"TableNames") < 5:
            part = connection.recv(65536)
            check.true(part != b"", f"closed after {got.count(b'TableNames')} answers")
            got += part
    check.equal(got.count(b"HTTP/1.1 200"), 5)


@suite.table("a malformed request gets 4xx, and the server goes on", [
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n"),
    ("no version", b"POST /\r\n\r\n"),
    ("two lengths", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    ("a negative length", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\n{}"),
    ("a length and chunks", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a body above the limit", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n{}"),
    ("a header of 1 MB", b"POST / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n"),
    ("a thousand headers", b"POST / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: 1\r\n" % i for i in range(1000)) + b"\r\n"),
    ("a space in a header's name", b"POST / HTTP/1.1\r\nHost: a\r\nContent Length: 2\r\n\r\n{}"),
])
def _(check, context, data):
    answer = raw(context.server.port, data)
    check.true(answer.startswith(b"HTTP/1.1 4"), f"answer {answer[:80]!r}")
    check.equal(call(context.server.port, "ListTables", "{}")[0], 200, "the next request")


@suite.table("JSON that nobody should send is refused", [
    ("deep nesting", "[" * 100_000),
    ("a bare number", "1"),
    ("bytes that are no UTF-8", b'{"TableName": "\xff\xfe"}'),
    ("trailing text", '{"TableName": "abc"} x'),
    ("a lone surrogate", '{"TableName": "\\ud800"}'),
])
def _(check, context, body):
    status, _, answer = call(context.server.port, "DescribeTable", body)
    check.equal(status, 400)
    check.equal(call(context.server.port, "ListTables", "{}")[0], 200, "the next request")


@suite.test("the health check and the metrics answer")
def _(check, context):
    for path, part in (("/", "healthy"), ("/shale/health", "{"), ("/shale/metrics", "# TYPE shale_")):
        connection = http.client.HTTPConnection("127.0.0.1", context.server.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        check.equal(response.status, 200, path)
        check.contains(body, part, path)


@suite.test("what is newer than this server is refused by its name, and nothing is made")
def _(check, context):
    status, _, body = call(context.server.port, "SearchVectors", '{"TableName":"Vectors"}')
    check.equal((status, json.loads(body)["__type"].split("#")[1]), (400, "UnknownOperationException"))
    table = {"TableName": "Vectors", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "VectorIndexes": [{"IndexName": "v"}]}
    status, _, body = call(context.server.port, "CreateTable", json.dumps(table))
    check.equal((status, json.loads(body)["__type"].split("#")[1]), (400, "ValidationException"))
    check.contains(json.loads(body)["message"], "VectorIndexes")
    status, _, body = call(context.server.port, "DescribeTable", '{"TableName":"Vectors"}')
    check.equal((status, json.loads(body)["__type"].split("#")[1]), (400, "ResourceNotFoundException"))


@suite.test("with credentials, only their signatures are taken")
def _(check, context):
    environment = {"SHALE_ACCESS_KEY_ID": "key", "SHALE_SECRET_ACCESS_KEY": "secret"}
    with harness.scratch() as directory:
        with harness.running(context.shale, directory / "data", environment=environment) as server:
            good = harness.client(server.endpoint, "key", "secret")
            check.equal(good.list_tables()["TableNames"], [])
            wrong = harness.client(server.endpoint, "key", "wrong")
            check.refused("InvalidSignatureException", wrong.list_tables)
            unknown = harness.client(server.endpoint, "nobody", "secret")
            check.refused("UnrecognizedClientException", unknown.list_tables)
            status, _, body = call(server.port, "ListTables", "{}", headers={"Authorization": None})
            kind = json.loads(body)["__type"].split("#")[1]
            check.equal((status, kind), (400, "MissingAuthenticationTokenException"), "without a signature")
            check.equal(call(server.port, "", "", "GET", {"Authorization": None})[0], 200, "the health check")


@suite.test("a stop under load answers what was taken, and loses nothing")
def _(check, context):
    import threading
    acknowledged = []
    with harness.scratch() as directory:
        server = harness.Server(context.shale, directory / "data").wait_until_ready()
        client = server.client()
        client.create_table(TableName="Items", BillingMode="PAY_PER_REQUEST",
                            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}])

        def write():
            i = 0
            while True:
                try:
                    client.put_item(TableName="Items", Item=item(pk=f"k{i}"))
                except Exception:  # Refused or closed: the server is going down.
                    return
                acknowledged.append(f"k{i}")
                i += 1

        thread = threading.Thread(target=write)
        thread.start()
        while len(acknowledged) < 50:
            thread.join(0.01)
            check.true(thread.is_alive(), "the load runs")
        check.equal(server.stop(), 0, "exit code")
        thread.join(30)
        with harness.running(context.shale, directory / "data") as again:
            got = {i["pk"]["S"] for page in again.client().get_paginator("scan").paginate(TableName="Items") for i in page["Items"]}
            check.true(set(acknowledged) <= got, "everything acknowledged is there")
