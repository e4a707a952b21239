"""kill -9 while executions run, again and again on one directory.

Executions of mixed machines are started by name: three Pass states; a Map whose tasks count in a table; a Parallel with a wait,
a write that fails, is tried again and caught; a task that waits for its token; a nested execution; a function. The server is
killed at a random moment of each round and started again; whoever got no answer to a start asks once more.

When all have ended, each is held against its twin, which nobody interrupted: status, output, and how many events of each type
its history has, so that no task was scheduled twice and no timer lost. What tasks counted in the table is exact.

    kill_executions.py --rounds 100 --executions 10000 --seed 7
    kill_executions.py --without function       a machine that makes each start slow where nobody reaps processes
"""

import argparse
import collections
import json
import queue
import random
import threading
import time

import botocore.exceptions

import function_tests
import harness
import states_tests
from harness import Failed, Suite

THREADS = 4
TABLE = "Counts"
END_SECONDS = 180
GONE = (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError, botocore.exceptions.EndpointConnectionError)

HANDLER = """
def double(event, context):
    return {"doubled": event["n"] * 2}
"""


def counting(key):
    """A task that adds one to a counter: twice would show."""
    return {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "End": True, "ResultPath": None, "Parameters": {
        "TableName": TABLE, "Key": {"id": {"S.$": key}}, "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}}}


def passes():
    steps = {"Type": "Pass", "Next": "B"}, {"Type": "Pass", "Result": {"b": 2}, "ResultPath": "$.b", "Next": "C"}, {"Type": "Pass", "End": True}
    return states_tests.machine(**dict(zip("ABC", steps)))


def mapped():
    """Three iterations, each with a counter of its own."""
    inner = {"StartAt": "Count", "States": {"Count": counting("States.Format('{}/{}', $.id, $.item)")}}
    return states_tests.machine(M={
        "Type": "Map", "ItemsPath": "$.items", "ItemSelector": {"id.$": "$.id", "item.$": "$$.Map.Item.Value"},
        "ItemProcessor": inner, "MaxConcurrency": 2, "End": True})


def parallel():
    """A wait beside a write that fails twice and is caught."""
    failing = counting("$.id") | {
        "Retry": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Count"}]}
    failing["Parameters"] = failing["Parameters"] | {"ConditionExpression": "attribute_exists(never)"}
    return states_tests.machine(P={"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "After"}, "After": {"Type": "Pass", "End": True}}},
        {"StartAt": "Fail", "States": {"Fail": failing, "Count": counting("$.id")}}]})


def token(giver):
    """Waits for a token that another execution writes into the table, and a person tells."""
    return states_tests.machine(T={
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.waitForTaskToken", "End": True,
        "Parameters": {"StateMachineArn": giver, "Input": {"id.$": "$.id", "token.$": "$$.Task.Token"}}})


def giving():
    return states_tests.task("arn:aws:states:::dynamodb:putItem", Parameters={
        "TableName": "Tokens", "Item": {"id": {"S.$": "$.id"}, "token": {"S.$": "$.token"}}})


def make_machines(client):
    """The machines by the letters that executions' names begin with."""
    make = lambda name, definition: states_tests.make(client, name, definition)
    machines = {"pass": make("pass", passes()), "map": make("map", mapped()), "parallel": make("parallel", parallel())}
    machines["token"] = make("token", token(make("giving", giving())))
    machines["nested"] = make("nested", states_tests.task(
        "arn:aws:states:::states:startExecution.sync:2", OutputPath="$.Output",
        Parameters={"StateMachineArn": machines["map"], "Input.$": "$"}))
    machines["function"] = make("function", states_tests.task(
        "arn:aws:states:::lambda:invoke", OutputPath="$.Payload", Parameters={"FunctionName": "double", "Payload.$": "$"}))
    return machines


def value(name):
    """The input of an execution, by its name `MACHINE-NUMBER`."""
    return {"id": name, "n": int(name.rsplit("-", 1)[1]) if name[-1].isdigit() else 0, "items": ["a", "b", "c"]}


def neutral(text, name):
    """An output in which the execution's own name and number stand for all."""
    number = value(name)["n"]
    data = json.loads(text.replace(name, "NAME"))
    return json.dumps(data, sort_keys=True).replace(f'"n": {number}', '"n": N').replace(f'"doubled": {2 * number}', '"doubled": 2N')


class World:
    """The server, its machines, and who tells tokens."""

    def __init__(self, context, directory):
        self.shale, self.directory = context.shale, directory
        directory.chmod(0o755)
        self.restart()
        tables = self.server.client()
        for name in (TABLE, "Tokens"):
            tables.create_table(TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        functions = function_tests.lambda_client(self.server.endpoint)
        functions.create_function(FunctionName="double", Runtime="python3.11", Handler="h.double", Role=states_tests.ROLE, Timeout=60,
                                  Code={"ZipFile": function_tests.archive(**{"h.py": HANDLER})})
        functions.get_waiter("function_active_v2").wait(FunctionName="double", WaiterConfig=function_tests.WAIT)
        self.machines = make_machines(self.states)
        self.told = set()

    def restart(self):
        self.server = harness.Server(self.shale, self.directory / "data", "--functions", str(self.directory / "functions"))
        self.server.wait_until_ready()
        self.states = states_tests.states_client(self.server.endpoint)

    def start(self, name):
        machine = self.machines[name.rsplit("-", 1)[0]]
        try:
            self.states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(value(name)))
        except self.states.exceptions.ExecutionAlreadyExists:
            pass  # The answer to an earlier start was lost, and it has ended since.

    def tell_tokens(self):
        """Reports every task whose token stands in the table and was not reported."""
        items = [i for page in self.server.client().get_paginator("scan").paginate(TableName="Tokens") for i in page["Items"]]
        for item in items:
            text = item["token"]["S"]
            if text in self.told:
                continue
            try:
                self.states.send_task_success(taskToken=text, output='{"approved":true}')
            except self.states.exceptions.TaskTimedOut:
                pass  # An earlier report was recorded, and its answer was lost.
            self.told.add(text)

    def running(self):
        """How many executions of all machines have not ended."""
        return len(self.names_running())

    def names_running(self):
        pages = (self.states.list_executions(stateMachineArn=arn, statusFilter="RUNNING", maxResults=1000)["executions"]
                 for arn in self.machines.values())
        return [execution["executionArn"] for page in pages for execution in page]

    def where(self, arn):
        """An execution and the last event of its history."""
        last = self.states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)["events"][0]
        return f"{arn.rsplit(':', 1)[1]}: {last['id']} {last['type']}"

    def wait_for_all(self):
        end = time.monotonic() + END_SECONDS
        while count := self.running():
            if time.monotonic() > end:
                stuck = ", ".join(self.where(arn) for arn in self.names_running()[:10])
                raise Failed(f"{count} executions have not ended after {END_SECONDS} s: {stuck}")
            self.tell_tokens()
            time.sleep(0.1)

    def course(self, name):
        """How an execution ended, and how many events of each type it has."""
        arn = self.machines[name.rsplit("-", 1)[0]].replace(":stateMachine:", ":execution:") + ":" + name
        described = self.states.describe_execution(executionArn=arn)
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn, includeExecutionData=False)
        events = [event for page in pages for event in page["events"]]
        if [event["id"] for event in events] != list(range(1, len(events) + 1)):
            raise Failed(f"the events of {name} are not numbered one after the other")
        types = collections.Counter(event["type"] for event in events)
        outcome = described.get("output") or json.dumps([described.get("error"), described.get("cause")])
        return described["status"], neutral(outcome, name), dict(types)


