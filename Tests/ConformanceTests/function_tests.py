"""Functions, as boto3 and the AWS command line see them: real processes behind Lambda's API."""

import base64
import contextlib
import hashlib
import io
import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request
import zipfile

import boto3
import botocore.config

import harness
from harness import Suite

ROLE = "arn:aws:iam::000000000000:role/functions"
WAIT = {"Delay": 1, "MaxAttempts": 240}

suite = Suite("functions")

HANDLERS = """
import json, os, sys, time

def echo(event, context):
    print("got", json.dumps(event, sort_keys=True))
    return {"event": event, "name": context.function_name, "version": context.function_version,
            "left": context.get_remaining_time_in_millis() > 0, "greeting": os.environ.get("GREETING"),
            "arn": context.invoked_function_arn}

def fail(event, context):
    raise ValueError("no " + event["what"])

def exit(event, context):
    os._exit(3)

def loop(event, context):
    while True: pass

def large(event, context):
    return "x" * 7_000_000

def many(event, context):
    for number in range(event["lines"]): print("line", number)
    return event["lines"]

def count(event, context):
    global calls
    calls = globals().get("calls", 0) + 1
    return [os.getpid(), calls]

def table(event, context):
    import urllib.request
    return {name: os.environ.get(name) is not None for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_REGION")}
"""


def archive(**files):
    """A zip of files by name (with dots for the underscores' sake)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, text)
    return buffer.getvalue()


HANDLERS_ZIP = archive(**{"handlers.py": HANDLERS})


def lambda_client(endpoint, key="local", secret="local"):
    return boto3.client(
        "lambda", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=90))


class World:
    """A server that runs functions; the suite's own."""

    def __init__(self, shale, directory):
        directory.chmod(0o755)
        (directory / "failures").mkdir()
        self.shale, self.directory = shale, directory
        self.restart()

    def restart(self):
        self.server = harness.Server(
            self.shale, self.directory / "data", "--functions", str(self.directory / "functions"),
            "--bucket", f"failures={self.directory / 'failures'}")
        self.server.wait_until_ready()
        self.client = lambda_client(self.server.endpoint)

    def make(self, name, handler="echo", **more):
        """Makes a function, waits until it is active, answers its description."""
        arguments = {
            "FunctionName": name, "Runtime": "python3.11", "Handler": f"handlers.{handler}", "Role": ROLE,
            "Code": {"ZipFile": HANDLERS_ZIP}} | more
        self.client.create_function(**arguments)
        self.client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=WAIT)
        return self.client.get_function(FunctionName=name)["Configuration"]

    def call(self, name, event=None, **more):
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event if event is not None else {}), **more)
        return answer, json.loads(answer["Payload"].read())


@suite.test("a Python function is made, becomes active, and answers what it was asked")
def _(check, context):
    world = context.functions
    made = world.make("echo", Environment={"Variables": {"GREETING": "hello"}}, Tags={"team": "storage"})
    check.equal(made["State"], "Active", "state")
    check.equal(made["CodeSha256"], base64.b64encode(hashlib.sha256(HANDLERS_ZIP).digest()).decode(), "digest")
    answer, payload = world.call("echo", {"a": [1, "ä", None]}, LogType="Tail")
    check.equal(answer["StatusCode"], 200, "status")
    check.true("FunctionError" not in answer, "no error")
    check.equal(payload, {
        "event": {"a": [1, "ä", None]}, "name": "echo", "version": "$LATEST", "left": True, "greeting": "hello",
        "arn": "arn:aws:lambda:us-east-1:000000000000:function:echo"}, "answer")
    log = base64.b64decode(answer["LogResult"]).decode()
    for part in ("START RequestId: " + answer["ResponseMetadata"]["RequestId"], "got {", "END RequestId", "REPORT RequestId", "Init Duration"):
        check.contains(log, part, "log")
    check.equal(world.client.list_tags(Resource=made["FunctionArn"])["Tags"], {"team": "storage"}, "tags")


