"""CloudWatch Logs, as boto3, the AWS command line and `shale logs` see them."""

import json
import subprocess
import threading
import time

import boto3
import botocore.config

import harness
from harness import Suite

suite = Suite("logs")
REGION, ACCOUNT = "us-east-1", "000000000000"


def logs_client(endpoint):
    return boto3.client(
        "logs", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="local", aws_secret_access_key="local",
        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=60))


def arn(group):
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"


def now():
    return int(time.time() * 1000)


def put(client, group, stream, *lines):
    """Writes lines, which are texts or times and texts."""
    events = [{"timestamp": line[0], "message": line[1]} if isinstance(line, tuple) else {"timestamp": now(), "message": line}
              for line in lines]
    return client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def make(client, group, *streams, **more):
    client.create_log_group(logGroupName=group, **more)
    for stream in streams:
        client.create_log_stream(logGroupName=group, logStreamName=stream)


@suite.test("a group is made, described, kept for a while, tagged and deleted")
def _(check, context):
    client = context.logs
    make(client, "/app/first", "one", tags={"team": "storage"})
    check.refused("ResourceAlreadyExistsException", client.create_log_group, logGroupName="/app/first")
    group = client.describe_log_groups(logGroupNamePrefix="/app/first")["logGroups"][0]
    check.equal((group["arn"], group["logGroupArn"]), (arn("/app/first") + ":*", arn("/app/first")), "names")
    check.equal((group["storedBytes"], group["logGroupClass"], group["metricFilterCount"]), (0, "STANDARD", 0), "members")
    check.true("retentionInDays" not in group, "kept for ever")
    put(client, "/app/first", "one", "four")
    check.equal(client.describe_log_groups(logGroupNamePrefix="/app/first")["logGroups"][0]["storedBytes"], 30, "bytes")
    client.put_retention_policy(logGroupName="/app/first", retentionInDays=14)
    check.equal(client.describe_log_groups(logGroupNamePrefix="/app/first")["logGroups"][0]["retentionInDays"], 14, "days")
    check.refused("InvalidParameterException", client.put_retention_policy, logGroupName="/app/first", retentionInDays=15)
    client.delete_retention_policy(logGroupName="/app/first")
    check.true("retentionInDays" not in client.describe_log_groups()["logGroups"][0], "kept for ever again")
    client.tag_resource(resourceArn=arn("/app/first"), tags={"cost": "7"})
    check.equal(client.list_tags_for_resource(resourceArn=arn("/app/first") + ":*")["tags"], {"team": "storage", "cost": "7"}, "tags")
    client.untag_resource(resourceArn=arn("/app/first"), tagKeys=["team"])
    client.tag_log_group(logGroupName="/app/first", tags={"old": "way"})
    client.untag_log_group(logGroupName="/app/first", tags=["cost"])
    check.equal(client.list_tags_log_group(logGroupName="/app/first")["tags"], {"old": "way"}, "tags")
    client.delete_log_group(logGroupName="/app/first")
    check.equal(client.describe_log_groups()["logGroups"], [], "groups")


@suite.test("groups are listed in pages, by how they begin, by what is in them, and by their resource names")
def _(check, context):
    client = context.logs
    names = [f"/list/{number:02}" for number in range(7)]
    for name in names:
        make(client, name)
    make(client, "/other/03")
    pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/list/", PaginationConfig={"PageSize": 3})
    check.equal([[g["logGroupName"] for g in page["logGroups"]] for page in pages], [names[:3], names[3:6], names[6:]], "pages")
    found = client.describe_log_groups(logGroupNamePattern="03")["logGroups"]
    check.equal([g["logGroupName"] for g in found], ["/list/03", "/other/03"], "by pattern")
    found = client.describe_log_groups(logGroupIdentifiers=[arn("/list/01"), "/list/05"])["logGroups"]
    check.equal([g["logGroupName"] for g in found], ["/list/01", "/list/05"], "by identifier")
    check.refused("InvalidParameterException", client.describe_log_groups, logGroupNamePrefix="a", logGroupNamePattern="b")
    check.equal(client.describe_log_groups(logGroupNamePrefix="/none")["logGroups"], [], "none")
    for name in names + ["/other/03"]:
        client.delete_log_group(logGroupName=name)


