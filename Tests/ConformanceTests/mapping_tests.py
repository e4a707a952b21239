"""Event source mappings, as boto3 sees them: lanes, bounds of batches, states, shards that end, records that grow old."""

import json
import pathlib
import time
import urllib.request

import boto3

import function_tests
import harness
import log_tests
from function_tests import Followed
from harness import Suite

suite = Suite("mappings")

HANDLERS = """
import json, os, random, time

def keep(event, context):
    '''Appends each record's key, its number, who had it, and how large the batch and its event were.'''
    time.sleep(float(os.environ.get("PAUSE", "0")) * random.random())
    print("given", [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]])
    if os.path.exists(os.environ["KEPT"] + ".fails"): raise ValueError("told to fail")
    with open(os.environ["KEPT"], "a") as file:
        for record in event["Records"]:
            keys, image = record["dynamodb"]["Keys"], record["dynamodb"]["NewImage"]
            file.write(json.dumps([keys["pk"]["S"], keys["sk"]["S"], int(image.get("n", {"N": "0"})["N"]), os.getpid(),
                len(event["Records"]), len(json.dumps(event, ensure_ascii=False).encode())]) + "\\n")

def hold(event, context):
    '''Says that it has begun, and takes until there is a file.'''
    with open(os.environ["KEPT"], "a") as file: file.write("[]\\n")
    while not os.path.exists(os.environ["KEPT"] + ".go"): time.sleep(0.05)
"""


def number(value):
    return {"n": {"N": str(value)}}


def followed(context, name, **mapping):
    return Followed(context, name, "keep", HANDLERS, **mapping)


def state(one):
    return one.world.client.get_event_source_mapping(UUID=one.mapping["UUID"])["State"]


def change(one, **more):
    return one.world.client.update_event_source_mapping(UUID=one.mapping["UUID"], **more)["State"]


def fails(one):
    """A file: as long as it is there, the function fails."""
    return one.kept.with_name(one.kept.name + ".fails")


@suite.test("a mapping is disabled, enabled and deleted, and goes on where it was")
def _(check, context):
    one = followed(context, "states", Enabled=False, Tags={"team": "storage"})
    client, arn = one.world.client, one.mapping["EventSourceMappingArn"]
    check.equal((one.mapping["State"], state(one)), ("Disabled", "Disabled"), "made so")
    one.put("p", "a")
    time.sleep(1)
    check.equal(one.records(), [], "nothing comes")
    change(one, Enabled=True)
    one.wait(lambda r: len(r) == 1, "what was there comes")
    check.equal(state(one), "Enabled", "enabled")
    check.equal((change(one, Enabled=False), state(one)), ("Disabling", "Disabled"), "disabled")
    one.put("p", "b")
    time.sleep(1)
    check.equal(len(one.records()), 1, "nothing more comes")
    check.equal(change(one, Enabled=True, BatchSize=7), "Updating", "changed")
    check.equal([r[1] for r in one.wait(lambda r: len(r) >= 2, "the rest comes")], ["a", "b"], "each once")
    check.equal(client.list_tags(Resource=arn)["Tags"], {"team": "storage"}, "tags")
    client.tag_resource(Resource=arn, Tags={"cost": "7"})
    client.untag_resource(Resource=arn, TagKeys=["team"])
    check.equal(client.list_tags(Resource=arn)["Tags"], {"cost": "7"}, "tags")
    check.equal(client.delete_event_source_mapping(UUID=one.mapping["UUID"])["State"], "Deleting", "deleted")
    check.refused("ResourceNotFoundException", client.get_event_source_mapping, UUID=one.mapping["UUID"])
    check.refused("ResourceNotFoundException", client.list_tags, Resource=arn)


