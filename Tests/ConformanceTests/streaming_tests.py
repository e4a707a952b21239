"""Answers that come piece by piece, as boto3 sees them: a program that speaks the Runtime API by itself behind them."""

import base64
import json
import time

import function_tests
from harness import Suite

suite = Suite("streamed answers")

# Trailers are beyond http.client, so this one writes to its socket. The event says what it answers.
BOOTSTRAP = r'''#!/usr/bin/env python3
import base64, http.client, json, os, socket, time
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
PATH = "/2018-06-01/runtime/invocation/"

def next_one():
    connection = http.client.HTTPConnection(api)
    connection.request("GET", PATH + "next")
    reply = connection.getresponse()
    return reply.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(reply.read())

def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)

def stream(identity, event):
    host, port = api.split(":")
    with socket.create_connection((host, int(port))) as peer:
        peer.sendall((f"POST {PATH}{identity}/response HTTP/1.1\r\nHost: {api}\r\nTransfer-Encoding: chunked\r\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: application/octet-stream\r\n"
            "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n").encode())
        for piece in event.get("pieces", []):
            peer.sendall(chunk(piece.encode()))
            time.sleep(event.get("pause", 0))
        for number in range(event.get("megabytes", 0)):
            if "progress" in event:
                with open(event["progress"], "w") as file: file.write(str(number))
            peer.sendall(chunk(bytes([65 + number % 26]) * 1_048_576))
        if "exit" in event: os._exit(event["exit"])
        end = b"0\r\n"
        if "error" in event:
            body = base64.b64encode(json.dumps(event["error"]).encode()).decode()
            end += f"Lambda-Runtime-Function-Error-Type: {event['error']['errorType']}\r\n".encode()
            end += f"Lambda-Runtime-Function-Error-Body: {body}\r\n".encode()
        peer.sendall(end + b"\r\n")
        return peer.recv(4096)

while True:
    identity, event = next_one()
    print("streams", flush=True)
    if event.get("mode") == "buffered":
        connection = http.client.HTTPConnection(api)
        connection.request("POST", PATH + identity + "/response", json.dumps(event))
        connection.getresponse().read()
    elif event.get("mode") == "error":
        connection = http.client.HTTPConnection(api)
        connection.request("POST", PATH + identity + "/error", json.dumps({"errorMessage": "no", "errorType": "Odd"}))
        connection.getresponse().read()
    else:
        stream(identity, event)
'''

WHOLE = {"Runtime": "provided.al2023", "Handler": "any", "Code": {"ZipFile": function_tests.archive(bootstrap=BOOTSTRAP)},
         "Timeout": 60, "MemorySize": 256}


def start(world, event, client=None, **more):
    answer = (client or world.client).invoke_with_response_stream(
        FunctionName="streaming", Payload=json.dumps(event), **more)
    return answer, iter(answer["EventStream"])


def collect(world, event, **more):
    """The pieces, and what the end says."""
    _, events = start(world, event, **more)
    events = list(events)
    return [e["PayloadChunk"]["Payload"] for e in events[:-1]], events[-1]["InvokeComplete"]


@suite.test("pieces come while the function goes on, and the end brings the log")
def _(check, context):
    world = context.functions
    world.make("streaming", **WHOLE)
    answer, events = start(world, {"pieces": ["one", "two", "three"], "pause": 1}, LogType="Tail")
    check.equal((answer["StatusCode"], answer["ExecutedVersion"]), (200, "$LATEST"), "status and version")
    check.equal(answer["ResponseStreamContentType"], "application/vnd.amazon.eventstream", "content type")
    first = next(events)["PayloadChunk"]["Payload"]
    began = time.monotonic()
    rest = list(events)
    check.equal([first] + [e["PayloadChunk"]["Payload"] for e in rest[:-1]], [b"one", b"two", b"three"], "pieces")
    check.true(time.monotonic() - began > 1.5, "the first came before the last was made")
    check.contains(base64.b64decode(rest[-1]["InvokeComplete"]["LogResult"]).decode(), "streams\nEND RequestId", "log")
    check.true("ErrorCode" not in rest[-1]["InvokeComplete"], "no error")