@suite.test("streams are listed by name and by their latest line, either way, in pages")
def _(check, context):
    client = context.logs
    make(client, "streams", "a/1", "a/2", "b")
    start = now()
    for stream, time_of_line in (("a/1", start - 10), ("a/2", start - 30), ("b", start - 20)):
        put(client, "streams", stream, (time_of_line, "x"))

    def listed(**more):
        pages = client.get_paginator("describe_log_streams").paginate(PaginationConfig={"PageSize": 2}, **more)
        return [s["logStreamName"] for page in pages for s in page["logStreams"]]

    check.equal(listed(logGroupName="streams"), ["a/1", "a/2", "b"], "by name")
    check.equal(listed(logGroupIdentifier=arn("streams"), descending=True), ["b", "a/2", "a/1"], "descending")
    check.equal(listed(logGroupName="streams", logStreamNamePrefix="a/"), ["a/1", "a/2"], "by prefix")
    check.equal(listed(logGroupName="streams", orderBy="LastEventTime"), ["a/2", "b", "a/1"], "by time")
    check.equal(listed(logGroupName="streams", orderBy="LastEventTime", descending=True), ["a/1", "b", "a/2"], "the latest first")
    stream = client.describe_log_streams(logGroupName="streams", logStreamNamePrefix="b")["logStreams"][0]
    check.equal((stream["firstEventTimestamp"], stream["lastEventTimestamp"]), (start - 20, start - 20), "times")
    check.equal(stream["arn"], arn("streams") + ":log-stream:b", "name")
    check.true(stream["lastIngestionTime"] >= start and len(stream["uploadSequenceToken"]) == 56, "written")
    check.refused("InvalidParameterException", client.describe_log_streams, logGroupName="streams",
                  logStreamNamePrefix="a", orderBy="LastEventTime")
    check.refused("ResourceAlreadyExistsException", client.create_log_stream, logGroupName="streams", logStreamName="b")
    client.delete_log_stream(logGroupName="streams", logStreamName="b")
    check.equal(listed(logGroupName="streams"), ["a/1", "a/2"], "after a deletion")


