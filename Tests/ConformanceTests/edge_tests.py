"""At the edges of single requests: as many actions and bytes as a transaction may have, placeholders that are none,
every reserved word, and names of resources on a server that has a region and an account of its own.
"""

import json

import boto3
import botocore.config

import harness
from function_tests import HANDLERS_ZIP
from harness import Suite
from identity_tests import TRUST
from values import item, n, s

suite = Suite("Edges")

MEMBERS = "Value '[{} members]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"
LARGE = 390_000
REGION, ACCOUNT = "eu-test-1", "123456789012"


def stripped(refusal):
    """A message without the frame that some operations put around it."""
    return refusal["Error"]["Message"].removeprefix("1 validation error detected: ")


# How many actions and bytes a transaction has.

def put(name, key, **more):
    return {"Put": {"TableName": name, "Item": item(pk=key, **more)}}


def get(name, key):
    return {"Get": {"TableName": name, "Key": item(pk=key)}}


def delete(name, key):
    return {"Delete": {"TableName": name, "Key": item(pk=key)}}


def check_there(name, key):
    return {"ConditionCheck": {"TableName": name, "Key": item(pk=key), "ConditionExpression": "attribute_exists(pk)"}}


def grow(name, key, text):
    return {"Update": {"TableName": name, "Key": item(pk=key), "UpdateExpression": "SET more = :more",
                       "ExpressionAttributeValues": {":more": s(text)}}}


def keys(client, name):
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True, ProjectionExpression="pk")
    return {one["pk"]["S"] for page in pages for one in page["Items"]}


def fill(client, name, count, size):
    for number in range(count):
        client.put_item(TableName=name, Item=item(pk=f"large {number}", text="x" * size))


@suite.test("a transaction writes a hundred items of three tables at once, and not one more")
def _(check, context):
    client, names = context.client, [context.create_table(sort=None) for _ in range(3)]
    actions = [put(names[number % 3], f"k{number}", v=number) for number in range(101)]
    refusal = check.refused("ValidationException", client.transact_write_items, TransactItems=actions)
    check.equal(stripped(refusal), MEMBERS.format(101), "message")
    check.equal([keys(client, name) for name in names], [set(), set(), set()], "written by what was refused")
    client.transact_write_items(TransactItems=actions[:100])
    wanted = [{f"k{number}" for number in range(start, 100, 3)} for start in range(3)]
    check.equal([keys(client, name) for name in names], wanted, "written")


@suite.test("a transaction reads a hundred items of three tables, in the order of its actions, and not one more")
def _(check, context):
    client, names = context.client, [context.create_table(sort=None) for _ in range(3)]
    client.transact_write_items(TransactItems=[put(names[number % 3], f"k{number}", v=number) for number in range(100)])
    actions = [get(names[number % 3], f"k{number}") for number in reversed(range(101))]
    refusal = check.refused("ValidationException", client.transact_get_items, TransactItems=actions)
    check.equal(stripped(refusal), MEMBERS.format(101), "message")
    answers = client.transact_get_items(TransactItems=actions[1:])["Responses"]
    check.equal([int(answer["Item"]["v"]["N"]) for answer in answers], list(reversed(range(100))), "items")
    check.equal(client.transact_get_items(TransactItems=actions[:1])["Responses"], [{}], "what is not there")


@suite.test("checks and deletes are actions of the hundred like all others")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    client.transact_write_items(TransactItems=[put(name, key) for key in ("checked", "gone", "kept")])
    actions = [put(name, f"k{number}") for number in range(98)] + [delete(name, "gone"), check_there(name, "checked")]
    for one_more in (delete(name, "kept"), check_there(name, "kept")):
        refusal = check.refused("ValidationException", client.transact_write_items, TransactItems=[*actions, one_more])
        check.equal(stripped(refusal), MEMBERS.format(101), "message")
    check.equal(keys(client, name), {"checked", "gone", "kept"}, "after what was refused")
    client.transact_write_items(TransactItems=actions)
    check.equal(keys(client, name), {"checked", "kept"} | {f"k{number}" for number in range(98)}, "after what was taken")


