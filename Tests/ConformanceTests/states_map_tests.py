"""Step Functions further: where distributed Maps find their items, and what they write of their children."""

import json
import time
import zlib

from states_tests import PREFIX, ended, machine, make, message, passing, run, suite, task

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}},
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def reader(resource, parameters, **configuration):
    return {"Type": "Map", "ItemProcessor": PASS, "End": True, "Label": "L",
            "ItemReader": {"Resource": f"arn:aws:states:::s3:{resource}", "Parameters": {"Bucket": "things", **parameters},
                           "ReaderConfig": configuration}}


@suite.table("items of a Map come from an object or from the names of objects", [
    ("JSON", reader("getObject", {"Key": "a.json"}, InputType="JSON"), [1, {"b": 2}]),
    ("part of JSON", reader("getObject", {"Key": "deep.json"}, InputType="JSON", ItemsPointer="/in/side"), ["x"]),
    ("JSON lines", reader("getObject", {"Key": "a.jsonl"}, InputType="JSONL"), [1, {"b": 2}]),
    ("CSV with given names", reader("getObject", {"Key": "a.csv"}, InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["n", "t"]),
     [{"n": "1", "t": "x"}]),
    ("at most so many", reader("getObject", {"Key": "a.json"}, InputType="JSON", MaxItems=1), [1]),
    ("names of objects", reader("listObjectsV2", {"Prefix": "list/"}), ["list/1", "list/2"]),
])
def _(check, context, state, items):
    bucket = context.states_bucket
    (bucket / "list").mkdir(exist_ok=True)
    for name, text in {"a.json": '[1, {"b": 2}]', "deep.json": '{"in": {"side": ["x"]}}', "a.jsonl": '1\n{"b": 2}\n', "a.csv": "1,x\n",
                       "list/1": "", "list/2": "two"}.items():
        (bucket / name).write_text(text)
    name = "reads-" + state["ItemReader"]["Resource"].split(":")[-1] + str(zlib.crc32(json.dumps(state).encode()))
    arn = make(context.states, name, machine(M=state))
    started = context.states.start_execution(stateMachineArn=arn)["executionArn"]
    execution = ended(context.states, started)
    check.equal(execution["status"], "SUCCEEDED", f"status: {execution.get('cause')}")
    found = json.loads(execution["output"])
    if "listObjectsV2" in state["ItemReader"]["Resource"]:
        check.equal([one["Size"] for one in found], [0, 3], "sizes")
        found = [one["Key"] for one in found]
    check.equal(found, items, "items")


@suite.test("a ResultWriter tells all of each child, or the outputs alone")
def _(check, context):
    client = context.states
    child = {"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "IsString": True, "Next": "F"}], "Default": "S"},
        "F": {"Type": "Fail", "Error": "Odd", "Cause": "because"}, "S": {"Type": "Succeed"}},
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "things", "Prefix": "told"}}

    def written(name, writer):
        arn = make(client, name, machine(M={"Type": "Map", "ItemProcessor": child, "Label": "L", "ToleratedFailureCount": 1,
                                            "ResultWriter": writer, "End": True}))
        started = client.start_execution(stateMachineArn=arn, input='[1, [2, 3], "x"]')["executionArn"]
        output = json.loads(ended(client, started)["output"])
        manifest = json.loads((context.states_bucket / output["ResultWriterDetails"]["Key"]).read_text())
        return {status: "".join((context.states_bucket / one["Key"]).read_text() for one in files)
                for status, files in manifest["ResultFiles"].items()}

    files = written("told", writer)
    succeeded, failed = json.loads(files["SUCCEEDED"]), json.loads(files["FAILED"])
    check.equal([(one["Input"], one["Output"]) for one in succeeded], [("1", "1"), ("[2,3]", "[2,3]")], "children")
    check.equal((failed[0]["Error"], failed[0]["Cause"], failed[0]["Status"]), ("Odd", "because", "FAILED"), "a failure")
    described = client.describe_execution(executionArn=failed[0]["ExecutionArn"])
    check.equal((described["name"], described["redriveStatus"]), (failed[0]["Name"], failed[0]["RedriveStatus"]), "the child is there")
    files = written("told-flat", writer | {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}})
    check.equal(files["SUCCEEDED"], "1\n2\n3\n", "lines")
    check.equal(json.loads(files["FAILED"])["Error"], "Odd", "failures are told whole")