@suite.test("lines of a stream are read from either end, and the last token comes again")
def _(check, context):
    client = context.logs
    make(client, "read", "s")
    start = now() - 1_000
    put(client, "read", "s", *[(start + number // 2, f"line {number}") for number in range(10)])

    def read(**more):
        answer = client.get_log_events(logGroupName="read", logStreamName="s", **more)
        return [int(e["message"].split()[1]) for e in answer["events"]], answer["nextForwardToken"], answer["nextBackwardToken"]

    numbers, forward, backward = read(limit=4, startFromHead=True)
    check.equal(numbers, [0, 1, 2, 3], "from the head")
    numbers, forward, _ = read(limit=4, nextToken=forward)
    check.equal(numbers, [4, 5, 6, 7], "forward")
    numbers, forward, _ = read(limit=4, nextToken=forward)
    check.equal(numbers, [8, 9], "the rest")
    numbers, again, back = read(limit=4, nextToken=forward)
    check.equal((numbers, again), ([], forward), "the end")
    put(client, "read", "s", (start + 900, "line 10"))
    check.equal(read(nextToken=forward)[0], [10], "what came since")
    check.equal(read(limit=2, nextToken=back)[0], [8, 9], "back from the end")
    numbers, _, again = read(nextToken=backward)
    check.equal((numbers, again), ([], backward), "before the head")
    numbers, forward, backward = read(limit=3)
    check.equal(numbers, [8, 9, 10], "the latest")
    check.equal(read(limit=3, nextToken=backward)[0], [5, 6, 7], "those before")
    check.equal(read(startTime=start + 1, endTime=start + 3, startFromHead=True)[0], [2, 3, 4, 5], "a range of times")
    check.refused("InvalidParameterException", read, nextToken="x/1/s")
    check.refused("ResourceNotFoundException", client.get_log_events, logGroupName="read", logStreamName="none")
    check.refused("InvalidParameterException", client.get_log_events, logStreamName="s")


@suite.test("lines that are too old or too new are left out, and the answer says which")
def _(check, context):
    client = context.logs
    make(client, "old", "s")
    hour = 3_600_000
    answer = put(client, "old", "s", (now() - 15 * 24 * hour, "too old"))
    check.equal(answer["rejectedLogEventsInfo"], {"tooOldLogEventEndIndex": 1}, "too old")
    answer = put(client, "old", "s", (now(), "right"), (now() + 3 * hour, "too new"))
    check.equal(answer["rejectedLogEventsInfo"], {"tooNewLogEventStartIndex": 1}, "too new")
    client.put_retention_policy(logGroupName="old", retentionInDays=1)
    answer = put(client, "old", "s", (now() - 25 * hour, "expired"), (now() - 2 * hour, "kept"))
    check.equal(answer["rejectedLogEventsInfo"], {"expiredLogEventEndIndex": 1}, "expired")
    lines = client.get_log_events(logGroupName="old", logStreamName="s")["events"]
    check.equal([e["message"] for e in lines], ["kept", "right"], "lines")
    for what, lines in (("order", [(now(), "a"), (now() - hour, "b")]), ("a day", [(now() - 25 * hour, "a"), (now(), "b")]),
                        ("size", ["x" * 600_000, "x" * 600_000])):
        check.refused("InvalidParameterException", put, client, "old", "s", *lines)


@suite.test("a long line is kept whole, in pieces")
def _(check, context):
    client = context.logs
    make(client, "long", "s")
    text = "ä" * 200_000
    put(client, "long", "s", text)
    lines = client.get_log_events(logGroupName="long", logStreamName="s", startFromHead=True)["events"]
    check.equal("".join(e["message"] for e in lines), text, "text")


@suite.table("lines are found across streams", [
    ("all of them", {}, ["a0", "b1", "a2", "b3", "a4"]),
    ("some streams", {"logStreamNames": ["b"]}, ["b1", "b3"]),
    ("by prefix", {"logStreamNamePrefix": "a"}, ["a0", "a2", "a4"]),
    ("a term", {"filterPattern": "WARN"}, ["b1", "b3"]),
    ("two terms", {"filterPattern": "WARN disk"}, ["b3"]),
    ("a phrase", {"filterPattern": '"no luck"'}, ["a4"]),
    ("either term", {"filterPattern": "?WARN ?luck"}, ["b1", "b3", "a4"]),
    ("without a term", {"filterPattern": "-WARN"}, ["a0", "a2", "a4"]),
    ("JSON", {"filterPattern": '{ $.level = "inf*" && $.n > 1 }'}, ["a2"]),
    ("JSON that has no such member", {"filterPattern": "{ $.n NOT EXISTS }"}, ["a0"]),
])
def _(check, context, arguments, wanted):
    client = context.logs
    if not client.describe_log_groups(logGroupNamePrefix="found")["logGroups"]:
        make(client, "found", "a", "b", "empty")
        start = now() - 10_000
        for stream, place, text in (
                ("a", 0, '{"id": "a0"}'), ("b", 1, '{"id": "b1", "n": 1, "level": "WARN"}'),
                ("a", 2, '{"id": "a2", "n": 2, "level": "info"}'), ("b", 3, '{"id": "b3", "n": 3, "level": "WARN", "of": "disk"}'),
                ("a", 4, '{"id": "a4", "n": 0, "level": "info", "why": "no luck"}')):
            put(client, "found", stream, (start + place, text))
    for size in (1, 2, 10):
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName="found", PaginationConfig={"PageSize": size}, **arguments)
        events = [event for page in pages for event in page["events"]]
        check.equal([json.loads(e["message"])["id"] for e in events], wanted, f"lines in pages of {size}")
        check.equal(len({e["eventId"] for e in events}), len(wanted), "identities")


@suite.test("lines are found by time, the last moment included, and by the group's resource name")
def _(check, context):
    client = context.logs
    make(client, "times", "s", "t")
    start = now() - 100
    for number in range(6):
        put(client, "times", "st"[number % 2], (start + number, str(number)))
    found = client.filter_log_events(logGroupIdentifier=arn("times"), startTime=start + 1, endTime=start + 4)
    check.equal([e["message"] for e in found["events"]], ["1", "2", "3", "4"], "lines")
    check.equal(found["searchedLogStreams"], [], "streams")
    check.refused("ResourceNotFoundException", client.filter_log_events, logGroupName="times", logStreamNames=["none"])
    check.refused("ResourceNotFoundException", client.filter_log_events,
                  logGroupIdentifier=f"arn:aws:logs:{REGION}:123456789012:log-group:times")


@suite.test("many lines of many streams come once each, in order")
def _(check, context):
    client = context.logs
    streams = [f"s{number:02}" for number in range(12)]
    make(client, "many", *streams)
    start = now() - 60_000
    for place, stream in enumerate(streams):
        put(client, "many", stream, *[(start + 7 * number + place, f"{stream} {number}") for number in range(500)])
    pages = client.get_paginator("filter_log_events").paginate(logGroupName="many", PaginationConfig={"PageSize": 997})
    events = [event for page in pages for event in page["events"]]
    check.equal(len(events), 6_000, "lines")
    check.equal(len({e["eventId"] for e in events}), 6_000, "identities")
    times = [e["timestamp"] for e in events]
    check.equal(times, sorted(times), "order")


@suite.table("what cannot be is refused", [
    ("no such group", "ResourceNotFoundException", "delete_log_group", {"logGroupName": "none"}),
    ("no group for a stream", "ResourceNotFoundException", "create_log_stream", {"logGroupName": "none", "logStreamName": "s"}),
    ("a name with a space", "InvalidParameterException", "create_log_group", {"logGroupName": "a b"}),
    ("a stream with a colon", "InvalidParameterException", "create_log_stream", {"logGroupName": "found", "logStreamName": "a:b"}),
    ("another class", "InvalidParameterException", "create_log_group", {"logGroupName": "n", "logGroupClass": "INFREQUENT_ACCESS"}),
    ("a key", "InvalidParameterException", "create_log_group", {"logGroupName": "n", "kmsKeyId": "k"}),
    ("no resource name", "InvalidParameterException", "list_tags_for_resource", {"resourceArn": "found"}),
    ("a pattern of columns", "InvalidParameterException", "filter_log_events", {"logGroupName": "found", "filterPattern": "[a, b]"}),
    ("a pattern without end", "InvalidParameterException", "filter_log_events", {"logGroupName": "found", "filterPattern": '"a'}),
    ("JSON of no sense", "InvalidParameterException", "filter_log_events", {"logGroupName": "found", "filterPattern": "{ $.a }"}),
    ("a metric filter", "InvalidParameterException", "describe_metric_filters", {}),
    ("a subscription filter", "InvalidParameterException", "describe_subscription_filters", {"logGroupName": "found"}),
    ("a query", "InvalidParameterException", "start_query", {"queryString": "fields @message", "startTime": 1, "endTime": 2}),
])
def _(check, context, code, operation, arguments):
    refusal = check.refused(code, getattr(context.logs, operation), **arguments)
    if "filterPattern" in arguments:
        check.contains(refusal["Error"]["Message"], arguments["filterPattern"], "message")


@suite.test("live tail is refused by name, and what is no operation as unknown")
def _(check, context):
    for name, code, part in (("StartLiveTail", "InvalidParameterException", "Live tail"),
                             ("MakeCoffee", "UnknownOperationException", "MakeCoffee")):
        answer = harness.post(context.log_server, {"X-Amz-Target": f"Logs_20140328.{name}"}, b"{}")
        check.equal((answer.status, answer.headers["Content-Type"]), (400, "application/x-amz-json-1.1"), "answer")
        body = json.loads(answer.body)
        check.equal(body["__type"], code, "type")
        check.contains(body["message"], part, "message")


@suite.test("lines, groups and their settings outlive a kill of the server")
def _(check, context):
    client = context.logs
    make(client, "kept", "s", tags={"a": "b"})
    client.put_retention_policy(logGroupName="kept", retentionInDays=7)
    put(client, "kept", "s", "one", "two")
    context.log_server.kill()
    context.log_server = harness.Server(context.shale, context.log_directory / "data").wait_until_ready()
    context.logs = client = logs_client(context.log_server.endpoint)
    check.equal([e["message"] for e in client.filter_log_events(logGroupName="kept")["events"]], ["one", "two"], "lines")
    check.equal(client.describe_log_groups(logGroupNamePrefix="kept")["logGroups"][0]["retentionInDays"], 7, "retention")
    check.equal(client.list_tags_log_group(logGroupName="kept")["tags"], {"a": "b"}, "tags")


@suite.test("the AWS command line writes and finds lines")
def _(check, context):
    def run(*arguments):
        done = harness.run_aws(context.log_server, "logs", *arguments)
        check.equal(done.returncode, 0, f"exit code of {arguments[0]}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    run("create-log-group", "--log-group-name", "cli")
    run("create-log-stream", "--log-group-name", "cli", "--log-stream-name", "s")
    run("put-log-events", "--log-group-name", "cli", "--log-stream-name", "s",
        "--log-events", f"timestamp={now()},message=hello")
    found = run("filter-log-events", "--log-group-name", "cli", "--filter-pattern", "hello")
    check.equal([e["message"] for e in found["events"]], ["hello"], "lines")
    run("delete-log-group", "--log-group-name", "cli")


@suite.test("`shale logs` prints the lines of a group, of a stream, and since a time")
def _(check, context):
    client = context.logs
    make(client, "told", "a", "b")
    put(client, "told", "a", (now() - 7_200_000, "early"))
    put(client, "told", "a", (now() - 2_000, "late"))
    put(client, "told", "b", (now() - 1_000, "later\n"))

    def run(*arguments):
        return harness.run_shale(context.shale, "logs", *arguments, "--server", context.log_server.endpoint)

    done = run("told")
    check.equal(done.returncode, 0, f"exit code: {done.stderr}")
    check.equal([line.split(" ", 2)[1:] for line in done.stdout.splitlines()],
                [["a", "early"], ["a", "late"], ["b", "later"]], "lines")
    check.equal([line.split(" ", 2)[2] for line in run("told", "--since", "1h").stdout.splitlines()], ["late", "later"], "since")
    check.equal([line.split(" ", 2)[2] for line in run("told", "--stream", "b").stdout.splitlines()], ["later"], "stream")
    check.equal([line.split(" ", 2)[2] for line in run("told", "--filter", "late").stdout.splitlines()], ["late", "later"], "filter")
    lines = [json.loads(line) for line in run("told", "--json", "--stream", "b").stdout.splitlines()]
    check.equal([(line["stream"], line["message"]) for line in lines], [("b", "later\n")], "JSON")
    missing = run("none")
    check.equal(missing.returncode, 1, "exit code")
    check.contains(missing.stderr, "log group does not exist", "complaint")
    nowhere = harness.run_shale(context.shale, "logs", "told", "--server", f"http://127.0.0.1:{harness.free_port()}")
    check.equal(nowhere.returncode, 3, "exit code where no server is")


@suite.test("`shale logs --follow` prints lines as they come, each once")
def _(check, context):
    client = context.logs
    make(client, "followed", "s")
    put(client, "followed", "s", "before")
    process = subprocess.Popen(
        [str(context.shale), "logs", "followed", "--follow", "--server", context.log_server.endpoint],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(line.split(" ", 2)[2].strip() for line in process.stdout))
    reader.start()
    try:
        def wait_for(count):
            deadline = time.monotonic() + 20
            while len(lines) < count and time.monotonic() < deadline:
                time.sleep(0.05)

        wait_for(1)
        put(client, "followed", "s", "first")
        wait_for(2)
        client.create_log_stream(logGroupName="followed", logStreamName="new")
        put(client, "followed", "new", "second")
        put(client, "followed", "s", "third")
        wait_for(4)
    finally:
        process.terminate()
        process.wait(10)
        reader.join(10)
    check.equal(lines, ["before", "first", "second", "third"], "lines")


@suite.test("`shale logs` signs its requests where the server wants it")
def _(check, context):
    keys = {"SHALE_ACCESS_KEY_ID": "key", "SHALE_SECRET_ACCESS_KEY": "secret"}
    with harness.running(context.shale, context.log_directory / "signed", environment=keys) as server:
        client = boto3.client("logs", endpoint_url=server.endpoint, region_name=REGION,
                              aws_access_key_id="key", aws_secret_access_key="secret")
        make(client, "signed", "s")
        put(client, "signed", "s", "hello")
        check.refused("UnrecognizedClientException", logs_client(server.endpoint).describe_log_groups)
        arguments = [str(context.shale), "logs", "signed", "--server", server.endpoint]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, env=keys)
        check.equal((done.returncode, done.stdout.split(" ", 2)[-1]), (0, "hello\n"), f"output {done.stderr}")
        refused = subprocess.run(arguments, capture_output=True, text=True, timeout=60, env={})
        check.equal(refused.returncode, 1, "exit code without a key")


class LogSuite:
    """The tests above, on a server of their own, which runs no functions."""

    def run(self, report, context):
        with harness.scratch("shale-logs-") as directory:
            context.log_directory = directory
            context.log_server = harness.Server(context.shale, directory / "data").wait_until_ready()
            context.logs = logs_client(context.log_server.endpoint)
            try:
                suite.run(report, context)
            finally:
                if context.log_server.process.poll() is None:
                    context.log_server.stop()
