"""The patterns of Docs/Patterns.md: the files of Docs/Examples as they stand, with Python functions, on a server of their own."""

import json
import re
import time
import xml.etree.ElementTree

import boto3

import function_tests
import harness
import states_tests
from harness import Suite
from values import item

suite = Suite("patterns")
EXAMPLES = harness.ROOT / "Docs" / "Examples"
ACCOUNT = "000000000000"


class World(function_tests.World):
    """A server with functions and the bucket of the nightly batch."""

    def restart(self):
        self.bucket = self.directory / "meters"
        self.bucket.mkdir(exist_ok=True)
        self.server = harness.Server(
            self.shale, self.directory / "data", "--functions", str(self.directory / "functions"),
            "--bucket", f"meters={self.bucket}")
        self.server.wait_until_ready()
        self.client = function_tests.lambda_client(self.server.endpoint)
        self.states = states_tests.states_client(self.server.endpoint)
        self.tables = self.server.client()

    def load(self, example, machine, **functions):
        """Makes the functions and the machine of one example from its files."""
        code = function_tests.archive(**{"handlers.py": (EXAMPLES / example / "handlers.py").read_text()})
        for name, handler in functions.items():
            self.make(name.replace("_", "-"), handler, Code={"ZipFile": code}, Timeout=10)
        definition = (EXAMPLES / example / "machine.json").read_text()
        return states_tests.make(self.states, machine, definition)

    def table(self, name, key):
        self.tables.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}])

    def get(self, table, **key):
        return self.tables.get_item(TableName=table, Key=item(**key), ConsistentRead=True).get("Item")

    def executions(self, *arguments):
        return harness.run_shale(self.shale, "executions", *arguments, "--server", self.server.endpoint)


def entered(world, execution):
    """The states in the order in which they were entered."""
    pages = world.states.get_paginator("get_execution_history").paginate(executionArn=execution["executionArn"])
    return [event["stateEnteredEventDetails"]["name"] for page in pages for event in page["events"]
            if "stateEnteredEventDetails" in event]


# The saga

def order(number, **more):
    return {"order": f"order-{number}", "sku": "chair", "quantity": 3, "card": "fine", "address": "Elm Street"} | more


@suite.test("saga: an order is reserved, charged and shipped")
def _(check, context):
    world = context.patterns
    world.table("Orders", "id")
    world.table("Stock", "sku")
    world.tables.put_item(TableName="Stock", Item=item(sku="chair", available=10))
    context.saga = world.load("Saga", "orders", charge_card="charge_card", refund_card="refund_card", ship="ship")
    execution = states_tests.run(world.states, context.saga, order(1))
    check.equal(execution["status"], "SUCCEEDED", f"status: {execution.get('cause')}")
    check.equal(world.get("Orders", id="order-1"), item(id="order-1", status="SHIPPED", parcel="parcel-of-order-1"), "order")
    check.equal(world.get("Stock", sku="chair"), item(sku="chair", available=7), "stock")


@suite.table("saga: what was done is undone, last first", [
    ("the carrier refuses", {"address": "the middle of nowhere", "card": "busy-once"}, "CarrierRefuses",
     ["Save order", "Reserve stock", "Charge card", "Ship", "Refund card", "Release stock", "Cancel order", "Order failed"]),
    ("the card is declined", {"card": "declined"}, "CardDeclined",
     ["Save order", "Reserve stock", "Charge card", "Release stock", "Cancel order", "Order failed"]),
    ("too little is there", {"quantity": 100}, "DynamoDB.ConditionalCheckFailedException",
     ["Save order", "Reserve stock", "Cancel order", "Order failed"]),
])
def _(check, context, more, error, course):
    world = context.patterns
    before = world.get("Stock", sku="chair")
    given = order(error, **more)
    execution = states_tests.run(world.states, context.saga, given, name=error.replace(".", "-"))
    check.equal((execution["status"], execution.get("error")), ("FAILED", error), f"end: {execution.get('cause')}")
    check.equal(entered(world, execution), course, "states")
    check.equal(world.get("Orders", id=given["order"]), item(id=given["order"], status="CANCELLED", reason=error), "order")
    check.equal(world.get("Stock", sku="chair"), before, "stock")


