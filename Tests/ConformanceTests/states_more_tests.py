"""Step Functions further: states tested alone, counts of Map runs, what descriptions tell of variables and labels."""

import json
import time

import harness
from states_tests import PREFIX, ROLE, ended, machine, make, message, passing, run, suite, task


@suite.test("a state alone is tested, and a table that it writes is written")
def _(check, context):
    client = context.states
    tables = context.states_server.client()
    tables.create_table(TableName="tested", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    state = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "ResultPath": "$.r", "Next": "Then",
             "Parameters": {"TableName": "tested", "Item": {"k": {"S.$": "$.key"}}}}
    told = client.test_state(definition=json.dumps(state), roleArn=ROLE, input='{"key": "a"}', inspectionLevel="TRACE")
    check.equal((told["status"], told["nextState"]), ("SUCCEEDED", "Then"), "end")
    check.equal(json.loads(told["inspectionData"]["afterParameters"]), {"TableName": "tested", "Item": {"k": {"S": "a"}}}, "parameters")
    check.equal(json.loads(told["output"])["r"]["SdkHttpMetadata"]["HttpStatusCode"], 200, "answer")
    check.equal(tables.scan(TableName="tested")["Items"], [{"k": {"S": "a"}}], "table")
    mocked = client.test_state(definition=json.dumps(state), input='{"key": "b"}', mock={"result": "{}"})
    check.equal(json.loads(mocked["output"]), {"key": "b", "r": {}}, "mocked")
    check.equal(tables.scan(TableName="tested")["Count"], 1, "nothing is written with a mock")
    missing = json.dumps(state | {"Parameters": {"TableName": "none", "Item": {}}})
    failed = client.test_state(definition=missing, roleArn=ROLE)
    check.equal((failed["status"], failed["error"]), ("FAILED", "DynamoDB.ResourceNotFoundException"), "a table that is not there")


@suite.table("what a test of a state cannot be is refused", [
    ("no mock of a Parallel", {"definition": json.dumps({"Type": "Parallel", "Branches": [json.loads(passing())], "End": True})},
     "InvalidDefinition", "does not support Map or Parallel states"),
    ("a mock of a Pass", {"mock": {"result": "1"}}, "ValidationException", "State type 'Pass' is not supported when a mock is specified"),
    ("a strange level", {"inspectionLevel": "ALL"}, "ValidationException", "at 'inspectionLevel' failed"),
    ("input of no JSON", {"input": "x"}, "InvalidExecutionInput", "no JSON"),
    ("a service that is not here", {"definition": json.dumps({"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}),
     "roleArn": ROLE}, "InvalidDefinition", "arn:aws:states:::sns:publish"),
])
def _(check, context, more, code, words):
    given = {"definition": json.dumps({"Type": "Pass", "End": True})} | more
    error = check.refused(code, context.states.test_state, **given)
    check.true(words in message(error), f"{words!r} is not in {message(error)!r}")


@suite.test("items in batches are counted as items, and a run that has ended tells its limits")
def _(check, context):
    client = context.states
    child = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}},
             "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    arn = make(client, "batched", machine(M={"Type": "Map", "ItemProcessor": child, "ItemBatcher": {"MaxItemsPerBatch": 2}, "End": True,
                                             "MaxConcurrency": 7, "ToleratedFailureCount": 3, "Label": "L"}))
    started = client.start_execution(stateMachineArn=arn, input="[1, 2, 3, 4, 5]")["executionArn"]
    check.equal(ended(client, started)["status"], "SUCCEEDED", "status")
    run_arn = client.list_map_runs(executionArn=started)["mapRuns"][0]["mapRunArn"]
    run = client.describe_map_run(mapRunArn=run_arn)
    check.equal((run["maxConcurrency"], run["toleratedFailureCount"], run["toleratedFailurePercentage"]), (7, 3, 0.0), "limits")
    check.equal((run["itemCounts"]["total"], run["itemCounts"]["succeeded"]), (5, 5), "items")
    check.equal((run["executionCounts"]["total"], run["executionCounts"]["succeeded"]), (3, 3), "children")
    children = client.list_executions(mapRunArn=run_arn)["executions"]
    check.true(all(c["executionArn"].startswith(f"{PREFIX}:express:batched/L:") for c in children), "children are EXPRESS")
    check.refused("InvalidArn", client.get_execution_history, executionArn=children[0]["executionArn"])


