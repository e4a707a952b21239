"""Step Functions, as boto3 and the AWS command line see it: state machines, their versions and aliases, activities, executions."""

import json
import threading
import time

import boto3
import botocore.config

import harness
import log_tests
from harness import Suite

suite = Suite("states")
REGION, ACCOUNT = "us-east-1", "000000000000"
PREFIX = f"arn:aws:states:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/states"
QUIET = {"level": "OFF", "includeExecutionData": False}


def states_client(endpoint, **more):
    # StartSyncExecution and TestState: clients put `sync-` before the host, which a local server does not answer at.
    config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=75, inject_host_prefix=False,
                                    parameter_validation=False)
    return boto3.client("stepfunctions", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="local",
                        aws_secret_access_key="local", config=config, **more)


def machine(**states):
    """A definition that starts with the first of its states."""
    return json.dumps({"StartAt": next(iter(states)), "States": states})


def passing(result="a"):
    return machine(P={"Type": "Pass", "Result": result, "End": True})


def task(resource, **more):
    return machine(T={"Type": "Task", "Resource": resource, "End": True} | more)


def make(client, name, definition=None, **more):
    return client.create_state_machine(name=name, definition=definition or passing(), roleArn=ROLE, **more)["stateMachineArn"]


def ended(client, arn, seconds=20):
    """Waits until an execution has ended, and describes it."""
    end = time.monotonic() + seconds
    while True:
        execution = client.describe_execution(executionArn=arn)
        if execution["status"] != "RUNNING" or time.monotonic() > end:
            return execution
        time.sleep(0.02)


def run(client, machine_arn, value=None, **more):
    started = client.start_execution(stateMachineArn=machine_arn, input=json.dumps(value if value is not None else {}), **more)
    return ended(client, started["executionArn"])


def message(response):
    return response["Error"]["Message"]