@suite.test("a transaction reads items of nearly 4 MB, and is refused above")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    fill(client, name, 11, LARGE)
    actions = [get(name, f"large {number}") for number in range(11)]
    refusal = check.refused("ValidationException", client.transact_get_items, TransactItems=actions)
    check.contains(refusal["Error"]["Message"], "4 MB", "message")
    answers = client.transact_get_items(TransactItems=actions[:10])["Responses"]
    check.equal([len(answer["Item"]["text"]["S"]) for answer in answers], [LARGE] * 10, "sizes")


@suite.table("a transaction of more than 4 MB is refused whole, and one of less is taken", [
    ("new items", 0, lambda name, number: put(name, f"new {number}", text="x" * LARGE)),
    ("items that grow", LARGE - 50_000, lambda name, number: grow(name, f"large {number}", "x" * 50_000)),
    ("items that are deleted", LARGE, lambda name, number: delete(name, f"large {number}")),
    ("items that are checked", LARGE, lambda name, number: check_there(name, f"large {number}")),
    ("a mixture", LARGE, lambda name, number: (delete, check_there)[number % 2](name, f"large {number}")),
])
def _(check, context, size, action):
    client, name = context.client, context.create_table(sort=None)
    if size:
        fill(client, name, 11, size)
    before = client.scan(TableName=name, Select="COUNT", FilterExpression="attribute_not_exists(more)", ConsistentRead=True)["Count"]
    present = keys(client, name)
    actions = [action(name, number) for number in range(11)]
    refusal = check.refused("ValidationException", client.transact_write_items, TransactItems=actions)
    check.contains(refusal["Error"]["Message"], "4 MB", "message")
    check.equal(keys(client, name), present, "items after what was refused")
    after = client.scan(TableName=name, Select="COUNT", FilterExpression="attribute_not_exists(more)", ConsistentRead=True)["Count"]
    check.equal(after, before, "items that did not grow")
    client.transact_write_items(TransactItems=actions[:10])


# Placeholders.

KEY, ITEM = {"Key": item(pk="a")}, {"Item": item(pk="a")}
ONE, TEXT, NAME = {":v": n(1)}, {":v": s("a")}, {"#n": "x"}
BAD_VALUE, BAD_NAME = ('ExpressionAttribute{} contains invalid key: Syntax error; key: "{}"'.format(*each)
                       for each in (("Values", "v"), ("Names", "n")))
NO_VALUE = "An expression attribute value used in expression is not defined; attribute value: :v"
NO_NAME = "An expression attribute name used in the document path is not defined; attribute name: #n"
UNUSED = "Value provided in ExpressionAttribute{} unused in expressions: keys: {{{}}}"


def expressed(expression, text, values=None, names=None):
    more = {"ExpressionAttributeValues": values} if values else {}
    return {expression: text} | more | ({"ExpressionAttributeNames": names} if names else {})