@suite.test("a Map run that is taken up again runs what did not succeed, and nothing else, and tells so")
def _(check, context):
    client = context.states
    child = {"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 4, "Next": "F"}], "Default": "S"},
        "F": {"Type": "Fail", "Error": "E"}, "S": {"Type": "Succeed"}},
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    # One after the other, so that the fourth is the last that starts.
    arn = make(client, "taken-up-again", machine(M={"Type": "Map", "ItemProcessor": child, "MaxConcurrency": 1, "End": True}))
    started = client.start_execution(stateMachineArn=arn, input="[1, 2, 3, 4, 5]")["executionArn"]
    check.equal(ended(client, started)["status"], "FAILED", "status")
    run_arn = client.list_map_runs(executionArn=started)["mapRuns"][0]["mapRunArn"]
    before = client.describe_map_run(mapRunArn=run_arn)
    check.equal((before["status"], before["redriveCount"], "redriveDate" in before), ("FAILED", 0, False), "before")
    client.redrive_execution(executionArn=started)
    check.equal(ended(client, started)["status"], "FAILED", "status again")
    after = client.describe_map_run(mapRunArn=run_arn)
    check.equal((after["status"], after["redriveCount"]), ("FAILED", 1), "behind the redrive")
    check.true(after["redriveDate"] >= before["stopDate"], "when it was taken up")
    counts = {name: after["itemCounts"][name] for name in ("total", "succeeded", "failed")}
    check.equal(counts, {"total": 5, "succeeded": 3, "failed": 1}, "items")
    children = client.list_executions(mapRunArn=run_arn)["executions"]
    check.equal(sorted((one["status"], one["redriveCount"]) for one in children),
                [("FAILED", 1), ("SUCCEEDED", 0), ("SUCCEEDED", 0), ("SUCCEEDED", 0)], "children")
    failed = next(one["executionArn"] for one in children if one["status"] == "FAILED")
    events = [e["type"] for e in client.get_execution_history(executionArn=failed)["events"]]
    check.equal(events, ["ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited", "FailStateEntered", "ExecutionFailed",
                         "ExecutionRedriven", "ExecutionFailed"], "history of the child")


@suite.test("a child of a Map run that is taken up again goes on at the state that failed, also behind kill -9")
def _(check, context):
    client, name = context.states, "MadeLater"
    put = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "ResultPath": None, "End": True,
           "Parameters": {"TableName": name, "Item": {"k": {"S.$": "$"}}}}
    child = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "P"}, "P": put},
             "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    arn = make(client, "goes-on", machine(M={"Type": "Map", "ItemProcessor": child, "ToleratedFailurePercentage": 50, "End": True}))
    started = client.start_execution(stateMachineArn=arn, input='["a", "b"]')["executionArn"]
    check.equal(ended(client, started)["error"], "States.ExceedToleratedFailureThreshold", "without the table")
    context.states_server.client().create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    client.redrive_execution(executionArn=started)
    context.restart_states()
    client = context.states
    end = ended(client, started)
    check.equal((end["status"], json.loads(end.get("output", "null"))), ("SUCCEEDED", ["a", "b"]), f"end: {end.get('cause')}")
    run_arn = client.list_map_runs(executionArn=started)["mapRuns"][0]["mapRunArn"]
    children = client.list_executions(mapRunArn=run_arn)["executions"]
    check.equal([(one["status"], one["redriveCount"]) for one in children], [("SUCCEEDED", 1)] * 2, "children")
    for one in children:
        events = [e["type"] for e in client.get_execution_history(executionArn=one["executionArn"])["events"]]
        check.equal((events.count("WaitStateEntered"), events.count("ExecutionRedriven")), (1, 1), f"history: {events}")
    counts = client.describe_map_run(mapRunArn=run_arn)["itemCounts"]
    check.equal((counts["total"], counts["succeeded"]), (2, 2), "items")