@suite.test("several lanes work at the same time, and what is done to one item comes in its order")
def _(check, context):
    one = followed(context, "lanes", Enabled=False, BatchSize=5, ParallelizationFactor=4)
    one.world.client.update_function_configuration(
        FunctionName="lanes", Environment={"Variables": {"KEPT": str(one.kept), "PAUSE": "0.05"}})
    one.world.client.get_waiter("function_updated_v2").wait(FunctionName="lanes", WaiterConfig=function_tests.WAIT)
    for count in range(40):
        for item in range(8):
            one.put("p", f"i{item}", **number(count))
    change(one, Enabled=True)
    records = one.wait(lambda r: len(r) >= 320, "all changes come")
    for item in range(8):
        check.equal([r[2] for r in records if r[1] == f"i{item}"], list(range(40)), f"the order of i{item}")
    check.true(len({r[3] for r in records}) > 1, "more than one process worked")
    check.true(max(r[4] for r in records) <= 5, "no batch is larger than it may be")
    one.end()


@suite.test("a batch has 6 MB at most, however many records it may have")
def _(check, context):
    one = followed(context, "large", Enabled=False)
    for count in range(20):
        one.put("p", f"s{count:02}", text={"S": "x" * 390_000})
    change(one, Enabled=True)
    records = one.wait(lambda r: len(r) >= 20, "all changes come")
    check.equal([r[1] for r in records], [f"s{n:02}" for n in range(20)], "each once, in order")
    check.true(max(r[5] for r in records) <= 6_291_456, f"bytes of events: {sorted({r[5] for r in records})}")
    check.true(max(r[4] for r in records) > 10, "batches are filled")
    one.end()


@suite.test("a batch waits for more as long as its window says")
def _(check, context):
    one = followed(context, "waiting", MaximumBatchingWindowInSeconds=4)
    began = time.monotonic()
    for count in range(5):
        one.put("p", f"s{count}")
        time.sleep(0.2)
    records = one.wait(lambda r: len(r) >= 5, "all changes come")
    check.equal([r[4] for r in records], [5] * 5, "in one batch")
    check.true(time.monotonic() - began > 3.5, "at the window's end")
    one.end()


@suite.test("LATEST begins with what is written behind the mapping")
def _(check, context):
    first = followed(context, "latest")
    first.end()
    first.put("p", "before")
    first.mapping = first.world.client.create_event_source_mapping(
        FunctionName="latest", EventSourceArn=first.stream, StartingPosition="LATEST")
    first.put("p", "behind")
    first.wait(lambda r: any(x[1] == "behind" for x in r), "what is written behind comes")
    check.equal([r[1] for r in first.records()], ["behind"], "what came")
    first.end()


def settled(one, last):
    """Waits until the mapping's state is no other one, as waiters and Terraform do."""
    end = time.monotonic() + 60
    while state(one) != last:
        assert time.monotonic() < end, state(one)
        time.sleep(0.1)


@suite.test("a change takes hold when the function has ended, and who asks for it does not wait for that")
def _(check, context):
    slow, other = Followed(context, "held", "hold", HANDLERS), followed(context, "free")
    slow.put("p", "a")
    slow.wait(lambda r: len(r) == 1, "it has begun")
    go = slow.kept.with_name(slow.kept.name + ".go")
    check.equal(change(slow, BatchSize=9), "Updating", "the answer, before the function ends")
    check.equal(state(slow), "Updating", "until the function has ended")
    check.refused("ResourceInUseException", change, slow, BatchSize=8)
    check.refused("ResourceInUseException", slow.world.client.delete_event_source_mapping, UUID=slow.mapping["UUID"])
    check.equal(change(other, BatchSize=9), "Updating", "the other one's change")
    go.touch()
    settled(slow, "Enabled")
    sizes = [one.world.client.get_event_source_mapping(UUID=one.mapping["UUID"])["BatchSize"] for one in (slow, other)]
    check.equal(sizes, [9, 9], "sizes of batches")
    go.unlink()
    slow.put("p", "b")
    slow.wait(lambda r: len(r) == 2, "it goes on")
    check.equal(slow.world.client.delete_event_source_mapping(UUID=slow.mapping["UUID"])["State"], "Deleting", "the answer")
    check.equal(state(slow), "Deleting", "until the function has ended")
    check.refused("ResourceInUseException", change, slow, BatchSize=8)
    go.touch()
    end = time.monotonic() + 60
    while slow.mapping["UUID"] in [one["UUID"] for one in slow.world.client.list_event_source_mappings()["EventSourceMappings"]]:
        check.true(time.monotonic() < end, "gone behind the function's end")
        time.sleep(0.1)