@suite.test("saga: the card is refunded once, and shale shows what was caught")
def _(check, context):
    world = context.patterns
    client = boto3.client("logs", endpoint_url=world.server.endpoint, region_name="us-east-1",
                          aws_access_key_id="local", aws_secret_access_key="local")
    lines = client.filter_log_events(logGroupName="/aws/lambda/refund-card", filterPattern='"refunded payment-of"')["events"]
    check.equal([line["message"].strip() for line in lines], ["refunded payment-of-order-CarrierRefuses"], "refunds")
    picture = world.directory / "saga.svg"
    shown = world.executions("show", "orders/CarrierRefuses", "--svg", picture)
    check.equal(shown.returncode, 0, shown.stderr)
    for line in ("✔ Charge card", "try 1 ✖", "BankBusy", "try 2 ✔", "▲ Ship", "✔ Refund card", "✖ Order failed", "○ Complete order"):
        check.contains(shown.stdout, line)
    root = xml.etree.ElementTree.parse(picture).getroot()
    check.true(root.tag.endswith("svg"), "a picture")
    told = json.loads(world.executions("show", "orders/CarrierRefuses", "--json").stdout)
    outcomes = {state["name"]: state["outcome"] for state in told["states"]}
    check.equal((outcomes["Ship"], outcomes["Refund card"], outcomes["Complete order"]),
                ("caught", "succeeded", "not reached"), "outcomes")


# Approval

def question(world, expense, seconds=20):
    """What a person finds in the log: the question of one expense, with its token."""
    client = boto3.client("logs", endpoint_url=world.server.endpoint, region_name="us-east-1",
                          aws_access_key_id="local", aws_secret_access_key="local")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            events = client.filter_log_events(logGroupName="/aws/lambda/ask-for-approval", filterPattern="QUESTION")["events"]
        except client.exceptions.ResourceNotFoundException:
            events = []  # The group is made with the first line.
        for event in events:
            found = json.loads(event["message"].split("QUESTION", 1)[1])
            if found["expense"] == expense:
                return found
        time.sleep(0.1)
    raise harness.Failed(f"nobody was asked about {expense}")


@suite.test("approval: small expenses pass, large ones wait for a person's answer")
def _(check, context):
    world = context.patterns
    arn = world.load("Approval", "expenses", ask_for_approval="ask")
    small = states_tests.run(world.states, arn, {"expense": "tea", "amount": 7})
    check.equal(json.loads(small["output"]), {"paid": True, "by": "rule"}, "small")
    start = lambda expense: world.states.start_execution(
        stateMachineArn=arn, name=expense, input=json.dumps({"expense": expense, "amount": 900}))["executionArn"]
    yes, no, late = start("desk"), start("yacht"), start("house")
    answers = {expense: question(world, expense) for expense in ("desk", "yacht", "house")}
    check.equal(answers["desk"]["amount"], 900, "the question")
    check.equal(world.states.describe_execution(executionArn=yes)["status"], "RUNNING", "waits")
    check.contains(world.executions("show", "expenses/desk").stdout, "waits for token")
    # The answer outlives the server.
    world.server.kill()
    world.restart()
    world.states.send_task_success(taskToken=answers["desk"]["token"], output=json.dumps({"approved": True, "by": "Ada"}))
    world.states.send_task_failure(taskToken=answers["yacht"]["token"], error="Rejected", cause="Grace")
    check.equal(json.loads(states_tests.ended(world.states, yes)["output"]), {"paid": True, "by": "Ada"}, "approved")
    check.equal(json.loads(states_tests.ended(world.states, no)["output"]), {"paid": False, "by": "Grace"}, "rejected")
    world.states.stop_execution(executionArn=late)
    check.refused("TaskTimedOut", world.states.send_task_success, taskToken=answers["house"]["token"], output="{}")


# The nightly batch

