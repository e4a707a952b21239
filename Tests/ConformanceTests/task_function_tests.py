"""Functions that state machines call, when the server is killed while they work."""

import time

import function_tests
import states_tests
from harness import Suite

suite = Suite("functions of state machines behind a kill")

HANDLER = """
import os, time

def keep(event, context):
    with open(os.environ["KEPT"], "a") as kept:
        kept.write(context.aws_request_id + "\\n")
    calls = len(open(os.environ["KEPT"]).readlines())
    if calls == 1:
        time.sleep(60)
    return {"calls": calls}
"""


@suite.table("what a killed server had not recorded is called again, as the same request and the same task", [
    ("by its ARN", "arn:aws:lambda:us-east-1:000000000000:function:kept-arn", {}, "LambdaFunction"),
    ("by its name", "arn:aws:states:::lambda:invoke", {"Parameters": {"FunctionName": "kept-name"}, "OutputPath": "$.Payload"}, "Task"),
])
def _(check, context, resource, more, kind):
    world, name = context.functions, "kept-name" if more else "kept-arn"
    # Functions run as users of their own, which may write here.
    kept = world.directory / name
    kept.touch()
    kept.chmod(0o666)
    world.make(name, "keep", Code={"ZipFile": function_tests.archive(**{"handlers.py": HANDLER})}, Timeout=90,
               Environment={"Variables": {"KEPT": str(kept)}})
    client = states_tests.states_client(world.server.endpoint)
    started = client.start_execution(stateMachineArn=states_tests.make(client, name, states_tests.task(resource, **more)))["executionArn"]
    deadline = time.monotonic() + 60
    while not kept.read_text():
        check.true(time.monotonic() < deadline, "called once")
        time.sleep(0.05)
    world.server.kill()
    world.restart()
    client = states_tests.states_client(world.server.endpoint)
    end = states_tests.ended(client, started, 120)
    check.equal((end["status"], end.get("output")), ("SUCCEEDED", '{"calls":2}'), f"end: {end.get('cause')}")
    identities = kept.read_text().split()
    check.equal((len(identities), len(set(identities))), (2, 1), f"calls and requests {identities}")
    events = [e["type"] for e in client.get_execution_history(executionArn=started)["events"]]
    check.equal([e for e in events if e.startswith(kind) and "State" not in e],
                [kind + "Scheduled", kind + "Started", kind + "Succeeded"], "events")


@suite.table("a task that names no function fails, and one whose function is not there says 404", [
    ("nothing", {}, "Lambda.InvalidParameterValueException", "Status Code: 400"),
    ("an empty name", {"FunctionName": ""}, "Lambda.InvalidParameterValueException", "Status Code: 400"),
    ("a number", {"FunctionName": 5}, "Lambda.InvalidParameterValueException", "Status Code: 400"),
    ("one that is not there", {"FunctionName": "nobody"}, "Lambda.ResourceNotFoundException", "Status Code: 404"),
])
def _(check, context, parameters, error, words):
    client = states_tests.states_client(context.functions.server.endpoint)
    machine = states_tests.make(client, "unnamed" + str(time.monotonic_ns()), states_tests.task(
        "arn:aws:states:::lambda:invoke", Parameters=parameters))
    end = states_tests.ended(client, client.start_execution(stateMachineArn=machine)["executionArn"], 30)
    check.equal((end["status"], end.get("error")), ("FAILED", error), "end")
    check.contains(end["cause"], words, "cause")