@suite.test("a machine is made, described, changed and deleted")
def _(check, context):
    client = context.states
    made = client.create_state_machine(name="first", definition=passing(), roleArn=ROLE)
    arn = f"{PREFIX}:stateMachine:first"
    check.equal(made["stateMachineArn"], arn, "resource name")
    check.true("stateMachineVersionArn" not in made, "no version")
    told = client.describe_state_machine(stateMachineArn=arn)
    told.pop("ResponseMetadata")
    check.equal(told.pop("creationDate"), made["creationDate"], "time")
    check.equal(told, {
        "stateMachineArn": arn, "name": "first", "status": "ACTIVE", "type": "STANDARD", "definition": passing(), "roleArn": ROLE,
        "loggingConfiguration": QUIET, "tracingConfiguration": {"enabled": False},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}}, "description")
    changed = client.update_state_machine(stateMachineArn=arn, definition=passing("b"))
    same = client.update_state_machine(stateMachineArn=arn, definition=passing("b"), roleArn=ROLE)
    check.equal(changed["revisionId"], same["revisionId"], "a change to what is there")
    told = client.describe_state_machine(stateMachineArn=arn)
    check.equal((told["definition"], told["revisionId"]), (passing("b"), changed["revisionId"]), "changed")
    check.equal(client.describe_state_machine(stateMachineArn=arn, includedData="METADATA_ONLY")["definition"], "{}", "no data")
    client.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": True})
    check.true(client.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"]["enabled"], "traced")
    client.delete_state_machine(stateMachineArn=arn)
    client.delete_state_machine(stateMachineArn=arn)
    error = check.refused("StateMachineDoesNotExist", client.describe_state_machine, stateMachineArn=arn)
    check.equal(message(error), f"State Machine Does Not Exist: '{arn}'", "words")


@suite.test("a machine made once more is the same, and another of its name is refused")
def _(check, context):
    client = context.states
    first = client.create_state_machine(name="again", definition=passing(), roleArn=ROLE)
    second = client.create_state_machine(name="again", definition=passing(), roleArn=ROLE + "2", tags=[{"key": "a", "value": "b"}])
    check.equal(second["creationDate"], first["creationDate"], "time")
    check.equal(client.describe_state_machine(stateMachineArn=first["stateMachineArn"])["roleArn"], ROLE, "role")
    for other in ({"definition": passing("b")}, {"definition": passing().replace(" ", "")}, {"type": "EXPRESS"},
                  {"tracingConfiguration": {"enabled": True}}, {"publish": True}):
        given = {"name": "again", "definition": passing(), "roleArn": ROLE} | other
        error = check.refused("StateMachineAlreadyExists", client.create_state_machine, **given)
        check.equal(message(error), f"State Machine Already Exists: '{first['stateMachineArn']}'", "words")


@suite.table("what a machine cannot be made from is refused", [
    ("a space in its name", {"name": "a b"}, "InvalidName", "Invalid Name: 'a b'"),
    ("a long name", {"name": "x" * 81}, "ValidationException", "at 'name' failed to satisfy constraint: Member must have length less than or equal to 80"),
    ("no states", {"definition": "{}"}, "InvalidDefinition", "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: "),
    ("no JSON", {"definition": "not"}, "InvalidDefinition", "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: "),
    ("a service that is not here", {"definition": task("arn:aws:states:::sns:publish")}, "InvalidDefinition", "arn:aws:states:::sns:publish"),
    ("an operation of tables that is not here", {"definition": task("arn:aws:states:::aws-sdk:dynamodb:explode")}, "InvalidDefinition",
     "arn:aws:states:::aws-sdk:dynamodb:explode"),
    ("HTTP", {"definition": task("arn:aws:states:::http:invoke")}, "InvalidDefinition", "at /States/T/Resource'"),
    ("an activity, EXPRESS", {"definition": task(f"{PREFIX}:activity:a"), "type": "EXPRESS"}, "InvalidDefinition",
     "Express state machine does not support Activity ARN at /States/T/Resource'"),
    ("no such type", {"type": "FAST"}, "ValidationException", "at 'type'"),
    ("a description of no version", {"versionDescription": "d"}, "ValidationException", "Version description can only be set when publish is true"),
    ("logging to nowhere", {"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration",
     "Invalid Logging Configuration: Must specify exactly one Log Destination."),
    ("a log group that is not there", {"loggingConfiguration": {"level": "ALL", "destinations": [
        {"cloudWatchLogsLogGroup": {"logGroupArn": log_tests.arn("/none") + ":*"}}]}}, "InvalidLoggingConfiguration",
     "Invalid Logging Configuration: Log Destination not found."),
    ("a key", {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}}, "InvalidEncryptionConfiguration", "key"),
    ("51 tags", {"tags": [{"key": f"k{number}", "value": ""} for number in range(51)]}, "TooManyTags", "at most 50 tags"),
])
def _(check, context, more, code, words):
    given = {"name": "refused", "definition": passing(), "roleArn": ROLE} | more
    error = check.refused(code, context.states.create_state_machine, **given)
    check.true(words in message(error), f"{words!r} is not in {message(error)!r}")
    check.refused("StateMachineDoesNotExist", context.states.describe_state_machine, stateMachineArn=f"{PREFIX}:stateMachine:refused")


@suite.test("what a machine is not changed to is refused")
def _(check, context):
    client = context.states
    arn = make(client, "kept", publish=True)
    error = check.refused("MissingRequiredParameter", client.update_state_machine, stateMachineArn=arn)
    check.equal(message(error), "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration "
                                "must be specified", "words")
    check.refused("InvalidDefinition", client.update_state_machine, stateMachineArn=arn, definition="{}")
    check.refused("ValidationException", client.update_state_machine, stateMachineArn=arn, roleArn="r", versionDescription="d")
    check.refused("StateMachineDoesNotExist", client.update_state_machine, stateMachineArn=arn + ":1", roleArn="r")
    check.refused("ValidationException", client.delete_state_machine, stateMachineArn=arn + ":1")
    error = check.refused("InvalidArn", client.describe_state_machine, stateMachineArn="not_a_valid_arn")
    check.equal(message(error), "Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'", "words")
    check.equal(client.describe_state_machine(stateMachineArn=arn)["definition"], passing(), "definition")


@suite.test("logging is kept and told, with what it leaves out")
def _(check, context):
    client = context.states
    group = log_tests.arn("/machines") + ":*"
    log_tests.logs_client(context.states_server.endpoint).create_log_group(logGroupName="/machines")
    places = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]
    arn = make(client, "logging", loggingConfiguration={"level": "ERROR", "destinations": places})
    told = client.describe_state_machine(stateMachineArn=arn)["loggingConfiguration"]
    check.equal(told, {"level": "ERROR", "includeExecutionData": False, "destinations": places}, "logging")
    client.update_state_machine(stateMachineArn=arn, loggingConfiguration={"level": "OFF", "destinations": []})
    told = client.describe_state_machine(stateMachineArn=arn)["loggingConfiguration"]
    check.equal(told, QUIET | {"destinations": []}, "logging")
    check.refused("InvalidLoggingConfiguration", client.update_state_machine, stateMachineArn=arn,
                  loggingConfiguration={"level": "ALL", "destinations": places * 2})


