"""A server with a virtual clock: a week's work in a moment, and nothing of it with the real clock."""

import json
import time
import urllib.error
import urllib.request

import harness
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