@suite.test("an environment is used again, and what it keeps is there the next time")
def _(check, context):
    world = context.functions
    world.make("count", "count")
    first, second = world.call("count")[1], world.call("count")[1]
    check.equal(first[0], second[0], "the process")
    check.equal((first[1], second[1]), (1, 2), "calls")


@suite.table("what goes wrong in a function is told as the service does", [
    ("an exception", "fail", {"what": "luck"}, {}, "no luck", "ValueError"),
    ("an exit", "exit", {}, {}, "Runtime exited with error: exit status 3", "Runtime.ExitError"),
    ("a loop", "loop", {}, {"Timeout": 1}, "Task timed out after 1.00 seconds", "Sandbox.Timedout"),
    ("an answer of 7 MB", "large", {}, {"Timeout": 30}, "exceeded maximum allowed payload size", "Function.ResponseSizeTooLarge"),
    ("a handler that is not there", "nobody", {}, {}, "'nobody' missing", "Runtime.HandlerNotFound"),
])
def _(check, context, handler, event, more, message, kind):
    world = context.functions
    world.make(f"wrong-{handler}", handler, **more)
    answer, payload = world.call(f"wrong-{handler}", event)
    check.equal(answer["StatusCode"], 200, "status")
    check.equal(answer.get("FunctionError"), "Unhandled", "function error")
    check.contains(payload["errorMessage"], message, "message")
    check.equal(payload["errorType"], kind, "type")
    check.equal(world.call("echo", 1)[1]["event"], 1, "another function beside it")


@suite.test("a function that prints without end of lines answers, and its log has all of them")
def _(check, context):
    world = context.functions
    world.make("many", "many", Timeout=30)
    check.equal(world.call("many", {"lines": 5_000})[1], 5_000, "answer")


SILENT = """#!/usr/bin/env python3
import os, time, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
identity = urllib.request.urlopen(api + "next").headers["Lambda-Runtime-Aws-Request-Id"]
urllib.request.urlopen(urllib.request.Request(api + identity + "/response", data=b'"answered"'))
time.sleep(600)
"""


@suite.test("a process that answers and never asks again does not hold the next call")
def _(check, context):
    world = context.functions
    world.make("silent", "any", Runtime="provided.al2023", Timeout=3, Code={"ZipFile": archive(bootstrap=SILENT)})
    check.equal(world.call("silent")[1], "answered", "first")
    began = time.monotonic()
    answer, error = world.call("silent")
    check.equal((answer.get("FunctionError"), error.get("errorType")), ("Unhandled", "Sandbox.Timedout"), "given to the silent process")
    check.true(time.monotonic() - began < 20, "in its own time")
    check.equal(world.call("silent")[1], "answered", "in another process")


