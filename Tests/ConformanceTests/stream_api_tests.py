"""Streams over boto3: where iterators begin and when they end, shards and their ends, streams that are switched off and on.

By the service's documents; where they are silent, or public tests have seen it answer otherwise, by those. Days are
milliseconds on a virtual clock. What records hold, and which writes leave none: stream_record_tests.py.
"""

import datetime
import json
import time
import urllib.request

import boto3
import botocore.config

import harness
from harness import Suite
from protocol_tests import call
from values import item

suite = Suite("Streams over boto3")

MINUTE, HOUR = 60, 3_600
VALIDATION, NOT_FOUND, TRIMMED = "ValidationException", "ResourceNotFoundException", "TrimmedDataAccessException"
BOTH = "NEW_AND_OLD_IMAGES"
OFF = {"StreamEnabled": False}


def on(view):
    return {"StreamEnabled": True, "StreamViewType": view}


def streams_client(server, region="us-east-1"):
    """A client of streams that sends what boto3 would refuse by itself."""
    return boto3.client(
        "dynamodbstreams", endpoint_url=server.endpoint, region_name=region, aws_access_key_id="local", aws_secret_access_key="local",
        config=botocore.config.Config(retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=False))


class World(harness.Context):
    """A server with a virtual clock, and the server with the real one beside it."""

    def __init__(self, real, directory):
        super().__init__(real.shale, None)
        self.real, self.data, self.shared = real, directory / "data", None
        self.start()

    def start(self):
        self.server = harness.Server(self.shale, self.data, "--virtual-clock").wait_until_ready()
        self.client, self.streams = self.server.client(), streams_client(self.server)

    def advance(self, seconds):
        request = urllib.request.Request(self.server.endpoint + "/shale/clock", data=json.dumps({"advance": seconds}).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["now"] / 1_000

    def streamed(self, view=BOTH, **more):
        """A new table with a stream: its name, the stream's resource name."""
        name = self.create_table(sort=None, StreamSpecification=on(view), **more)
        return name, self.latest(name)

    def unchanged(self):
        """The stream of a table with one item, for requests that change nothing."""
        if not self.shared:
            name, self.shared = self.streamed("KEYS_ONLY")
            self.put(name, "a")
        return self.shared

    def latest(self, name):
        return self.client.describe_table(TableName=name)["Table"]["LatestStreamArn"]

    def put(self, name, *keys, **more):
        for key in keys:
            self.client.put_item(TableName=name, Item=item(pk=key, **more))

    def switch(self, name, specification):
        return self.client.update_table(TableName=name, StreamSpecification=specification)

    def shards(self, stream, **more):
        return self.streams.describe_stream(StreamArn=stream, **more)["StreamDescription"]["Shards"]

    def iterator(self, stream, shard=None, kind="TRIM_HORIZON", **more):
        """An iterator of a shard; of the first one, where none is named."""
        shard = shard or self.shards(stream)[0]["ShardId"]
        return self.streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]

    def read(self, iterator, **more):
        """The records of one call, and the next iterator; None at the end of a closed shard."""
        answer = self.streams.get_records(ShardIterator=iterator, **more)
        return answer["Records"], answer.get("NextShardIterator")

    def records(self, stream):
        """All that a stream holds, shard by shard, parents first."""
        found = []
        for shard in self.shards(stream):
            following = self.iterator(stream, shard["ShardId"])
            while following:
                page, following = self.read(following)
                found += page
                if not page:
                    break
        return found

    def renewed(self, stream):
        """Lets the stream's last shard come to its age, and waits for the one behind it."""
        count = len(self.shards(stream))
        self.advance(4 * HOUR)
        until(lambda: len(self.shards(stream)) > count, "a new shard")
        return self.shards(stream)


