"""A server with a virtual clock: a week's work in a moment, and nothing of it with the real clock."""

import datetime
import json
import time
import unittest.mock
import urllib.error
import urllib.request

import harness
import schedule_tests
import states_tests
from harness import Suite

suite = Suite("virtual clock")
WEEK = 604_800
DAY = 86_400


class World:
    """A server with a virtual clock; the suite's own."""

    def __init__(self, context, directory):
        self.shale, self.data = context.shale, directory / "data"
        self.start()

    def start(self):
        self.server = harness.Server(self.shale, self.data, "--virtual-clock").wait_until_ready()
        self.states = states_tests.states_client(self.server.endpoint)

    def clock(self, **body):
        body = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.server.endpoint + "/shale/clock", data=body)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def begin(self, name, definition, **more):
        arn = states_tests.make(self.states, name, definition)
        return self.states.start_execution(stateMachineArn=arn, **more)["executionArn"]


@suite.test("a workflow that waits for two weeks ends at once, two weeks later")
def _(check, context):
    wait = {"Type": "Wait", "Seconds": WEEK}
    execution = context.world.begin("weeks", states_tests.machine(A=wait | {"Next": "B"}, B=wait | {"End": True}))
    began = time.monotonic()
    end = states_tests.ended(context.world.states, execution)
    check.equal(end["status"], "SUCCEEDED", "status")
    check.true(time.monotonic() - began < 15, "in real seconds")
    check.true(0 <= (end["stopDate"] - end["startDate"]).total_seconds() - 2 * WEEK < 60, "in its own time")


@suite.test("a Wait that is tested alone ends at once")
def _(check, context):
    began = time.monotonic()
    answer = context.world.states.test_state(definition=json.dumps({"Type": "Wait", "Seconds": 200, "End": True}))
    check.equal(answer["status"], "SUCCEEDED", "status")
    check.true(time.monotonic() - began < 15, "in real seconds")


@suite.test("who answers a task gets real seconds for it, and its time-out comes when nobody does")
def _(check, context):
    client = context.world.states
    activity = client.create_activity(name="asked")["activityArn"]
    asking = states_tests.task(activity, TimeoutSeconds=DAY)
    execution = context.world.begin("answered", asking)
    token = client.get_activity_task(activityArn=activity)["taskToken"]
    time.sleep(1)
    client.send_task_success(taskToken=token, output="1")
    check.equal(states_tests.ended(client, execution)["status"], "SUCCEEDED", "answered")
    end = states_tests.ended(client, context.world.begin("unanswered", asking), 60)
    check.equal((end["status"], end["error"]), ("FAILED", "States.Timeout"), "not answered")


@suite.test("an execution that waits for somebody has a year, which the clock does not go on to by itself")
def _(check, context):
    client = context.world.states
    activity = client.create_activity(name="patient")["activityArn"]
    execution = context.world.begin("patient", states_tests.task(activity))
    client.get_activity_task(activityArn=activity)
    time.sleep(8)
    check.equal(client.describe_execution(executionArn=execution)["status"], "RUNNING", "seconds later")
    context.world.clock(advance=364 * DAY)
    check.equal(client.describe_execution(executionArn=execution)["status"], "RUNNING", "a day before")
    context.world.clock(advance=2 * DAY)
    check.equal(states_tests.ended(client, execution)["status"], "TIMED_OUT", "behind its year")


@suite.test("a failed execution is taken up again for two weeks, and kept for ninety days")
def _(check, context):
    client = context.world.states
    definition = states_tests.machine(F={"Type": "Fail", "Error": "Odd"})
    machine_arn = states_tests.make(client, "kept", definition)
    execution = client.start_execution(stateMachineArn=machine_arn, name="one")["executionArn"]
    check.equal(states_tests.ended(client, execution)["redriveStatus"], "REDRIVABLE", "at once")
    context.world.clock(advance=13 * DAY)
    redriven = client.redrive_execution(executionArn=execution, clientToken="again")["redriveDate"]
    check.equal(states_tests.ended(client, execution)["redriveCount"], 1, "a day before the end")
    same = client.redrive_execution(executionArn=execution, clientToken="again")["redriveDate"]
    check.equal((same, states_tests.ended(client, execution)["redriveCount"]), (redriven, 1), "the same token")
    context.world.clock(advance=16 * 60)
    client.redrive_execution(executionArn=execution, clientToken="again")
    check.equal(states_tests.ended(client, execution)["redriveCount"], 2, "the same token, a quarter of an hour later")
    # The weeks begin anew with the second end.
    context.world.clock(advance=15 * DAY)
    told = client.describe_execution(executionArn=execution)
    check.equal((told["redriveStatus"], told["redriveStatusReason"]), (
        "NOT_REDRIVABLE", "Execution is past its redrivable period of 14 days"), "behind them")
    check.refused("ExecutionNotRedrivable", client.redrive_execution, executionArn=execution)
    context.world.clock(advance=74 * DAY)
    check.equal(client.get_execution_history(executionArn=execution)["events"][-1]["type"], "ExecutionFailed", "89 days later")
    check.refused("ExecutionAlreadyExists", client.start_execution, stateMachineArn=machine_arn, name="one")
    context.world.clock(advance=2 * DAY)
    end = time.monotonic() + 10
    while client.list_executions(stateMachineArn=machine_arn)["executions"]:
        check.true(time.monotonic() < end, "gone behind its time")
        time.sleep(0.05)
    check.refused("ExecutionDoesNotExist", client.describe_execution, executionArn=execution)
    check.refused("ExecutionDoesNotExist", client.get_execution_history, executionArn=execution)
    check.equal(client.start_execution(stateMachineArn=machine_arn, name="one")["executionArn"], execution, "the name is free")