@suite.test("an answer that comes at once is one piece; a caller that waits gets streamed pieces together")
def _(check, context):
    world = context.functions
    pieces, end = collect(world, {"mode": "buffered"})
    check.equal(([json.loads(p) for p in pieces], end), ([{"mode": "buffered"}], {}), "one piece")
    answer = world.client.invoke(FunctionName="streaming", Payload=json.dumps({"pieces": ["a", "b"]}))
    check.equal(answer["Payload"].read(), b"ab", "together")
    check.equal(world.client.invoke_with_response_stream(FunctionName="streaming", InvocationType="DryRun")["StatusCode"], 204, "dry run")


@suite.table("what goes wrong is told at the end", [
    ("behind two pieces", {"pieces": ["a", "b"], "error": {"errorType": "Function.Odd", "errorMessage": "in the middle"}},
     b"ab", "Function.Odd", {"errorType": "Function.Odd", "errorMessage": "in the middle"}),
    ("instead of an answer", {"mode": "error"}, b"", "Unhandled", {"errorType": "Odd", "errorMessage": "no"}),
    ("an exit behind a piece", {"pieces": ["a"], "pause": 0.2, "exit": 3}, b"a", "Unhandled", {"errorType": "Runtime.ExitError"}),
])
def _(check, context, event, payload, code, details):
    pieces, end = collect(context.functions, event)
    check.equal(b"".join(pieces), payload, "payload")
    check.equal(end["ErrorCode"], code, "code")
    told = json.loads(end["ErrorDetails"])
    check.equal({name: told[name] for name in details}, details, "details")


@suite.test("40 MB come whole, and a client that does not read holds the function back")
def _(check, context):
    world = context.functions
    progress = world.directory / "progress"
    progress.touch()
    progress.chmod(0o666)
    _, events = start(world, {"megabytes": 40, "progress": str(progress)})
    total = len(next(events)["PayloadChunk"]["Payload"])
    seen, quiet = None, 0
    deadline = time.monotonic() + 20
    while quiet < 10 and time.monotonic() < deadline:
        time.sleep(0.1)
        now = progress.read_text()
        seen, quiet = now, quiet + 1 if now == seen else 0
    check.true(int(seen or 0) < 30, f"the function waits, having made {seen} MB")
    for event in events:
        total += len(event.get("PayloadChunk", {}).get("Payload", b""))
        end = event
    check.equal((total, end), (40 * 1_048_576, {"InvokeComplete": {}}), "all")


@suite.test("more than 200 MB end the function, and the next call has a new one")
def _(check, context):
    world = context.functions
    _, events = start(world, {"megabytes": 210})
    total = 0
    for event in events:
        total += len(event.get("PayloadChunk", {}).get("Payload", b""))
        end = event
    check.equal(end["InvokeComplete"]["ErrorCode"], "Function.ResponseSizeTooLarge", "code")
    check.true(199 * 1_048_576 < total <= 200 * 1_048_576, f"{total} bytes came")
    check.equal(collect(world, {"pieces": ["again"]})[0], [b"again"], "the next call")


@suite.test("a client that goes away leaves a function that goes on to its end, and serves the next")
def _(check, context):
    world = context.functions
    progress = world.directory / "left"
    progress.touch()
    progress.chmod(0o666)
    leaving = function_tests.lambda_client(world.server.endpoint)
    answer, events = start(world, {"megabytes": 60, "progress": str(progress)}, leaving)
    next(events)
    answer["EventStream"].close()
    leaving.close()
    deadline = time.monotonic() + 30
    while progress.read_text() != "59" and time.monotonic() < deadline:
        time.sleep(0.05)
    check.equal(progress.read_text(), "59", "how far it came")
    check.equal(collect(world, {"pieces": ["next"]})[0], [b"next"], "the next call")


@suite.table("what cannot be is refused before anything is sent", [
    ("no such function", "ResourceNotFoundException", {"FunctionName": "nobody"}),
    ("an event", "ValidationException", {"FunctionName": "streaming", "InvocationType": "Event"}),
    ("a payload that is no JSON", "InvalidRequestContentException", {"FunctionName": "streaming", "Payload": b"{a"}),
])
def _(check, context, code, arguments):
    check.refused(code, context.functions.client.invoke_with_response_stream, **arguments)