@suite.table("a placeholder is refused", [
    ("a value without its colon, update", "update_item", KEY | expressed("UpdateExpression", "SET x = :v", {"v": n(1)}), BAD_VALUE),
    ("a value without its colon, put", "put_item", ITEM | expressed("ConditionExpression", "x = :v", {"v": n(1)}), BAD_VALUE),
    ("a value without its colon, delete", "delete_item", KEY | expressed("ConditionExpression", "x = :v", {"v": n(1)}), BAD_VALUE),
    ("a value without its colon, scan", "scan", expressed("FilterExpression", "x = :v", {"v": n(1)}), BAD_VALUE),
    ("a value without its colon, query", "query", expressed("KeyConditionExpression", "pk = :v", {"v": s("a")}), BAD_VALUE),
    ("one of two values without its colon", "scan", expressed("FilterExpression", "x = :v", ONE | {"v": n(1)}), BAD_VALUE),
    ("a name without its hash, update", "update_item", KEY | expressed("UpdateExpression", "REMOVE #n", names={"n": "x"}), BAD_NAME),
    ("a name without its hash, put", "put_item", ITEM | expressed("ConditionExpression", "attribute_exists(#n)", names={"n": "x"}), BAD_NAME),
    ("a name without its hash, get", "get_item", KEY | expressed("ProjectionExpression", "#n", names={"n": "x"}), BAD_NAME),
    ("a name without its hash, scan", "scan", expressed("FilterExpression", "#n = :v", ONE, {"n": "x"}), BAD_NAME),
    ("a name without its hash, query", "query", expressed("KeyConditionExpression", "#n = :v", TEXT, {"n": "pk"}), BAD_NAME),
    ("a value with a hash", "scan", expressed("FilterExpression", "x = :v", {"#v": n(1)}), BAD_VALUE.replace('"v"', '"#v"')),
    ("a name with a colon", "scan", expressed("FilterExpression", "#n = :v", ONE, {":n": "x"}), BAD_NAME.replace('"n"', '":n"')),
    ("a value that is not defined, update", "update_item", KEY | expressed("UpdateExpression", "SET x = :v"),
     "Invalid UpdateExpression: " + NO_VALUE),
    ("a value that is not defined beside one that is", "update_item", KEY | expressed("UpdateExpression", "SET x = :v", {":w": n(1)}),
     "Invalid UpdateExpression: " + NO_VALUE),
    ("a value that is not defined, scan", "scan", expressed("FilterExpression", "x = :v"), "Invalid FilterExpression: " + NO_VALUE),
    ("a value that is not defined, query", "query", expressed("KeyConditionExpression", "pk = :v"),
     "Invalid KeyConditionExpression: " + NO_VALUE),
    ("a name that is not defined, update", "update_item", KEY | expressed("UpdateExpression", "REMOVE #n"), "Invalid UpdateExpression: " + NO_NAME),
    ("a name that is not defined, put", "put_item", ITEM | expressed("ConditionExpression", "attribute_exists(#n)"),
     "Invalid ConditionExpression: " + NO_NAME),
    ("a name that is not defined, get", "get_item", KEY | expressed("ProjectionExpression", "#n"), "Invalid ProjectionExpression: " + NO_NAME),
    ("a name that is spelt in another case", "get_item", KEY | expressed("ProjectionExpression", "#n", names={"#N": "x"}),
     "Invalid ProjectionExpression: " + NO_NAME),
    ("a value that nothing uses, update", "update_item", KEY | expressed("UpdateExpression", "SET x = :v", ONE | {":w": n(1)}),
     UNUSED.format("Values", ":w")),
    ("a value that nothing uses, scan", "scan", expressed("FilterExpression", "x = :v", ONE | {":w": n(1)}), UNUSED.format("Values", ":w")),
    ("a name that nothing uses, get", "get_item", KEY | expressed("ProjectionExpression", "x", names=NAME), UNUSED.format("Names", "#n")),
    ("a name that nothing uses, query", "query", expressed("KeyConditionExpression", "pk = :v", TEXT, NAME), UNUSED.format("Names", "#n")),
])
def _(check, context, operation, request, message):
    if not hasattr(context, "edge_table"):
        context.edge_table = context.create_table(sort=None)
    refusal = check.refused("ValidationException", getattr(context.client, operation), TableName=context.edge_table, **request)
    check.equal(stripped(refusal), message, "message")
    check.equal(keys(context.client, context.edge_table), set(), "items")


# Reserved words, as the developer guide lists them, with its three misspellings.