@suite.test("with JitterStrategy FULL each wait is some part of what it would be, and no more than MaxDelaySeconds")
def _(check, context):
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "BackoffRate": 2, "MaxAttempts": 8, "MaxDelaySeconds": 1000}
    missing = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": True,
               "Parameters": {"TableName": "nobodys", "Key": {"id": {"S": "a"}}}}
    waits = {}
    for jitter in ("NONE", "FULL"):
        state = missing | {"Retry": [retry | {"JitterStrategy": jitter}]}
        execution = context.world.begin(f"jitter-{jitter}", states_tests.machine(T=state))
        check.equal(states_tests.ended(context.world.states, execution)["error"], "DynamoDB.ResourceNotFoundException", "end")
        events = context.world.states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        at = {kind: [e["timestamp"] for e in events if e["type"] == kind] for kind in ("TaskFailed", "TaskScheduled")}
        waits[jitter] = [(again - failed).total_seconds() for failed, again in zip(at["TaskFailed"], at["TaskScheduled"][1:])]
    usual = [100, 200, 400, 800, 1000, 1000, 1000, 1000]
    check.equal([round(wait) for wait in waits["NONE"]], usual, "without jitter")
    check.true(all(0 <= wait <= most + 1 for wait, most in zip(waits["FULL"], usual)), f"with jitter: {waits['FULL']}")
    check.true(sum(waits["FULL"]) < 0.99 * sum(usual), f"with jitter, in all: {waits['FULL']}")


