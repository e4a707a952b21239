"""Records of streams over boto3: what they hold, how many a call gives, which writes leave none, and those of items that expire."""

import time

import harness
from stream_api_tests import BOTH, HOUR, MINUTE, VALIDATION, keys, on, place, streams_client, suite, until
from values import item, n


def events(records):
    return [(record["eventName"], key) for record, key in zip(records, keys(records))]


@suite.table("a record holds exactly what its view says", [
    (view, view, has_new, has_old)
    for view, has_new, has_old in [("KEYS_ONLY", False, False), ("NEW_IMAGE", True, False), ("OLD_IMAGE", False, True), (BOTH, True, True)]
])
def _(check, context, view, has_new, has_old):
    name, stream = context.streamed(view)
    update = {"TableName": name, "Key": item(pk="a"), "ExpressionAttributeValues": {":v": n(1)}}
    context.client.update_item(TableName=name, Key=item(pk="a"))
    context.client.update_item(UpdateExpression="SET v = :v", **update)
    context.client.update_item(UpdateExpression="SET w = :v", **update)
    context.client.update_item(TableName=name, Key=item(pk="a"), UpdateExpression="REMOVE v, w")
    context.client.delete_item(TableName=name, Key=item(pk="a"))
    states = [None, item(pk="a"), item(pk="a", v=1), item(pk="a", v=1, w=1), item(pk="a"), None]
    wanted = []
    for old, new in zip(states, states[1:]):
        wanted.append({"Keys": item(pk="a")} | ({"NewImage": new} if has_new and new else {}) | ({"OldImage": old} if has_old and old else {}))
    records = context.records(stream)
    check.equal([{key: value for key, value in record["dynamodb"].items() if key in ("Keys", "NewImage", "OldImage")} for record in records],
                wanted, "images")
    check.equal([record["eventName"] for record in records], ["INSERT", "MODIFY", "MODIFY", "MODIFY", "REMOVE"], "names")
    check.equal({record["dynamodb"]["StreamViewType"] for record in records}, {view}, "view")


