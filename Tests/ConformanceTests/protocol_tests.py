"""The envelope: bytes over a socket, well-formed and not, and signatures."""

import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import time
import urllib.parse
import zlib

import boto3
import botocore.config

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


def request(more=b"", body=b"{}", line=b"POST / HTTP/1.1", host=b"Host: localhost\r\n", length=None):
    """ListTables as bytes, with a part of it replaced."""
    length = b"Content-Length: %d\r\n" % len(body) if length is None else length
    return line + b"\r\n" + host + (
        b"X-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Type: application/x-amz-json-1.0\r\n"
        b"Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00\r\n"
    ) + length + more + b"\r\n" + body


def chunked(body, coding=b"chunked", line=b"POST / HTTP/1.1"):
    return request(b"Transfer-Encoding: " + coding + b"\r\n", body, line, length=b"")


def measured(length):
    return request(length=b"Content-Length:" + length + b"\r\n")


CHUNKS = b"2\r\n{}\r\n0\r\n\r\n"
MALFORMED = [
    ("an HTTP of lower case", 400, request(line=b"POST / http/1.1")),
    ("another protocol", 400, request(line=b"POST / FTP/1.1")),
    ("two spaces", 400, request(line=b"POST  / HTTP/1.1")),
    ("a space at the line's end", 400, request(line=b"POST / HTTP/1.1 ")),
    ("tabs", 400, request(line=b"POST\t/\tHTTP/1.1")),
    ("a space in the path", 400, request(line=b"POST /a b HTTP/1.1")),
    ("no path", 400, request(line=b"POST HTTP/1.1")),
    ("a path without its slash", 400, request(line=b"POST tables HTTP/1.1")),
    ("a path with a zero byte", 400, request(line=b"POST /\x00 HTTP/1.1")),
    ("a path with a byte that is no ASCII", 400, request(line=b"POST /\xff HTTP/1.1")),
    ("a path that is too long", 414, request(line=b"POST /" + b"a" * 100_000 + b" HTTP/1.1")),
    ("a path that is not there", 404, request(line=b"POST /nothing/here HTTP/1.1")),
    ("no method", 400, request(line=b" / HTTP/1.1")),
    ("a method with a control character", 400, request(line=b"PO\x01ST / HTTP/1.1")),
    ("a method with a bracket", 400, request(line=b"PO(ST / HTTP/1.1")),
    ("a method of lower case", 405, request(line=b"post / HTTP/1.1")),
    ("a method that nobody knows", 405, request(line=b"BREW / HTTP/1.1")),
    ("another method", 405, request(line=b"DELETE / HTTP/1.1")),
    ("a tunnel", 400, request(line=b"CONNECT localhost:80 HTTP/1.1")),
    ("no host", 400, request(host=b"")),
    ("two hosts", 400, request(host=b"Host: a\r\nHost: b\r\n")),
    ("a header without its colon", 400, request(b"X-Nothing\r\n")),
    ("a header without its name", 400, request(b": value\r\n")),
    ("a space before a header's colon", 400, request(b"X-A : value\r\n")),
    ("a header on two lines", 400, request(b"X-A: one\r\n two\r\n")),
    ("a space before the first header", 400, request(host=b" Host: localhost\r\n")),
    ("a zero byte in a header", 400, request(b"X-A: \x00\r\n")),
    ("a control character in a header", 400, request(b"X-A: \x01\r\n")),
    ("a control character in a header's name", 400, request(b"X\x01: a\r\n")),
    ("a header's name that is no ASCII", 400, request("X-Ä: a\r\n".encode())),
    ("a carriage return in a header", 400, request(b"X-A: a\rb\r\n")),
    ("a line feed alone in a header", 400, request(b"X-A: a\nX-B: b\r\n")),
    ("line feeds alone", 400, request().replace(b"\r\n", b"\n")),
    ("zero bytes", 400, b"\x00" * 100 + b"\r\n\r\n"),
    ("all bytes", 400, bytes(range(256)) + b"\r\n\r\n"),
    ("an expectation that nobody knows", 417, request(b"Expect: 200-perhaps\r\n")),
    ("a length of letters", 400, measured(b" abc")),
    ("a length with a sign", 400, measured(b" +2")),
    ("a length with a point", 400, measured(b" 2.0")),
    ("a length in another base", 400, measured(b" 0x2")),
    ("a length with a space", 400, measured(b" 2 2")),
    ("a list of two lengths", 400, measured(b" 2, 3")),
    ("an empty length", 400, measured(b"")),
    ("a length beyond 64 bits", 413, measured(b" 18446744073709551618")),
    ("a length without end", 413, measured(b" " + b"9" * 100)),
    ("chunks beside a length", 400, request(b"Transfer-Encoding: chunked\r\n", CHUNKS)),
    ("chunks in HTTP/1.0", 400, chunked(CHUNKS, line=b"POST / HTTP/1.0")),
    ("chunks promised twice", 400, chunked(CHUNKS, b"chunked\r\nTransfer-Encoding: chunked")),
    ("a chunk's size of no digit", 400, chunked(b"z\r\n{}\r\n0\r\n\r\n")),
    ("a negative chunk", 400, chunked(b"-1\r\n{}\r\n0\r\n\r\n")),
    ("a chunk's size with a prefix", 400, chunked(b"0x2\r\n{}\r\n0\r\n\r\n")),
    ("a chunk without a size", 400, chunked(b"\r\n{}\r\n0\r\n\r\n")),
    ("a chunk beyond 64 bits", 400, chunked(b"ffffffffffffffffffff\r\n{}\r\n0\r\n\r\n")),
    ("a chunk of 4 GB", 413, chunked(b"fffffff0\r\n{}\r\n0\r\n\r\n")),
    ("a chunk that is longer than its size", 400, chunked(b"1\r\n{}\r\n0\r\n\r\n")),
    ("a chunk without its end", 400, chunked(b"2\r\n{}0\r\n\r\n")),
    ("chunks with line feeds alone", 400, chunked(b"2\n{}\n0\n\n")),
    ("a trailer without its colon", 400, chunked(b"2\r\n{}\r\n0\r\nnothing\r\n\r\n")),
]