@suite.test("the events of an execution are lines of the machine's group, by level")
def _(check, context):
    client, logs = context.states, log_tests.logs_client(context.states_server.endpoint)
    definition = machine(P={"Type": "Pass", "Next": "F"}, F={"Type": "Fail", "Error": "E", "Cause": "C"})
    every = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"]
    for level, kind, data, types in (("ALL", "STANDARD", True, every), ("ALL", "EXPRESS", False, every),
                                     ("ERROR", "STANDARD", False, every[3:]), ("FATAL", "EXPRESS", False, every[4:])):
        name = f"logged-{level}-{kind}"
        logs.create_log_group(logGroupName=f"/{name}")
        places = [{"cloudWatchLogsLogGroup": {"logGroupArn": log_tests.arn(f"/{name}") + ":*"}}]
        arn = make(client, name, definition, type=kind, loggingConfiguration={
            "level": level, "includeExecutionData": data, "destinations": places})
        execution = client.start_execution(stateMachineArn=arn, input='{"a": 1}')["executionArn"]
        lines = [json.loads(line["message"]) for line in logs.filter_log_events(logGroupName=f"/{name}")["events"]]
        check.equal([line["type"] for line in lines], types, f"{name}: types")
        check.equal({line["execution_arn"] for line in lines}, {execution}, f"{name}: execution")
        check.equal(lines[-1]["details"], {"error": "E", "cause": "C"}, f"{name}: the end")
        stream = logs.describe_log_streams(logGroupName=f"/{name}")["logStreams"][0]["logStreamName"]
        check.true(stream.startswith(f"states/{name}/20"), f"stream: {stream}")
        if level == "ALL":
            more = {"input": '{"a": 1}', "inputDetails": {"truncated": False}} if data else {}
            check.equal(lines[1]["details"], more | {"name": "P"}, f"{name}: data")


@suite.test("machines and activities are listed in the order of their names, in pages")
def _(check, context):
    client = context.states
    for number in range(5):
        make(client, f"list-{number}")
        client.create_activity(name=f"list-{number}")
    for method, member in (("list_state_machines", "stateMachines"), ("list_activities", "activities")):
        pages = list(client.get_paginator(method).paginate(PaginationConfig={"PageSize": 2}))
        names = [one["name"] for page in pages for one in page[member]]
        check.equal(names, sorted(names), f"order of {member}")
        check.equal([n for n in names if n.startswith("list-")], [f"list-{n}" for n in range(5)], member)
        check.true(all(len(page[member]) <= 2 for page in pages), "size of pages")
        check.refused("InvalidToken", getattr(client, method), nextToken="abc")
        check.refused("ValidationException", getattr(client, method), maxResults=1001)
    token = client.list_activities(maxResults=1)["nextToken"]
    check.refused("InvalidToken", client.list_state_machines, nextToken=token)


@suite.test("a revision is published once, and numbers do not come again")
def _(check, context):
    client = context.states
    made = client.create_state_machine(name="published", definition=passing(), roleArn=ROLE, publish=True, versionDescription="one")
    arn = made["stateMachineArn"]
    check.equal(made["stateMachineVersionArn"], arn + ":1", "version")
    check.equal(client.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"], arn + ":1", "once")
    changed = client.update_state_machine(stateMachineArn=arn, definition=passing("b"), publish=True)
    check.equal(changed["stateMachineVersionArn"], arn + ":2", "second")
    version = client.describe_state_machine(stateMachineArn=arn + ":1")
    check.equal((version["definition"], version["description"], version["stateMachineArn"]), (passing(), "one", arn + ":1"), "the first")
    listed = client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    check.equal([v["stateMachineVersionArn"] for v in listed], [arn + ":2", arn + ":1"], "list")
    page = client.list_state_machine_versions(stateMachineArn=arn, maxResults=1)
    rest = client.list_state_machine_versions(stateMachineArn=arn, nextToken=page["nextToken"])["stateMachineVersions"]
    check.equal([v["stateMachineVersionArn"] for v in rest], [arn + ":1"], "second page")
    client.delete_state_machine_version(stateMachineVersionArn=arn + ":2")
    client.delete_state_machine_version(stateMachineVersionArn=arn + ":2")
    check.refused("StateMachineDoesNotExist", client.describe_state_machine, stateMachineArn=arn + ":2")
    revision = changed["revisionId"]
    check.equal(client.publish_state_machine_version(stateMachineArn=arn, revisionId=revision)["stateMachineVersionArn"], arn + ":3", "third")
    error = check.refused("ConflictException", client.publish_state_machine_version, stateMachineArn=arn, revisionId="INITIAL")
    check.equal(message(error), "Failed to publish the State Machine version for revision INITIAL. "
                                f"The current State Machine revision is {revision}.", "words")


@suite.test("an alias leads to one or two versions, and keeps them")
def _(check, context):
    client = context.states
    arn = make(client, "aliased", publish=True)
    client.update_state_machine(stateMachineArn=arn, definition=passing("b"), publish=True)
    route = lambda version, weight=100: {"stateMachineVersionArn": f"{arn}:{version}", "weight": weight}
    given = {"name": "live", "description": "d", "routingConfiguration": [route(1)]}
    made = client.create_state_machine_alias(**given)
    check.equal(made["stateMachineAliasArn"], arn + ":live", "resource name")
    check.equal(client.create_state_machine_alias(**given)["creationDate"], made["creationDate"], "once more")
    error = check.refused("ConflictException", client.create_state_machine_alias, **(given | {"description": "e"}))
    check.equal(message(error), "Failed to create alias because an alias with the same name and a different routing configuration "
                                "already exists.", "words")
    client.update_state_machine_alias(stateMachineAliasArn=arn + ":live", routingConfiguration=[route(1, 40), route(2, 60)])
    told = client.describe_state_machine_alias(stateMachineAliasArn=arn + ":live")
    check.equal((told["name"], told["description"], told["routingConfiguration"]), ("live", "d", [route(1, 40), route(2, 60)]), "alias")
    error = check.refused("ConflictException", client.delete_state_machine_version, stateMachineVersionArn=arn + ":1")
    check.equal(message(error), "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
                                "version: [live]", "words")
    client.create_state_machine_alias(name="a", routingConfiguration=[route(2)])
    listed = client.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]
    check.equal([a["stateMachineAliasArn"] for a in listed], [arn + ":a", arn + ":live"], "list")
    listed = client.list_state_machine_aliases(stateMachineArn=arn + ":1")["stateMachineAliases"]
    check.equal([a["stateMachineAliasArn"] for a in listed], [arn + ":live"], "list of a version")
    client.delete_state_machine_alias(stateMachineAliasArn=arn + ":a")
    error = check.refused("ResourceNotFound", client.describe_state_machine_alias, stateMachineAliasArn=arn + ":a")
    check.equal(message(error), "Request references a resource that does not exist.", "words")
    check.refused("ValidationException", client.update_state_machine_alias, stateMachineAliasArn=arn + ":live")


