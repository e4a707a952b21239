"""Provisioned concurrency, as boto3 sees it: environments that are there before anybody calls."""

import time

import function_tests
from harness import Suite

suite = Suite("provisioned concurrency")

HANDLER = """
import os, time
open(os.environ["STARTS"], "a").write(f"{os.getpid()} {os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']}\\n")
if os.environ.get("BROKEN"): raise ValueError("broken")
def pid(event, context):
    if "exit" in event: os._exit(1)
    time.sleep(event.get("sleep", 0))
    return os.getpid()
"""
CODE = {"ZipFile": function_tests.archive(**{"handlers.py": HANDLER})}


def make(world, name, **variables):
    starts = world.directory / f"{name}.starts"
    starts.touch()
    starts.chmod(0o666)
    world.make(name, "pid", Code=CODE, Environment={"Variables": {"STARTS": str(starts)} | variables})
    world.client.publish_version(FunctionName=name)
    return lambda: [line.split() for line in starts.read_text().splitlines()]


def wait(check, client, name, qualifier, status, within=60):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        got = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
        if got["Status"] == status:
            return got
        time.sleep(0.05)
    check.equal(got["Status"], status, "status")


@suite.test("environments are started ahead, kept, and answer the first calls")
def _(check, context):
    world, client = context.functions, context.functions.client
    starts = make(world, "ahead")
    check.refused("ProvisionedConcurrencyConfigNotFoundException", client.get_provisioned_concurrency_config,
                  FunctionName="ahead", Qualifier="1")
    put = client.put_provisioned_concurrency_config(FunctionName="ahead", Qualifier="1", ProvisionedConcurrentExecutions=2)
    check.equal((put["RequestedProvisionedConcurrentExecutions"], put["Status"]), (2, "IN_PROGRESS"), "asked for")
    ready = wait(check, client, "ahead", "1", "READY")
    check.equal((ready["AllocatedProvisionedConcurrentExecutions"], ready["AvailableProvisionedConcurrentExecutions"]), (2, 2), "ready")
    check.equal([kind for _, kind in starts()], ["provisioned-concurrency"] * 2, "starts")
    answer, process = world.call("ahead", Qualifier="1", LogType="Tail")
    check.true(str(process) in [p for p, _ in starts()], "the call had one of them")
    listed = client.list_provisioned_concurrency_configs(FunctionName="ahead")["ProvisionedConcurrencyConfigs"]
    check.equal([c["FunctionArn"] for c in listed], ["arn:aws:lambda:us-east-1:000000000000:function:ahead:1"], "list")


@suite.test("one that ends is started again, and all are when the server starts again")
def _(check, context):
    world = context.functions
    world.call("ahead", {"exit": 1}, Qualifier="1")
    check.equal(wait(check, world.client, "ahead", "1", "READY")["AllocatedProvisionedConcurrentExecutions"], 2, "ready again")
    world.server.kill()
    world.restart()
    wait(check, world.client, "ahead", "1", "READY")
    check.equal(world.client.update_function_code(FunctionName="ahead", ZipFile=CODE["ZipFile"])["Version"], "$LATEST", "other code")
    world.client.get_waiter("function_updated_v2").wait(FunctionName="ahead", WaiterConfig=function_tests.WAIT)
    check.equal(world.client.get_provisioned_concurrency_config(FunctionName="ahead", Qualifier="1")["Status"], "READY", "the version stays")


@suite.test("an alias takes them along to another version")
def _(check, context):
    world, client = context.functions, context.functions.client
    starts = make(world, "moved")
    client.create_alias(FunctionName="moved", Name="live", FunctionVersion="1")
    client.put_provisioned_concurrency_config(FunctionName="moved", Qualifier="live", ProvisionedConcurrentExecutions=1)
    wait(check, client, "moved", "live", "READY")
    check.refused("InvalidParameterValueException", client.put_provisioned_concurrency_config,
                  FunctionName="moved", Qualifier="1", ProvisionedConcurrentExecutions=1)
    client.update_function_configuration(FunctionName="moved", Description="two")
    client.get_waiter("function_updated_v2").wait(FunctionName="moved", WaiterConfig=function_tests.WAIT)
    client.publish_version(FunctionName="moved")
    before = len(starts())
    client.update_alias(FunctionName="moved", Name="live", FunctionVersion="2")
    wait(check, client, "moved", "live", "READY")
    check.equal(len(starts()), before + 1, "one was started for the other version")
    client.delete_alias(FunctionName="moved", Name="live")
    check.equal(client.list_provisioned_concurrency_configs(FunctionName="moved")["ProvisionedConcurrencyConfigs"], [], "gone with the alias")


@suite.test("what cannot initialise has failed, and says so")
def _(check, context):
    world, client = context.functions, context.functions.client
    make(world, "broken", BROKEN="1")
    client.put_provisioned_concurrency_config(FunctionName="broken", Qualifier="1", ProvisionedConcurrentExecutions=1)
    failed = wait(check, client, "broken", "1", "FAILED")
    check.equal(failed["StatusReason"], "FUNCTION_ERROR_INIT_FAILURE", "reason")
    client.delete_provisioned_concurrency_config(FunctionName="broken", Qualifier="1")
    check.refused("ProvisionedConcurrencyConfigNotFoundException", client.get_provisioned_concurrency_config,
                  FunctionName="broken", Qualifier="1")


@suite.table("what cannot be is refused", [
    ("what is not published", "InvalidParameterValueException", {"Qualifier": "$LATEST", "ProvisionedConcurrentExecutions": 1}),
    ("more than the account has", "InvalidParameterValueException", {"Qualifier": "1", "ProvisionedConcurrentExecutions": 901}),
    ("no version", "ResourceNotFoundException", {"Qualifier": "9", "ProvisionedConcurrentExecutions": 1}),
])
def _(check, context, code, arguments):
    check.refused(code, context.functions.client.put_provisioned_concurrency_config, FunctionName="ahead", **arguments)
