"""Backups, point-in-time recovery, export and import, as boto3 sees them."""

import base64
import contextlib
import gzip
import hashlib
import json
import time

import harness
from harness import Suite
from values import item, n, s

ACTIVE_SECONDS = 120


def wait_active(client, name):
    """Waits until a restored or imported table can be used; answers its description."""
    deadline = time.monotonic() + ACTIVE_SECONDS
    while time.monotonic() < deadline:
        table = client.describe_table(TableName=name)["Table"]
        if table["TableStatus"] == "ACTIVE":
            return table
        time.sleep(0.05)
    raise harness.Failed(f"{name} does not become active")


def wait_done(describe, member, status):
    """Waits until an export or import is over; answers its description."""
    deadline = time.monotonic() + ACTIVE_SECONDS
    while time.monotonic() < deadline:
        description = describe()[member]
        if description[status] != "IN_PROGRESS":
            return description
        time.sleep(0.05)
    raise harness.Failed("it does not end")


def contents(client, name, **more):
    """All items of a table or index, by their keys' text."""
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead="IndexName" not in more, **more)
    return {json.dumps([one["pk"], one.get("sk")], default=str): one for page in pages for one in page["Items"]}


def enable(client, name, days=None):
    more = {"RecoveryPeriodInDays": days} if days else {}
    answer = client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, **more})
    return answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]


def indexed_table(context):
    return context.create_table(
        attributes={"year": "N", "plays": "N"},
        LocalSecondaryIndexes=[{"IndexName": "ByPlays", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "plays", "KeyType": "RANGE"}]}],
        GlobalSecondaryIndexes=[{"IndexName": "ByYear", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
            {"AttributeName": "year", "KeyType": "HASH"}]}])


def fill(client, name, count, value=0):
    for start in range(0, count, 25):
        client.batch_write_item(RequestItems={name: [
            {"PutRequest": {"Item": item(pk=f"p{i % 7}", sk=f"s{i}", year=1900 + i % 50, plays=i, v=value, text="x" * (i % 200))}}
            for i in range(start, min(count, start + 25))]})


@contextlib.contextmanager
def with_bucket(context):
    """A server with a bucket of its own."""
    with harness.scratch() as directory:
        (directory / "objects").mkdir()
        with harness.running(context.shale, directory / "data", "--bucket", f"things={directory / 'objects'}") as server:
            inner = harness.Context(context.shale, server)
            yield inner, directory / "objects", directory / "data", server


