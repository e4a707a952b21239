"""boto3 as programs use it: the client and the resource, every paginator and waiter, over all there is:
items, transactions, streams, expiry, tags, and what is only described.
"""

import contextlib
import gzip
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import boto3
import botocore.config
import botocore.exceptions
from boto3.dynamodb.conditions import Attr, Key

import backup_tests
import harness
from harness import Suite
from values import item, s

suite = Suite("boto3, client and resource")

CONFIG = botocore.config.Config(retries={"total_max_attempts": 1, "mode": "standard"})


def session(context, kind, service="dynamodb"):
    return getattr(boto3, kind)(
        service, endpoint_url=context.server.endpoint, region_name="us-east-1",
        aws_access_key_id="local", aws_secret_access_key="local", config=CONFIG)


def arn(context, name):
    return context.client.describe_table(TableName=name)["Table"]["TableArn"]


def pages(client, operation, key, **arguments):
    return [entry for page in client.get_paginator(operation).paginate(**arguments) for entry in page[key]]


@suite.test("the resource makes, fills, reads and deletes a table")
def _(check, context):
    dynamodb = session(context, "resource")
    table = dynamodb.create_table(
        TableName="Resource", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}])
    check.equal(table.table_status, "CREATING")
    table.wait_until_exists()
    table.reload()
    check.equal(table.table_status, "ACTIVE")
    with table.batch_writer() as batch:
        for number in range(60):
            batch.put_item(Item={"pk": "a", "sk": number, "odd": number % 2 == 1, "tags": {"x", "y"}})
    table.reload()
    found = table.query(KeyConditionExpression=Key("pk").eq("a") & Key("sk").between(10, 29), FilterExpression=Attr("odd").eq(True))
    check.equal([int(one["sk"]) for one in found["Items"]], list(range(11, 30, 2)))
    check.equal(found["Items"][0]["tags"], {"x", "y"})
    changed = table.update_item(Key={"pk": "a", "sk": 3}, UpdateExpression="SET n = if_not_exists(n, :z) + :one",
                                ExpressionAttributeValues={":z": 0, ":one": 1}, ReturnValues="UPDATED_NEW")
    check.equal(int(changed["Attributes"]["n"]), 1)
    check.equal([one.name for one in dynamodb.tables.all() if one.name == "Resource"], ["Resource"])
    got = dynamodb.batch_get_item(RequestItems={"Resource": {"Keys": [{"pk": "a", "sk": n} for n in range(5)]}})
    check.equal(len(got["Responses"]["Resource"]), 5)
    table.delete()
    table.wait_until_not_exists()
    check.refused("ResourceNotFoundException", table.load)


@suite.test("every paginator of items and tables comes to its end")
def _(check, context):
    client, name = context.client, context.create_table(sort=("sk", "N"))
    for number in range(25):
        client.put_item(TableName=name, Item=item(pk="a", sk=number))
    size = {"PageSize": 4}
    check.equal(len(pages(client, "scan", "Items", TableName=name, PaginationConfig=size)), 25)
    found = pages(client, "query", "Items", TableName=name, KeyConditionExpression="pk = :a",
                  ExpressionAttributeValues={":a": s("a")}, PaginationConfig=size)
    check.equal([int(one["sk"]["N"]) for one in found], list(range(25)))
    check.true(name in pages(client, "list_tables", "TableNames", PaginationConfig={"PageSize": 1}), "the table is listed")
    check.equal(pages(client, "list_backups", "BackupSummaries"), [])


@suite.test("tags are put, listed in pages, changed and taken away")
def _(check, context):
    client = context.client
    name = context.create_table(sort=None, Tags=[{"Key": "made", "Value": "with the table"}])
    resource = arn(context, name)
    listed = lambda: {tag["Key"]: tag["Value"] for tag in pages(client, "list_tags_of_resource", "Tags", ResourceArn=resource)}
    check.equal(listed(), {"made": "with the table"})
    client.tag_resource(ResourceArn=resource, Tags=[{"Key": f"k{n:02}", "Value": ""} for n in range(49)])
    first = client.list_tags_of_resource(ResourceArn=resource)
    check.true("NextToken" in first and len(first["Tags"]) < 50, "fifty tags take more than a page")
    check.equal(len(listed()), 50)
    check.refused("ValidationException", client.tag_resource, ResourceArn=resource, Tags=[{"Key": "one more", "Value": ""}])
    client.tag_resource(ResourceArn=resource, Tags=[{"Key": "made", "Value": "später"}])
    client.untag_resource(ResourceArn=resource, TagKeys=[f"k{n:02}" for n in range(49)] + ["none"])
    check.equal(listed(), {"made": "später"})
    check.refused("ResourceNotFoundException", client.list_tags_of_resource, ResourceArn=resource + "x")
    check.refused("ValidationException", client.tag_resource, ResourceArn=resource, Tags=[{"Key": "aws:x", "Value": ""}])
    check.refused("ValidationException", client.tag_resource, ResourceArn=resource, Tags=[])