@suite.table("where an alias cannot lead is refused", [
    ("99 of 100", "live", [("1", 99)], "ValidationException", "Sum of routing configuration weights must equal 100. Received: [99]"),
    ("one version twice", "live", [("1", 50), ("1", 50)], "ValidationException", "Routing configuration must contain distinct state machine version ARNs."),
    ("no version", "live", [("", 100)], "ValidationException", "Routing configuration must contain state machine version ARNs. Received: ["),
    ("a version that is not there", "live", [("7", 100)], "ResourceNotFound", "Request references a resource that does not exist."),
    ("more than 100", "live", [("1", 101)], "ValidationException", "at 'routingConfiguration.1.member.weight'"),
    ("three versions", "live", [("1", 30), ("2", 30), ("3", 40)], "ValidationException", "at 'routingConfiguration'"),
    ("a number as its name", "123", [("1", 100)], "ValidationException", r"regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"),
    ("a space in its name", "a b", [("1", 100)], "ValidationException", "at 'name'"),
])
def _(check, context, name, routes, code, words):
    arn = make(context.states, "unaliased", publish=True)
    given = [{"stateMachineVersionArn": arn + (f":{version}" if version else ""), "weight": weight} for version, weight in routes]
    error = check.refused(code, context.states.create_state_machine_alias, name=name, routingConfiguration=given)
    check.true(words in message(error), f"{words!r} is not in {message(error)!r}")


@suite.test("an activity is made, described and deleted")
def _(check, context):
    client = context.states
    made = client.create_activity(name="work", tags=[{"key": "a", "value": "b"}])
    arn = f"{PREFIX}:activity:work"
    check.equal(made["activityArn"], arn, "resource name")
    check.equal(client.create_activity(name="work")["creationDate"], made["creationDate"], "once more")
    told = client.describe_activity(activityArn=arn)
    check.equal((told["name"], told["creationDate"]), ("work", made["creationDate"]), "activity")
    error = check.refused("InvalidName", client.create_activity, name="a b$")
    check.equal(message(error), "Invalid Name: 'a b$'", "words")
    client.delete_activity(activityArn=arn)
    client.delete_activity(activityArn=arn)
    error = check.refused("ActivityDoesNotExist", client.describe_activity, activityArn=arn)
    check.equal(message(error), f"Activity Does Not Exist: '{arn}'", "words")
    check.refused("ActivityDoesNotExist", client.get_activity_task, activityArn=arn)