@suite.test("a record has the members and the sizes of the documented example")
def _(check, context):
    name = context.create_table(("Id", "N"), None, StreamSpecification=on(BOTH))
    before = context.advance(1)
    for message in ("New item!", "This item has changed"):
        context.client.put_item(TableName=name, Item=item(Id=101, Message=message))
    context.client.delete_item(TableName=name, Key=item(Id=101))
    after = context.advance(1)
    records = context.records(context.latest(name))
    check.equal([(record["eventName"], record["dynamodb"]["SizeBytes"]) for record in records],
                [("INSERT", 26), ("MODIFY", 59), ("REMOVE", 38)], "names and sizes")
    for record, images in zip(records, [{"NewImage"}, {"NewImage", "OldImage"}, {"OldImage"}]):
        check.equal(set(record), {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb"}, "members")
        check.equal((record["eventVersion"], record["eventSource"], record["awsRegion"]), ("1.1", "aws:dynamodb", "us-east-1"), "origin")
        change = record["dynamodb"]
        check.equal(set(change), {"ApproximateCreationDateTime", "Keys", "SequenceNumber", "SizeBytes", "StreamViewType"} | images, "of the change")
        created = change["ApproximateCreationDateTime"]
        check.equal(created.microsecond, 0, "rounded to a second")
        check.true(int(before) <= created.timestamp() <= after, f"the time of the write: {created}")
        check.true(21 <= len(change["SequenceNumber"]) <= 40 and change["SequenceNumber"].isdecimal(), "the form of the number")


@suite.test("records name the region of their server")
def _(check, context):
    with harness.scratch() as directory, harness.running(context.shale, directory / "data", "--region", "eu-central-1") as server:
        there = harness.Context(context.shale, server)
        name = there.create_table(sort=None, StreamSpecification=on("KEYS_ONLY"))
        there.client.put_item(TableName=name, Item=item(pk="a"))
        streams = streams_client(server, "eu-central-1")
        stream = streams.list_streams()["Streams"][0]["StreamArn"]
        check.true(stream.startswith("arn:aws:dynamodb:eu-central-1:"), stream)
        shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        check.equal([record["awsRegion"] for record in streams.get_records(ShardIterator=iterator)["Records"]], ["eu-central-1"], "region")


@suite.test("no two records have an identity in common, and numbers ascend in a shard")
def _(check, context):
    tables = [context.streamed("KEYS_ONLY") for _ in range(2)]
    for step in range(10):
        for name, _ in tables:
            context.put(name, "a", "b", "c", step=step)
        context.client.transact_write_items(TransactItems=[
            {"Put": {"TableName": name, "Item": item(pk=str(step))}} for name, _ in tables])
    records = [context.records(stream) for _, stream in tables]
    check.equal([len(each) for each in records], [40, 40], "counts")
    identities = [record["eventID"] for each in records for record in each]
    check.equal(len(set(identities)), 80, "identities")
    for each in records:
        numbers = [int(place(record)) for record in each]
        check.true(all(one < other for one, other in zip(numbers, numbers[1:])), "order of the numbers")
    check.equal([record["eventID"] for _, stream in tables for record in context.records(stream)], identities, "read again")


@suite.test("a call gives a thousand records at most, and the next one goes on without a gap")
def _(check, context):
    name, stream = context.streamed("KEYS_ONLY")
    wanted = [f"{number:04}" for number in range(1_125)]
    for start in range(0, len(wanted), 25):
        context.client.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item(pk=key)}} for key in wanted[start:start + 25]]})
    first, following = context.read(context.iterator(stream))
    check.equal(len(first), 1_000, "of the first call")
    second, following = context.read(following)
    check.equal(len(second), 125, "of the second call")
    check.equal(sorted(keys(first + second)), wanted, "all, and none twice")
    check.equal(context.read(following)[0], [], "of the third call")
    pages, following = [], context.iterator(stream)
    while not pages or pages[-1]:
        page, following = context.read(following, Limit=300)
        pages.append(page)
    check.equal([len(page) for page in pages], [300, 300, 300, 225, 0], "with a limit")
    check.equal(sum(pages, []), first + second, "with a limit, in the same order")


@suite.test("a call gives a megabyte of records at most")
def _(check, context):
    name, stream = context.streamed("NEW_IMAGE")
    wanted = [str(number) for number in range(8)]
    context.put(name, *wanted, text="x" * 300_000)
    found, following = [], context.iterator(stream)
    while len(found) < len(wanted):
        page, following = context.read(following)
        check.true(1 <= len(page) <= 3, f"{len(page)} records in a call")
        found += keys(page)
    check.equal(found, wanted, "in order")


# What leaves a record, and what does not.

@suite.test("every way to write leaves its records")
def _(check, context):
    client, (name, stream) = context.client, context.streamed()
    key = lambda text: {"TableName": name, "Key": item(pk=text)}
    client.put_item(TableName=name, Item=item(pk="put"))
    client.update_item(**key("update"))
    client.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item(pk="batch")}}]})
    client.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item(pk=text)}} for text in ("one", "two")])
    client.execute_statement(Statement=f"INSERT INTO \"{name}\" VALUE {{'pk': 'statement'}}")
    made = context.records(stream)
    check.equal(events(made), [("INSERT", text) for text in ("put", "update", "batch", "one", "two", "statement")], "made")
    last = place(made[-1])
    client.batch_write_item(RequestItems={name: [{"DeleteRequest": {"Key": item(pk="batch")}}]})
    client.transact_write_items(TransactItems=[{"Delete": key("one")}, {"Update": key("two") | {
        "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": n(1)}}}])
    client.execute_statement(Statement=f"DELETE FROM \"{name}\" WHERE pk = 'statement'")
    page, _ = context.read(context.iterator(stream, kind="AFTER_SEQUENCE_NUMBER", SequenceNumber=last))
    check.equal(events(page), [("REMOVE", "batch"), ("REMOVE", "one"), ("MODIFY", "two"), ("REMOVE", "statement")], "changed")