@suite.test("nightly batch: every row of a CSV file is added up, a bad row spoils only its batch")
def _(check, context):
    world = context.patterns
    world.table("Nights", "key")
    arn = world.load("NightlyBatch", "nightly", add_up="add_up")
    rows = [f"meter-{number},{number % 10}" for number in range(1_000)]
    rows[555] = "meter-555,broken"
    (world.bucket / "monday.csv").write_text("meter,kwh\n" + "\n".join(rows) + "\n")
    started = world.states.start_execution(stateMachineArn=arn, name="monday", input=json.dumps({"bucket": "meters", "key": "monday.csv"}))
    execution = states_tests.ended(world.states, started["executionArn"], 90)
    check.equal(execution["status"], "SUCCEEDED", f"status: {execution.get('cause')}")
    run = world.states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"][0]["mapRunArn"]
    told = world.states.describe_map_run(mapRunArn=run)
    counts = told["executionCounts"]
    check.equal((counts["total"], counts["succeeded"], counts["failed"]), (10, 9, 1), "batches")
    noted = world.get("Nights", key="monday.csv")["results"]["S"]
    manifest = json.loads((world.bucket / noted).read_text())
    results = [one for file in manifest["ResultFiles"]["SUCCEEDED"]
               for one in json.loads((world.bucket / file["Key"]).read_text())]
    outputs = [json.loads(one["Output"]) if isinstance(one["Output"], str) else one["Output"] for one in results]
    check.equal(sum(output["rows"] for output in outputs), 900, "rows")
    check.equal(sum(output["kwh"] for output in outputs), 4_050, "sum")
    shown = world.executions("show", "nightly/monday")
    check.contains(shown.stdout, "1000 items in 10 executions: 9 succeeded, 1 failed")
    children = world.executions("list", run, "--status", "failed", "--json")
    check.equal(len(children.stdout.splitlines()), 1, f"failed children: {children.stderr}")
    child = world.executions("show", json.loads(children.stdout)["executionArn"])
    check.contains(child.stdout, "✖ Add up", child.stderr)


@suite.test("nightly batch: a file that is not there fails the night")
def _(check, context):
    world = context.patterns
    arn = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:nightly"
    execution = states_tests.run(world.states, arn, {"bucket": "meters", "key": "none.csv"})
    check.equal((execution["status"], execution["error"]), ("FAILED", "States.ItemReaderFailed"), "end")


# Retry

@suite.table("retry: a flaky function is called again, later each time", [
    ("twice unavailable", "ServiceUnavailable", 2, {"answer": 42, "isFresh": True, "calls": 3}, [1, 2]),
    ("always unavailable", "ServiceUnavailable", 9, {"answer": "unknown", "isFresh": False}, [1, 2, 4]),
    ("twice too many requests", "TooManyRequests", 2, {"answer": 42, "isFresh": True, "calls": 3}, [0, 0]),
    ("an error that no retrier names", "BadRequest", 1, "BadRequest", []),
])
def _(check, context, error, failures, end, pauses):
    world = context.patterns
    if not hasattr(context, "retry"):
        context.retry = world.load("Retry", "flaky", flaky="call")
    name = f"{error}-{failures}"
    execution = states_tests.run(world.states, context.retry, {"id": name, "error": error, "failures": failures}, name=name)
    check.equal(json.loads(execution["output"]) if "output" in execution else execution["error"], end, "end")
    events = world.states.get_execution_history(executionArn=execution["executionArn"])["events"]
    failed = [e["timestamp"] for e in events if e["type"] == "TaskFailed"]
    again = [e["timestamp"] for e in events if e["type"] == "TaskScheduled"][1:]
    waited = [(b - a).total_seconds() for a, b in zip(failed, again)]
    check.equal(len(waited), len(pauses), f"pauses {waited}")
    check.true(all(w >= p for w, p in zip(waited, pauses)), f"pauses {waited}")
    shown = world.executions("show", f"flaky/{name}").stdout
    check.equal(len(re.findall(r"try \d ✖", shown)), len(pauses) + (end == {"answer": "unknown", "isFresh": False}) if pauses else 0,
                f"failed attempts in {shown}")


class PatternSuite:
    """The tests above, on a server that runs functions."""

    def run(self, report, context):
        with harness.scratch("shale-patterns-") as directory:
            context.patterns = World(context.shale, directory)
            try:
                suite.run(report, context)
            finally:
                if context.patterns.server.process.poll() is None:
                    context.patterns.server.stop()