@suite.table("bytes that are no request are answered, and the server goes on", MALFORMED)
def _(check, context, status, data):
    answer = raw(context.server.port, data)
    check.equal(answer.split(b" ", 2)[:2], [b"HTTP/1.1", b"%d" % status], f"answer {answer[:80]!r}")
    check.equal(call(context.server.port, "ListTables", "{}")[0], 200, "the next request")


@suite.table("bytes that are a request in another spelling are taken", [
    ("an empty line before it", b"\r\n" + request()), ("HTTP/1.0", request(line=b"POST / HTTP/1.0")),
    ("a header that is no ASCII", request(b"X-A: \xff\r\n")), ("another protocol beside", request(b"Connection: Upgrade\r\nUpgrade: h2c\r\n")),
    ("chunks", chunked(CHUNKS)), ("chunks in capitals", chunked(CHUNKS, b"CHUNKED")),
    ("chunks with extensions", chunked(b"1;a=b\r\n{\r\n1;c\r\n}\r\n0\r\n\r\n")),
    ("chunks with a trailer", chunked(b"2\r\n{}\r\n0\r\nX-A: b\r\n\r\n")),
])
def _(check, context, data):
    answer = raw(context.server.port, data)
    check.true(answer.startswith(b"HTTP/1.1 200 "), f"answer {answer[:80]!r}")


NO_JSON = [
    b"", b"  ", b"null", b"true", b'"a"', b"[]", b"{", b"{]", b"{,}", b'{"a"}', b'{"a":}', b'{"a" 1}', b'{"a":1,}', b'{"a":1 "b":2}', b'{"a":[1,]}',
    b'{"a":[', b"{a:1}", b"{'a':1}", b'{"a":"', b'{"a":"b', b"{}{}", b"{} ,", b"// text\n{}", b"{/**/}", b"{}\x00", b"{\x00}", b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"), b'{"a":"\x01"}', b'{"a":"\\x"}', b'{"a":"\\u12"}', b'{"a":"\xc0\x80"}', b'{"a":"\xed\xa0\x80"}', b'{"Limit":tru}',
    *(b'{"Limit":%s}' % number for number in (
        b"01", b"+1", b"-", b".5", b"1.", b"1e", b"NaN", b"Infinity", b"0x1", b'"1"', b"true", b"{}", b"[]", b"1e400")),
]