THERE = item(pk="there", v=1, tags={"SS": ["x", "y"]})
OF_THERE, OF_ABSENT = {"Key": item(pk="there")}, {"Key": item(pk="absent")}
SAME, OF_SET = {"ExpressionAttributeValues": {":v": n(1)}}, {"ExpressionAttributeValues": {":v": {"SS": ["z"]}}}


@suite.table("no record is left by", [
    ("a put of the same item", "put_item", {"Item": THERE}),
    ("a put of the same item with its number in other digits", "put_item", {"Item": THERE | {"v": {"N": "1.0"}}}),
    ("a put of the same item with its set in another order", "put_item", {"Item": THERE | {"tags": {"SS": ["y", "x"]}}}),
    ("an ADD of an element that is there", "update_item", OF_THERE | {
        "UpdateExpression": "ADD tags :v", "ExpressionAttributeValues": {":v": {"SS": ["x"]}}}),
    ("an update to the same value", "update_item", OF_THERE | {"UpdateExpression": "SET v = :v"} | SAME),
    ("an update of nothing of an item", "update_item", OF_THERE),
    ("a REMOVE of an attribute that is not there", "update_item", OF_THERE | {"UpdateExpression": "REMOVE w"}),
    ("a DELETE of an element that is not there", "update_item", OF_THERE | {"UpdateExpression": "DELETE tags :v"} | OF_SET),
    ("a delete of an item that is not there", "delete_item", OF_ABSENT),
    ("only a REMOVE of an item that is not there", "update_item", OF_ABSENT | {"UpdateExpression": "REMOVE v"}),
    ("several REMOVEs of an item that is not there", "update_item", OF_ABSENT | {"UpdateExpression": "REMOVE v, w"}),
    ("only a DELETE of an item that is not there", "update_item", OF_ABSENT | {"UpdateExpression": "DELETE tags :v"} | OF_SET),
    ("REMOVE and DELETE of an item that is not there", "update_item", OF_ABSENT | {"UpdateExpression": "REMOVE v DELETE tags :v"} | OF_SET),
    ("a legacy DELETE of an item that is not there", "update_item", OF_ABSENT | {"AttributeUpdates": {"v": {"Action": "DELETE"}}}),
])
def _(check, context, operation, request):
    name, stream = context.streamed()
    context.client.put_item(TableName=name, Item=THERE)
    getattr(context.client, operation)(TableName=name, **request)
    check.equal([(record["eventName"], record["dynamodb"]["NewImage"]) for record in context.records(stream)], [("INSERT", THERE)], "records")
    items = context.client.scan(TableName=name)["Items"]
    check.equal([one | {"tags": {"SS": sorted(one["tags"]["SS"])}} for one in items], [THERE], "items")


@suite.test("no record is left by what is refused, canceled, repeated or only checked")
def _(check, context):
    client, (name, stream) = context.client, context.streamed()
    context.put(name, "a")
    absent = {"ConditionExpression": "attribute_not_exists(pk)"}
    failed = "ConditionalCheckFailedException"
    check.refused(failed, client.put_item, TableName=name, Item=item(pk="a", v=1), **absent)
    check.refused(failed, client.delete_item, TableName=name, Key=item(pk="a"), **absent)
    check.refused(failed, client.update_item, TableName=name, Key=item(pk="a"), UpdateExpression="SET v = :v", **SAME, **absent)
    write = {"Put": {"TableName": name, "Item": item(pk="b")}}
    checked = lambda condition: {"ConditionCheck": {"TableName": name, "Key": item(pk="a")} | condition}
    check.refused("TransactionCanceledException", client.transact_write_items, TransactItems=[write, checked(absent)])
    check.equal(keys(context.records(stream)), ["a"], "before the transaction that is done")
    for _ in range(2):
        there = checked({"ConditionExpression": "attribute_exists(pk)"})
        client.transact_write_items(TransactItems=[there, write], ClientRequestToken="once")
    check.equal(keys(context.records(stream)), ["a", "b"], "behind it, done once")
    removal = {"Update": {"TableName": name, "Key": item(pk="absent"), "UpdateExpression": "REMOVE v"}}
    client.transact_write_items(TransactItems=[removal, {"Put": {"TableName": name, "Item": item(pk="c")}}])
    check.equal(keys(context.records(stream)), ["a", "b", "c"], "behind one that removes from what is not there")


