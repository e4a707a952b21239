"""Step Functions further: every operator of a Choice, operations of tables as tasks, and who is asked again after a crash."""

import http.client
import json
import threading
import time

from states_tests import PREFIX, ROLE, ended, machine, make, passing, run, suite, task

EARLY, NOON, LATE = "2026-05-01T11:59:59Z", "2026-05-01T12:00:00Z", "2026-05-01T12:00:01Z"


def compared(kind, less, same, more):
    """The five comparisons of a type with a value, and with one that a path leads to: the name, what it compares with, what holds, what does not."""
    holds = {"Equals": [same], "LessThan": [less], "LessThanEquals": [less, same], "GreaterThan": [more], "GreaterThanEquals": [more, same]}
    for name, values in holds.items():
        others = [value for value in (less, same, more) if value not in values]
        yield kind + name, same, values, others
        yield kind + name + "Path", "$.same", values, others


OPERATORS = [
    *compared("String", "a", "b", "c"), *compared("Numeric", 1.5, 2, 3), *compared("Timestamp", EARLY, NOON, LATE),
    ("BooleanEquals", True, [True], [False, "true"]), ("BooleanEqualsPath", "$.yes", [True], [False]),
    ("StringMatches", "a*c", ["ac", "abc", "a*c"], ["ab", "bac"]),
    ("IsBoolean", True, [True, False], ["true", 0, None]), ("IsNull", True, [None], ["", 0, False]),
    ("IsNumeric", True, [0, -1.5], ["0", None]), ("IsString", True, ["", "a"], [1, None]),
    ("IsTimestamp", True, [NOON], ["2026-05-01", 1]), ("IsPresent", True, [None, 0, ""], [...]),
]


@suite.table("every operator of a Choice holds where it says, and nowhere else", [
    (name, name, operand, holds, others) for name, operand, holds, others in OPERATORS])
def _(check, context, name, operand, holds, others):
    state = {"Type": "Choice", "Choices": [{"Variable": "$.v", name: operand, "Next": "Yes"}], "Default": "No"}
    same = next((value for operator, value, _, _ in OPERATORS if operator + "Path" == name), None)
    for value, goes in [(value, "Yes") for value in holds] + [(value, "No") for value in others]:
        given = {"same": same, "yes": True} | ({} if value is ... else {"v": value})
        told = context.states.test_state(definition=json.dumps(state), roleArn=ROLE, input=json.dumps(given))
        check.equal((told["status"], told.get("nextState")), ("SUCCEEDED", goes), f"{value!r} {name} {same or operand!r}")


@suite.test("a Choice has 39 operators")
def _(check, context):
    check.equal(len({name for name, *_ in OPERATORS}), 39, "operators")


@suite.table("each level of a test tells what it should", [
    ("INFO", "INFO", None), ("none", None, None),
    ("DEBUG", "DEBUG", {"afterInputPath": '{"b":1}', "afterParameters": '{"x":1}', "afterResultPath": '{"a":{"b":1},"r":{"x":1}}'}),
])
def _(check, context, level, details):
    state = {"Type": "Pass", "InputPath": "$.a", "Parameters": {"x.$": "$.b"}, "ResultPath": "$.r", "OutputPath": "$.r.x", "Next": "N"}
    more = {"inspectionLevel": level} if level else {}
    told = context.states.test_state(definition=json.dumps(state), roleArn=ROLE, input='{"a": {"b": 1}}', **more)
    check.equal((told["status"], told["output"], told["nextState"]), ("SUCCEEDED", "1", "N"), "end")
    inspected = told.get("inspectionData")
    check.equal(inspected and {name: inspected.get(name) for name in details or inspected}, details, "data")


