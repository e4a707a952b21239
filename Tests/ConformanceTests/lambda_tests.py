"""What clients of Lambda ask besides, what is refused by its name, and how large requests may be."""

import http.client
import threading
import time

import function_tests
import log_tests
from function_tests import ROLE, WAIT, archive
from harness import Suite

suite = Suite("the API of functions")
ARN = "arn:aws:lambda:us-east-1:000000000000"

# Answers with the length of the event, at once or when it has slept.
BOOTSTRAP = """#!/usr/bin/env python3
import http.client, json, os, time
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
PATH = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", PATH + "next")
    asked = api.getresponse()
    headers, event = asked.headers, asked.read()
    print("an event of", len(event), "bytes", flush=True)
    given = json.loads(event)
    if isinstance(given, dict): time.sleep(given.get("sleep", 0))
    answer = [len(event), headers["Lambda-Runtime-Invoked-Function-Arn"]]
    api.request("POST", PATH + headers["Lambda-Runtime-Aws-Request-Id"] + "/response", json.dumps(answer))
    api.getresponse().read()
"""
CODE = {"ZipFile": archive(bootstrap=BOOTSTRAP)}


def make(world, name, **more):
    return world.make(name, "any", **({"Runtime": "provided.al2023", "Code": CODE, "Timeout": 30} | more))


