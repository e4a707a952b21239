"""Step Functions further: where distributed Maps find their items, and what they write of their children."""

import json
import zlib

from states_tests import PREFIX, ended, machine, make, message, suite

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