def suite_for(export_count):
    suite = Suite("Backups")

    @suite.test("a backup is described, listed, restored from and deleted")
    def _(check, context):
        client, name = context.client, indexed_table(context)
        fill(client, name, 300)
        before = contents(client, name)
        made = client.create_backup(TableName=name, BackupName="first")["BackupDetails"]
        arn = made["BackupArn"]
        check.contains(arn, f":table/{name}/backup/")
        check.equal((made["BackupName"], made["BackupType"]), ("first", "USER"))
        fill(client, name, 100, value=1)
        described = client.describe_backup(BackupArn=arn)["BackupDescription"]
        check.equal(described["BackupDetails"]["BackupStatus"], "AVAILABLE")
        check.equal(described["SourceTableDetails"]["TableName"], name)
        check.equal(described["SourceTableDetails"]["ItemCount"], 300)
        check.equal(described["SourceTableDetails"]["BillingMode"], "PAY_PER_REQUEST")
        features = described["SourceTableFeatureDetails"]
        check.equal([one["IndexName"] for one in features["GlobalSecondaryIndexes"]], ["ByYear"])
        check.equal([one["IndexName"] for one in features["LocalSecondaryIndexes"]], ["ByPlays"])
        listed = client.list_backups(TableName=name)["BackupSummaries"]
        check.equal([one["BackupArn"] for one in listed], [arn])
        check.equal(client.list_backups(TableName=name, BackupType="SYSTEM")["BackupSummaries"], [])
        target = name + "Restored"
        answer = client.restore_table_from_backup(TargetTableName=target, BackupArn=arn)["TableDescription"]
        check.equal(answer["TableStatus"], "CREATING")
        check.equal(answer["RestoreSummary"]["SourceBackupArn"], arn)
        check.true(answer["RestoreSummary"]["RestoreInProgress"], "it is in progress")
        table = wait_active(client, target)
        check.equal(table["RestoreSummary"]["RestoreInProgress"], False)
        check.equal((table["ItemCount"], table["GlobalSecondaryIndexes"][0]["ItemCount"]), (300, 300))
        check.equal(contents(client, target), before)
        check.equal(contents(client, target, IndexName="ByYear"), before)
        check.equal(len(contents(client, target, IndexName="ByPlays")), 300)
        check.equal(client.delete_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"], "DELETED")
        refused = check.refused("BackupNotFoundException", client.describe_backup, BackupArn=arn)
        check.equal(refused["Error"]["Message"], f"Backup not found: {arn}")
        check.equal(client.list_backups(TableName=name)["BackupSummaries"], [])

    @suite.test("lists of backups come in pages and between times")
    def _(check, context):
        client, name = context.client, context.create_table(sort=None)
        arns = []
        for i in range(3):
            # Clients send whole seconds: each backup has one of its own.
            time.sleep(1 - time.time() % 1 + 0.02)
            arns.append(client.create_backup(TableName=name, BackupName=f"backup{i}")["BackupDetails"]["BackupArn"])
        page = client.list_backups(TableName=name, Limit=2)
        check.equal([one["BackupArn"] for one in page["BackupSummaries"]], arns[:2])
        page = client.list_backups(TableName=name, ExclusiveStartBackupArn=page["LastEvaluatedBackupArn"])
        check.equal([one["BackupArn"] for one in page["BackupSummaries"]], arns[2:])
        second = client.describe_backup(BackupArn=arns[1])["BackupDescription"]["BackupDetails"]["BackupCreationDateTime"]
        later = client.list_backups(TableName=name, TimeRangeLowerBound=second)["BackupSummaries"]
        check.equal([one["BackupArn"] for one in later], arns[1:])
        earlier = client.list_backups(TableName=name, TimeRangeUpperBound=second)["BackupSummaries"]
        check.equal([one["BackupArn"] for one in earlier], arns[:1])

    @suite.test("what cannot be backed up or restored is refused in the service's words")
    def _(check, context):
        client, name = context.client, indexed_table(context)
        refused = check.refused("TableNotFoundException", client.create_backup, TableName="Nothing", BackupName="first")
        check.equal(refused["Error"]["Message"], "Table not found: Nothing")
        arn = client.create_backup(TableName=name, BackupName="first")["BackupDetails"]["BackupArn"]
        refused = check.refused("TableAlreadyExistsException", client.restore_table_from_backup, TargetTableName=name, BackupArn=arn)
        check.equal(refused["Error"]["Message"], f"Table already exists: {name}")
        missing = arn[:-8] + "00000000"
        check.refused("BackupNotFoundException", client.restore_table_from_backup, TargetTableName="New", BackupArn=missing)
        check.refused("BackupNotFoundException", client.delete_backup, BackupArn=missing)
        check.refused("PointInTimeRecoveryUnavailableException", client.restore_table_to_point_in_time,
                      SourceTableName=name, TargetTableName="New", UseLatestRestorableTime=True)
        check.refused("TableNotFoundException", client.restore_table_to_point_in_time,
                      SourceTableName="Nothing", TargetTableName="New", UseLatestRestorableTime=True)
        check.refused("ValidationException", client.restore_table_to_point_in_time, SourceTableName=name, TargetTableName="New")
        check.refused("ValidationException", client.restore_table_from_backup, TargetTableName="New", BackupArn=arn,
                      GlobalSecondaryIndexOverride=[{"IndexName": "Other", "Projection": {"ProjectionType": "ALL"},
                                                     "KeySchema": [{"AttributeName": "year", "KeyType": "HASH"}]}])

    @suite.test("a restore may have fewer indexes and another capacity, and has neither tags nor expiry nor stream")
    def _(check, context):
        client, name = context.client, indexed_table(context)
        arn = client.describe_table(TableName=name)["Table"]["TableArn"]
        client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
        client.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
        client.update_table(TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
        fill(client, name, 60)
        backup = client.create_backup(TableName=name, BackupName="first")["BackupDetails"]["BackupArn"]
        features = client.describe_backup(BackupArn=backup)["BackupDescription"]["SourceTableFeatureDetails"]
        check.equal(features["TimeToLiveDescription"], {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"})
        check.equal(features["StreamDescription"]["StreamViewType"], "KEYS_ONLY")
        client.restore_table_from_backup(
            TargetTableName=name + "New", BackupArn=backup, BillingModeOverride="PROVISIONED",
            ProvisionedThroughputOverride={"ReadCapacityUnits": 7, "WriteCapacityUnits": 8},
            GlobalSecondaryIndexOverride=[], SSESpecificationOverride={"Enabled": True})
        table = wait_active(client, name + "New")
        check.equal(table["ProvisionedThroughput"]["ReadCapacityUnits"], 7)
        check.true("GlobalSecondaryIndexes" not in table, "no global index")
        check.equal([one["IndexName"] for one in table["LocalSecondaryIndexes"]], ["ByPlays"])
        check.equal(table["SSEDescription"]["Status"], "ENABLED")
        check.true("StreamSpecification" not in table, "no stream")
        check.equal(client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"], [])
        expiry = client.describe_time_to_live(TableName=name + "New")["TimeToLiveDescription"]
        check.equal(expiry["TimeToLiveStatus"], "DISABLED")
        check.equal(sorted(one["AttributeName"] for one in table["AttributeDefinitions"]), ["pk", "plays", "sk"])

    @suite.test("a table goes back to any time since its past is kept")
    def _(check, context):
        client, name = context.client, indexed_table(context)
        fill(client, name, 50)
        before = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        check.equal(before["ContinuousBackupsStatus"], "ENABLED")
        check.equal(before["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED")
        on = enable(client, name, days=3)
        check.equal((on["PointInTimeRecoveryStatus"], on["RecoveryPeriodInDays"]), ("ENABLED", 3))
        moments = []
        for round in range(4):
            # Clients send whole seconds.
            second = int(time.time()) + 1
            time.sleep(second - time.time() + 0.02)
            moments.append((second, contents(client, name)))
            fill(client, name, 30 + round * 20, value=round + 1)
            client.delete_item(TableName=name, Key=item(pk=f"p{round}", sk=f"s{round}"))
        description = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = description["PointInTimeRecoveryDescription"]
        check.true(recovery["EarliestRestorableDateTime"] <= recovery["LatestRestorableDateTime"], "earliest and latest")
        for number, (moment, wanted) in enumerate(moments):
            target = f"{name}At{number}"
            client.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=target, RestoreDateTime=moment)
            table = wait_active(client, target)
            check.equal(contents(client, target), wanted, f"the table at moment {number}")
            check.equal(contents(client, target, IndexName="ByYear"), wanted, f"its index at moment {number}")
            check.equal(table["ItemCount"], len(wanted))
        client.restore_table_to_point_in_time(SourceTableArn=table["TableArn"].replace(target, name),
                                              TargetTableName=name + "Latest", UseLatestRestorableTime=True)
        wait_active(client, name + "Latest")
        check.equal(contents(client, name + "Latest"), contents(client, name))
        for moment in (time.time() + 3600, time.time() - 3600):
            check.refused("InvalidRestoreTimeException", client.restore_table_to_point_in_time,
                          SourceTableName=name, TargetTableName="Never", RestoreDateTime=moment)

    @suite.test("a table that is deleted with its past leaves a backup")
    def _(check, context):
        client, name = context.client, context.create_table()
        fill(client, name, 40)
        enable(client, name)
        wanted = contents(client, name)
        client.delete_table(TableName=name)
        listed = client.list_backups(TableName=name)["BackupSummaries"]
        check.equal([one["BackupType"] for one in listed], ["SYSTEM"])
        check.true("BackupExpiryDateTime" in listed[0], "it goes by itself")
        check.equal(listed[0]["BackupName"], name + "$DeletedTableBackup")
        client.restore_table_from_backup(TargetTableName=name, BackupArn=listed[0]["BackupArn"])
        wait_active(client, name)
        check.equal(contents(client, name), wanted)

    @suite.test("backups and the past survive kill -9 and a restart")
    def _(check, context):
        with harness.scratch() as directory:
            server = harness.Server(context.shale, directory / "data").wait_until_ready()
            inner = harness.Context(context.shale, server)
            name = indexed_table(inner)
            fill(inner.client, name, 200)
            enable(inner.client, name)
            backup = inner.client.create_backup(TableName=name, BackupName="first")["BackupDetails"]["BackupArn"]
            wanted = contents(inner.client, name)
            moment = int(time.time()) + 1
            time.sleep(moment - time.time() + 0.02)
            fill(inner.client, name, 100, value=9)
            server.kill()
            with harness.running(context.shale, directory / "data") as again:
                client = again.client()
                fill(client, name, 60, value=10)
                client.restore_table_from_backup(TargetTableName="FromBackup", BackupArn=backup)
                client.restore_table_to_point_in_time(SourceTableName=name, TargetTableName="AtMoment", RestoreDateTime=moment)
                wait_active(client, "FromBackup")
                wait_active(client, "AtMoment")
                check.equal(contents(client, "FromBackup"), wanted)
                check.equal(contents(client, "AtMoment"), wanted)
            verified = harness.run_shale(context.shale, "verify", directory / "data")
            check.equal(verified.returncode, 0, verified.stdout[-500:])
            check.contains(verified.stdout, "checkpoints of the past")

    @suite.test(f"an export of {export_count} items reads back item for item, and imports to the same table")
    def _(check, context):
        with with_bucket(context) as (inner, objects, data, server):
            client, name = inner.client, indexed_table(inner)
            fill(client, name, min(export_count, 3_000))
            if export_count > 3_000:
                load_many(context, server, data, name, export_count)
                server = harness.Server(context.shale, data, "--bucket", f"things={objects}").wait_until_ready()
                client = server.client()
            try:
                export_and_import(check, client, name, objects)
            finally:
                server.stop()

    @suite.test("an export of changes has a line for each item that was written, in the service's layout")
    def _(check, context):
        with with_bucket(context) as (inner, objects, _, _):
            client, name = inner.client, inner.create_table(sort=None)
            arn = client.describe_table(TableName=name)["Table"]["TableArn"]
            put = lambda key, value: client.put_item(TableName=name, Item=item(pk=key, v=value))
            delete = lambda key: client.delete_item(TableName=name, Key=item(pk=key))
            for key in ("changed", "deleted", "stays"):
                put(key, 1)
            enable(client, name)
            put("changed", 2)
            first = next_second()
            put("changed", 3), put("changed", 4), put("made", 1), put("brief", 1)
            delete("deleted"), delete("brief")
            end = next_second()
            put("changed", 5), put("later", 1)
            span = {"ExportFromTime": first, "ExportToTime": end}
            ask = {"TableArn": arn, "S3Bucket": "things", "S3Prefix": "out", "ExportType": "INCREMENTAL_EXPORT"}
            for view in ("NEW_AND_OLD_IMAGES", "NEW_IMAGE"):
                made = client.export_table_to_point_in_time(
                    **ask, ClientToken=view, IncrementalExportSpecification=span | {"ExportViewType": view})["ExportDescription"]
                again = client.export_table_to_point_in_time(
                    **ask, ClientToken=view, IncrementalExportSpecification=span | {"ExportViewType": view})["ExportDescription"]
                check.equal(again["ExportArn"], made["ExportArn"])
                done = wait_done(lambda: client.describe_export(ExportArn=made["ExportArn"]), "ExportDescription", "ExportStatus")
                check.equal(done["ExportStatus"], "COMPLETED", str(done.get("FailureMessage")))
                check.equal((done["ExportType"], done["ItemCount"]), ("INCREMENTAL_EXPORT", 3))
                told = done["IncrementalExportSpecification"]
                check.equal((told["ExportFromTime"].timestamp(), told["ExportToTime"].timestamp(), told["ExportViewType"]),
                            (first, end, view))
                check.true("ExportTime" not in done, "there is no one time")
                summary = json.loads((objects / done["ExportManifest"]).read_text())
                check.equal((summary["exportType"], summary["outputView"], summary["itemCount"]), ("INCREMENTAL_EXPORT", view, 3))
                check.equal((summary["exportFromTime"], summary["exportToTime"]), tuple(
                    time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(second)) for second in (first, end)))
                lines = {}
                for file in (objects / summary["manifestFilesS3Key"]).read_text().splitlines():
                    key = json.loads(file)["dataFileS3Key"]
                    check.true(key.startswith("out/AWSDynamoDB/data/") and key.endswith(".json.gz"), key)
                    for line in gzip.decompress((objects / key).read_bytes()).splitlines():
                        line = json.loads(line)
                        micros = int(line.pop("Metadata")["WriteTimestampMicros"]["N"])
                        check.true(first * 1_000_000 <= micros < end * 1_000_000, "the time of the write")
                        lines[line["Keys"]["pk"]["S"]] = line
                wanted = {
                    "changed": {"OldImage": item(pk="changed", v=2), "NewImage": item(pk="changed", v=4)},
                    "deleted": {"OldImage": item(pk="deleted", v=1)},
                    "made": {"NewImage": item(pk="made", v=1)}}
                if view == "NEW_IMAGE":
                    for one in wanted.values():
                        one.pop("OldImage", None)
                check.equal(lines, {key: {"Keys": item(pk=key)} | one for key, one in wanted.items()})
            check.refused("ExportConflictException", client.export_table_to_point_in_time, **ask, ClientToken="NEW_IMAGE",
                          IncrementalExportSpecification=span)
            made = client.export_table_to_point_in_time(
                **ask, IncrementalExportSpecification={"ExportFromTime": end})["ExportDescription"]
            done = wait_done(lambda: client.describe_export(ExportArn=made["ExportArn"]), "ExportDescription", "ExportStatus")
            check.equal((done["ExportStatus"], done["ItemCount"]), ("COMPLETED", 2))
            check.equal(done["IncrementalExportSpecification"]["ExportViewType"], "NEW_AND_OLD_IMAGES")
            for code, more in [
                ("ValidationException", {}),
                ("ValidationException", {"IncrementalExportSpecification": {"ExportToTime": end}}),
                ("ValidationException", {"IncrementalExportSpecification": {"ExportFromTime": end, "ExportToTime": first}}),
                ("ValidationException", {"IncrementalExportSpecification": span, "ExportTime": end}),
                ("ValidationException", {"IncrementalExportSpecification": span, "ExportType": "FULL_EXPORT"}),
                ("ValidationException", {"IncrementalExportSpecification": {"ExportFromTime": end - 90_000}}),
                ("InvalidExportTimeException", {"IncrementalExportSpecification": {"ExportFromTime": first - 3_600}}),
                ("InvalidExportTimeException", {"IncrementalExportSpecification": {
                    "ExportFromTime": first, "ExportToTime": end + 3_600}}),
            ]:
                check.refused(code, client.export_table_to_point_in_time, **(ask | more))

    @suite.table("an export and an import go on behind", [("kill -9", "kill"), ("a stop", "stop")])
    def _(check, context, end):
        with harness.scratch() as directory:
            objects = directory / "objects"
            objects.mkdir()
            arguments = ("--bucket", f"things={objects}")
            server = harness.Server(context.shale, directory / "data", *arguments).wait_until_ready()
            inner = harness.Context(context.shale, server)
            client, name = inner.client, indexed_table(inner)
            fill(client, name, 2_000)
            enable(client, name)
            wanted = contents(client, name)
            (objects / "in").mkdir()
            lines = [json.dumps({"Item": item(pk=f"p{i}", text="x" * 500)}) for i in range(6_000)]
            (objects / "in" / "a.json").write_text("\n".join(lines))
            arn = client.describe_table(TableName=name)["Table"]["TableArn"]
            made = client.import_table(
                S3BucketSource={"S3Bucket": "things", "S3KeyPrefix": "in/"}, InputFormat="DYNAMODB_JSON",
                TableCreationParameters={
                    "TableName": "Made", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]})["ImportTableDescription"]["ImportArn"]
            export = client.export_table_to_point_in_time(TableArn=arn, S3Bucket="things")["ExportDescription"]["ExportArn"]
            getattr(server, end)()
            with harness.running(context.shale, directory / "data", *arguments) as again:
                client = again.client()
                done = wait_done(lambda: client.describe_import(ImportArn=made), "ImportTableDescription", "ImportStatus")
                check.equal((done["ImportStatus"], done.get("FailureMessage")), ("COMPLETED", None))
                check.equal(wait_active(client, "Made")["ItemCount"], 6_000)
                done = wait_done(lambda: client.describe_export(ExportArn=export), "ExportDescription", "ExportStatus")
                check.equal((done["ExportStatus"], done.get("FailureMessage")), ("COMPLETED", None))
                check.equal(done["ItemCount"], len(wanted))
                summary = json.loads((objects / done["ExportManifest"]).read_text())
                files = [json.loads(line)["dataFileS3Key"] for line in (objects / summary["manifestFilesS3Key"]).read_text().splitlines()]
                check.equal(sum(len(gzip.decompress((objects / key).read_bytes()).splitlines()) for key in files), len(wanted))
                check.equal(sorted(files), sorted(str(path.relative_to(objects)) for path in objects.rglob("*.json.gz")))

    @suite.test("an export and an import that cannot be are refused or fail, and say why")
    def _(check, context):
        with with_bucket(context) as (inner, objects, _, _):
            client, name = inner.client, inner.create_table(sort=None)
            arn = client.describe_table(TableName=name)["Table"]["TableArn"]
            check.refused("PointInTimeRecoveryUnavailableException", client.export_table_to_point_in_time,
                          TableArn=arn, S3Bucket="things")
            enable(client, name)
            check.refused("InvalidExportTimeException", client.export_table_to_point_in_time,
                          TableArn=arn, S3Bucket="things", ExportTime=time.time() - 3600)
            check.refused("ValidationException", client.export_table_to_point_in_time,
                          TableArn=arn, S3Bucket="things", ExportFormat="ION")
            made = client.export_table_to_point_in_time(TableArn=arn, S3Bucket="nothing")["ExportDescription"]
            done = wait_done(lambda: client.describe_export(ExportArn=made["ExportArn"]), "ExportDescription", "ExportStatus")
            check.equal((done["ExportStatus"], done["FailureCode"]), ("FAILED", "S3NoSuchBucket"))
            check.refused("ExportNotFoundException", client.describe_export, ExportArn=made["ExportArn"][:-8] + "00000000")
            check.refused("ImportNotFoundException", client.describe_import, ImportArn=made["ExportArn"].replace("export", "import"))
            first = client.export_table_to_point_in_time(TableArn=arn, S3Bucket="things", ClientToken="token-1")["ExportDescription"]
            again = client.export_table_to_point_in_time(TableArn=arn, S3Bucket="things", ClientToken="token-1")["ExportDescription"]
            check.equal(again["ExportArn"], first["ExportArn"])
            check.refused("ExportConflictException", client.export_table_to_point_in_time,
                          TableArn=arn, S3Bucket="nothing", ClientToken="token-1")
            check.refused("ResourceInUseException", import_table, client, name, "")
            for more in ({"InputFormat": "ION"}, {"InputCompressionType": "ZSTD"}):
                check.refused("ValidationException", import_table, client, "Never", "", **more)
            (objects / "broken").mkdir()
            (objects / "broken" / "a.json.gz").write_bytes(gzip.compress(b'{"Item":{"pk":{"S":"a"}}}\n' * 1000)[:-20])
            made = import_table(client, "Broken", "broken/", InputCompressionType="GZIP")
            done = wait_done(lambda: client.describe_import(ImportArn=made["ImportArn"]), "ImportTableDescription", "ImportStatus")
            check.equal(done["ImportStatus"], "FAILED")
            check.contains(done["FailureMessage"], "broken/a.json.gz")
            check.refused("ResourceNotFoundException", client.describe_table, TableName="Broken")

    @suite.test("an import of fields and of lines counts what is no item")
    def _(check, context):
        with with_bucket(context) as (inner, objects, _, _):
            client = inner.client
            (objects / "csv").mkdir()
            (objects / "csv" / "a.csv").write_text('pk,sk,text\r\na,1,"x, ""y""\nz"\nb,2,plain\nc,word,no number\nd,4\n')
            made = client.import_table(
                S3BucketSource={"S3Bucket": "things", "S3KeyPrefix": "csv/"}, InputFormat="CSV",
                TableCreationParameters={
                    "TableName": "Fields", "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]})
            arn = made["ImportTableDescription"]["ImportArn"]
            done = wait_done(lambda: client.describe_import(ImportArn=arn), "ImportTableDescription", "ImportStatus")
            check.equal((done["ImportStatus"], done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]),
                        ("COMPLETED", 4, 2, 2))
            check.equal(contents(client, "Fields")[json.dumps([s("a"), n(1)])], item(pk="a", sk=1, text='x, "y"\nz'))
            (objects / "tab").write_text("a;1\nb;2\n")
            made = client.import_table(
                S3BucketSource={"S3Bucket": "things", "S3KeyPrefix": "tab"}, InputFormat="CSV",
                InputFormatOptions={"Csv": {"Delimiter": ";", "HeaderList": ["pk", "v"]}},
                TableCreationParameters={
                    "TableName": "Headed", "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]})["ImportTableDescription"]
            wait_done(lambda: client.describe_import(ImportArn=made["ImportArn"]), "ImportTableDescription", "ImportStatus")
            check.equal(sorted(one["v"]["S"] for one in client.scan(TableName="Headed")["Items"]), ["1", "2"])
            (objects / "lines.json").write_text('{"Item":{"pk":{"S":"a"}}}\nno item\n{"Item":{"v":{"N":"1"}}}\n\n{"Item":{"pk":{"S":"b"}}}')
            made = import_table(client, "Lines", "lines")
            done = wait_done(lambda: client.describe_import(ImportArn=made["ImportArn"]), "ImportTableDescription", "ImportStatus")
            check.equal((done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]), (4, 2, 2))
            listed = client.list_imports()["ImportSummaryList"]
            check.equal([one["ImportArn"] for one in listed][0], made["ImportArn"])

    @suite.test("the shell backs up, restores, exports and imports what a server had")
    def _(check, context):
        with harness.scratch() as directory:
            data, files = directory / "data", directory / "files"
            files.mkdir()
            with harness.running(context.shale, data) as server:
                inner = harness.Context(context.shale, server)
                name = indexed_table(inner)
                fill(inner.client, name, 80)
                enable(inner.client, name)
                wanted = contents(inner.client, name)
                second = next_second()
                fill(inner.client, name, 30, value=3)
                newest = contents(inner.client, name)
                end = next_second()
                fill(inner.client, name, 5, value=4)
                last = contents(inner.client, name)

            def run(*arguments):
                ran = harness.run_shale(context.shale, *arguments)
                check.equal(ran.returncode, 0, ran.stderr[-500:])
                return ran.stdout.strip()

            label = run("backup", data, name, "--name", "shell")
            check.equal(run("backup", data).split("\t")[:4], [label, name, "shell", "USER"])
            run("restore", data, "FromBackup", "--backup", label)
            moment, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(one)) for one in (second, end))
            run("restore", data, "AtSecond", "--table", name, "--at", moment)
            summary = json.loads(open(run("export", data, "FromBackup", files, "--prefix", "one")).read())
            check.equal(summary["itemCount"], len(last))
            shell_changes(check, run, data, name, files, (moment, until), (wanted, newest, last))
            base = summary["manifestFilesS3Key"].rsplit("/", 1)[0]
            run("import", data, "Imported", files, "--key", "pk:S", "--key", "sk:S", "--gzip", "--prefix", base + "/data/")
            for wrong in (["--to", moment], ["--from", moment, "--at", moment], ["--from", "yesterday"]):
                check.equal(harness.run_shale(context.shale, "export", data, name, files, *wrong).returncode, 2)
            run("backup", data, "--delete", label)
            check.equal(run("backup", data), "")
            check.equal(harness.run_shale(context.shale, "restore", data, "No", "--backup", label).returncode, 1)
            with harness.running(context.shale, data) as server:
                client = server.client()
                for table, items in (("FromBackup", last), ("AtSecond", wanted), ("Imported", last)):
                    check.true(contents(client, table) == items, f"the items of {table}")
            check.equal(harness.run_shale(context.shale, "verify", data).returncode, 0)

    return suite


def shell_changes(check, run, data, name, files, times, states):
    """Exports of what was written between two times, and since the first of them, by the shell."""
    for options, before, after, view in (
        (["--from", times[0], "--to", times[1]], states[0], states[1], "NEW_AND_OLD_IMAGES"),
        (["--from", times[0], "--new-images"], states[0], states[2], "NEW_IMAGE"),
    ):
        summary = json.loads(open(run("export", data, name, files, "--prefix", "changes", *options)).read())
        check.equal((summary["exportType"], summary["outputView"]), ("INCREMENTAL_EXPORT", view))
        lines = []
        for line in (files / summary["manifestFilesS3Key"]).read_text().splitlines():
            lines += gzip.open(files / json.loads(line)["dataFileS3Key"], "rt").read().splitlines()
        check.equal(summary["itemCount"], len(lines))
        changed = {key: one for key, one in keyed(after).items() if keyed(before).get(key) != one}
        for change in map(json.loads, lines):
            key = json.dumps(change["Keys"], sort_keys=True)
            check.equal(change["NewImage"], changed.pop(key, None))
            check.equal(change.get("OldImage"), keyed(before).get(key) if "OLD" in view else None)
        check.equal(changed, {})


def keyed(items):
    """Items by their keys as exports write them."""
    return {json.dumps({name: one[name] for name in ("pk", "sk")}, sort_keys=True): one for one in items.values()}


def next_second():
    """Waits for the next whole second, and answers it: clients send no fractions."""
    second = int(time.time()) + 1
    time.sleep(second - time.time() + 0.02)
    return second


def import_table(client, name, prefix, **more):
    return client.import_table(**{
        "S3BucketSource": {"S3Bucket": "things", "S3KeyPrefix": prefix}, "InputFormat": "DYNAMODB_JSON",
        "TableCreationParameters": {
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}} | more)["ImportTableDescription"]


def load_many(context, server, data, name, count):
    """Loads items beside the server, which is stopped for it."""
    server.stop()
    lines = data.parent / "lines.json"
    with open(lines, "w") as file:
        for i in range(count):
            one = item(pk=f"p{i % 997}", sk=f"s{i}", year=1900 + i % 50, plays=i, v=i, text="x" * (i % 200), b={"a": [i, None, True]})
            file.write(json.dumps({"Item": one}) + "\n")
    loaded = harness.run_shale(context.shale, "load", data, name, lines, timeout=1800)
    if loaded.returncode:
        raise harness.Failed(loaded.stderr[-500:])
    lines.unlink()


def export_and_import(check, client, name, objects):
    enable(client, name)
    table = client.describe_table(TableName=name)["Table"]
    wanted = contents(client, name)
    began = time.monotonic()
    made = client.export_table_to_point_in_time(TableArn=table["TableArn"], S3Bucket="things", S3Prefix="out")["ExportDescription"]
    arn = made["ExportArn"]
    check.equal((made["ExportStatus"], made["ExportFormat"], made["ExportType"]), ("IN_PROGRESS", "DYNAMODB_JSON", "FULL_EXPORT"))
    client.put_item(TableName=name, Item=item(pk="later", sk="later"))
    done = wait_done(lambda: client.describe_export(ExportArn=arn), "ExportDescription", "ExportStatus")
    check.equal(done["ExportStatus"], "COMPLETED", str(done.get("FailureMessage")))
    check.equal(done["ItemCount"], len(wanted))
    print(f"        exported {len(wanted)} items in {time.monotonic() - began:.1f} s", flush=True)
    base = f"out/AWSDynamoDB/{arn.rsplit('/', 1)[1]}"
    check.equal(done["ExportManifest"], base + "/manifest-summary.json")
    check.true((objects / base / "_started").exists(), "_started is there")
    for manifest in ("manifest-summary", "manifest-files"):
        digest = base64.b64encode(hashlib.md5((objects / base / f"{manifest}.json").read_bytes()).digest()).decode()
        check.equal((objects / base / f"{manifest}.md5").read_text(), digest)
    summary = json.loads((objects / base / "manifest-summary.json").read_text())
    check.equal((summary["exportArn"], summary["itemCount"], summary["outputFormat"]), (arn, len(wanted), "DYNAMODB_JSON"))
    found, count = {}, 0
    for line in (objects / base / "manifest-files.json").read_text().splitlines():
        file = json.loads(line)
        packed = (objects / file["dataFileS3Key"]).read_bytes()
        check.equal(base64.b64encode(hashlib.md5(packed).digest()).decode(), file["md5Checksum"])
        items = [json.loads(one)["Item"] for one in gzip.decompress(packed).splitlines()]
        check.equal(len(items), file["itemCount"])
        count += len(items)
        found |= {json.dumps([one["pk"], one["sk"]]): one for one in items}
    check.equal(count, len(wanted))
    check.true(found == wanted, "the export holds the items of its time")
    check.equal([one["ExportArn"] for one in client.list_exports(TableArn=table["TableArn"])["ExportSummaries"]], [arn])
    began = time.monotonic()
    made = client.import_table(
        S3BucketSource={"S3Bucket": "things", "S3KeyPrefix": base + "/data/"}, InputFormat="DYNAMODB_JSON", InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": name + "In", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": table["AttributeDefinitions"],
            "KeySchema": table["KeySchema"], "GlobalSecondaryIndexes": [
                {"IndexName": "ByYear", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "year", "KeyType": "HASH"}]}],
        } | {"AttributeDefinitions": [one for one in table["AttributeDefinitions"] if one["AttributeName"] != "plays"]},
    )["ImportTableDescription"]
    check.equal(made["ImportStatus"], "IN_PROGRESS")
    check.equal(made["TableCreationParameters"]["KeySchema"], table["KeySchema"])
    done = wait_done(lambda: client.describe_import(ImportArn=made["ImportArn"]), "ImportTableDescription", "ImportStatus")
    check.equal((done["ImportStatus"], done["ErrorCount"]), ("COMPLETED", 0), str(done.get("FailureMessage")))
    check.equal((done["ProcessedItemCount"], done["ImportedItemCount"]), (len(wanted), len(wanted)))
    print(f"        imported {len(wanted)} items in {time.monotonic() - began:.1f} s", flush=True)
    check.true(contents(client, name + "In") == wanted, "the import holds the items of the export")
    check.equal(client.describe_table(TableName=name + "In")["Table"]["GlobalSecondaryIndexes"][0]["ItemCount"], len(wanted))