RESERVED = """
    ABORT ABSOLUTE ACTION ADD AFTER AGENT AGGREGATE ALL ALLOCATE ALTER ANALYZE AND ANY ARCHIVE ARE ARRAY AS ASC ASCII ASENSITIVE ASSERTION
    ASYMMETRIC AT ATOMIC ATTACH ATTRIBUTE AUTH AUTHORIZATION AUTHORIZE AUTO AVG BACK BACKUP BASE BATCH BEFORE BEGIN BETWEEN BIGINT BINARY
    BIT BLOB BLOCK BOOLEAN BOTH BREADTH BUCKET BULK BY BYTE CALL CALLED CALLING CAPACITY CASCADE CASCADED CASE CAST CATALOG CHAR CHARACTER
    CHECK CLASS CLOB CLOSE CLUSTER CLUSTERED CLUSTERING CLUSTERS COALESCE COLLATE COLLATION COLLECTION COLUMN COLUMNS COMBINE COMMENT
    COMMIT COMPACT COMPILE COMPRESS CONDITION CONFLICT CONNECT CONNECTION CONSISTENCY CONSISTENT CONSTRAINT CONSTRAINTS CONSTRUCTOR
    CONSUMED CONTINUE CONVERT COPY CORRESPONDING COUNT COUNTER CREATE CROSS CUBE CURRENT CURSOR CYCLE DATA DATABASE DATE DATETIME DAY
    DEALLOCATE DEC DECIMAL DECLARE DEFAULT DEFERRABLE DEFERRED DEFINE DEFINED DEFINITION DELETE DELIMITED DEPTH DEREF DESC DESCRIBE
    DESCRIPTOR DETACH DETERMINISTIC DIAGNOSTICS DIRECTORIES DISABLE DISCONNECT DISTINCT DISTRIBUTE DO DOMAIN DOUBLE DROP DUMP DURATION
    DYNAMIC EACH ELEMENT ELSE ELSEIF EMPTY ENABLE END EQUAL EQUALS ERROR ESCAPE ESCAPED EVAL EVALUATE EXCEEDED EXCEPT EXCEPTION EXCEPTIONS
    EXCLUSIVE EXEC EXECUTE EXISTS EXIT EXPLAIN EXPLODE EXPORT EXPRESSION EXTENDED EXTERNAL EXTRACT FAIL FALSE FAMILY FETCH FIELDS FILE
    FILTER FILTERING FINAL FINISH FIRST FIXED FLATTERN FLOAT FOR FORCE FOREIGN FORMAT FORWARD FOUND FREE FROM FULL FUNCTION FUNCTIONS
    GENERAL GENERATE GET GLOB GLOBAL GO GOTO GRANT GREATER GROUP GROUPING HANDLER HASH HAVE HAVING HEAP HIDDEN HOLD HOUR IDENTIFIED
    IDENTITY IF IGNORE IMMEDIATE IMPORT IN INCLUDING INCLUSIVE INCREMENT INCREMENTAL INDEX INDEXED INDEXES INDICATOR INFINITE INITIALLY
    INLINE INNER INNTER INOUT INPUT INSENSITIVE INSERT INSTEAD INT INTEGER INTERSECT INTERVAL INTO INVALIDATE IS ISOLATION ITEM ITEMS
    ITERATE JOIN KEY KEYS LAG LANGUAGE LARGE LAST LATERAL LEAD LEADING LEAVE LEFT LENGTH LESS LEVEL LIKE LIMIT LIMITED LINES LIST LOAD
    LOCAL LOCALTIME LOCALTIMESTAMP LOCATION LOCATOR LOCK LOCKS LOG LOGED LONG LOOP LOWER MAP MATCH MATERIALIZED MAX MAXLEN MEMBER MERGE
    METHOD METRICS MIN MINUS MINUTE MISSING MOD MODE MODIFIES MODIFY MODULE MONTH MULTI MULTISET NAME NAMES NATIONAL NATURAL NCHAR NCLOB
    NEW NEXT NO NONE NOT NULL NULLIF NUMBER NUMERIC OBJECT OF OFFLINE OFFSET OLD ON ONLINE ONLY OPAQUE OPEN OPERATOR OPTION OR ORDER
    ORDINALITY OTHER OTHERS OUT OUTER OUTPUT OVER OVERLAPS OVERRIDE OWNER PAD PARALLEL PARAMETER PARAMETERS PARTIAL PARTITION PARTITIONED
    PARTITIONS PATH PERCENT PERCENTILE PERMISSION PERMISSIONS PIPE PIPELINED PLAN POOL POSITION PRECISION PREPARE PRESERVE PRIMARY PRIOR
    PRIVATE PRIVILEGES PROCEDURE PROCESSED PROJECT PROJECTION PROPERTY PROVISIONING PUBLIC PUT QUERY QUIT QUORUM RAISE RANDOM RANGE RANK
    RAW READ READS REAL REBUILD RECORD RECURSIVE REDUCE REF REFERENCE REFERENCES REFERENCING REGEXP REGION REINDEX RELATIVE RELEASE
    REMAINDER RENAME REPEAT REPLACE REQUEST RESET RESIGNAL RESOURCE RESPONSE RESTORE RESTRICT RESULT RETURN RETURNING RETURNS REVERSE
    REVOKE RIGHT ROLE ROLES ROLLBACK ROLLUP ROUTINE ROW ROWS RULE RULES SAMPLE SATISFIES SAVE SAVEPOINT SCAN SCHEMA SCOPE SCROLL SEARCH
    SECOND SECTION SEGMENT SEGMENTS SELECT SELF SEMI SENSITIVE SEPARATE SEQUENCE SERIALIZABLE SESSION SET SETS SHARD SHARE SHARED SHORT
    SHOW SIGNAL SIMILAR SIZE SKEWED SMALLINT SNAPSHOT SOME SOURCE SPACE SPACES SPARSE SPECIFIC SPECIFICTYPE SPLIT SQL SQLCODE SQLERROR
    SQLEXCEPTION SQLSTATE SQLWARNING START STATE STATIC STATUS STORAGE STORE STORED STREAM STRING STRUCT STYLE SUB SUBMULTISET SUBPARTITION
    SUBSTRING SUBTYPE SUM SUPER SYMMETRIC SYNONYM SYSTEM TABLE TABLESAMPLE TEMP TEMPORARY TERMINATED TEXT THAN THEN THROUGHPUT TIME
    TIMESTAMP TIMEZONE TINYINT TO TOKEN TOTAL TOUCH TRAILING TRANSACTION TRANSFORM TRANSLATE TRANSLATION TREAT TRIGGER TRIM TRUE TRUNCATE
    TTL TUPLE TYPE UNDER UNDO UNION UNIQUE UNIT UNKNOWN UNLOGGED UNNEST UNPROCESSED UNSIGNED UNTIL UPDATE UPPER URL USAGE USE USER USERS
    USING UUID VACUUM VALUE VALUED VALUES VARCHAR VARIABLE VARIANCE VARINT VARYING VIEW VIEWS VIRTUAL VOID WAIT WHEN WHENEVER WHERE WHILE
    WINDOW WITH WITHIN WITHOUT WORK WRAPPED WRITE YEAR ZONE
""".split()
NOT_RESERVED = """
    id pk sk email title price quantity description content message version code label active amount address country city currency
    flatten inter logged created updated deleted names_ name1 _name keyed counts userId attribute_exists begins_with
""".split()
# Where a name is expected in an update these begin its next clause; what is said of them then is not documented.
CLAUSES = ("ADD", "DELETE", "SET")
WORD = "Attribute name is a reserved keyword; reserved keyword: "