@suite.test("what clients ask about a function besides is answered as it is here")
def _(check, context):
    world, client = context.functions, context.functions.client
    make(world, "asked")
    name = {"FunctionName": "asked"}

    def answer(operation, **more):
        told = getattr(client, operation)(**(name | more))
        told.pop("ResponseMetadata")
        return told

    check.equal(answer("get_function_code_signing_config"), {"CodeSigningConfigArn": "", "FunctionName": "asked"}, "signing")
    check.equal(answer("get_runtime_management_config"), {"UpdateRuntimeOn": "Auto", "FunctionArn": f"{ARN}:function:asked"}, "runtime")
    check.equal(answer("get_function_recursion_config"), {"RecursiveLoop": "Allow"}, "recursion")
    check.equal(answer("list_function_url_configs"), {"FunctionUrlConfigs": []}, "addresses")
    check.equal(answer("get_function_concurrency"), {}, "nothing is reserved")
    client.put_function_concurrency(FunctionName="asked", ReservedConcurrentExecutions=5)
    check.equal(answer("get_function_concurrency"), {"ReservedConcurrentExecutions": 5}, "reserved")
    check.equal(answer("get_function")["Concurrency"], {"ReservedConcurrentExecutions": 5}, "reserved")
    check.equal(client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"], 995, "what is left")
    client.delete_function_concurrency(FunctionName="asked")
    for operation in ("get_function_url_config", "get_policy", "get_function_event_invoke_config"):
        check.refused("ResourceNotFoundException", getattr(client, operation), **name)
    for operation in ("get_function_code_signing_config", "get_runtime_management_config", "get_function_recursion_config",
                      "list_function_url_configs", "get_function_concurrency", "get_policy", "list_versions_by_function",
                      "list_aliases", "list_function_event_invoke_configs"):
        check.refused("ResourceNotFoundException", getattr(client, operation), FunctionName="nobody")


@suite.test("an alias is told, is in the name that the function is called by, and has its own settings of events")
def _(check, context):
    world, client = context.functions, context.functions.client
    check.equal(client.publish_version(FunctionName="asked")["Version"], "1", "version")
    made = client.create_alias(FunctionName="asked", Name="live", FunctionVersion="1", Description="what is live")
    told = client.get_alias(FunctionName="asked", Name="live")
    check.equal({name: told[name] for name in ("AliasArn", "Name", "FunctionVersion", "Description", "RevisionId")}, {
        "AliasArn": f"{ARN}:function:asked:live", "Name": "live", "FunctionVersion": "1", "Description": "what is live",
        "RevisionId": made["RevisionId"]}, "alias")
    check.refused("ResourceNotFoundException", client.get_alias, FunctionName="asked", Name="dead")
    check.refused("PreconditionFailedException", client.update_alias, FunctionName="asked", Name="live", RevisionId="other")
    check.equal(world.call("asked", {}, Qualifier="live")[1], [2, f"{ARN}:function:asked:live"], "called by")
    check.equal([a["Name"] for a in client.list_aliases(FunctionName="asked", FunctionVersion="1")["Aliases"]], ["live"], "of a version")
    client.put_function_event_invoke_config(FunctionName="asked", MaximumRetryAttempts=2)
    client.put_function_event_invoke_config(FunctionName="asked", Qualifier="live", MaximumRetryAttempts=1)
    pages = client.get_paginator("list_function_event_invoke_configs").paginate(FunctionName="asked", PaginationConfig={"PageSize": 1})
    listed = [(c["FunctionArn"], c["MaximumRetryAttempts"]) for page in pages for c in page["FunctionEventInvokeConfigs"]]
    check.equal(listed, [(f"{ARN}:function:asked:$LATEST", 2), (f"{ARN}:function:asked:live", 1)], "settings")


@suite.test("a dry run checks and does not call, tags come and go")
def _(check, context):
    world, client = context.functions, context.functions.client
    make(world, "dry")
    check.equal(client.invoke(FunctionName="dry", InvocationType="DryRun")["StatusCode"], 204, "status")
    check.refused("ResourceNotFoundException", client.invoke, FunctionName="dry", Qualifier="7", InvocationType="DryRun")
    groups = log_tests.logs_client(world.server.endpoint).describe_log_groups(logGroupNamePrefix="/aws/lambda/dry")["logGroups"]
    check.true(all(group["storedBytes"] == 0 for group in groups), "nothing was said")
    arn = f"{ARN}:function:dry"
    client.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    client.untag_resource(Resource=arn, TagKeys=["a"])
    check.equal(client.get_function(FunctionName="dry")["Tags"], {"b": "2"}, "tags")
    check.refused("InvalidParameterValueException", client.tag_resource, Resource=arn, Tags={f"k{n}": "" for n in range(50)})
    check.refused("InvalidParameterValueException", client.tag_resource, Resource=arn + ":1", Tags={"a": ""})


@suite.test("a call more than are reserved is refused with the reason, and taken when another has ended")
def _(check, context):
    world, client = context.functions, context.functions.client
    make(world, "narrow")
    client.put_function_concurrency(FunctionName="narrow", ReservedConcurrentExecutions=1)
    told = []
    other = function_tests.lambda_client(world.server.endpoint)
    caller = threading.Thread(
        target=lambda: told.append(other.invoke(FunctionName="narrow", Payload=b'{"sleep": 3}').get("FunctionError")))
    caller.start()
    time.sleep(1)
    refusal = check.refused("TooManyRequestsException", client.invoke, FunctionName="narrow")
    check.equal(refusal["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded", "reason")
    check.equal(refusal["ResponseMetadata"]["HTTPStatusCode"], 429, "status")
    caller.join()
    check.equal(told, [None], "the call under way")
    check.equal(world.call("narrow", {})[1][0], 2, "the next call")


def creation(**more):
    return "create_function", {"FunctionName": "new", "Runtime": "provided.al2023", "Handler": "any", "Role": ROLE, "Code": CODE} | more


NAMED = {"FunctionName": "asked"}
SIGNING = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0"


@suite.table("what is not here is refused by its name", [
    ("a function URL", "A function URL", "create_function_url_config", NAMED | {"AuthType": "NONE"}),
    ("InvokeAsync", "InvokeAsync", "invoke_async", NAMED | {"InvokeArgs": b"{}"}),
    ("a configuration of code signing", "Code signing", "create_code_signing_config",
     {"AllowedPublishers": {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:000000000000:/signing-profiles/a/b"]}}),
    ("signing the code of a function", "Code signing", "put_function_code_signing_config", NAMED | {"CodeSigningConfigArn": SIGNING}),
    ("a function whose code is signed", "Code signing", *creation(CodeSigningConfigArn=SIGNING)),
    ("SnapStart", "SnapStart", *creation(SnapStart={"ApplyOn": "PublishedVersions"})),
    ("a durable function", "durable", *creation(DurableConfig={"ExecutionTimeout": 10})),
    ("durable executions", "Durable functions", "list_durable_executions_by_function", NAMED),
    ("capacity providers", "Capacity providers", "list_capacity_providers", {}),
    ("a change of how functions call themselves", "PutFunctionRecursionConfig", "put_function_recursion_config",
     NAMED | {"RecursiveLoop": "Terminate"}),
    ("a change of the runtime's updates", "PutRuntimeManagementConfig", "put_runtime_management_config",
     NAMED | {"UpdateRuntimeOn": "Auto"}),
    ("Node.js, with what is here", "provided.al2023", *creation(Runtime="nodejs22.x")),
    ("Node.js", "nodejs22.x is not there", *creation(Runtime="nodejs22.x")),
])
def _(check, context, name, operation, arguments):
    refusal = check.refused("InvalidParameterValueException", getattr(context.functions.client, operation), **arguments)
    check.contains(refusal["Error"]["Message"], name, "message")


def text(count):
    """JSON of so many bytes."""
    return b'"' + b"x" * (count - 2) + b'"'


@suite.table("a call brings so many bytes and no more", [
    ("one that waits", "RequestResponse", 6_291_456),
    ("an event", "Event", 1_048_576),
])
def _(check, context, kind, most):
    world, client = context.functions, context.functions.client
    answer = client.invoke(FunctionName="asked", InvocationType=kind, Payload=text(most))
    check.equal((answer["StatusCode"], answer.get("FunctionError")), (202 if kind == "Event" else 200, None), "answer")
    logs, deadline = log_tests.logs_client(world.server.endpoint), time.monotonic() + 30
    while time.monotonic() < deadline:
        lines = logs.filter_log_events(logGroupName="/aws/lambda/asked", filterPattern=f'"an event of {most} bytes"')["events"]
        if lines:
            break
        time.sleep(0.05)
    check.equal(len(lines), 1, "what the function got")
    refusal = check.refused("RequestTooLargeException", client.invoke, FunctionName="asked", InvocationType=kind, Payload=text(most + 1))
    check.equal(refusal["ResponseMetadata"]["HTTPStatusCode"], 413, "status")


@suite.table("a request that brings code has so many bytes and no more", [
    ("making a function", "POST", "/2015-03-31/functions"),
    ("changing its code", "PUT", "/2015-03-31/functions/asked/code"),
])
def _(check, context, method, path):
    def status(count):
        """What is said before the body is sent: go on, or no."""
        connection = http.client.HTTPConnection("127.0.0.1", context.functions.server.port, timeout=20)
        connection.putrequest(method, path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(count))
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        line = connection.sock.recv(4_096).split(b"\r\n")[0]
        connection.close()
        return int(line.split()[1])

    check.equal(status(70_167_211), 100, "the most")
    check.equal(status(70_167_212), 413, "one byte more")


@suite.test("an update that names another revision is refused, and what waits for it is told when it is done")
def _(check, context):
    client = context.functions.client
    before = client.get_function_configuration(FunctionName="dry")
    check.refused("PreconditionFailedException", client.update_function_configuration, FunctionName="dry", Timeout=9, RevisionId="other")
    told = client.update_function_configuration(FunctionName="dry", Timeout=9, RevisionId=before["RevisionId"])
    check.true(told["RevisionId"] != before["RevisionId"], "another revision")
    client.get_waiter("function_updated_v2").wait(FunctionName="dry", WaiterConfig=WAIT)
    after = client.get_function_configuration(FunctionName="dry")
    check.equal((after["State"], after["LastUpdateStatus"], after["Timeout"]), ("Active", "Successful", 9), "after")
    client.create_function(FunctionName="empty", Runtime="provided.al2023", Handler="any", Role=ROLE,
                           Code={"ZipFile": archive(other="x")})
    deadline = time.monotonic() + 20
    while (told := client.get_function_configuration(FunctionName="empty"))["State"] == "Pending" and time.monotonic() < deadline:
        time.sleep(0.05)
    check.equal(told["State"], "Failed", "without a bootstrap")
    check.contains(told["StateReason"], "bootstrap", "reason")
    check.refused("ResourceConflictException", client.invoke, FunctionName="empty")
