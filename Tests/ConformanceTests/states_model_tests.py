"""Every operation and parameter of the model of Step Functions, made wrong in every way the model can tell.

As `model_tests` does it for tables: each required member missing, each bound crossed, each word of no enumeration, each wrong JSON
type. The answer is 4xx with the right name, and the connection stays open.
"""

import json

import botocore.loaders
import harness
from harness import Failed, Suite
from model_tests import CREDENTIALS, VALIDATION, Wire, wrong_values

suite = Suite("The service model of Step Functions")

MODEL = botocore.loaders.Loader().load_service_model("stepfunctions", "service-2")
SHAPES, OPERATIONS = MODEL["shapes"], MODEL["operations"]
TARGETS = {name: MODEL["metadata"]["targetPrefix"] for name in OPERATIONS}
PREFIX = "arn:aws:states:us-east-1:000000000000"
DEFINITION = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
TEXTS = {
    "stateMachineArn": f"{PREFIX}:stateMachine:none", "activityArn": f"{PREFIX}:activity:none", "executionArn": f"{PREFIX}:execution:none:e",
    "mapRunArn": f"{PREFIX}:mapRun:none/L:r", "stateMachineVersionArn": f"{PREFIX}:stateMachine:none:1", "resourceArn": f"{PREFIX}:activity:none",
    "stateMachineAliasArn": f"{PREFIX}:stateMachine:none:a", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": DEFINITION,
    "logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:none:*", "input": "{}", "output": "{}",
}


def example(name, shape_name):
    """A valid value of a member: what is required and nothing else."""
    shape = SHAPES[shape_name]
    kind = shape["type"]
    if kind == "structure":
        return {member: example(member, shape["members"][member]["shape"]) for member in shape.get("required", [])}
    if kind == "list":
        return [example(name, shape["member"]["shape"])]
    if kind == "boolean":
        return False
    if kind in ("integer", "long", "float"):
        return max(shape.get("min", 1), 1)
    return shape["enum"][0] if "enum" in shape else TEXTS.get(name, "x")


def wrong_requests(name, shape_name, value, depth=0):
    """Every wrong form of a valid value: (where and what, the value, names of the error)."""
    if depth > 0:
        yield from wrong_values(shape_name, value, SHAPES)
    shape = SHAPES[shape_name]
    if shape["type"] == "structure":
        for member, reference in shape["members"].items():
            inner = value.get(member, example(member, reference["shape"]))
            if member in shape.get("required", []):
                rest = {other: one for other, one in value.items() if other != member}
                yield f"{member}: missing", rest, VALIDATION
                yield f"{member}: null", rest | {member: None}, VALIDATION
            for what, wrong, names in wrong_requests(member, reference["shape"], inner, depth + 1):
                yield f"{member}.{what}", value | {member: wrong}, names
    elif shape["type"] == "list":
        for what, wrong, names in wrong_requests(name, shape["member"]["shape"], value[0], depth + 1):
            yield f"0.{what}", [wrong], names


class ModelSuite:
    """The tests above, on a server of their own."""

    def run(self, report, context):
        with harness.running(context.shale, context.scratch / "states-model", environment=CREDENTIALS) as server:
            context.states_wire = Wire(server, "states", TARGETS)
            suite.run(report, context)


def test_operation(check, context, operation):
    wire = context.states_wire
    shape_name = OPERATIONS[operation]["input"]["shape"]
    valid = example(operation, shape_name)
    status, name, answer = wire.send(operation, valid)
    check.true(status < 500 and name not in {"UnknownOperationException", "SerializationException"}, f"a valid request: {answer}")
    wrong = []
    for what, body, names in wrong_requests(operation, shape_name, valid):
        status, name, answer = wire.send(operation, body)
        if 400 <= status < 500 and name in names:
            check.count += 1
        else:
            wrong.append(f"{what}: {status} {name or 'was accepted'} {answer.get('message', '')[:90]}")
    if wrong:
        raise Failed(f"{len(wrong)} of {check.count + len(wrong)}:\n          " + "\n          ".join(wrong[:40]))


for _operation in sorted(OPERATIONS):
    suite.test(f"{_operation} refuses every wrong request by its name")(
        lambda check, context, operation=_operation: test_operation(check, context, operation))