@suite.test("machines and activities have tags, versions have none")
def _(check, context):
    client = context.states
    tags = lambda arn: {t["key"]: t["value"] for t in client.list_tags_for_resource(resourceArn=arn)["tags"]}
    given = [{"key": "team", "value": "storage"}]
    machine_arn = make(client, "tagged", tags=given, publish=True)
    for arn in (machine_arn, client.create_activity(name="tagged", tags=given)["activityArn"]):
        check.equal(tags(arn), {"team": "storage"}, "tags")
        client.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "x"}, {"key": "cost", "value": ""}])
        client.untag_resource(resourceArn=arn, tagKeys=["team", "none"])
        check.equal(tags(arn), {"cost": ""}, "tags")
    error = check.refused("ResourceNotFound", client.tag_resource, resourceArn=machine_arn + ":1", tags=given)
    check.equal(message(error), f"Resource not found: '{machine_arn}:1'", "words")


@suite.test("a definition is judged by the language alone")
def _(check, context):
    judge = context.states.validate_state_machine_definition
    fine = judge(definition=task("arn:aws:states:::sns:publish"))
    check.equal((fine["result"], fine["diagnostics"], fine["truncated"]), ("OK", [], False), "a service that is not here")
    bad = judge(definition=machine(P={"Type": "Pass", "Next": "None"}))
    check.equal((bad["result"], bad["diagnostics"][0]["severity"]), ("FAIL", "ERROR"), "a state that is not there")
    check.true(bad["diagnostics"][0]["location"].startswith("/"), "location")
    check.equal(judge(definition="not a definition")["diagnostics"][0]["code"], "INVALID_JSON_DESCRIPTION", "code")
    express = judge(definition=task("arn:aws:states:::states:startExecution.sync"), type="EXPRESS")
    check.equal(express["diagnostics"], [{
        "severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "location": "/States/T/Resource",
        "message": "Express state machine does not support '.sync' service integration"}], "express")


@suite.test("everything is there after kill -9")
def _(check, context):
    client = context.states
    arn = make(client, "survivor", publish=True, tags=[{"key": "a", "value": "b"}])
    client.update_state_machine(stateMachineArn=arn, definition=passing("€" * 100_000), publish=True)
    client.create_state_machine_alias(name="live", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}])
    activity = client.create_activity(name="survivor")["activityArn"]
    before = [client.describe_state_machine(stateMachineArn=a) for a in (arn, arn + ":1")]
    context.restart_states()
    client = context.states
    after = [client.describe_state_machine(stateMachineArn=a) for a in (arn, arn + ":1")]
    for description in before + after:
        description.pop("ResponseMetadata")
    check.equal(after, before, "descriptions")
    check.equal(client.describe_state_machine_alias(stateMachineAliasArn=arn + ":live")["name"], "live", "alias")
    check.equal(client.list_tags_for_resource(resourceArn=arn)["tags"], [{"key": "a", "value": "b"}], "tags")
    check.equal(client.describe_activity(activityArn=activity)["name"], "survivor", "activity")