@suite.test("a table is named by its resource name wherever by its name")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    named = arn(context, name)
    client.put_item(TableName=named, Item=item(pk="a", v=1))
    check.equal(client.get_item(TableName=named, Key=item(pk="a"))["Item"], item(pk="a", v=1))
    check.equal(client.scan(TableName=named)["Count"], 1)
    client.transact_write_items(TransactItems=[{"Delete": {"TableName": named, "Key": item(pk="a")}}])
    check.equal(client.scan(TableName=name)["Count"], 0)
    check.refused("AccessDeniedException", client.describe_table, TableName=named.replace("000000000000", "111111111111"))
    check.refused("ValidationException", client.describe_table, TableName=named.replace("us-east-1", "eu-west-1"))


@suite.test("a batch may name a table in both ways, answers as it was asked, and has no item twice")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    named = arn(context, name)
    put = lambda key: [{"PutRequest": {"Item": item(pk=key)}}]
    written = client.batch_write_item(RequestItems={name: put("a"), named: put("b")}, ReturnConsumedCapacity="TOTAL")
    check.equal([used["TableName"] for used in written["ConsumedCapacity"]], [name, named])
    keys = lambda *texts: {"Keys": [item(pk=text) for text in texts]}
    read = client.batch_get_item(RequestItems={name: keys("a"), named: keys("b", "c")})
    check.equal(read["Responses"], {name: [item(pk="a")], named: [item(pk="b")]})
    check.equal(client.batch_get_item(RequestItems={named: keys("a")})["Responses"], {named: [item(pk="a")]})
    for call in [lambda: client.batch_write_item(RequestItems={name: put("a"), named: put("a")}),
                 lambda: client.batch_get_item(RequestItems={name: keys("a"), named: keys("a")})]:
        refused = check.refused("ValidationException", call)
        check.equal(refused["Error"]["Message"], "Provided list of item keys contains duplicates")
    put = lambda table: {"Put": {"TableName": table, "Item": item(pk="a")}}
    refused = check.refused("ValidationException", client.transact_write_items, TransactItems=[put(name), put(named)])
    check.contains(refused["Error"]["Message"], "multiple operations on one item")
    get = lambda table: {"Get": {"TableName": table, "Key": item(pk="a")}}
    check.refused("ValidationException", client.transact_get_items, TransactItems=[get(name), get(named)])


@suite.test("transactions are all or nothing, with a reason for each action")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    put = lambda key, **more: {"Put": {"TableName": name, "Item": item(pk=key, v=1), **more}}
    client.transact_write_items(TransactItems=[put("a"), put("b")], ClientRequestToken="one")
    client.transact_write_items(TransactItems=[put("a"), put("b")], ClientRequestToken="one")
    refused = check.refused("TransactionCanceledException", client.transact_write_items, TransactItems=[
        put("c"), put("a", ConditionExpression="attribute_not_exists(pk)")])
    check.equal([reason["Code"] for reason in refused["CancellationReasons"]], ["None", "ConditionalCheckFailed"])
    got = client.transact_get_items(TransactItems=[{"Get": {"TableName": name, "Key": item(pk=key)}} for key in "abc"])
    check.equal([answer.get("Item", {}).get("v") for answer in got["Responses"]], [{"N": "1"}, {"N": "1"}, None])


@suite.test("a stream is found, described and read to its end")
def _(check, context):
    client, streams = context.client, session(context, "client", "dynamodbstreams")
    name = context.create_table(sort=None, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    client.put_item(TableName=name, Item=item(pk="a", v=1))
    client.update_item(TableName=name, Key=item(pk="a"), UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"N": "2"}})
    client.delete_item(TableName=name, Key=item(pk="a"))
    stream = client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    check.equal([one["StreamArn"] for one in streams.list_streams(TableName=name)["Streams"]], [stream])
    shards = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    records = [record for shard in shards for record in read(streams, stream, shard["ShardId"])]
    check.equal([record["eventName"] for record in records], ["INSERT", "MODIFY", "REMOVE"])
    check.equal(records[1]["dynamodb"]["OldImage"], item(pk="a", v=1))
    check.equal(records[1]["dynamodb"]["NewImage"], item(pk="a", v=2))