@suite.table("a body that is no JSON, or not what it should be", [(repr(body)[2:-1] or "nothing", body) for body in NO_JSON])
def _(check, context, body):
    status, headers, answer = call(context.server.port, "ListTables", body)
    check.equal((status, json.loads(answer)["__type"]), (400, "com.amazon.coral.service#SerializationException"))
    check.equal(headers["x-amz-crc32"], str(zlib.crc32(answer)), "checksum")
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


# Signatures, made here as Version 4 is published.

MINUTE, DAY = 60, 24 * 3_600
PRESIGNED = {"expires": 15 * MINUTE}


def signature(secret, scope, date, headers, query, body):
    names = sorted(headers)
    canonical = "\n".join(["POST", "/", query, *(f"{name}:{headers[name]}" for name in names), "", ";".join(names),
                           hashlib.sha256(body).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.digest(key, text.encode(), "sha256").hex()


def list_tables(port, secret="secret", ago=0, day_ago=None, expires=None, token=None, after=None, body=b"{}", sent=None):
    """ListTables, signed so many seconds ago, in its address where it expires. What `after` has is replaced when all is signed,
    or taken away where it is None; `sent` is the body that is sent in place of the one that is signed.
    """
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - ago))
    day = date[:8] if day_ago is None else time.strftime("%Y%m%d", time.gmtime(time.time() - day_ago))
    scope = f"{day}/us-east-1/dynamodb/aws4_request"
    headers = {"content-type": "application/x-amz-json-1.0", "host": f"127.0.0.1:{port}", "x-amz-target": "DynamoDB_20120810.ListTables"}
    more = {"X-Amz-Date": date} | ({"X-Amz-Security-Token": token} if token else {})
    parameters = {}
    if expires:
        parameters = more | {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"key/{scope}", "X-Amz-Expires": str(expires),
                             "X-Amz-SignedHeaders": ";".join(sorted(headers))}
    else:
        headers |= {name.lower(): value for name, value in more.items()}
    encoded = lambda: urllib.parse.urlencode(sorted(parameters.items()), quote_via=urllib.parse.quote, safe="")
    made = signature(secret, scope, date, headers, encoded(), body)
    if expires:
        parameters["X-Amz-Signature"] = made
    else:
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential=key/{scope}, SignedHeaders={';'.join(sorted(headers))}, Signature={made}"
    for name, value in (after or {}).items():
        place, name = (parameters, name) if expires else (headers, name.lower())
        place.pop(name, None)
        if value is not None:
            place[name] = value
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/?" + encoded() if expires else "/", sent or body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@contextlib.contextmanager
def keyed(context):
    environment = {"SHALE_ACCESS_KEY_ID": "key", "SHALE_SECRET_ACCESS_KEY": "secret"}
    with harness.scratch() as directory, harness.running(context.shale, directory / "data", environment=environment) as server:
        yield server


@suite.table("a signature is taken", [
    ("in a header", {}),
    ("ten minutes old", {"ago": 10 * MINUTE}),
    ("ten minutes ahead", {"ago": -10 * MINUTE}),
    ("with a session's token", {"token": "a/session+token=="}),
    ("in the address", PRESIGNED),
    ("in the address, with a session's token", PRESIGNED | {"token": "a/session+token=="}),
    ("in the address, before it expires", PRESIGNED | {"ago": 14 * MINUTE}),
    ("in the address, for a week", {"expires": 7 * DAY, "ago": 7 * DAY - 5 * MINUTE}),
])
def _(check, context, how):
    with keyed(context) as server:
        check.equal(list_tables(server.port, **how), (200, {"TableNames": []}))