@suite.test("the AWS command line makes a machine, publishes it and lists it")
def _(check, context):
    def aws(*arguments):
        done = harness.run_aws(context.states_server, "stepfunctions", *arguments, AWS_DISABLE_HOST_PREFIX_INJECTION="true")
        check.equal(done.returncode, 0, f"exit code of {arguments[0]}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    arn = aws("create-state-machine", "--name", "cli", "--role-arn", ROLE, "--definition", passing())["stateMachineArn"]
    check.equal(aws("publish-state-machine-version", "--state-machine-arn", arn)["stateMachineVersionArn"], arn + ":1", "version")
    check.true(arn in [m["stateMachineArn"] for m in aws("list-state-machines")["stateMachines"]], "list")
    started = aws("start-execution", "--state-machine-arn", arn, "--input", "{}")
    check.equal(ended(context.states, started["executionArn"])["status"], "SUCCEEDED", "status")
    quick = make(context.states, "cli-quick", type="EXPRESS")
    check.equal(aws("start-sync-execution", "--state-machine-arn", quick)["status"], "SUCCEEDED", "status")
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.number", "NumericEquals": 2, "Next": "Equals 2"}], "Default": "No Match"}
    told = aws("test-state", "--definition", json.dumps(choice), "--role-arn", ROLE, "--input", '{"number": 2}')
    check.equal(told, {"output": '{"number": 2}', "nextState": "Equals 2", "status": "SUCCEEDED"}, "a state alone")
    failing = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
               "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2.0}]}
    told = aws("test-state", "--definition", json.dumps(failing), "--state-configuration", '{"retrierRetryCount": 1}',
               "--mock", '{"errorOutput": {"error": "E", "cause": "C"}}', "--inspection-level", "DEBUG")
    check.equal((told["status"], told["inspectionData"]["errorDetails"]),
                ("RETRIABLE", {"retryBackoffIntervalSeconds": 4, "retryIndex": 0}), "a failure that is tried again")


@suite.test("an execution is started, described, listed, and its events are told in pages")
def _(check, context):
    client = context.states
    arn = make(client, "running", passing({"x": 1}))
    execution = run(client, arn, {"in": [1, "ü"]}, name="one")
    check.equal(execution["executionArn"], f"{PREFIX}:execution:running:one", "resource name")
    check.equal((execution["status"], execution["input"], execution["output"]), ("SUCCEEDED", '{"in": [1, "\\u00fc"]}', '{"x":1}'), "data")
    check.equal((execution["redriveStatus"], execution["redriveStatusReason"], execution["redriveCount"]),
                ("NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven", 0), "redrive")
    check.equal((execution["inputDetails"], execution["outputDetails"]), ({"included": True},) * 2, "details")
    check.true(execution["stopDate"] >= execution["startDate"], "times")
    listed = client.list_executions(stateMachineArn=arn)["executions"]
    check.equal([(e["name"], e["status"], e["redriveCount"]) for e in listed], [("one", "SUCCEEDED", 0)], "list")
    check.equal(client.list_executions(stateMachineArn=arn, statusFilter="FAILED")["executions"], [], "filtered")
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=execution["executionArn"], PaginationConfig={"PageSize": 3})
    events = [event for page in pages for event in page["events"]]
    check.equal([e["type"] for e in events],
                ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"], "events")
    check.equal([e["id"] for e in events], [1, 2, 3, 4], "numbers")
    reverse = client.get_execution_history(executionArn=execution["executionArn"], reverseOrder=True, includeExecutionData=False)["events"]
    check.equal([e["id"] for e in reverse], [4, 3, 2, 1], "reversed")
    check.true("output" not in reverse[0]["executionSucceededEventDetails"], "no data")
    described = client.describe_state_machine_for_execution(executionArn=execution["executionArn"])
    check.equal((described["definition"], described["name"], described["stateMachineArn"]), (passing({"x": 1}), "running", arn), "machine")


@suite.test("an execution goes on with the machine that it began with")
def _(check, context):
    client = context.states
    arn = make(client, "waiting", machine(W={"Type": "Wait", "Seconds": 2, "Next": "P"}, P={"Type": "Pass", "Result": "old", "End": True}))
    started = client.start_execution(stateMachineArn=arn)["executionArn"]
    client.update_state_machine(stateMachineArn=arn, definition=passing("new"))
    check.equal(run(client, arn)["output"], '"new"', "another")
    context.restart_states()
    client = context.states
    check.equal(ended(client, started)["output"], '"old"', "the first")
    client.delete_state_machine(stateMachineArn=arn)
    check.true("Wait" in client.describe_state_machine_for_execution(executionArn=started)["definition"], "definition")


@suite.test("executions of versions and aliases say so, and are listed by them")
def _(check, context):
    client = context.states
    arn = make(client, "versions", passing("one"), publish=True)
    client.update_state_machine(stateMachineArn=arn, definition=passing("two"), publish=True)
    client.create_state_machine_alias(name="live", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}])
    plain, version, alias = run(client, arn), run(client, arn + ":2"), run(client, arn + ":live")
    check.equal([e["output"] for e in (plain, version, alias)], ['"two"', '"two"', '"one"'], "outputs")
    check.true("stateMachineVersionArn" not in plain and "stateMachineAliasArn" not in version, "what was not named")
    check.equal((version["stateMachineVersionArn"], alias["stateMachineVersionArn"], alias["stateMachineAliasArn"]),
                (arn + ":2", arn + ":1", arn + ":live"), "names")
    check.equal({e["stateMachineArn"] for e in (plain, version, alias)}, {arn}, "machines")
    listed = lambda of: {e["executionArn"] for e in client.list_executions(stateMachineArn=of)["executions"]}
    check.equal(listed(arn), {e["executionArn"] for e in (plain, version, alias)}, "all")
    check.equal(listed(arn + ":live"), {alias["executionArn"]}, "of the alias")
    check.equal(listed(arn + ":2"), {version["executionArn"]}, "of the version")


@suite.table("an execution that cannot be started is refused", [
    ("a slash in its name", {"name": "a/b"}, "InvalidName"),
    ("input that is no JSON", {"input": "not"}, "InvalidExecutionInput"),
    ("empty input", {"input": ""}, "InvalidExecutionInput"),
    ("no such machine", {"stateMachineArn": f"{PREFIX}:stateMachine:none"}, "StateMachineDoesNotExist"),
    ("no resource name", {"stateMachineArn": "x"}, "InvalidArn"),
    ("an activity", {"stateMachineArn": f"{PREFIX}:activity:a"}, "InvalidArn"),
    ("a name that is taken", {"name": "taken", "input": "1"}, "ExecutionAlreadyExists"),
])
def _(check, context, more, code):
    client = context.states
    arn = make(client, "started")
    if more.get("name") == "taken":
        run(client, arn, {"first": True}, name="taken")
    check.refused(code, client.start_execution, **({"stateMachineArn": arn} | more))


