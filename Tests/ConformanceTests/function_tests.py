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
        self.server = harness.Server(shale, directory / "data", "--functions", str(directory / "functions"))
        self.server.wait_until_ready()
        self.shale, self.directory = shale, directory
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


@suite.test("functions outlive the end of the server, killed or not, and none of their processes does")
def _(check, context):
    world = context.functions
    process = world.call("count")[1][0]
    world.server.kill()
    deadline = time.monotonic() + 10
    while pathlib.Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    check.true(not pathlib.Path(f"/proc/{process}").exists(), "the process of a killed server is gone")
    world.server = harness.Server(world.shale, world.directory / "data", "--functions", str(world.directory / "functions"))
    world.server.wait_until_ready()
    world.client = lambda_client(world.server.endpoint)
    again = world.call("count")[1]
    check.equal(again[1], 1, "a new environment")
    check.equal(world.server.stop(), 0, "exit code")
    check.true(not pathlib.Path(f"/proc/{again[0]}").exists(), "the process of a stopped server is gone")


class FunctionSuite:
    """The tests above, on a server of their own."""

    def run(self, report, context):
        with harness.scratch("shale-functions-") as directory:
            context.functions = World(context.shale, directory)
            try:
                suite.run(report, context)
            finally:
                if context.functions.server.process.poll() is None:
                    context.functions.server.stop()