@suite.test("each of the 573 reserved words is refused as a bare name, in any case")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    check.equal(len(set(RESERVED)), 573, "words")
    for word in RESERVED:
        refusal = check.refused("ValidationException", client.get_item, TableName=name, **KEY, ProjectionExpression=word)
        check.equal(stripped(refusal), f"Invalid ProjectionExpression: {WORD}{word}", "message of a projection")
        spelt = word.lower() if len(word) % 2 else word.capitalize()
        refusal = check.refused("ValidationException", client.update_item, TableName=name, **KEY,
                                UpdateExpression=f"SET {spelt} = :v", ExpressionAttributeValues=ONE)
        if word not in CLAUSES:
            check.equal(stripped(refusal), f"Invalid UpdateExpression: {WORD}{spelt}", "message of an update")
    check.equal(keys(client, name), set(), "items")


@suite.table("a reserved word is refused", [
    ("in a condition", "put_item", ITEM | expressed("ConditionExpression", "status_ = :v AND name = :v", ONE), "Condition"),
    ("in a filter", "scan", expressed("FilterExpression", "name = :v", ONE), "Filter"),
    ("in a key condition", "query", expressed("KeyConditionExpression", "name = :v", TEXT), "KeyCondition"),
    ("below another name", "get_item", KEY | expressed("ProjectionExpression", "parent.name"), "Projection"),
    ("above another name", "get_item", KEY | expressed("ProjectionExpression", "pk, name[0].child"), "Projection"),
    ("as the source of a change", "update_item", KEY | expressed("UpdateExpression", "SET x = name"), "Update"),
    ("within a function", "update_item", KEY | expressed("UpdateExpression", "SET x = if_not_exists(name, :v)", ONE), "Update"),
    ("where it is removed", "update_item", KEY | expressed("UpdateExpression", "REMOVE name"), "Update"),
    ("where it is added to", "update_item", KEY | expressed("UpdateExpression", "ADD name :v", ONE), "Update"),
])
def _(check, context, operation, request, kind):
    name = context.create_table(sort=None)
    refusal = check.refused("ValidationException", getattr(context.client, operation), TableName=name, **request)
    check.equal(stripped(refusal), f"Invalid {kind}Expression: {WORD}name", "message")