# Expiry.

def expiring(client, name, enabled=True, attribute="expires"):
    specification = {"Enabled": enabled, "AttributeName": attribute}
    return client.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)["TimeToLiveSpecification"]


@suite.table("an item is gone seconds behind its time on the real clock, and the record says that the service did it", [
    ("made before", True), ("made after expiry was switched on", False)])
def _(check, context, is_before):
    real, streams = context.real, streams_client(context.real.server)
    name = real.create_table(sort=None, StreamSpecification=on(BOTH))
    now = int(time.time())
    old = item(pk="old", expires=now - 1)
    if is_before:
        real.client.put_item(TableName=name, Item=old)
    expiring(real.client, name)
    kept = {"later": item(expires=now + HOUR), "text": item(expires=str(now - 1)), "six years ago": item(expires=now - 6 * 365 * 24 * HOUR)}
    for one in [old] * (not is_before) + [item(pk=key) | kept[key] for key in kept] + [item(pk="by hand")]:
        real.client.put_item(TableName=name, Item=one)
    until(lambda: "Item" not in real.client.get_item(TableName=name, Key=item(pk="old")), "the item is gone", 10)
    real.client.delete_item(TableName=name, Key=item(pk="by hand"))
    check.equal({one["pk"]["S"] for one in real.client.scan(TableName=name)["Items"]}, set(kept), "what is left")
    stream = real.client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    expiry, by_hand = [record for record in records if record["eventName"] == "REMOVE"]
    check.equal(expiry["userIdentity"], {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}, "of the expiry")
    check.equal((expiry["dynamodb"]["Keys"], expiry["dynamodb"]["OldImage"]), (item(pk="old"), old), "what had expired")
    check.true("NewImage" not in expiry["dynamodb"], "nothing is left of it")
    check.equal([record for record in records if "userIdentity" in record], [expiry], "of no other record")
    check.equal(keys([by_hand]), ["by hand"], "deleted by hand")


@suite.test("an item that expires when the record of its put is trimmed leaves one in the shard that is open then")
def _(check, context):
    name, stream = context.streamed("OLD_IMAGE")
    expiring(context.client, name)
    context.put(name, "a", expires=int(context.advance(1)) + 26 * HOUR)
    context.advance(25 * HOUR)
    until(lambda: len(context.shards(stream)) > 1, "a new shard")
    check.equal(context.records(stream), [], "the put is trimmed")
    context.advance(HOUR + MINUTE)
    until(lambda: context.records(stream), "the item is gone")
    page, following = context.read(context.iterator(stream, context.shards(stream)[-1]["ShardId"]))
    check.equal((events(page), page[0]["userIdentity"]["Type"]), ([("REMOVE", "a")], "Service"), "the record")
    check.true(following, "the shard is open")


@suite.test("expiry is switched on and off and to another attribute at once, and never to what it is")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    change = lambda enabled, attribute: expiring(client, name, enabled, attribute)
    described = lambda: client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    check.equal(described(), {"TimeToLiveStatus": "DISABLED"}, "at first")
    for attribute in ("one", "two"):
        check.equal(change(True, attribute), {"Enabled": True, "AttributeName": attribute}, "on")
        check.equal(described()["AttributeName"], attribute, "while it begins")
        until(lambda: described() == {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}, "on")
        check.refused(VALIDATION, change, True, attribute)
        check.refused(VALIDATION, change, True, "other")
        check.refused(VALIDATION, change, False, "other")
        check.equal(change(False, attribute), {"Enabled": False, "AttributeName": attribute}, "off")
        check.equal(described(), {"TimeToLiveStatus": "DISABLED"}, "described as off")
        check.refused(VALIDATION, change, False, attribute)
    for _ in range(5):
        change(True, "one")
        change(False, "one")