def to(place):
    return {"DestinationConfig": {"OnFailure": {"Destination": place}}}


@suite.table("what cannot be is refused when it is made, by its name", [
    ("a queue that is told", to("arn:aws:sqs:us-east-1:000000000000:q"), "arn:aws:sqs:us-east-1:000000000000:q"),
    ("a topic that is told", to("arn:aws:sns:us-east-1:000000000000:t"), "arn:aws:sns:us-east-1:000000000000:t"),
    ("a bus that is told", to("arn:aws:events:us-east-1:000000000000:event-bus/b"), "event-bus/b"),
    ("a bucket that is not here", to("arn:aws:s3:::nowhere"), "arn:aws:s3:::nowhere"),
    ("who is told of success", {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::failures"}}}, "OnSuccess"),
    ("a stream of Kinesis", {"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "arn:aws:kinesis"),
    ("a queue as source", {"EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:q"}, "arn:aws:sqs"),
    ("a place by time", {"StartingPosition": "AT_TIMESTAMP"}, "AT_TIMESTAMP"),
    ("a pattern of no sense", {"FilterCriteria": {"Filters": [{"Pattern": '{"a": [{"nearly": 1}]}'}]}}, "nearly"),
    ("eleven patterns", {"FilterCriteria": {"Filters": [{"Pattern": '{"a": [1]}'}] * 11}}, "10"),
    ("an age of less than a minute", {"MaximumRecordAgeInSeconds": 59}, "MaximumRecordAgeInSeconds"),
    ("a limit of its calls", {"ScalingConfig": {"MaximumConcurrency": 2}}, "ScalingConfig"),
    ("readers of its own", {"ProvisionedPollerConfig": {"MinimumPollers": 2}}, "ProvisionedPollerConfig"),
    ("metrics of its own", {"MetricsConfig": {"Metrics": ["EventCount"]}}, "MetricsConfig"),
    ("a group of Kafka", {"AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"}}, "AmazonManagedKafkaEventSourceConfig"),
    ("brokers of one's own", {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:1"]}}}, "SelfManagedEventSource"),
    ("a stream that is not there, from now on", {}, "Stream not found: arn:aws:dynamodb:us-east-1:000000000000:table/latest/stream/2026"),
    ("a stream that is not there, from its beginning", {"StartingPosition": "TRIM_HORIZON"}, "Stream not found"),
])
def _(check, context, more, part):
    given = {"FunctionName": "latest", "StartingPosition": "LATEST",
             "EventSourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/latest/stream/2026-01-01T00:00:00.000"} | more
    refusal = check.refused("InvalidParameterValueException", context.functions.client.create_event_source_mapping, **given)
    check.contains(refusal["Error"]["Message"], part, "message")


class VirtualWorld(function_tests.World):
    """A server whose clock is set forward."""

    def restart(self):
        self.server = harness.Server(
            self.shale, self.directory / "data", "--functions", str(self.directory / "functions"), "--virtual-clock",
            "--bucket", f"failures={self.directory / 'failures'}").wait_until_ready()
        self.client = function_tests.lambda_client(self.server.endpoint)

    def advance(self, seconds):
        body = json.dumps({"advance": seconds}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.server.endpoint + "/shale/clock", data=body), timeout=10) as answer:
            answer.read()


virtual = Suite("mappings, with a virtual clock")


def problem(one):
    """Waits until the function has failed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        result = one.world.client.get_event_source_mapping(UUID=one.mapping["UUID"])["LastProcessingResult"]
        if result.startswith("PROBLEM"):
            return
        time.sleep(0.05)
    raise harness.Failed(f"no failure: {result}")


@virtual.test("a shard that follows another is not read before that one is done")
def _(check, context):
    one = followed(context, "parents", BatchSize=1)
    fails(one).touch()
    one.put("p", "in the parent")
    problem(one)
    # Four hours begin a new generation of shards.
    one.world.advance(4 * 3_600 + 60)
    one.put("p", "in the child")
    streams = boto3.client("dynamodbstreams", endpoint_url=one.world.server.endpoint, region_name="us-east-1",
                           aws_access_key_id="local", aws_secret_access_key="local")
    shards = streams.describe_stream(StreamArn=one.stream)["StreamDescription"]["Shards"]
    check.true(any("ParentShardId" in shard for shard in shards), f"there is a child: {shards}")
    logs = log_tests.logs_client(one.world.server.endpoint)

    def given(key):
        lines = logs.filter_log_events(logGroupName="/aws/lambda/parents", filterPattern=f'"given [\'{key}\']"')
        return len(lines["events"])

    before, deadline = given("in the parent"), time.monotonic() + 60
    while given("in the parent") < before + 3 and time.monotonic() < deadline:
        one.world.advance(30)
        time.sleep(0.3)
    check.true(before > 0 and given("in the parent") >= before + 3, "the parent is tried again")
    check.equal(given("in the child"), 0, "how often the child's record was given meanwhile")
    fails(one).unlink()
    deadline = time.monotonic() + 60
    while len(one.records()) < 2 and time.monotonic() < deadline:
        one.world.advance(30)
        time.sleep(0.2)
    check.equal([r[1] for r in one.records()], ["in the parent", "in the child"], "what came, in its order")
    one.end()


@virtual.test("what fails and grows too old is given up and told, and what follows comes")
def _(check, context):
    one = followed(context, "ages", MaximumRecordAgeInSeconds=60, **to("arn:aws:s3:::failures"))
    fails(one).touch()
    one.put("p", "old")
    problem(one)
    one.world.advance(61)

    def told():
        places = (one.world.directory / "failures").rglob(f"aws/lambda/{one.mapping['UUID']}/**/*")
        return [json.loads(place.read_text()) for place in places if place.is_file() and not place.name.startswith(".")]

    deadline = time.monotonic() + 60
    while not told() and time.monotonic() < deadline:
        time.sleep(0.1)
    check.equal([t["requestContext"]["condition"] for t in told()], ["RecordAgeExceeded"], "what is told")
    fails(one).unlink()
    one.put("p", "young")
    one.wait(lambda r: bool(r), "what follows comes")
    check.equal([r[1] for r in one.records()], ["young"], "what came")
    one.end()


@virtual.test("an environment that nobody has called for five minutes ends, and not before")
def _(check, context):
    world = context.functions
    code = {"ZipFile": function_tests.archive(**{"handlers.py": "import os\ndef pid(event, context): return os.getpid()"})}
    world.make("idle", "pid", Code=code)
    process = pathlib.Path(f"/proc/{world.call('idle')[1]}")
    world.advance(200)
    time.sleep(3)
    check.equal(world.call("idle")[1], int(process.name), "before five minutes")
    world.advance(400)
    deadline = time.monotonic() + 60
    while process.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    check.true(not process.exists(), "the process is gone")
    check.true(world.call("idle")[1] != int(process.name), "another one answers")


class MappingSuite(function_tests.FunctionSuite):
    """Both suites, each on a server of its own."""

    def __init__(self):
        super().__init__(suite)

    def run(self, report, context):
        super().run(report, context)
        with harness.scratch("shale-mappings-") as directory:
            context.functions = VirtualWorld(context.shale, directory)
            try:
                virtual.run(report, context)
            finally:
                context.functions.server.stop()