@suite.test("a program of its own, named bootstrap, speaks the runtime's protocol")
def _(check, context):
    program = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  head=$(mktemp)
  event=$(curl -sS -D "$head" "$api/next") || exit 1
  id=$(sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *\\([^\\r]*\\).*/\\1/p' "$head" | tr -d '\\r')
  curl -sS -o /dev/null -X POST "$api/$id/response" -d "{\\"got\\": $event}"
done
"""
    world = context.functions
    world.make("own", "any", Runtime="provided.al2023", Code={"ZipFile": archive(bootstrap=program)})
    check.equal(world.call("own", {"n": 7})[1], {"got": {"n": 7}}, "answer")


@suite.test("code and settings change, and the next call has them")
def _(check, context):
    world = context.functions
    made = world.make("changing")
    client = world.client
    changed = archive(**{"handlers.py": "def echo(event, context): return 'other'"})
    client.update_function_code(FunctionName="changing", ZipFile=changed, RevisionId=made["RevisionId"])
    client.get_waiter("function_updated_v2").wait(FunctionName="changing", WaiterConfig=WAIT)
    check.equal(world.call("changing")[1], "other", "answer")
    check.refused("PreconditionFailedException", client.update_function_code,
                  FunctionName="changing", ZipFile=changed, RevisionId=made["RevisionId"])
    client.update_function_configuration(FunctionName="changing", Timeout=7, MemorySize=256, Description="changed")
    client.get_waiter("function_updated_v2").wait(FunctionName="changing", WaiterConfig=WAIT)
    now = client.get_function_configuration(FunctionName="changing")
    check.equal((now["Timeout"], now["MemorySize"], now["Description"]), (7, 256, "changed"), "settings")
    location = client.get_function(FunctionName="changing")["Code"]["Location"]
    with urllib.request.urlopen(location) as answer:
        check.equal(answer.read(), changed, "the code that GetFunction points to")
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(location[:-1] + ("0" if location[-1] != "0" else "1"))
        raise harness.Failed("an address with another signature was answered")


@suite.test("versions stay what they were, and aliases point to them")
def _(check, context):
    world, client = context.functions, context.functions.client
    world.make("versioned")
    one = client.publish_version(FunctionName="versioned", Description="first")
    check.equal(one["Version"], "1", "version")
    check.equal(client.publish_version(FunctionName="versioned")["Version"], "1", "nothing has changed")
    client.update_function_code(FunctionName="versioned", ZipFile=archive(**{"handlers.py": "def echo(event, context): return 2"}), Publish=True)
    check.equal([v["Version"] for v in client.list_versions_by_function(FunctionName="versioned")["Versions"]],
                ["$LATEST", "1", "2"], "versions")
    alias = client.create_alias(FunctionName="versioned", Name="live", FunctionVersion="1")
    check.equal(alias["AliasArn"], "arn:aws:lambda:us-east-1:000000000000:function:versioned:live", "alias")
    check.equal(world.call("versioned", 5, Qualifier="live")[1]["version"], "1", "by the alias")
    client.update_alias(FunctionName="versioned", Name="live", FunctionVersion="2")
    check.equal(world.call("versioned:live", 5)[1], 2, "by the alias, elsewhere")
    client.update_alias(FunctionName="versioned", Name="live", FunctionVersion="1",
                        RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    check.equal(world.call("versioned", 5, Qualifier="live")[1], 2, "by weight")
    check.equal([a["Name"] for a in client.list_aliases(FunctionName="versioned")["Aliases"]], ["live"], "aliases")
    check.refused("ResourceConflictException", client.delete_function, FunctionName="versioned", Qualifier="1")
    check.refused("ResourceConflictException", client.create_alias, FunctionName="versioned", Name="live", FunctionVersion="1")
    client.delete_alias(FunctionName="versioned", Name="live")
    client.delete_function(FunctionName="versioned", Qualifier="1")
    check.refused("ResourceNotFoundException", client.get_function, FunctionName="versioned", Qualifier="1")
    client.delete_function(FunctionName="versioned")
    check.refused("ResourceNotFoundException", client.get_function, FunctionName="versioned")


@suite.test("a function has no more invocations at a time than are kept for it")
def _(check, context):
    world, client = context.functions, context.functions.client
    world.make("reserved")
    check.equal(client.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=0)
                ["ReservedConcurrentExecutions"], 0, "reserved")
    refusal = check.refused("TooManyRequestsException", client.invoke, FunctionName="reserved")
    check.equal(refusal["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded", "reason")
    check.refused("InvalidParameterValueException", client.put_function_concurrency,
                  FunctionName="reserved", ReservedConcurrentExecutions=901)
    client.delete_function_concurrency(FunctionName="reserved")
    check.equal(world.call("reserved", 1)[1]["event"], 1, "answer")
    settings = client.get_account_settings()
    check.equal(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 1_000, "unreserved")


@suite.test("permissions are kept and told")
def _(check, context):
    world, client = context.functions, context.functions.client
    made = world.make("permitted")
    client.add_permission(FunctionName="permitted", StatementId="events", Action="lambda:InvokeFunction",
                          Principal="events.amazonaws.com", SourceArn="arn:aws:events:us-east-1:000000000000:rule/r")
    policy = json.loads(client.get_policy(FunctionName="permitted")["Policy"])
    check.equal(policy["Statement"], [{
        "Sid": "events", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": made["FunctionArn"],
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/r"}}}], "statements")
    check.refused("ResourceConflictException", client.add_permission, FunctionName="permitted", StatementId="events",
                  Action="lambda:InvokeFunction", Principal="events.amazonaws.com")
    client.remove_permission(FunctionName="permitted", StatementId="events")
    check.refused("ResourceNotFoundException", client.get_policy, FunctionName="permitted")


@suite.table("what cannot be is refused", [
    ("no such function", "ResourceNotFoundException", "invoke", {"FunctionName": "nobody"}),
    ("a function in another account", "ResourceNotFoundException", "get_function",
     {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:echo"}),
    ("a name twice", "ResourceConflictException", "create_function", {"FunctionName": "echo"}),
    ("a runtime that is not here", "InvalidParameterValueException", "create_function", {"FunctionName": "new", "Runtime": "java21"}),
    ("a role that is none", "ValidationException", "create_function", {"FunctionName": "new", "Role": "me"}),
    ("a timeout of an hour", "ValidationException", "create_function", {"FunctionName": "new", "Timeout": 3_600}),
    ("no code", "InvalidParameterValueException", "create_function", {"FunctionName": "new", "Code": {}}),
    ("code in a bucket that is not here", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "Code": {"S3Bucket": "none", "S3Key": "code.zip"}}),
    ("a variable that is the service's", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "Environment": {"Variables": {"AWS_REGION": "eu"}}}),
    ("variables of 5 KB", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "Environment": {"Variables": {"LONG": "x" * 5_000}}}),
    ("a dead-letter queue", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"}}),
    ("a container image", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "PackageType": "Image", "Code": {"ImageUri": "a.b/c"}}),
    ("code that is no zip", "InvalidParameterValueException", "create_function", {"FunctionName": "new", "Code": {"ZipFile": b"PK"}}),
    ("code that is damaged", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "Code": {"ZipFile": HANDLERS_ZIP[:60] + bytes([HANDLERS_ZIP[60] ^ 4]) + HANDLERS_ZIP[61:]}}),
    ("code that leaves its directory", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "Code": {"ZipFile": archive(**{"../out.py": "x"})}}),
    ("code of 251 MB", "InvalidParameterValueException", "create_function",
     {"FunctionName": "new", "Code": {"ZipFile": archive(large=b"x" * 263_192_577)}}),
    ("other code that is no zip", "InvalidParameterValueException", "update_function_code", {"FunctionName": "echo", "ZipFile": b"PK"}),
    ("a payload that is no JSON", "InvalidRequestContentException", "invoke", {"FunctionName": "echo", "Payload": b"{a"}),
    ("a payload of 7 MB", "RequestTooLargeException", "invoke",
     {"FunctionName": "echo", "Payload": b'"' + b"x" * 7_000_000 + b'"'}),
    ("a function URL", "InvalidParameterValueException", "create_function_url_config", {"FunctionName": "echo", "AuthType": "NONE"}),
    ("an alias for a version that is not there", "ResourceNotFoundException", "create_alias",
     {"FunctionName": "echo", "Name": "a", "FunctionVersion": "9"}),
])
def _(check, context, code, operation, arguments):
    client = context.functions.client
    if operation == "create_function":
        arguments = {"Runtime": "python3.11", "Handler": "handlers.echo", "Role": ROLE, "Code": {"ZipFile": HANDLERS_ZIP}} | arguments
    check.refused(code, getattr(client, operation), **arguments)


@suite.test("functions are listed in pages, in the order of their names")
def _(check, context):
    client = context.functions.client
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 3})
    names = [f["FunctionName"] for page in pages for f in page["Functions"]]
    check.equal(names, sorted(names), "order")
    check.true({"echo", "count", "own"} <= set(names), "all are there")


@suite.test("functions that a client of the service makes within a function reach this server")
def _(check, context):
    context.functions.make("table", "table")
    check.equal(context.functions.call("table")[1], {"AWS_ENDPOINT_URL": True, "AWS_ACCESS_KEY_ID": True, "AWS_REGION": True}, "variables")


@suite.test("the AWS command line makes a function and invokes it")
def _(check, context):
    world = context.functions
    code = world.directory / "cli.zip"
    code.write_bytes(HANDLERS_ZIP)
    aws = pathlib.Path(harness.sys.executable).with_name("aws")
    environment = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1", "PATH": "/usr/bin:/bin"}

    def run(*arguments):
        done = subprocess.run([aws, "--endpoint-url", world.server.endpoint, "lambda", *arguments],
                              capture_output=True, text=True, env=environment, timeout=120)
        check.equal(done.returncode, 0, f"exit code of {arguments[0]}: {done.stderr}")
        return done.stdout

    run("create-function", "--function-name", "cli", "--runtime", "python3.11", "--handler", "handlers.echo",
        "--role", ROLE, "--zip-file", f"fileb://{code}")
    run("wait", "function-active-v2", "--function-name", "cli")
    output = world.directory / "answer.json"
    run("invoke", "--function-name", "cli", "--payload", '{"k": 1}', str(output))
    check.equal(json.loads(output.read_text())["event"], {"k": 1}, "answer")


FOLLOWERS = """
import json, os

def keep(event, context):
    '''Appends each record's key and sequence to a file.'''
    with open(os.environ["KEPT"], "a") as file:
        for record in event["Records"]:
            file.write(json.dumps([record["eventName"], record["dynamodb"]["Keys"]["pk"]["S"],
                record["dynamodb"]["Keys"]["sk"]["S"], record["dynamodb"]["SequenceNumber"], len(event["Records"])]) + "\\n")

def poison(event, context):
    keep(event, context)
    if any(r["dynamodb"]["Keys"]["sk"]["S"] == "bad" for r in event["Records"]):
        raise ValueError("poisoned")

def report(event, context):
    keep(event, context)
    return {"batchItemFailures": [{"itemIdentifier": r["dynamodb"]["SequenceNumber"]}
        for r in event["Records"] if r["dynamodb"]["Keys"]["sk"]["S"] == "bad"][:1]}
"""


class Followed:
    """A table with a stream, a function behind it, and what that has kept."""

    def __init__(self, context, name, handler, code=FOLLOWERS, **mapping):
        world = context.functions
        self.world, self.table = world, name
        self.tables = world.server.client()
        self.tables.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
        self.tables.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        self.stream = self.tables.describe_table(TableName=name)["Table"]["LatestStreamArn"]
        # Functions run as users of their own, which may write here.
        self.kept = world.directory / f"{name}.kept"
        self.kept.touch()
        self.kept.chmod(0o666)
        world.make(name, Handler=f"followers.{handler}", Code={"ZipFile": archive(**{"followers.py": code})},
                   Environment={"Variables": {"KEPT": str(self.kept)}}, Timeout=30)
        self.mapping = world.client.create_event_source_mapping(
            FunctionName=name, EventSourceArn=self.stream, **({"StartingPosition": "TRIM_HORIZON"} | mapping))

    def put(self, pk, sk, **more):
        self.tables.put_item(TableName=self.table, Item={"pk": {"S": pk}, "sk": {"S": sk}} | more)

    def records(self):
        return [json.loads(line) for line in self.kept.read_text().splitlines()]

    def wait(self, holds, what):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            records = self.records()
            if holds(records):
                return records
            time.sleep(0.05)
        state = self.world.client.get_event_source_mapping(UUID=self.mapping["UUID"])
        raise harness.Failed(f"{what}: {len(self.records())} records, {state['LastProcessingResult']}")

    def end(self):
        self.world.client.delete_event_source_mapping(UUID=self.mapping["UUID"])


@suite.test("an event is taken at once and handled behind, and what becomes of it is told")
def _(check, context):
    world, client = context.functions, context.functions.client
    kept = world.directory / "events.kept"
    kept.touch()
    kept.chmod(0o666)
    code = archive(**{"events.py": """
import json, os
def handle(event, context):
    with open(os.environ["KEPT"], "a") as file: file.write(json.dumps(event) + chr(10))
    if event.get("fails"): raise ValueError("it fails")
    return "handled"
"""})
    for name in ["events", "told"]:
        world.make(name, Handler="events.handle", Code={"ZipFile": code}, Environment={"Variables": {"KEPT": str(kept)}})
    check.refused("ResourceNotFoundException", client.get_function_event_invoke_config, FunctionName="events")
    settings = client.put_function_event_invoke_config(FunctionName="events", MaximumRetryAttempts=0, DestinationConfig={
        "OnSuccess": {"Destination": "arn:aws:lambda:us-east-1:000000000000:function:told"},
        "OnFailure": {"Destination": "arn:aws:s3:::failures"}})
    check.equal(settings["MaximumRetryAttempts"], 0, "retries")
    check.equal(client.update_function_event_invoke_config(FunctionName="events", MaximumEventAgeInSeconds=120)
                ["MaximumRetryAttempts"], 0, "what is not changed stays")
    answer = client.invoke(FunctionName="events", InvocationType="Event", Payload=b'{"n": 1}')
    check.equal((answer["StatusCode"], answer["Payload"].read()), (202, b""), "answer")
    client.invoke(FunctionName="events", InvocationType="Event", Payload=b'{"fails": true}')
    deadline = time.monotonic() + 60
    objects = []
    while time.monotonic() < deadline and not (len(kept.read_text().splitlines()) >= 3 and objects):
        objects = [p for p in (world.directory / "failures").rglob("aws/lambda/async/events/**/*")
                   if not p.name.startswith(".") and p.is_file()]
        time.sleep(0.05)
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    check.equal(sum(line == {"n": 1} for line in lines), 1, "handled")
    told = [line for line in lines if "requestContext" in line]
    check.equal([(t["requestContext"]["condition"], t["responsePayload"]) for t in told], [("Success", "handled")], "told")
    check.equal(len(objects), 1, "failures")
    check.equal(json.loads(objects[0].read_text())["requestContext"]["condition"], "RetriesExhausted", "failure")
    check.refused("InvalidParameterValueException", client.put_function_event_invoke_config, FunctionName="events",
                  DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:q"}})
    client.delete_function_event_invoke_config(FunctionName="events")


@suite.test("a stream runs a function with every change, in the order of each key")
def _(check, context):
    followed = Followed(context, "ordered", "keep", BatchSize=10, ParallelizationFactor=4)
    check.equal(followed.mapping["State"], "Creating", "state")
    for number in range(120):
        followed.put(f"p{number % 6}", f"s{number:04}")
    records = followed.wait(lambda r: len(r) >= 120, "all changes come")
    check.equal(len({r[3] for r in records}), 120, "each once")
    for key in range(6):
        mine = [r[2] for r in records if r[1] == f"p{key}"]
        check.true(len(mine) == 20, f"all of p{key}")
    check.true(max(r[4] for r in records) <= 10, "no batch is larger than it may be")
    mapping = context.functions.client.get_event_source_mapping(UUID=followed.mapping["UUID"])
    check.equal((mapping["State"], mapping["LastProcessingResult"]), ("Enabled", "OK"), "state and result")
    check.equal(len(context.functions.client.list_event_source_mappings(EventSourceArn=followed.stream)["EventSourceMappings"]), 1, "list")
    check.refused("ResourceConflictException", context.functions.client.create_event_source_mapping,
                  FunctionName="ordered", EventSourceArn=followed.stream, StartingPosition="LATEST")
    followed.end()
    check.refused("ResourceNotFoundException", context.functions.client.get_event_source_mapping, UUID=followed.mapping["UUID"])


@suite.test("filters let through what they mean, and LATEST what comes after")
def _(check, context):
    pattern = json.dumps({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": [{"prefix": "or"}]}}}})
    followed = Followed(context, "filtered", "keep", FilterCriteria={"Filters": [{"Pattern": pattern}]})
    for number in range(40):
        followed.put("p", f"s{number:02}", kind={"S": ["order", "note"][number % 2]})
    followed.put("p", "s00", kind={"S": "order again"})
    followed.put("p", "z", kind={"S": "order"})
    records = followed.wait(lambda r: any(x[2] == "z" for x in r), "the last change comes")
    check.equal([r[2] for r in records], [f"s{n:02}" for n in range(0, 40, 2)] + ["z"], "what came")
    check.refused("InvalidParameterValueException", context.functions.client.update_event_source_mapping,
                  UUID=followed.mapping["UUID"], FilterCriteria={"Filters": [{"Pattern": '{"a": 1}'}]})
    followed.end()


@suite.test("what fails is split, given up and told in a bucket, and nothing else is")
def _(check, context):
    followed = Followed(context, "poisoned", "poison", BatchSize=16, MaximumRetryAttempts=0, MaximumBatchingWindowInSeconds=1,
                        BisectBatchOnFunctionError=True, DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failures"}})
    for number in range(30):
        followed.put("p", "bad" if number == 11 else f"s{number:02}")
    followed.put("p", "z")
    followed.wait(lambda r: any(x[2] == "z" for x in r), "the last change comes")
    told = list((context.functions.directory / "failures").rglob(f"aws/lambda/{followed.mapping['UUID']}/**/*"))
    told = [json.loads(path.read_text()) for path in told if path.is_file()]
    check.equal(len(told), 1, "objects")
    check.equal(told[0]["requestContext"]["condition"], "RetryAttemptsExhausted", "condition")
    check.equal(told[0]["DDBStreamBatchInfo"]["batchSize"], 1, "batch")
    payload = json.loads(told[0]["payload"])
    check.equal(payload["Records"][0]["dynamodb"]["Keys"]["sk"]["S"], "bad", "what was given up")
    check.equal(payload["Records"][0]["eventSourceARN"], followed.stream, "source")
    followed.end()


@suite.test("a function that says which record went wrong gets that and what follows again")
def _(check, context):
    followed = Followed(context, "reported", "report", BatchSize=100, MaximumRetryAttempts=1, MaximumBatchingWindowInSeconds=1,
                        FunctionResponseTypes=["ReportBatchItemFailures"])
    for name in ["a", "b", "bad", "c"]:
        followed.put("p", name)
    followed.wait(lambda r: sum(x[2] == "bad" for x in r) >= 3, "the record comes again")
    followed.put("p", "z")
    records = followed.wait(lambda r: any(x[2] == "z" for x in r), "what follows comes")
    check.equal(sum(r[2] == "a" for r in records), 1, "what was before it comes once")
    followed.end()


@suite.test("a mapping goes on behind a killed server where it was, and passes nothing over")
def _(check, context):
    world = context.functions
    followed = Followed(context, "survivor", "keep", BatchSize=5)
    for number in range(50):
        followed.put(f"p{number % 3}", f"s{number:03}")
    followed.wait(lambda r: len(r) >= 20, "some changes come")
    world.server.kill()
    world.restart()
    followed.tables = world.server.client()
    for number in range(50, 60):
        followed.put(f"p{number % 3}", f"s{number:03}")
    records = followed.wait(lambda r: len({x[3] for x in r}) >= 60, "all changes come")
    for key in range(3):
        firsts = list(dict.fromkeys(r[2] for r in records if r[1] == f"p{key}"))
        check.equal(firsts, sorted(firsts), f"the order of p{key}")
    check.equal(len({r[3] for r in records}), 60, "all changes")
    followed.end()


@suite.test("functions outlive the end of the server, killed or not, and none of their processes does")
def _(check, context):
    world = context.functions
    process = world.call("count")[1][0]
    world.server.kill()
    deadline = time.monotonic() + 10
    while pathlib.Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    check.true(not pathlib.Path(f"/proc/{process}").exists(), "the process of a killed server is gone")
    world.restart()
    again = world.call("count")[1]
    check.equal(again[1], 1, "a new environment")
    check.equal(world.server.stop(), 0, "exit code")
    check.true(not pathlib.Path(f"/proc/{again[0]}").exists(), "the process of a stopped server is gone")


class FunctionSuite:
    """Tests of functions, on a server of their own."""

    def __init__(self, suite=suite):
        self.suite = suite

    def run(self, report, context):
        with harness.scratch("shale-functions-") as directory:
            context.functions = World(context.shale, directory)
            try:
                self.suite.run(report, context)
            finally:
                server = context.functions.server
                if server.process.poll() is None:
                    server.stop()
                elif server.process.returncode:
                    print(server.log_tail(), flush=True)
