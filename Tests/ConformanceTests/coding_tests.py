"""Compressed bodies, pages of other origins, and what is too large."""

import gzip
import http.client
import json
import zlib

import harness
from harness import Suite
from protocol_tests import call, raw
from values import item

suite = Suite("Codings and origins")

GET_LIST = '{"Limit": 1}'
RAW_DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)


@suite.table("a compressed request is understood", [
    ("gzip", "gzip", gzip.compress(GET_LIST.encode())),
    ("deflate", "deflate", zlib.compress(GET_LIST.encode())),
    ("deflate without a head", "deflate", RAW_DEFLATE.compress(GET_LIST.encode()) + RAW_DEFLATE.flush()),
    ("identity", "identity", GET_LIST),
])
def _(check, context, coding, body):
    status, _, answer = call(context.server.port, "ListTables", body, headers={"Content-Encoding": coding})
    check.equal(status, 200, answer)


@suite.table("a body that is not what it promises is a clear error", [
    ("plain", "gzip", GET_LIST, 400, "SerializationException"),
    ("cut off", "gzip", gzip.compress(GET_LIST.encode())[:-4], 400, "SerializationException"),
    ("empty", "gzip", b"", 400, "SerializationException"),
    ("an unknown coding", "br", GET_LIST, 400, "SerializationException"),
    ("two codings", "gzip, gzip", gzip.compress(gzip.compress(GET_LIST.encode())), 400, "SerializationException"),
    ("a bomb", "gzip", gzip.compress(b" " * 64_000_000), 413, "RequestEntityTooLargeException"),
])
def _(check, context, coding, body, status, kind):
    got, headers, answer = call(context.server.port, "ListTables", body, headers={"Content-Encoding": coding})
    check.equal((got, json.loads(answer)["__type"].split("#")[1]), (status, kind))
    check.equal(headers["x-amz-crc32"], str(zlib.crc32(answer)), "checksum")
    check.equal(call(context.server.port, "ListTables", "{}")[0], 200, "the next request")


@suite.test("a response is compressed from 4 KB on, as the client asks, and its checksum is of what was sent")
def _(check, context):
    name = context.create_table(sort=None)
    for key, size in (("small", 100), ("large", 20_000)):
        context.client.put_item(TableName=name, Item=item(pk=key, v="x" * size))
    for key, asked, got in (("large", "gzip", "gzip"), ("large", "deflate", "deflate"), ("large", "gzip;q=0.1, deflate", "deflate"),
                            ("large", "identity", None), ("large", "br", None), ("small", "gzip", None), ("large", None, None)):
        body = json.dumps({"TableName": name, "Key": item(pk=key)})
        status, headers, answer = call(context.server.port, "GetItem", body, headers={"Accept-Encoding": asked or "identity"})
        check.equal((status, headers.get("content-encoding")), (200, got), f"{key} {asked}")
        check.equal(headers["x-amz-crc32"], str(zlib.crc32(answer)), "checksum")
        check.equal(int(headers["content-length"]), len(answer), "length")
        plain = zlib.decompress(answer, 47) if got else answer
        check.equal(json.loads(plain)["Item"]["pk"], {"S": key})


@suite.test("a body over 16 MB is told so in the API's form, before and after it was sent")
def _(check, context):
    head = (b"POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 16777217\r\n\r\n")
    for body in (b"", b" " * 16_777_217):
        answer = raw(context.server.port, head + body)
        check.true(answer.startswith(b"HTTP/1.1 413 "), answer[:100])
        check.true(b"RequestEntityTooLargeException" in answer, answer[-300:])
    body = b'{"Limit": 1' + b" " * (16_777_216 - 12) + b"}"
    check.equal(call(context.server.port, "ListTables", body)[0], 200, "exactly 16 MB")


@suite.table("a wrong path or method is 4xx", [
    ("PUT", "PUT", "/", 405), ("DELETE", "DELETE", "/shale/health", 405), ("no such path", "GET", "/nothing", 404),
    ("POST elsewhere", "POST", "/tables", 404), ("OPTIONS", "OPTIONS", "/", 405),
])
def _(check, context, method, path, status):
    connection = http.client.HTTPConnection("127.0.0.1", context.server.port, timeout=10)
    connection.request(method, path, headers={"Origin": "http://pages.example", "Access-Control-Request-Method": "POST"})
    response = connection.getresponse()
    response.read()
    check.equal((response.status, response.will_close), (status, False))
    check.equal(response.getheader("Access-Control-Allow-Origin"), None, "permission")
    connection.close()


@suite.test("pages of another origin may use the server only when it is told so")
def _(check, context):
    for allowed, origin, wanted in (("http://pages.example", "http://pages.example", "http://pages.example"),
                                    ("http://pages.example", "http://other.example", None), ("*", "http://other.example", "*")):
        with harness.scratch() as directory, harness.running(context.shale, directory / "data", "--cors", allowed) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("OPTIONS", "/", headers={"Origin": origin, "Access-Control-Request-Method": "POST",
                                                        "Access-Control-Request-Headers": "x-amz-target,content-type"})
            response = connection.getresponse()
            response.read()
            check.equal(response.status, 200 if wanted else 405)
            check.equal(response.getheader("Access-Control-Allow-Origin"), wanted)
            check.equal(response.getheader("Access-Control-Allow-Headers"), "x-amz-target,content-type" if wanted else None)
            _, headers, _ = call(server.port, "ListTables", "{}", headers={"Origin": origin})
            check.equal(headers.get("access-control-allow-origin"), wanted, "of a response")
            _, headers, _ = call(server.port, "ListTables", "{}")
            check.equal(headers.get("access-control-allow-origin"), None, "without an origin")
            connection.close()
    ended = harness.run_shale(context.shale, "serve", "--data", "nowhere", "--cors", "pages", timeout=60)
    check.equal(ended.returncode, 2, ended.stderr)