@suite.test("words that are not reserved are names, and all reserved ones are names behind placeholders")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    client.put_item(TableName=name, Item=item(pk="a", **{word: 1 for word in RESERVED}))
    for word in NOT_RESERVED:
        if word != "pk":
            client.update_item(TableName=name, **KEY, UpdateExpression=f"SET {word} = :v", ExpressionAttributeValues=ONE)
        got = client.get_item(TableName=name, **KEY, ProjectionExpression=word)["Item"]
        check.equal(list(got), [word], "what was asked for")
    for start in range(0, len(RESERVED), 100):
        words = RESERVED[start:start + 100]
        names = {f"#{number}": word for number, word in enumerate(words)}
        got = client.get_item(TableName=name, **KEY, ProjectionExpression=",".join(names), ExpressionAttributeNames=names)["Item"]
        check.equal(set(got), set(words), "what was asked for by placeholders")


# A region and an account.

def placed(service, *rest, region=REGION):
    return ":".join(["arn", "aws", service, region, ACCOUNT, *rest])


@suite.test("names of resources have the region and the account that the server was started with")
def _(check, context):
    with harness.scratch() as directory:
        directory.chmod(0o755)
        (directory / "objects").mkdir()
        with harness.running(
                context.shale, directory / "data", "--region", REGION, "--account", ACCOUNT,
                "--functions", str(directory / "functions"), "--bucket", f"things={directory / 'objects'}") as server:
            def client(service):
                return boto3.client(service, endpoint_url=server.endpoint, region_name=REGION, aws_access_key_id="local",
                                    aws_secret_access_key="local", config=botocore.config.Config(retries={"total_max_attempts": 1}))

            names_of_tables(check, client("dynamodb"), client("dynamodbstreams"))
            names_of_others(check, client)