@suite.test("an execution is stopped, and what failed is taken up again")
def _(check, context):
    client = context.states
    arn = make(client, "stopped", machine(W={"Type": "Wait", "Seconds": 600, "End": True}))
    started = client.start_execution(stateMachineArn=arn)["executionArn"]
    check.refused("ExecutionNotRedrivable", client.redrive_execution, executionArn=started)
    stop = client.stop_execution(executionArn=started, error="Odd", cause="because")
    execution = client.describe_execution(executionArn=started)
    check.equal((execution["status"], execution["error"], execution["cause"], execution["stopDate"]),
                ("ABORTED", "Odd", "because", stop["stopDate"]), "stopped")
    check.equal(execution["redriveStatus"], "REDRIVABLE", "redrive")
    client.redrive_execution(executionArn=started)
    execution = client.describe_execution(executionArn=started)
    check.equal((execution["status"], execution["redriveCount"]), ("RUNNING", 1), "again")
    client.stop_execution(executionArn=started)
    redriven = client.list_executions(stateMachineArn=arn, redriveFilter="REDRIVEN")["executions"]
    check.equal([e["executionArn"] for e in redriven], [started], "redriven")
    check.equal(client.list_executions(stateMachineArn=arn, redriveFilter="NOT_REDRIVEN")["executions"], [], "others")
    check.refused("ValidationException", client.list_executions, stateMachineArn=arn, statusFilter="PENDING_REDRIVE")
    check.refused("ExecutionDoesNotExist", client.stop_execution, executionArn=started + "x")
    error = check.refused("InvalidArn", client.describe_execution, executionArn=f"{PREFIX}:express:a:b:c")
    check.equal(message(error), "Invalid Arn: 'Resource type not valid in this context: express'", "words")


@suite.test("an EXPRESS machine answers who waits for its end")
def _(check, context):
    client = context.states
    arn = make(client, "quick", passing({"x": 1}), type="EXPRESS")
    end = client.start_sync_execution(stateMachineArn=arn, input='{"a": 1}', name="n")
    check.equal((end["status"], end["output"], end["name"], end["stateMachineArn"]), ("SUCCEEDED", '{"x":1}', "n", arn), "end")
    check.true(end["executionArn"].startswith(f"{PREFIX}:express:quick:n:"), "resource name")
    check.equal(end["billingDetails"]["billedMemoryUsedInMB"], 64, "memory")
    check.equal(end["billingDetails"]["billedDurationInMilliseconds"] % 100, 0, "steps of a bill")
    failing = make(client, "failing", machine(F={"Type": "Fail", "Error": "Odd", "Cause": "because"}), type="EXPRESS")
    end = client.start_sync_execution(stateMachineArn=failing)
    check.equal((end["status"], end["error"], end["cause"]), ("FAILED", "Odd", "because"), "failure")
    check.equal(end["outputDetails"], {"included": True}, "output of a failure")
    check.equal(end["billingDetails"]["billedMemoryUsedInMB"], 64, "memory")
    standard = make(client, "slow")
    check.refused("StateMachineTypeNotSupported", client.start_sync_execution, stateMachineArn=standard)
    check.refused("StateMachineTypeNotSupported", client.list_executions, stateMachineArn=arn)
    started = client.start_execution(stateMachineArn=arn)["executionArn"]
    check.true(started.startswith(f"{PREFIX}:express:quick:"), "resource name")
    check.refused("InvalidArn", client.get_execution_history, executionArn=started)


@suite.test("a worker takes a task of an activity, and reports on it")
def _(check, context):
    client = context.states
    activity = client.create_activity(name="worker")["activityArn"]
    arn = make(client, "worked", task(activity))
    taken = []
    worker = threading.Thread(target=lambda: taken.append(client.get_activity_task(activityArn=activity, workerName="w")))
    worker.start()
    first = client.start_execution(stateMachineArn=arn, input='{"n": 1}')["executionArn"]
    worker.join(30)
    check.equal(taken[0]["input"], '{"n":1}', "input")
    client.send_task_heartbeat(taskToken=taken[0]["taskToken"])
    client.send_task_success(taskToken=taken[0]["taskToken"], output='{"done": true}')
    check.equal(ended(client, first)["output"], '{"done":true}', "output")
    check.refused("TaskTimedOut", client.send_task_success, taskToken=taken[0]["taskToken"], output="1")
    second = client.start_execution(stateMachineArn=arn)["executionArn"]
    task_token = client.get_activity_task(activityArn=activity)["taskToken"]
    check.refused("InvalidOutput", client.send_task_success, taskToken=task_token, output="not")
    client.send_task_failure(taskToken=task_token, error="Odd", cause="because")
    execution = ended(client, second)
    check.equal((execution["status"], execution["error"], execution["cause"]), ("FAILED", "Odd", "because"), "failure")
    check.refused("InvalidToken", client.send_task_heartbeat, taskToken="abc")