@suite.test("an EXPRESS machine takes no distributed Map, and its EXPRESS children no activity")
def _(check, context):
    state = {"Type": "Map", "ItemProcessor": PASS, "End": True}
    error = check.refused("InvalidDefinition", make, context.states, "fast", machine(M=state), type="EXPRESS")
    check.contains(message(error), "/States/M/ItemProcessor/ProcessorConfig/Mode")
    waits = {"Type": "Task", "Resource": f"{PREFIX}:activity:a", "End": True}
    child = {"StartAt": "T", "States": {"T": waits}, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    error = check.refused("InvalidDefinition", make, context.states, "slow", machine(M=state | {"ItemProcessor": child}))
    check.contains(message(error), "Activity ARN at /States/M/ItemProcessor/States/T/Resource")


@suite.test("a page's token is good for its own list alone")
def _(check, context):
    client = context.states
    arn = make(client, "paged", machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "End": True}))
    first, second = (client.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(2))
    for execution in (first, second):
        ended(client, execution)
    token = client.get_execution_history(executionArn=first, maxResults=2)["nextToken"]
    check.equal(client.get_execution_history(executionArn=first, nextToken=token)["events"][0]["id"], 3, "goes on")
    check.refused("InvalidToken", client.get_execution_history, executionArn=second, nextToken=token)
    check.refused("InvalidToken", client.get_execution_history, executionArn=first, nextToken=token, reverseOrder=True)
    token = client.list_executions(stateMachineArn=arn, maxResults=1)["nextToken"]
    check.equal(client.list_executions(stateMachineArn=arn, nextToken=token)["executions"][0]["executionArn"], first, "the older one")
    other = make(client, "paged-too")
    check.refused("InvalidToken", client.list_executions, stateMachineArn=other, nextToken=token)


@suite.test("an alias of two versions starts now the one and now the other")
def _(check, context):
    client = context.states
    arn = make(client, "weighed", passing("old"), publish=True)
    client.update_state_machine(stateMachineArn=arn, definition=passing("new"), publish=True)
    route = lambda version, weight: {"stateMachineVersionArn": f"{arn}:{version}", "weight": weight}
    alias = client.create_state_machine_alias(name="both", routingConfiguration=[route(1, 50), route(2, 50)])["stateMachineAliasArn"]
    ends = [run(client, alias) for _ in range(60)]
    # Of a million runs of this test none should see one version alone.
    check.equal({(end["output"], end["stateMachineVersionArn"], end["stateMachineAliasArn"]) for end in ends},
                {('"old"', arn + ":1", alias), ('"new"', arn + ":2", alias)}, "versions")
    client.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=[route(1, 0), route(2, 100)])
    check.equal({run(client, alias)["output"] for _ in range(20)}, {'"new"'}, "all to the second")


@suite.test("fewer children run when a Map run's concurrency is lowered, and none is stopped")
def _(check, context):
    client = context.states
    child = {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": True}},
             "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    arn = make(client, "lowered", machine(M={"Type": "Map", "ItemProcessor": child, "MaxConcurrency": 4, "End": True}))
    started = client.start_execution(stateMachineArn=arn, input="[4, 4, 4, 4, 1, 1, 1]")["executionArn"]
    running = lambda: client.describe_map_run(mapRunArn=run_arn)["executionCounts"]["running"]
    end = time.monotonic() + 60
    while not (runs := client.list_map_runs(executionArn=started)["mapRuns"]):
        check.true(time.monotonic() < end, "a run begins")
        time.sleep(0.02)
    run_arn = runs[0]["mapRunArn"]
    while running() < 4:
        check.true(time.monotonic() < end, "four run")
        time.sleep(0.02)
    client.update_map_run(mapRunArn=run_arn, maxConcurrency=1)
    check.equal(running(), 4, "those that run go on")
    seen = set()
    while (told := client.describe_map_run(mapRunArn=run_arn)["executionCounts"])["succeeded"] < 7:
        check.true(time.monotonic() < end, f"all end: {told}")
        if told["succeeded"] >= 4:
            seen.add(told["running"])
        time.sleep(0.05)
    check.true(seen <= {0, 1}, f"one at a time: {seen}")
    check.equal(ended(client, started)["status"], "SUCCEEDED", "end")


@suite.table("States.Permissions is an error like others: a catcher of its name, of failed tasks or of all takes it", [
    ("its name", ["States.Permissions"], True), ("all", ["States.ALL"], True), ("another", ["States.Timeout"], False),
])
def _(check, context, names, is_taken):
    client = context.states
    activity = client.create_activity(name="denied")["activityArn"]
    state = task(activity, Catch=[{"ErrorEquals": names, "Next": "Taken"}])
    definition = json.loads(state)
    definition["States"]["Taken"] = {"Type": "Succeed"}
    arn = make(client, "denied-" + names[0].split(".")[1], json.dumps(definition))
    started = client.start_execution(stateMachineArn=arn)["executionArn"]
    token = client.get_activity_task(activityArn=activity)["taskToken"]
    client.send_task_failure(taskToken=token, error="States.Permissions", cause="not you")
    end = ended(client, started)
    check.equal(end["status"], "SUCCEEDED" if is_taken else "FAILED", "status")
    check.equal(end.get("error"), None if is_taken else "States.Permissions", "error")