WRONG = "The request signature we calculated does not match the signature you provided."
NO_SIGNATURE = {"X-Amz-Signature": "0" * 64}


@suite.table("a signature is refused", [
    ("with another secret", {"secret": "other"}, WRONG),
    ("of another body", {"sent": b'{"Limit":1}'}, WRONG),
    ("of another operation", {"after": {"X-Amz-Target": "DynamoDB_20120810.DescribeLimits"}}, WRONG),
    ("with a token that was changed", {"token": "one", "after": {"X-Amz-Security-Token": "two"}}, WRONG),
    ("an hour old", {"ago": 60 * MINUTE}, "Signature expired: "),
    ("a day old", {"ago": DAY}, "Signature expired: "),
    ("an hour ahead", {"ago": -60 * MINUTE}, "Signature not yet current: "),
    ("a year ahead", {"ago": -365 * DAY}, "Signature not yet current: "),
    ("with a date that was changed", {"after": {"X-Amz-Date": "20200101T000000Z"}},
     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "),
    ("with a scope of another day", {"day_ago": DAY},
     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "),
    ("in the address, with another secret", PRESIGNED | {"secret": "other"}, WRONG),
    ("in the address, that is none", PRESIGNED | {"after": NO_SIGNATURE}, WRONG),
    ("in the address, of another body", PRESIGNED | {"sent": b'{"Limit":1}'}, WRONG),
    ("in the address, with a token that was changed", PRESIGNED | {"token": "one", "after": {"X-Amz-Security-Token": "two"}}, WRONG),
    ("in the address, with a token that was taken away", PRESIGNED | {"token": "one", "after": {"X-Amz-Security-Token": None}}, WRONG),
    ("in the address, after it expired", PRESIGNED | {"ago": 16 * MINUTE}, "Signature expired: "),
    ("in the address, for a second, an hour ago", {"expires": 1, "ago": 60 * MINUTE}, "Signature expired: "),
    ("in the address, for longer than was signed", PRESIGNED | {"ago": 16 * MINUTE, "after": {"X-Amz-Expires": "86400"}}, WRONG),
    ("in the address, more than a week old", {"expires": 7 * DAY, "ago": 7 * DAY + 5 * MINUTE}, "Signature expired: "),
    ("in the address, a day ahead", PRESIGNED | {"ago": -DAY}, "Signature not yet current: "),
])
def _(check, context, how, words):
    with keyed(context) as server:
        status, answer = list_tables(server.port, **how)
        message = answer.get("message", answer.get("Message", ""))
        check.equal((status, answer.get("__type", "").split("#")[-1]), (400, "InvalidSignatureException"), f"answer {answer}")
        check.true(message.startswith(words), f"message {message}")
        check.equal(list_tables(server.port)[0], 200, "the next request")


@suite.test("one key signs on following days, each with a signing key of its own")
def _(check, context):
    with keyed(context) as server:
        for days in (0, 1, 2, 1, 0):
            check.equal(list_tables(server.port, expires=3 * DAY, ago=days * DAY)[0], 200, f"signed {days} days ago")
        check.equal(list_tables(server.port)[0], 200, "in a header")
        check.equal(list_tables(server.port, expires=3 * DAY, ago=DAY, secret="other")[0], 400, "with another secret")


@suite.test("boto3 signs with a session's token")
def _(check, context):
    with keyed(context) as server:
        def client(service, secret):
            return boto3.client(service, endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id="key",
                                aws_secret_access_key=secret, aws_session_token="a/session+token==",
                                config=botocore.config.Config(retries={"total_max_attempts": 1}))

        check.equal(client("dynamodb", "secret").list_tables()["TableNames"], [])
        check.equal(client("sts", "secret").get_caller_identity()["Account"], "000000000000")
        check.refused("InvalidSignatureException", client("dynamodb", "other").list_tables)
        check.refused("SignatureDoesNotMatch", client("sts", "other").get_caller_identity)


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