@suite.test("a description tells variables by states, and a child the label of its Map")
def _(check, context):
    client = context.states
    child = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}},
             "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    arn = make(client, "variables", machine(
        A={"Type": "Pass", "Assign": {"x": 1, "y.$": "$.y"}, "Next": "B"},
        B={"Type": "Pass", "Parameters": {"a.$": "$x", "b.$": "States.Format('$y {}', $y)"}, "Next": "C"},
        C={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $sum([$x, $states.input.a]) %}", "Next": "M"},
        M={"Type": "Map", "ItemsPath": "$$.Execution.Input.items", "ItemProcessor": child, "Label": "Here", "End": True}))
    told = client.describe_state_machine(stateMachineArn=arn)
    check.equal(told["variableReferences"], {"B": ["x", "y"], "C": ["x"]}, "variables")
    check.true("variableReferences" not in client.describe_state_machine(stateMachineArn=make(client, "without")), "none")
    started = client.start_execution(stateMachineArn=arn, input='{"y": 2, "items": [1]}')["executionArn"]
    check.equal(ended(client, started)["redriveStatus"], "REDRIVABLE", "the execution")
    run_arn = client.list_map_runs(executionArn=started)["mapRuns"][0]["mapRunArn"]
    failed = client.list_executions(mapRunArn=run_arn)["executions"][0]["executionArn"]
    check.equal(client.describe_execution(executionArn=failed)["redriveStatus"], "REDRIVABLE_BY_MAP_RUN", "the child")
    check.refused("ExecutionNotRedrivable", client.redrive_execution, executionArn=failed)
    check.equal(client.describe_state_machine_for_execution(executionArn=failed)["label"], "Here", "label")
    whole = client.describe_state_machine(stateMachineArn=arn + "/Here")
    check.equal((whole["stateMachineArn"], whole["name"], whole["label"], whole["definition"]),
                (arn + "/Here", "variables", "Here", told["definition"]), "the Map")
    check.true("label" not in told, "a machine has no label")
    check.refused("StateMachineDoesNotExist", client.describe_state_machine, stateMachineArn=arn + "/There")
    check.refused("ValidationException", client.start_execution, stateMachineArn=arn + "/Here")
    check.refused("ValidationException", client.update_state_machine, stateMachineArn=arn + "/Here", roleArn=ROLE)
    check.refused("ValidationException", client.delete_state_machine, stateMachineArn=arn + "/Here")


@suite.test("a nested execution has a name that executions may have")
def _(check, context):
    client = context.states
    inner = make(client, "named")
    outer = make(client, "naming", task("arn:aws:states:::states:startExecution",
                                        Parameters={"StateMachineArn": inner, "Name.$": "$.name"}))
    refused = run(client, outer, {"name": "a b:c"})
    check.equal((refused["status"], refused["error"]), ("FAILED", "StepFunctions.InvalidNameException"), "refused")
    check.equal(run(client, outer, {"name": "fine"})["status"], "SUCCEEDED", "taken")


@suite.test("a machine that is deleted goes with the last of its executions, which fail at their next state")
def _(check, context):
    client = context.states
    definition = machine(W={"Type": "Wait", "Seconds": 4, "Next": "P"}, P={"Type": "Pass", "End": True})
    arn = make(client, "goes", definition)
    first, second = (client.start_execution(stateMachineArn=arn, name=name)["executionArn"] for name in ("first", "second"))
    client.delete_state_machine(stateMachineArn=arn)
    check.equal(client.describe_state_machine(stateMachineArn=arn)["status"], "DELETING", "status")
    context.restart_states()
    client = context.states
    check.equal(client.describe_state_machine(stateMachineArn=arn)["status"], "DELETING", "status behind a restart")
    error = check.refused("StateMachineDeleting", client.start_execution, stateMachineArn=arn)
    check.equal(message(error), f"State Machine is being deleted: '{arn}'", "message")
    check.refused("StateMachineDeleting", client.create_state_machine, name="goes", definition=definition, roleArn=ROLE)
    check.refused("StateMachineDeleting", client.update_state_machine, stateMachineArn=arn, definition=passing())
    check.refused("StateMachineDeleting", client.publish_state_machine_version, stateMachineArn=arn)
    running = client.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    check.equal({e["executionArn"] for e in running}, {first, second}, "executions that run")
    client.stop_execution(executionArn=second)
    end = ended(client, first)
    check.equal((end["status"], end["error"], end["cause"]), ("FAILED", "States.Runtime", "State machine goes has been deleted."), "end")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and arn in [m["stateMachineArn"] for m in client.list_state_machines()["stateMachines"]]:
        time.sleep(0.05)
    check.refused("StateMachineDoesNotExist", client.describe_state_machine, stateMachineArn=arn)
    make(client, "goes", passing())