def names_of_tables(check, tables, streams):
    schema = lambda *keys: [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))]
    index = lambda name, *keys: [{"IndexName": name, "KeySchema": schema(*keys), "Projection": {"ProjectionType": "ALL"}}]
    attributes = [{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "other")]
    made = tables.create_table(
        TableName="Placed", BillingMode="PAY_PER_REQUEST", KeySchema=schema("pk", "sk"), AttributeDefinitions=attributes,
        GlobalSecondaryIndexes=index("Global", "other"), LocalSecondaryIndexes=index("Local", "pk", "other"),
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})["TableDescription"]
    arn = placed("dynamodb", "table/Placed")
    for table in (made, tables.describe_table(TableName=arn)["Table"]):
        check.equal(table["TableArn"], arn, "table")
        check.equal(table["GlobalSecondaryIndexes"][0]["IndexArn"], arn + "/index/Global", "global index")
        check.equal(table["LocalSecondaryIndexes"][0]["IndexArn"], arn + "/index/Local", "local index")
        check.equal(table["LatestStreamArn"], f"{arn}/stream/{table['LatestStreamLabel']}", "stream")
        check.true(table["SSEDescription"]["KMSMasterKeyArn"].startswith(placed("kms", "")), "key of the encryption")
    check.equal([one["StreamArn"] for one in streams.list_streams()["Streams"]], [made["LatestStreamArn"]], "streams")
    check.equal(streams.describe_stream(StreamArn=made["LatestStreamArn"])["StreamDescription"]["TableName"], "Placed", "by the stream")
    backup = tables.create_backup(TableName=arn, BackupName="first")["BackupDetails"]["BackupArn"]
    check.true(backup.startswith(arn + "/backup/"), backup)
    check.equal(tables.describe_backup(BackupArn=backup)["BackupDescription"]["SourceTableDetails"]["TableArn"], arn, "of the backup")
    tables.update_continuous_backups(TableName="Placed", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    export = tables.export_table_to_point_in_time(TableArn=arn, S3Bucket="things")["ExportDescription"]
    check.true(export["ExportArn"].startswith(arn + "/export/"), export["ExportArn"])
    check.refused("ValidationException", tables.describe_table, TableName=arn.replace(REGION, "us-east-1"))
    check.refused("AccessDeniedException", tables.describe_table, TableName=arn.replace(ACCOUNT, "000000000000"))


def names_of_others(check, client):
    me = client("sts").get_caller_identity()
    check.equal((me["Account"], me["Arn"]), (ACCOUNT, placed("iam", "root", region="")), "who calls")
    role = client("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    check.equal(role, placed("iam", "role/runner", region=""), "role")
    functions, stream = client("lambda"), client("dynamodbstreams").list_streams()["Streams"][0]["StreamArn"]
    made = functions.create_function(FunctionName="echo", Runtime="python3.11", Handler="handlers.echo", Role=role, Code={"ZipFile": HANDLERS_ZIP})
    arn = placed("lambda", "function", "echo")
    check.equal((made["FunctionArn"], functions.get_function(FunctionName=arn)["Configuration"]["FunctionArn"]), (arn, arn), "function")
    functions.get_waiter("function_active_v2").wait(FunctionName="echo", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    check.equal(functions.publish_version(FunctionName="echo")["FunctionArn"], arn + ":1", "version")
    alias = functions.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    check.equal(alias["AliasArn"], arn + ":live", "alias")
    mapping = functions.create_event_source_mapping(FunctionName="echo", EventSourceArn=stream, StartingPosition="LATEST")
    check.equal((mapping["FunctionArn"], mapping["EventSourceArn"]), (arn, stream), "mapping")
    client("logs").create_log_group(logGroupName="app")
    groups = client("logs").describe_log_groups(logGroupNamePrefix="app")["logGroups"]
    check.equal([group["logGroupArn"] for group in groups], [placed("logs", "log-group", "app")], "log group")
    machine = client("stepfunctions").create_state_machine(
        name="one", roleArn=role, definition='{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}')["stateMachineArn"]
    check.equal(machine, placed("states", "stateMachine", "one"), "state machine")
    execution = client("stepfunctions").start_execution(stateMachineArn=machine, name="first")["executionArn"]
    check.equal(execution, placed("states", "execution", "one", "first"), "execution")
    schedule = client("scheduler").create_schedule(
        Name="daily", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": arn, "RoleArn": role})["ScheduleArn"]
    check.equal(schedule, placed("scheduler", "schedule/default/daily"), "schedule")