def work(world, names):
    """Starts executions until all are started or the server is gone; who got no answer is asked again."""
    left, unsure, failures = queue.SimpleQueue(), [], []
    for name in names:
        left.put(name)

    def body():
        while True:
            try:
                name = left.get_nowait()
            except queue.Empty:
                return
            try:
                world.start(name)
            except GONE:
                unsure.append(name)
                return
            except Exception as error:
                failures.append(error)
                return

    def tell():
        try:
            while not done.is_set():
                world.tell_tokens()
                done.wait(0.2)
        except GONE:
            pass
        except Exception as error:
            failures.append(error)

    done = threading.Event()
    starters = [threading.Thread(target=body) for _ in range(THREADS)]
    teller = threading.Thread(target=tell)

    def finish():
        done.set()
        for thread in starters + [teller]:
            thread.join(120)
        while not left.empty():
            unsure.append(left.get_nowait())
        if failures:
            raise failures[0]
        return unsure

    for thread in starters + [teller]:
        thread.start()
    return finish


def compare(check, world, names):
    twins = {kind: world.course(f"{kind}-0") for kind in world.machines}
    for kind, (status, _, _) in twins.items():
        check.equal(status, "SUCCEEDED", f"the twin of {kind}")
    for name in names:
        check.equal(world.course(name), twins[name.rsplit("-", 1)[0]], f"the course of {name}")
    pages = world.server.client().get_paginator("scan").paginate(TableName=TABLE)
    counts = {item["id"]["S"]: item["n"]["N"] for page in pages for item in page["Items"]}
    check.equal({key: n for key, n in counts.items() if n != "1"}, {}, "what was counted twice")
    wanted = sum({"map": 3, "nested": 3, "parallel": 1}.get(name.rsplit("-", 1)[0], 0) for name in names) + 7
    check.equal(len(counts), wanted, "what was counted")


def suite_for(rounds, executions, seed, without=()):
    suite = Suite(f"kill -9 of {executions:,} executions, {rounds} times, seed {seed}")

    @suite.test("each ends as its uninterrupted twin, no task is scheduled twice, no write happens twice")
    def _(check, context):
        chance = random.Random(seed)
        with harness.scratch("shale-kill-executions-") as directory:
            world = World(context, directory)
            try:
                for kind in without:
                    del world.machines[kind]
                torment(check, world, rounds, executions, chance)
            finally:
                world.server.kill()

    return suite


def torment(check, world, rounds, executions, chance):
    kinds = list(world.machines)
    for kind in kinds:
        world.start(f"{kind}-0")
    world.wait_for_all()
    names = [f"{kinds[number % len(kinds)]}-{number}" for number in range(1, executions + 1)]
    share, left, began = -(-executions // rounds), [], time.monotonic()
    for number in range(rounds):
        left += names[number * share:(number + 1) * share]
        finish = work(world, left)
        time.sleep(chance.uniform(0.05, 1.5))
        world.server.kill()
        left = finish()
        world.restart()
        if (number + 1) % 10 == 0:
            print(f"        {number + 1} kills, {time.monotonic() - began:.0f} s, {world.running()} executions under way", flush=True)
    for name in left:
        world.start(name)
    world.wait_for_all()
    compare(check, world, names)
    check.equal(world.server.stop(), 0, "exit code of the stopped server")
    verified = harness.run_shale(world.shale, "verify", world.directory / "data")
    check.equal(verified.returncode, 0, f"shale verify: {verified.stdout[-500:]}{verified.stderr[-500:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="default: drawn and printed")
    parser.add_argument("--without", action="append", default=[], help="a machine that is left out; may be given again")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    report = harness.Report()
    context = harness.Context(arguments.shale or harness.default_shale(), None)
    suite_for(arguments.rounds, arguments.executions, seed, arguments.without).run(report, context)
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