def until(holds, what, seconds=30):
    """Waits for something that happens by itself."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise harness.Failed(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def keys(records):
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]


def place(record):
    return record["dynamodb"]["SequenceNumber"]


# Iterators.

@suite.table("an iterator begins", [
    ("at a record", "AT_SEQUENCE_NUMBER", True, ["b", "c"]),
    ("behind a record", "AFTER_SEQUENCE_NUMBER", True, ["c"]),
    ("at the oldest record", "TRIM_HORIZON", False, ["a", "b", "c"]),
    ("behind the newest record", "LATEST", False, []),
])
def _(check, context, kind, has_place, wanted):
    name, stream = context.streamed()
    context.put(name, "a", "b", "c")
    more = {"SequenceNumber": place(context.records(stream)[1])} if has_place else {}
    first, following = context.read(context.iterator(stream, kind=kind, **more))
    check.equal(keys(first), wanted, "what was there")
    check.true(following, "an open shard goes on")
    context.put(name, "d")
    more, following = context.read(following)
    check.equal(keys(more), ["d"], "what came later")
    check.equal(context.read(following)[0], [], "nothing comes twice")


@suite.test("an iterator at the first number of a shard reads all of it")
def _(check, context):
    name, stream = context.streamed()
    context.put(name, "a", "b")
    first = context.shards(stream)[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    check.equal(keys(context.read(context.iterator(stream, kind="AT_SEQUENCE_NUMBER", SequenceNumber=first))[0]), ["a", "b"])


@suite.table("no iterator is given", [
    ("at a record that is not named", {"ShardIteratorType": "AT_SEQUENCE_NUMBER"}, VALIDATION),
    ("behind a record that is not named", {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER"}, VALIDATION),
    ("at the oldest record and at a named one", {"ShardIteratorType": "TRIM_HORIZON", "SequenceNumber": "first"}, VALIDATION),
    ("behind the newest record and at a named one", {"ShardIteratorType": "LATEST", "SequenceNumber": "first"}, VALIDATION),
    ("at what is no number", {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "x" * 25}, VALIDATION),
    ("at a number that is too short", {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "1" * 20}, VALIDATION),
    ("at a number that is too long", {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "1" * 41}, VALIDATION),
    ("of an unknown kind", {"ShardIteratorType": "MIDDLE"}, VALIDATION),
    ("of no kind", {}, VALIDATION),
    ("of what is no stream", {"ShardIteratorType": "LATEST", "StreamArn": "x" * 50}, VALIDATION),
    ("of a stream that is not there", {"ShardIteratorType": "LATEST", "StreamArn": "absent"}, NOT_FOUND),
    ("of a shard that is not there", {"ShardIteratorType": "LATEST", "ShardId": "shardId-00000000000000000001-0000000a"}, NOT_FOUND),
    ("of what is no shard", {"ShardIteratorType": "LATEST", "ShardId": "x" * 40}, NOT_FOUND),
])
def _(check, context, request, code):
    stream = context.unchanged()
    shard = context.shards(stream)[0]
    if request.get("SequenceNumber") == "first":
        request = request | {"SequenceNumber": shard["SequenceNumberRange"]["StartingSequenceNumber"]}
    if request.get("StreamArn") == "absent":
        request = request | {"StreamArn": stream.split("/stream/")[0] + "/stream/2020-01-01T00:00:00.000"}
    check.refused(code, context.streams.get_shard_iterator, **{"StreamArn": stream, "ShardId": shard["ShardId"]} | request)


@suite.test("what is no iterator reads nothing")
def _(check, context):
    for text in ("x" * 60, "AAAA", ""):
        check.refused(VALIDATION, context.streams.get_records, ShardIterator=text)


@suite.table("a limit beyond its bounds is refused", [
    (f"{operation}, {limit}", operation, limit)
    for operation, limit in [("get_records", 0), ("get_records", -1), ("get_records", 1_001), ("list_streams", 0), ("list_streams", 101),
                             ("describe_stream", 0), ("describe_stream", 101)]
])
def _(check, context, operation, limit):
    stream = context.unchanged()
    of = {"get_records": lambda: {"ShardIterator": context.iterator(stream)}, "describe_stream": lambda: {"StreamArn": stream},
          "list_streams": dict}[operation]
    refused = check.refused(VALIDATION, getattr(context.streams, operation), Limit=limit, **of())
    check.contains(refused["Error"]["Message"], "'limit'", "message")


@suite.test("an iterator is good for 15 minutes, and so is the one that a call gives anew")
def _(check, context):
    name, stream = context.streamed()
    context.put(name, "a")
    first = context.iterator(stream)
    context.advance(14 * MINUTE)
    page, following = context.read(first)
    check.equal(keys(page), ["a"], "14 minutes later")
    context.advance(2 * MINUTE)
    check.refused("ExpiredIteratorException", context.streams.get_records, ShardIterator=first)
    context.put(name, "b")
    check.equal(keys(context.read(following)[0]), ["b"], "with the second iterator")
    context.advance(14 * MINUTE)
    check.refused("ExpiredIteratorException", context.streams.get_records, ShardIterator=following)
    check.equal(keys(context.records(stream)), ["a", "b"], "with a new one")


@suite.table("an iterator survives the server", [("that is stopped", "stop"), ("that is killed", "kill")])
def _(check, context, end):
    name, stream = context.streamed()
    context.put(name, "a", "b", "c")
    page, following = context.read(context.iterator(stream), Limit=2)
    check.equal(keys(page), ["a", "b"], "before")
    latest = context.iterator(stream, kind="LATEST")
    getattr(context.server, end)()
    context.start()
    check.equal(context.latest(name), stream, "the stream's name")
    page, following = context.read(following)
    check.equal(keys(page), ["c"], "behind it")
    context.put(name, "d")
    check.equal(keys(context.read(following)[0]), ["d"], "what came then")
    check.equal(keys(context.read(latest)[0]), ["d"], "from the newest on")
    check.equal(keys(context.records(stream)), ["a", "b", "c", "d"], "all")


# Shards and their ends.

@suite.test("a shard that came to its age is closed, ends without another iterator, and has a child")
def _(check, context):
    name, stream = context.streamed()
    context.put(name, "a", "b")
    before = context.iterator(stream)
    old, new = context.renewed(stream)
    check.true("ParentShardId" not in old and "EndingSequenceNumber" not in new["SequenceNumberRange"], "the first and the last one")
    check.equal(new["ParentShardId"], old["ShardId"], "parent")
    context.put(name, "c")
    page, following = context.read(context.iterator(stream, old["ShardId"]))
    check.equal((keys(page), following), (["a", "b"], None), "of the closed shard")
    check.equal(place(page[-1]), old["SequenceNumberRange"]["EndingSequenceNumber"], "its last record")
    check.equal(context.read(context.iterator(stream, old["ShardId"], "LATEST")), ([], None), "behind the last record")
    check.refused("ExpiredIteratorException", context.streams.get_records, ShardIterator=before)
    page, following = context.read(context.iterator(stream, new["ShardId"]))
    check.equal(keys(page), ["c"], "of the open shard")
    check.true(following, "the open shard goes on")
    check.true(int(old["SequenceNumberRange"]["EndingSequenceNumber"]) < int(new["SequenceNumberRange"]["StartingSequenceNumber"]), "order")


@suite.test("a filter finds the children of a shard")
def _(check, context):
    _, stream = context.streamed()
    context.renewed(stream)
    first, second, third = (shard["ShardId"] for shard in context.renewed(stream))
    children = lambda shard: [one["ShardId"] for one in context.shards(stream, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": shard})]
    check.equal([children(first), children(second), children(third)], [[second], [third], []], "children")


@suite.table("a filter of shards is refused", [
    ("of an unknown type", {"Type": "PARENT_SHARDS", "ShardId": True}),
    ("without a type", {"ShardId": True}),
    ("without a shard", {"Type": "CHILD_SHARDS"}),
    ("with a name that no shard can have", {"Type": "CHILD_SHARDS", "ShardId": "short"}),
])
def _(check, context, given):
    stream = context.unchanged()
    if given.get("ShardId") is True:
        given = given | {"ShardId": context.shards(stream)[0]["ShardId"]}
    check.refused(VALIDATION, context.streams.describe_stream, StreamArn=stream, ShardFilter=given)


@suite.test("a description of many shards comes in pages, in the order of their names")
def _(check, context):
    _, stream = context.streamed()
    for _ in range(4):
        whole = [shard["ShardId"] for shard in context.renewed(stream)]
    check.equal((len(whole), whole), (5, sorted(whole)), "at once")
    check.true(all(28 <= len(name) <= 65 for name in whole), "lengths of the names")
    found, more = [], {}
    while True:
        page = context.streams.describe_stream(StreamArn=stream, Limit=2, **more)["StreamDescription"]
        found.append([shard["ShardId"] for shard in page["Shards"]])
        if "LastEvaluatedShardId" not in page:
            break
        check.equal(page["LastEvaluatedShardId"], found[-1][-1], "where it stopped")
        more = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}
    check.equal(found, [whole[:2], whole[2:4], whole[4:]], "in pages")
    check.equal(context.shards(stream, ExclusiveStartShardId=whole[-1]), [], "behind the last one")


@suite.test("a day later a record is trimmed: no iterator at it, and none of it from the oldest on")
def _(check, context):
    name, stream = context.streamed()
    context.put(name, "old")
    shard, record = context.shards(stream)[0]["ShardId"], context.records(stream)[0]
    context.advance(23 * HOUR)
    named = {"StreamArn": stream, "ShardId": shard, "SequenceNumber": place(record)}
    at = lambda kind: context.streams.get_shard_iterator(ShardIteratorType=kind, **named)["ShardIterator"]
    check.equal(keys(context.read(at("AT_SEQUENCE_NUMBER"))[0]), ["old"], "23 hours later")
    context.put(name, "new")
    context.advance(2 * HOUR)
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        check.refused(TRIMMED, at, kind)
    check.equal(keys(context.records(stream)), ["new"], "what is left")


@suite.test("in the bytes of an answer dates are whole numbers, and the end of a closed shard is a member that is not there")
def _(check, context):
    name, stream = context.streamed()
    context.put(name, "a")

    def answered():
        status, headers, body = call(context.server.port, "GetRecords", json.dumps({"ShardIterator": context.iterator(stream)}),
                                     headers={"X-Amz-Target": "DynamoDBStreams_20120810.GetRecords"})
        check.equal((status, headers["content-type"]), (200, "application/x-amz-json-1.0"), "answer")
        return json.loads(body)

    opened = answered()
    context.switch(name, OFF)
    closed = answered()
    check.equal((set(opened), set(closed)), ({"Records", "NextShardIterator"}, {"Records"}), "members")
    check.equal(opened["Records"], closed["Records"], "the same records")
    check.equal(type(opened["Records"][0]["dynamodb"]["ApproximateCreationDateTime"]), int, "seconds")


# Streams that are switched off and on.

@suite.test("a stream that was switched off is closed and can be read for a day, and the next one is another")
def _(check, context):
    name, old = context.streamed("KEYS_ONLY")
    context.put(name, "seen")
    open_iterator = context.iterator(old, kind="LATEST")
    context.switch(name, OFF)
    context.put(name, "unseen")
    described = context.streams.describe_stream(StreamArn=old)["StreamDescription"]
    check.equal((described["StreamStatus"], described["StreamViewType"], described["TableName"]), ("DISABLED", "KEYS_ONLY", name), "described")
    check.true(all("EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in described["Shards"]), "every shard is closed")
    page, following = context.read(context.iterator(old))
    check.equal((keys(page), following), (["seen"], None), "read to its end")
    check.equal(context.read(open_iterator), ([], None), "with an iterator of before")
    context.advance(1)
    context.switch(name, on("NEW_IMAGE"))
    new = context.latest(name)
    check.true(new != old, "another name")
    context.put(name, "seen again")
    check.equal([one["StreamArn"] for one in context.streams.list_streams(TableName=name)["Streams"]], [old, new], "both are listed")
    check.equal(keys(context.records(old)), ["seen"], "the old one")
    page, following = context.read(context.iterator(new))
    check.equal(keys(page), ["seen again"], "the new one")
    check.true(following, "the new one goes on")
    context.advance(23 * HOUR)
    check.equal(keys(context.records(old)), ["seen"], "23 hours later")


@suite.test("the stream of a deleted table can be read, beside that of the next table of its name")
def _(check, context):
    name, old = context.streamed()
    context.put(name, "a")
    context.client.delete_table(TableName=name)
    page, following = context.read(context.iterator(old))
    check.equal((keys(page), following), (["a"], None), "read to its end")
    check.equal(context.streams.describe_stream(StreamArn=old)["StreamDescription"]["StreamStatus"], "DISABLED", "status")
    context.client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], StreamSpecification=on("KEYS_ONLY"))
    context.put(name, "b")
    new = context.latest(name)
    check.equal([one["StreamArn"] for one in context.streams.list_streams(TableName=name)["Streams"]], [old, new], "both are listed")
    check.equal((keys(context.records(old)), keys(context.records(new))), (["a"], ["b"]), "records")


@suite.test("every description of a table and a list name the same stream")
def _(check, context):
    client, specification = context.client, on("KEYS_ONLY")
    made = client.create_table(
        TableName="Named", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], StreamSpecification=specification)["TableDescription"]
    described = client.describe_table(TableName="Named")["Table"]
    updated = client.update_table(TableName="Named", BillingMode="PAY_PER_REQUEST")["TableDescription"]
    listed, = context.streams.list_streams(TableName="Named")["Streams"]
    stream = context.streams.describe_stream(StreamArn=listed["StreamArn"])["StreamDescription"]
    for table in (made, described, updated):
        check.equal(table["StreamSpecification"], specification, "specification")
        check.equal((table["LatestStreamArn"], table["LatestStreamLabel"]), (listed["StreamArn"], listed["StreamLabel"]), "name and label")
    check.equal(listed["StreamArn"], f"{made['TableArn']}/stream/{listed['StreamLabel']}", "the name is made of the label")
    datetime.datetime.fromisoformat(listed["StreamLabel"])
    check.equal(set(stream), {"StreamArn", "StreamLabel", "StreamStatus", "StreamViewType", "CreationRequestDateTime", "TableName",
                              "KeySchema", "Shards"}, "members")
    check.equal((stream["StreamStatus"], stream["StreamViewType"], stream["KeySchema"]),
                ("ENABLED", "KEYS_ONLY", made["KeySchema"]), "the stream")


@suite.table("a change of a table's stream is refused", [
    ("on where it is on", on(BOTH), on(BOTH)),
    ("another view", on(BOTH), on("KEYS_ONLY")),
    ("off where there was none", None, OFF),
    ("off where it is off", OFF, OFF),
    ("on without a view", OFF, {"StreamEnabled": True}),
    ("on with an unknown view", OFF, on("NEWEST_IMAGE")),
])
def _(check, context, before, change):
    name = context.create_table(sort=None, **({"StreamSpecification": before} if before else {}))
    streams = context.streams.list_streams(TableName=name)["Streams"]
    check.refused(VALIDATION, context.switch, name, change)
    check.equal(context.streams.list_streams(TableName=name)["Streams"], streams, "nothing has changed")


@suite.test("a list of streams comes in pages, of all tables and of one")
def _(check, context):
    names = [context.streamed("KEYS_ONLY")[0] for _ in range(3)]
    for _ in range(4):
        context.switch(names[0], OFF)
        context.switch(names[0], on("KEYS_ONLY"))

    def pages(limit, **more):
        found, start = [], {}
        while True:
            page = context.streams.list_streams(Limit=limit, **more, **start)
            found.append([one["StreamArn"] for one in page["Streams"]])
            if "LastEvaluatedStreamArn" not in page:
                return found
            check.equal((len(found[-1]), page["LastEvaluatedStreamArn"]), (limit, found[-1][-1]), "where it stopped")
            start = {"ExclusiveStartStreamArn": page["LastEvaluatedStreamArn"]}

    of_one = pages(2, TableName=names[0])
    check.equal([len(page) for page in of_one], [2, 2, 1], "of one table")
    check.equal(sum(of_one, []), [one["StreamArn"] for one in context.streams.list_streams(TableName=names[0])["Streams"]], "in order")
    every = sum(pages(3), [])
    check.equal(len(every), len(set(every)), "none comes twice")
    check.true(set(sum(of_one, [])) | {context.latest(name) for name in names} <= set(every), "none is left out")
    check.equal(context.streams.list_streams(TableName=context.create_table(sort=None))["Streams"], [], "of a table without one")
    check.refused(VALIDATION, context.streams.list_streams, ExclusiveStartStreamArn="x" * 50)


class StreamSuite:
    """The tests above and those of stream_record_tests.py, on a server of their own."""

    def run(self, report, context):
        with harness.scratch("shale-streams-") as directory:
            world = World(context, directory)
            try:
                suite.run(report, world)
            finally:
                if world.server.process.poll() is None:
                    world.server.stop()