@suite.test("expiry of items follows the clock, which users set forward")
def _(check, context):
    tables = context.world.server.client()
    tables.create_table(TableName="Expiring", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    tables.update_time_to_live(TableName="Expiring", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    before = context.world.clock()
    due = before["now"] // 1000 + DAY
    tables.put_item(TableName="Expiring", Item={"id": {"S": "a"}, "until": {"N": str(due)}})
    check.true("Item" in tables.get_item(TableName="Expiring", Key={"id": {"S": "a"}}), "there before")
    after = context.world.clock(advance=DAY + 10)
    check.equal(after["aheadMilliseconds"] - before["aheadMilliseconds"], (DAY + 10) * 1000, "set forward")
    end = time.monotonic() + 10
    while "Item" in tables.get_item(TableName="Expiring", Key={"id": {"S": "a"}}):
        check.true(time.monotonic() < end, "gone behind its time")
        time.sleep(0.05)


@suite.table("a task has as long as a number, a path or an expression says", [
    ("TimeoutSeconds", {"TimeoutSeconds": DAY}, "States.Timeout", DAY),
    ("TimeoutSecondsPath", {"TimeoutSecondsPath": "$.limit"}, "States.Timeout", DAY),
    ("TimeoutSeconds in JSONata", {"QueryLanguage": "JSONata", "TimeoutSeconds": "{% $states.input.limit %}"}, "States.Timeout", DAY),
    ("HeartbeatSeconds", {"HeartbeatSeconds": 60}, "States.HeartbeatTimeout", 60),
    ("HeartbeatSecondsPath", {"TimeoutSecondsPath": "$.limit", "HeartbeatSecondsPath": "$.beat"}, "States.HeartbeatTimeout", 60),
    ("HeartbeatSeconds in JSONata", {"QueryLanguage": "JSONata", "HeartbeatSeconds": "{% $states.input.beat %}"}, "States.HeartbeatTimeout", 60),
])
def _(check, context, fields, error, seconds):
    client, name = context.world.states, "-".join(fields) + str(len(fields)) + fields.get("QueryLanguage", "")
    activity = client.create_activity(name=name)["activityArn"]
    execution = context.world.begin(name, states_tests.task(activity, **fields), input=json.dumps({"limit": DAY, "beat": 60}))
    client.get_activity_task(activityArn=activity)
    end = states_tests.ended(client, execution, 60)
    check.equal((end["status"], end.get("error")), ("FAILED", error), f"end: {end.get('cause')}")
    check.true(seconds <= (end["stopDate"] - end["startDate"]).total_seconds() < seconds + 60, "in its own time")


@suite.test("pauses before retries end at once, days later")
def _(check, context):
    failing = states_tests.task("arn:aws:states:::dynamodb:getItem", Parameters={"TableName": "Nothing", "Key": {}}, Retry=[
        {"ErrorEquals": ["States.ALL"], "IntervalSeconds": DAY, "MaxAttempts": 3, "BackoffRate": 2, "MaxDelaySeconds": 3 * DAY}])
    began = time.monotonic()
    end = states_tests.ended(context.world.states, context.world.begin("again", failing))
    check.equal((end["status"], end["error"]), ("FAILED", "DynamoDB.ResourceNotFoundException"), "end")
    check.true(time.monotonic() - began < 15, "in real seconds")
    check.true(0 <= (end["stopDate"] - end["startDate"]).total_seconds() - 6 * DAY < 60, "one, two and three days")


@suite.test("a schedule follows the clock, which users set forward")
def _(check, context):
    world = context.world
    arn = states_tests.make(world.states, "scheduled", states_tests.passing())
    due = datetime.datetime.fromtimestamp(world.clock()["now"] // 1000 + DAY, datetime.UTC)
    schedule_tests.scheduler_client(world.server.endpoint).create_schedule(
        Name="tomorrow", ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": states_tests.ROLE})
    started = lambda: world.states.list_executions(stateMachineArn=arn)["executions"]
    world.clock(advance=DAY - 3_600)
    time.sleep(1)
    check.equal(started(), [], "an hour before")
    world.clock(advance=3_600 + 1)
    end = time.monotonic() + 15
    while not started():
        check.true(time.monotonic() < end, "started at its time")
        time.sleep(0.05)
    check.true(0 <= (started()[0]["startDate"] - due).total_seconds() < 60, "the time of the start")


@suite.test("capacity comes back with the clock")
def _(check, context):
    world = context.world
    tables = world.server.client()
    tables.create_table(TableName="Slow", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})

    def taken():
        """How many writes of ten units were taken before one was refused."""
        for number in range(100):
            try:
                tables.put_item(TableName="Slow", Item={"id": {"S": "a"}, "v": {"S": "x" * 10_000}})
            except tables.exceptions.ProvisionedThroughputExceededException:
                return number
        return 100

    world.clock(advance=600)
    check.true(30 <= taken() <= 32, "what five minutes saved")
    check.true(taken() <= 1, "nothing is left")
    world.clock(advance=100)
    check.true(9 <= taken() <= 12, "what a hundred seconds gave")
    world.clock(advance=600)
    check.true(30 <= taken() <= 32, "what five minutes saved, and no more")


@suite.test("signatures keep to the real clock")
def _(check, context):
    environment = {"SHALE_ACCESS_KEY_ID": "key", "SHALE_SECRET_ACCESS_KEY": "secret"}
    server = harness.Server(context.shale, context.world.data.parent / "signed", "--virtual-clock", environment=environment)
    try:
        server.wait_until_ready()
        advance = urllib.request.Request(server.endpoint + "/shale/clock", data=json.dumps({"advance": DAY}).encode())
        with urllib.request.urlopen(advance, timeout=10) as answer:
            check.equal(json.load(answer)["aheadMilliseconds"], DAY * 1_000, "ahead")
        check.equal(server.client(key="key", secret="secret").list_tables()["TableNames"], [], "signed by the real clock")
        ahead = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=DAY)
        with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: ahead):
            check.refused("InvalidSignatureException", server.client(key="key", secret="secret").list_tables)
    finally:
        server.stop()


@suite.table("what is no time to go forward by is refused", [(repr(b), b) for b in (0, -1, "x", None, 10**18)])
def _(check, context, advance):
    try:
        context.world.clock(advance=advance)
    except urllib.error.HTTPError as error:
        return check.equal(error.code, 400, "status")
    check.true(False, "was accepted")


@suite.test("the clock does not go back when the server is killed, and executions go on")
def _(check, context):
    world = context.world
    execution = world.begin("killed", states_tests.machine(W={"Type": "Wait", "Seconds": WEEK, "End": True}))
    before = world.clock()
    world.server.kill()
    world.start()
    check.true(world.clock()["now"] >= before["now"], "time")
    check.equal(states_tests.ended(world.states, execution)["status"], "SUCCEEDED", "status")


@suite.test("a database with a virtual clock is not opened with the real one, and the other way round")
def _(check, context):
    world = context.world
    check.equal(world.server.stop(), 0, "exit code")
    for data, arguments, words in [(world.data, [], "virtual clock"), (world.data.parent / "real", ["--virtual-clock"], "real clock")]:
        if arguments:
            with harness.running(context.shale, data) as server:
                error = urllib.request.Request(server.endpoint + "/shale/clock")
                try:
                    urllib.request.urlopen(error)
                    check.true(False, "a real clock answers")
                except urllib.error.HTTPError as refused:
                    check.equal(refused.code, 404, "of a server with the real clock")
        refused = harness.run_shale(context.shale, "serve", "--data", data, "--port", "0", "--no-functions", *arguments)
        check.true(refused.returncode != 0, "exit code")
        check.contains(refused.stderr, words, "words")


class ClockSuite:
    """The tests above, on a server of their own."""

    def run(self, report, context):
        with harness.scratch("shale-clock-") as directory:
            context.world = World(context, directory)
            try:
                suite.run(report, context)
            finally:
                if context.world.server.process.poll() is None:
                    context.world.server.stop()