def read(streams, stream, shard):
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    answer = streams.get_records(ShardIterator=iterator)
    return answer["Records"]


@suite.test("items expire, and their stream says who deleted them")
def _(check, context):
    client, streams = context.client, session(context, "client", "dynamodbstreams")
    name = context.create_table(sort=None, StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"})
    client.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    check.equal(client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"], "expires")
    now = int(time.time())
    client.put_item(TableName=name, Item=item(pk="old", expires=now - 5))
    client.put_item(TableName=name, Item=item(pk="new", expires=now + 3_600))
    deadline = time.monotonic() + 60
    while client.scan(TableName=name)["Count"] > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    check.equal([one["pk"] for one in client.scan(TableName=name)["Items"]], [s("new")])
    stream = client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shards = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    removed = [one for shard in shards for one in read(streams, stream, shard["ShardId"]) if one["eventName"] == "REMOVE"]
    check.equal([one["userIdentity"]["PrincipalId"] for one in removed], ["dynamodb.amazonaws.com"])


@suite.test("what is not there is described as such, and cannot be switched on")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    check.equal(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED")
    check.equal(client.describe_kinesis_streaming_destination(TableName=name)["KinesisDataStreamDestinations"], [])
    check.equal(client.describe_contributor_insights(TableName=name)["ContributorInsightsStatus"], "DISABLED")
    check.equal(client.list_global_tables()["GlobalTables"], [])
    check.equal(client.list_exports()["ExportSummaries"], [])
    check.equal(client.list_imports()["ImportSummaryList"], [])
    check.refused("GlobalTableNotFoundException", client.describe_global_table, GlobalTableName=name)
    check.refused("PolicyNotFoundException", client.get_resource_policy, ResourceArn=arn(context, name))
    for feature, call, arguments in [
        ("Contributor Insights", client.update_contributor_insights, {"TableName": name, "ContributorInsightsAction": "ENABLE"}),
        ("global tables", client.create_global_table, {"GlobalTableName": name, "ReplicationGroup": [{"RegionName": "us-east-1"}]}),
        ("global tables", client.update_global_table, {"GlobalTableName": name, "ReplicaUpdates": []}),
        ("global tables", client.update_global_table_settings, {"GlobalTableName": name}),
        ("replica", client.update_table_replica_auto_scaling, {"TableName": name}),
        ("Kinesis", client.enable_kinesis_streaming_destination, {"TableName": name, "StreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/a"}),
        ("Kinesis", client.disable_kinesis_streaming_destination, {"TableName": name, "StreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/a"}),
        ("Kinesis", client.update_kinesis_streaming_destination, {"TableName": name, "StreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/a"}),
    ]:
        refused = check.refused("ValidationException", call, **arguments)
        check.contains(refused["Error"]["Message"], feature)


# Waiters.

PATIENT = {"Delay": 0.05, "MaxAttempts": 2_400}
# For what does not change: the outcome is there after one answer, or never.
TWICE = {"Delay": 0, "MaxAttempts": 2}
WAITERS = {}


def waiter(name, sentence):
    """A test of one waiter of the client."""
    def register(body):
        WAITERS[name] = body
        return suite.test(f"the waiter {name}: {sentence}")(body)

    return register


def ends(check, reason, client, waiter, **arguments):
    """Waiting must end without what was waited for, and say why."""
    try:
        client.get_waiter(waiter).wait(WaiterConfig=TWICE, **arguments)
    except botocore.exceptions.WaiterError as error:
        check.contains(str(error), reason, "why it ended")
        return
    raise harness.Failed(f"{waiter} has seen what is not there")


def in_background(call, **arguments):
    """Starts a call, answers what joins it and raises what it raised."""
    failures = []

    def run():
        try:
            call(**arguments)
        except Exception as error:  # Told to the test.
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def join():
        thread.join(backup_tests.ACTIVE_SECONDS)
        if thread.is_alive():
            raise harness.Failed("it does not end")
        if failures:
            raise failures[0]

    return join


@waiter("table_exists", "until a table is made, and not for ever")
def _(check, context):
    client = context.client
    ends(check, "Max attempts exceeded", client, "table_exists", TableName="Awaited")
    join = in_background(client.get_waiter("table_exists").wait, TableName="Awaited", WaiterConfig=PATIENT)
    client.create_table(TableName="Awaited", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    join()
    check.equal(client.describe_table(TableName="Awaited")["Table"]["TableStatus"], "ACTIVE", "status")


@waiter("table_not_exists", "until a table is gone, and not for ever")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    ends(check, "Max attempts exceeded", client, "table_not_exists", TableName=name)
    join = in_background(client.get_waiter("table_not_exists").wait, TableName=name, WaiterConfig=PATIENT)
    client.delete_table(TableName=name)
    join()
    check.refused("ResourceNotFoundException", client.describe_table, TableName=name)


@waiter("export_completed", "until an export is written, or has failed, or is not there")
def _(check, context):
    with backup_tests.with_bucket(context) as (inner, objects, _, _):
        client, name = inner.client, inner.create_table(sort=None)
        client.put_item(TableName=name, Item=item(pk="a"))
        backup_tests.enable(client, name)
        export = lambda bucket: client.export_table_to_point_in_time(TableArn=arn(inner, name), S3Bucket=bucket)["ExportDescription"]["ExportArn"]
        made = export("things")
        client.get_waiter("export_completed").wait(ExportArn=made, WaiterConfig=PATIENT)
        done = client.describe_export(ExportArn=made)["ExportDescription"]
        check.equal((done["ExportStatus"], done["ItemCount"]), ("COMPLETED", 1), "status and items")
        check.true((objects / done["ExportManifest"]).exists(), "its manifest is there")
        failed = export("nothing")
        backup_tests.wait_done(lambda: client.describe_export(ExportArn=failed), "ExportDescription", "ExportStatus")
        ends(check, "terminal failure state", client, "export_completed", ExportArn=failed)
        ends(check, "ExportNotFoundException", client, "export_completed", ExportArn=made[:-8] + "00000000")


@waiter("import_completed", "until an import is read, or has failed, or is not there")
def _(check, context):
    with backup_tests.with_bucket(context) as (inner, objects, _, _):
        client = inner.client
        for name, data in (("Good", b'{"Item":{"pk":{"S":"a"}}}\n'), ("Broken", b"no gzip")):
            (objects / name).write_bytes(gzip.compress(data) if name == "Good" else data)
        start = lambda name: backup_tests.import_table(client, name, name, InputCompressionType="GZIP")["ImportArn"]
        made = start("Good")
        client.get_waiter("import_completed").wait(ImportArn=made, WaiterConfig=PATIENT)
        done = client.describe_import(ImportArn=made)["ImportTableDescription"]
        check.equal((done["ImportStatus"], done["ImportedItemCount"]), ("COMPLETED", 1), "status and items")
        check.equal(client.scan(TableName="Good")["Items"], [item(pk="a")], "items")
        failed = start("Broken")
        backup_tests.wait_done(lambda: client.describe_import(ImportArn=failed), "ImportTableDescription", "ImportStatus")
        ends(check, "terminal failure state", client, "import_completed", ImportArn=failed)
        ends(check, "ImportNotFoundException", client, "import_completed", ImportArn=made[:-8] + "00000000")


@waiter("contributor_insights_enabled", "switching them on is refused by name, and waiting for them ends with DISABLED")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    check.refused("ValidationException", client.update_contributor_insights, TableName=name, ContributorInsightsAction="ENABLE")
    ends(check, "Max attempts exceeded", client, "contributor_insights_enabled", TableName=name)
    check.equal(client.describe_contributor_insights(TableName=name)["ContributorInsightsStatus"], "DISABLED", "status")
    ends(check, "ResourceNotFoundException", client, "contributor_insights_enabled", TableName="Missing")


@waiter("kinesis_streaming_destination_active", "switching one on is refused by name, and waiting for it ends with none")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    check.refused("ValidationException", client.enable_kinesis_streaming_destination, TableName=name,
                  StreamArn="arn:aws:kinesis:us-east-1:000000000000:stream/a")
    ends(check, "Max attempts exceeded", client, "kinesis_streaming_destination_active", TableName=name)
    check.equal(client.describe_kinesis_streaming_destination(TableName=name)["KinesisDataStreamDestinations"], [], "destinations")
    ends(check, "ResourceNotFoundException", client, "kinesis_streaming_destination_active", TableName="Missing")


@suite.test("boto3 has no waiter but those that are tested here")
def _(check, context):
    check.equal(sorted(context.client.waiter_names), sorted(WAITERS), "waiters")


@suite.test("settings that are only remembered are described as they were asked for")
def _(check, context):
    client = context.client
    name = context.create_table(
        sort=None, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"}, TableClass="STANDARD_INFREQUENT_ACCESS",
        OnDemandThroughput={"MaxReadRequestUnits": 10}, WarmThroughput={"ReadUnitsPerSecond": 13_000})
    table = client.describe_table(TableName=name)["Table"]
    check.equal(table["SSEDescription"], {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:aws:kms:us-east-1:000000000000:alias/mine"})
    check.equal(table["TableClassSummary"]["TableClass"], "STANDARD_INFREQUENT_ACCESS")
    check.equal(table["OnDemandThroughput"], {"MaxReadRequestUnits": 10})
    check.equal(table["WarmThroughput"], {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"})
    check.equal(table["DeletionProtectionEnabled"], False)
    changed = client.update_table(TableName=name, SSESpecification={"Enabled": False}, OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 5})
    check.true("SSEDescription" not in changed["TableDescription"], "encryption is no longer asked for")
    check.equal(changed["TableDescription"]["OnDemandThroughput"], {"MaxWriteRequestUnits": 5})


@suite.test("the server says who calls it, and checks the signature where it has keys")
def _(check, context):
    with harness.scratch() as directory:
        (directory / "keys").write_text("AKIDALICE:secret user=alice\n")
        with harness.running(context.shale, directory / "data", "--account", "123456789012",
                             "--credentials-file", str(directory / "keys")) as server:
            sts = lambda secret: boto3.client("sts", endpoint_url=server.endpoint, region_name="us-east-1", config=CONFIG,
                                              aws_access_key_id="AKIDALICE", aws_secret_access_key=secret)
            me = sts("secret").get_caller_identity()
            check.equal((me["Account"], me["Arn"]), ("123456789012", "arn:aws:iam::123456789012:user/alice"))
            check.refused("SignatureDoesNotMatch", sts("wrong").get_caller_identity)
    with contextlib.closing(session(context, "client", "sts")) as sts:
        check.equal(sts.get_caller_identity()["Account"], "000000000000")


@suite.test("the AWS command line tags, transacts, waits, reads a stream and asks who it is")
def _(check, context):
    name = context.create_table(sort=None, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    resource, stream = arn(context, name), context.client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    aws = lambda service, *arguments: command(context, service, *arguments)
    aws("dynamodb", "tag-resource", "--resource-arn", resource, "--tags", "Key=owner,Value=music")
    check.equal(aws("dynamodb", "list-tags-of-resource", "--resource-arn", resource)["Tags"], [{"Key": "owner", "Value": "music"}])
    put = {"Put": {"TableName": name, "Item": item(pk="a", v=1)}}
    aws("dynamodb", "transact-write-items", "--transact-items", json.dumps([put]))
    check.equal(aws("dynamodb", "scan", "--table-name", name)["Items"], [item(pk="a", v=1)])
    aws("dynamodb", "wait", "table-exists", "--table-name", name)
    shards = aws("dynamodbstreams", "describe-stream", "--stream-arn", stream)["StreamDescription"]["Shards"]
    check.true(len(shards) >= 1, "the stream has a shard")
    check.equal(aws("sts", "get-caller-identity")["Account"], "000000000000")


def command(context, service, *arguments):
    ran = subprocess.run(
        [str(pathlib.Path(sys.executable).parent / "aws"), "--endpoint-url", context.server.endpoint, "--region", "us-east-1",
         "--output", "json", service, *arguments], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
             "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})
    if ran.returncode:
        raise harness.Failed(f"aws {service} {arguments[0]}: {ran.stderr[-500:]}")
    return json.loads(ran.stdout) if ran.stdout.strip() else None


@suite.test("an account's limits are the service's defaults, and its endpoint is this server")
def _(check, context):
    limits = context.client.describe_limits()
    limits.pop("ResponseMetadata")
    check.equal(limits, {"AccountMaxReadCapacityUnits": 80_000, "AccountMaxWriteCapacityUnits": 80_000,
                         "TableMaxReadCapacityUnits": 40_000, "TableMaxWriteCapacityUnits": 40_000})
    endpoints = context.client.describe_endpoints()["Endpoints"]
    check.equal([each["CachePeriodInMinutes"] for each in endpoints], [1_440])
    check.true(endpoints[0]["Address"].endswith(f":{context.server.port}"), f"address {endpoints}")