@suite.test("tasks write to tables, and start other executions")
def _(check, context):
    client, tables = context.states, context.states_server.client()
    tables.create_table(TableName="Orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    put = task("arn:aws:states:::dynamodb:putItem", Parameters={"TableName": "Orders", "Item": {"id": {"S.$": "$.id"}}})
    inner = make(client, "inner", put)
    outer = make(client, "outer", task("arn:aws:states:::states:startExecution.sync:2",
                                       Parameters={"StateMachineArn": inner, "Input": {"id": "seven"}}))
    execution = run(client, outer)
    check.equal(execution["status"], "SUCCEEDED", f"status: {execution.get('cause')}")
    check.equal(tables.get_item(TableName="Orders", Key={"id": {"S": "seven"}})["Item"], {"id": {"S": "seven"}}, "item")


@suite.test("a Map run is listed, described, changed, and its children are listed")
def _(check, context):
    client = context.states
    child = {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": True}},
             "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    arn = make(client, "mapped", machine(M={"Type": "Map", "ItemProcessor": child, "MaxConcurrency": 2, "End": True,
                                            "ToleratedFailurePercentage": 12.5}))
    started = client.start_execution(stateMachineArn=arn, input="[0, 0, 600, 600, 600]")["executionArn"]
    end = time.monotonic() + 20
    while True:
        runs = client.list_map_runs(executionArn=started)["mapRuns"]
        told = client.describe_map_run(mapRunArn=runs[0]["mapRunArn"]) if runs else None
        if told and told["executionCounts"]["succeeded"] == 2 and told["executionCounts"]["running"] == 2:
            break
        check.true(time.monotonic() < end, f"two have ended and two run: {told}")
        time.sleep(0.05)
    run_arn = runs[0]["mapRunArn"]
    check.true(run_arn.startswith(f"{PREFIX}:mapRun:mapped/"), f"resource name {run_arn}")
    check.equal((runs[0]["executionArn"], runs[0]["stateMachineArn"]), (started, arn), "listed")
    check.equal((told["status"], told["maxConcurrency"], told["toleratedFailurePercentage"], told["executionArn"]),
                ("RUNNING", 2, 12.5, started), "described")
    check.equal((told["executionCounts"]["pending"], told["itemCounts"]["total"]), (1, 5), "counts")
    client.update_map_run(mapRunArn=run_arn, maxConcurrency=5, toleratedFailureCount=3)
    told = client.describe_map_run(mapRunArn=run_arn)
    check.equal((told["maxConcurrency"], told["toleratedFailureCount"]), (5, 3), "changed")
    while told["executionCounts"]["running"] < 3:
        check.true(time.monotonic() < end, f"the one that had no room runs: {told}")
        time.sleep(0.05)
        told = client.describe_map_run(mapRunArn=run_arn)
    children = client.list_executions(mapRunArn=run_arn)["executions"]
    check.equal({e["mapRunArn"] for e in children}, {run_arn}, "children")
    described = client.describe_execution(executionArn=children[0]["executionArn"])
    check.equal(described["mapRunArn"], run_arn, "a child")
    client.stop_execution(executionArn=started)
    check.equal(client.describe_map_run(mapRunArn=run_arn)["status"], "ABORTED", "status")
    check.refused("ValidationException", client.update_map_run, mapRunArn=run_arn, maxConcurrency=1)
    check.refused("ResourceNotFound", client.describe_map_run, mapRunArn=run_arn + "x")


class StatesSuite:
    """The tests above, on a server of their own, which runs no functions."""

    def run(self, report, context):
        with harness.scratch("shale-states-") as directory:
            context.states_bucket = directory / "bucket"
            context.states_bucket.mkdir()

            def start():
                context.states_server = harness.Server(
                    context.shale, directory / "data", "--bucket", f"things={context.states_bucket}").wait_until_ready()
                context.states = states_client(context.states_server.endpoint)

            def restart():
                context.states_server.kill()
                start()

            context.restart_states = restart
            start()
            try:
                suite.run(report, context)
            finally:
                if context.states_server.process.poll() is None:
                    context.states_server.stop()