def tasks_of_tables(context):
    """A client, and a table of this test's own."""
    tables = context.states_server.client()
    if "Deeds" not in tables.list_tables()["TableNames"]:
        tables.create_table(TableName="Deeds", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    tables.put_item(TableName="Deeds", Item={"id": {"S": "first"}})
    return tables


def deed(context, name, operation, **parameters):
    """How an execution ends whose task is one operation of tables."""
    return run(context.states, make(context.states, name, task(f"arn:aws:states:::{operation}", Parameters=parameters)))


@suite.table("any operation of tables is a task", [
    ("query", "query", {"TableName": "Deeds", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "first"}}}, "Count", 1),
    ("scan", "scan", {"TableName": "Deeds", "FilterExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "first"}}}, "Count", 1),
    ("batchGetItem", "batchGetItem", {"RequestItems": {"Deeds": {"Keys": [{"id": {"S": "first"}}]}}}, "Responses", {"Deeds": [{"id": {"S": "first"}}]}),
    ("batchWriteItem", "batchWriteItem", {"RequestItems": {"Deeds": [{"PutRequest": {"Item": {"id": {"S": "batch"}}}}]}}, "UnprocessedItems", {}),
    ("transactGetItems", "transactGetItems", {"TransactItems": [{"Get": {"TableName": "Deeds", "Key": {"id": {"S": "first"}}}}]},
     "Responses", [{"Item": {"id": {"S": "first"}}}]),
    ("executeStatement", "executeStatement", {"Statement": "SELECT * FROM Deeds WHERE id = 'first'"}, "Items", [{"id": {"S": "first"}}]),
    ("deleteItem", "deleteItem", {"TableName": "Deeds", "Key": {"id": {"S": "first"}}, "ReturnValues": "ALL_OLD"}, "Attributes", {"id": {"S": "first"}}),
    ("describeTimeToLive", "describeTimeToLive", {"TableName": "Deeds"}, "TimeToLiveDescription", {"TimeToLiveStatus": "DISABLED"}),
    ("listTables", "listTables", {"ExclusiveStartTableName": "Deed", "Limit": 1}, "TableNames", ["Deeds"]),
])
def _(check, context, operation, parameters, member, value):
    tasks_of_tables(context)
    end = deed(context, f"deed-{operation}", f"aws-sdk:dynamodb:{operation}", **parameters)
    check.equal(end["status"], "SUCCEEDED", f"status: {end.get('cause')}")
    check.equal(json.loads(end["output"]).get(member), value, member)


@suite.test("a hundred writes are one task, which does all of them or none")
def _(check, context):
    tables = tasks_of_tables(context)
    puts = lambda prefix, count: [{"Put": {"TableName": "Deeds", "Item": {"id": {"S": f"{prefix}{n}"}}}} for n in range(count)]
    count = lambda prefix: tables.scan(TableName="Deeds", FilterExpression="begins_with(id, :p)", Select="COUNT",
                                       ExpressionAttributeValues={":p": {"S": prefix}})["Count"]
    end = deed(context, "hundred", "aws-sdk:dynamodb:transactWriteItems", TransactItems=puts("all-", 100))
    check.equal((end["status"], count("all-")), ("SUCCEEDED", 100), f"a hundred: {end.get('cause')}")
    guarded = puts("none-", 99) + [{"Put": {"TableName": "Deeds", "Item": {"id": {"S": "first"}}, "ConditionExpression": "attribute_not_exists(id)"}}]
    end = deed(context, "guarded", "aws-sdk:dynamodb:transactWriteItems", TransactItems=guarded)
    check.equal((end["status"], end["error"], count("none-")), ("FAILED", "DynamoDb.TransactionCanceledException", 0), "canceled")
    end = deed(context, "too-many", "aws-sdk:dynamodb:transactWriteItems", TransactItems=puts("many-", 101))
    check.equal((end["status"], end["error"], count("many-")), ("FAILED", "DynamoDb.ValidationException", 0), "a hundred and one")


@suite.table("a function that is not there is found missing when it is called", [
    ("by its ARN", "arn:aws:lambda:us-east-1:000000000000:function:nobody", {}),
    ("by its name", "arn:aws:states:::lambda:invoke", {"Parameters": {"FunctionName": "nobody"}}),
])
def _(check, context, resource, more):
    end = run(context.states, make(context.states, "nobody-" + str(len(more)), task(resource, **more)))
    check.equal((end["status"], end["error"]), ("FAILED", "Lambda.ResourceNotFoundException"), f"end: {end.get('cause')}")


@suite.test("an activity that nobody made fails the task, and does not keep it for a year")
def _(check, context):
    activity = f"{PREFIX}:activity:never-made"
    end = run(context.states, make(context.states, "without-activity", task(activity)))
    check.equal((end["status"], end["error"]), ("FAILED", "ActivityDoesNotExist"), f"end: {end.get('cause')}")


def posted(context, operation, given, host="127.0.0.1", timeout=20):
    """The status and the answer of a request that is written by hand."""
    connection = http.client.HTTPConnection("127.0.0.1", context.states_server.port, timeout=timeout)
    try:
        connection.request("POST", "/", json.dumps(given), {
            "Host": host, "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}",
            "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@suite.table("a host with sync- before it is answered", [("an address", "sync-127.0.0.1"), ("the service's", "sync-states.us-east-1.amazonaws.com")])
def _(check, context, host):
    quick = make(context.states, "prefixed", passing({"x": 1}), type="EXPRESS")
    alone = json.dumps({"Type": "Pass", "Result": {"x": 1}, "End": True})
    for operation, given in (("StartSyncExecution", {"stateMachineArn": quick}), ("TestState", {"definition": alone})):
        status, answer = posted(context, operation, given, host)
        check.equal((status, answer.get("output")), (200, '{"x":1}'), operation)


@suite.test("an input has at most 256 KiB")
def _(check, context):
    arn = make(context.states, "full", passing())
    text = lambda letter, count: json.dumps(letter * count, ensure_ascii=False)
    check.equal(ended(context.states, context.states.start_execution(
        stateMachineArn=arn, input=text("x", 262_142))["executionArn"])["status"], "SUCCEEDED", "256 KiB")
    check.refused("ValidationException", context.states.start_execution, stateMachineArn=arn, input=text("x", 262_143))
    check.refused("InvalidExecutionInput", context.states.start_execution, stateMachineArn=arn, input=text("é", 131_072))


@suite.test("EXPRESS executions go on after kill -9, each at least once")
def _(check, context):
    tables = context.states_server.client()
    tables.create_table(TableName="fast", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    count = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "End": True, "Parameters": {
        "TableName": "fast", "Key": {"k": {"S.$": "$$.Execution.Name"}}, "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}}}
    arn = make(context.states, "fast-killed", machine(W={"Type": "Wait", "Seconds": 1, "Next": "C"}, C=count), type="EXPRESS")
    names = [f"fast-{number}" for number in range(20)]
    for name in names:
        context.states.start_execution(stateMachineArn=arn, name=name)
    # Some wait, some may have counted.
    context.restart_states()
    tables = context.states_server.client()
    end = time.monotonic() + 20
    while len(counted := {item["k"]["S"]: int(item["n"]["N"]) for item in tables.scan(TableName="fast")["Items"]}) < len(names):
        check.true(time.monotonic() < end, f"only {sorted(counted)} have counted")
        time.sleep(0.1)
    check.equal(sorted(counted), sorted(names), "which have run")


@suite.test("a worker that went away while it waited gets no task")
def _(check, context):
    client = context.states
    activity = client.create_activity(name="left")["activityArn"]
    arn = make(client, "left", task(activity))
    for _ in range(3):
        try:
            posted(context, "GetActivityTask", {"activityArn": activity, "workerName": "gone"}, timeout=0.3)
        except TimeoutError:
            continue
        check.true(False, "a task that nobody scheduled")
    # The three that are gone have waited longest.
    answers = []
    worker = threading.Thread(target=lambda: answers.append(
        posted(context, "GetActivityTask", {"activityArn": activity, "workerName": "here"}, timeout=20)))
    worker.start()
    time.sleep(0.3)
    started = client.start_execution(stateMachineArn=arn, input='{"x": 1}')["executionArn"]
    worker.join()
    status, answer = answers[0]
    check.equal((status, answer.get("input")), (200, '{"x":1}'), "the task")
    client.send_task_success(taskToken=answer["taskToken"], output='"done"')
    check.equal(ended(client, started)["output"], '"done"', "output")
    events = client.get_execution_history(executionArn=started)["events"]
    check.equal([e["activityStartedEventDetails"]["workerName"] for e in events if e["type"] == "ActivityStarted"], ["here"], "worker")


@suite.test("a task that a worker has is not handed out again after kill -9, and its token counts")
def _(check, context):
    activity = context.states.create_activity(name="crashed")["activityArn"]
    started = context.states.start_execution(stateMachineArn=make(context.states, "crashed", task(activity)))["executionArn"]
    token = context.states.get_activity_task(activityArn=activity)["taskToken"]
    waiting = context.states.start_execution(
        stateMachineArn=make(context.states, "crashed-later", task(activity)), name="later", input='{"later": true}')["executionArn"]
    context.restart_states()
    client = context.states
    # The one that nobody had is handed out, and nothing else.
    other = client.get_activity_task(activityArn=activity)
    check.equal(other["input"], '{"later":true}', "the task that waited")
    try:
        again = posted(context, "GetActivityTask", {"activityArn": activity}, timeout=3)
    except TimeoutError:
        again = None  # A worker waits for a minute.
    check.equal(again, None, "handed out again")
    client.send_task_success(taskToken=token, output='"done"')
    client.send_task_success(taskToken=other["taskToken"], output='"too"')
    check.equal([ended(client, arn)["output"] for arn in (started, waiting)], ['"done"', '"too"'], "outputs")
    events = client.get_execution_history(executionArn=started)["events"]
    check.equal([e["type"] for e in events if e["type"].startswith("Activity")], ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"], "events")


@suite.test("who is stopped stops the executions of its Map and those that it waits for")
def _(check, context):
    client = context.states
    slow = machine(W={"Type": "Wait", "Seconds": 600, "End": True})
    inner = make(client, "stopped-inner", slow)
    mapped = {"Type": "Map", "ItemProcessor": json.loads(slow) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}, "End": True}
    waited = json.loads(task("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": inner, "Name": "inner"}))
    outer = make(client, "stopped-outer", machine(P={"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "M", "States": {"M": mapped}}, waited]}))
    started = client.start_execution(stateMachineArn=outer, input="[1, 2]")["executionArn"]
    nested = f"{PREFIX}:execution:stopped-inner:inner"

    def children():
        runs = client.list_map_runs(executionArn=started)["mapRuns"]
        return [e["executionArn"] for e in client.list_executions(mapRunArn=runs[0]["mapRunArn"])["executions"]] if runs else []

    def nested_runs():
        events = client.get_execution_history(executionArn=started)["events"]
        return any(e["type"] == "TaskSubmitted" for e in events)

    end = time.monotonic() + 20
    while len(children()) < 2 or not nested_runs():
        check.true(time.monotonic() < end, "two children and a nested execution run")
        time.sleep(0.05)
    client.stop_execution(executionArn=started)
    check.equal([ended(client, arn)["status"] for arn in [*children(), nested]], ["ABORTED"] * 3, "those inside")
