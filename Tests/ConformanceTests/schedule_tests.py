"""EventBridge Scheduler, as boto3 and the AWS command line see it: schedules that run functions and state machines."""

import datetime
import json
import time

import boto3
import botocore.config

import function_tests
import harness
import states_tests
from harness import Suite

suite = Suite("schedules")
ROLE = "arn:aws:iam::000000000000:role/scheduler"
PREFIX = "arn:aws:scheduler:us-east-1:000000000000"
OFF = {"Mode": "OFF"}

HANDLER = """
import json, os, time

def keep(event, context):
    with open(os.environ["KEPT"], "a") as kept:
        kept.write(json.dumps([event, time.time()]) + "\\n")
"""


def scheduler_client(endpoint):
    return boto3.client(
        "scheduler", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="local",
        aws_secret_access_key="local", config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=60))


def function_name(name="kept"):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def target(**more):
    return {"Arn": function_name(), "RoleArn": ROLE} | more


def once(seconds):
    """An expression for so many seconds from now, in whole seconds, and the time that it means."""
    due = int(time.time()) + seconds
    return f"at({datetime.datetime.fromtimestamp(due, datetime.UTC):%Y-%m-%dT%H:%M:%S})", due


class Scene(function_tests.World):
    """A server with a function that keeps what it is given; the suite's own."""

    def __init__(self, shale, directory):
        super().__init__(shale, directory)
        # Functions run as users of their own, which may write here.
        self.kept = directory / "kept"
        self.kept.touch()
        self.kept.chmod(0o666)
        self.make_function("kept")

    def make_function(self, name):
        self.make(name, Handler="handlers.keep", Timeout=30,
                  Code={"ZipFile": function_tests.archive(**{"handlers.py": HANDLER})},
                  Environment={"Variables": {"KEPT": str(self.kept)}})

    def restart(self):
        super().restart()
        self.schedules = scheduler_client(self.server.endpoint)
        self.states = states_tests.states_client(self.server.endpoint)

    def records(self, mark):
        """What the function got that holds a text: events and the times at which they came."""
        lines = [json.loads(line) for line in self.kept.read_text().splitlines()]
        return [record for record in lines if mark in json.dumps(record[0])]

    def wait(self, mark, count=1, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if len(records := self.records(mark)) >= count:
                return records
            time.sleep(0.05)
        raise harness.Failed(f"{mark}: {len(self.records(mark))} events; {self.server.log_tail()}")

    def names(self, **which):
        pages = self.schedules.get_paginator("list_schedules").paginate(**which, PaginationConfig={"PageSize": 2})
        return [f"{s['GroupName']}/{s['Name']}" for page in pages for s in page["Schedules"]]

    def executions(self, machine, seconds=30):
        """What the executions of a machine were given, once one has succeeded, by their names."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            listed = self.states.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
            if listed:
                told = [self.states.describe_execution(executionArn=e["executionArn"]) for e in listed]
                return {e["name"]: json.loads(e["input"]) for e in told}
            time.sleep(0.05)
        raise harness.Failed(f"{machine}: no execution; {self.server.log_tail()}")


@suite.test("a schedule is made, described, changed and deleted")
def _(check, context):
    client = context.scene.schedules
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=1)
    made = client.create_schedule(
        Name="plain", ScheduleExpression="cron(0 8 ? * MON-FRI *)", ScheduleExpressionTimezone="Europe/Berlin",
        Description="each workday", StartDate=start, FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        Target=target(Input='{"a": 1}', RetryPolicy={"MaximumRetryAttempts": 3}))
    check.equal(made["ScheduleArn"], f"{PREFIX}:schedule/default/plain", "name")
    told = client.get_schedule(Name="plain")
    check.equal({name: told[name] for name in told if name not in ("ResponseMetadata", "CreationDate", "LastModificationDate")}, {
        "Arn": made["ScheduleArn"], "Name": "plain", "GroupName": "default", "State": "ENABLED", "Description": "each workday",
        "ScheduleExpression": "cron(0 8 ? * MON-FRI *)", "ScheduleExpressionTimezone": "Europe/Berlin", "StartDate": start,
        "ActionAfterCompletion": "NONE", "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        "Target": target(Input='{"a": 1}', RetryPolicy={"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 3})},
        "description")
    check.true(abs((datetime.datetime.now(datetime.UTC) - told["CreationDate"]).total_seconds()) < 60, "when it was made")
    client.update_schedule(Name="plain", ScheduleExpression="rate(1 day)", FlexibleTimeWindow=OFF, Target=target(), State="DISABLED")
    changed = client.get_schedule(Name="plain")
    check.true("Description" not in changed and "StartDate" not in changed, "what is not given is gone")
    check.equal((changed["State"], changed["ScheduleExpressionTimezone"]), ("DISABLED", "UTC"), "what the service sets")
    check.equal(changed["CreationDate"], told["CreationDate"], "when it was made")
    check.true(changed["LastModificationDate"] > told["LastModificationDate"], "when it was changed")
    client.delete_schedule(Name="plain")
    error = check.refused("ResourceNotFoundException", client.get_schedule, Name="plain")
    check.equal(error["Error"]["Message"], "Schedule plain does not exist.", "message")
    check.equal(error["ResponseMetadata"]["HTTPStatusCode"], 404, "status")


@suite.table("what cannot be is refused", [
    ("an expression", {"ScheduleExpression": "rate(10 seconds)"}, "Invalid Schedule Expression rate(10 seconds)."),
    ("both fields of days", {"ScheduleExpression": "cron(0 1 * * * *)"}, "Invalid Schedule Expression cron(0 1 * * * *)."),
    ("a zone", {"ScheduleExpressionTimezone": "Europe/Nowhere"}, "Timezone Europe/Nowhere"),
    ("a queue as target", {"Target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": ROLE}}, "arn:aws:sqs:us-east-1:000000000000:q is not supported"),
    ("any other API as target", {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:s3:listBuckets", "RoleArn": ROLE}}, "is not supported"),
    ("a state machine of another account", {"Target": {"Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:m", "RoleArn": ROLE}}, "is not supported"),
    ("an operation without its request", {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "RoleArn": ROLE}}, "The request of the operation is missing."),
    ("a function of another account", {"Target": {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "RoleArn": ROLE}}, "is not supported"),
    ("no resource name", {"Target": {"Arn": "kept", "RoleArn": ROLE}}, "Provided Arn is not in correct format."),
    ("a dead-letter queue", {"Target": {"Arn": function_name(), "RoleArn": ROLE, "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}}}, "DeadLetterConfig"),
    ("parameters of a queue", {"Target": {"Arn": function_name(), "RoleArn": ROLE, "SqsParameters": {"MessageGroupId": "g"}}}, "SqsParameters"),
    ("a role that is none", {"Target": {"Arn": function_name(), "RoleArn": "me"}}, "regular expression pattern"),
    ("an input that is no JSON", {"Target": {"Arn": function_name(), "RoleArn": ROLE, "Input": "text"}}, "JSON"),
    ("a window without minutes", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes"),
    ("a window of two days", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 2_880}}, "less than or equal to 1440"),
    ("a start of yesterday", {"StartDate": time.time() - 86_400}, "The StartDate you specify cannot be earlier than 5 minutes ago."),
    ("a name with a space", {"Name": "a b"}, "regular expression pattern"),
    ("a state that is none", {"State": "ASLEEP"}, "enum value set"),
])
def _(check, context, more, message):
    given = {"Name": "wrong", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": OFF, "Target": target()} | more
    error = check.refused("ValidationException", context.scene.schedules.create_schedule, **given)
    check.contains(error["Error"]["Message"], message, "message")


@suite.test("groups have tags and schedules, and go with them")
def _(check, context):
    scene, client = context.scene, context.scene.schedules
    made = client.create_schedule_group(Name="team", Tags=[{"Key": "a", "Value": "1"}])
    check.equal(made["ScheduleGroupArn"], f"{PREFIX}:schedule-group/team", "name")
    check.refused("ConflictException", client.create_schedule_group, Name="team")
    check.equal(client.get_schedule_group(Name="team")["State"], "ACTIVE", "state")
    client.tag_resource(ResourceArn=made["ScheduleGroupArn"], Tags=[{"Key": "b", "Value": "2"}])
    client.untag_resource(ResourceArn=made["ScheduleGroupArn"], TagKeys=["a"])
    check.equal(client.list_tags_for_resource(ResourceArn=made["ScheduleGroupArn"])["Tags"], [{"Key": "b", "Value": "2"}], "tags")
    for name in ("one", "other", "off"):
        client.create_schedule(Name=name, GroupName="team", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                               Target=target(), State="DISABLED" if name == "off" else "ENABLED")
    client.create_schedule(Name="one", ScheduleExpression=once(86_400)[0], FlexibleTimeWindow=OFF, Target=target())
    check.equal(scene.names(), ["default/one", "team/off", "team/one", "team/other"], "all")
    check.equal(scene.names(GroupName="team", NamePrefix="o", State="ENABLED"), ["team/one", "team/other"], "some")
    listed = client.list_schedules(NamePrefix="off")["Schedules"][0]
    check.equal((listed["State"], listed["Target"]), ("DISABLED", {"Arn": function_name()}), "what lists tell")
    groups = client.get_paginator("list_schedule_groups").paginate(PaginationConfig={"PageSize": 1})
    check.equal([g["Name"] for page in groups for g in page["ScheduleGroups"]], ["default", "team"], "groups")
    error = check.refused("ResourceNotFoundException", client.create_schedule, Name="x", GroupName="nowhere",
                          ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target=target())
    check.equal(error["Error"]["Message"], "Schedule group nowhere does not exist.", "message")
    client.delete_schedule_group(Name="team")
    check.equal(scene.names(), ["default/one"], "all")
    check.refused("ResourceNotFoundException", client.get_schedule_group, Name="team")
    check.refused("ValidationException", client.delete_schedule_group, Name="default")
    client.delete_schedule(Name="one")


@suite.test("a request that comes again with its token does nothing, and another one with it is refused")
def _(check, context):
    client = context.scene.schedules
    given = {"Name": "again", "ScheduleExpression": once(86_400)[0], "FlexibleTimeWindow": OFF, "Target": target(), "ClientToken": "first"}
    check.equal(client.create_schedule(**given)["ScheduleArn"], client.create_schedule(**given)["ScheduleArn"], "name")
    check.refused("ConflictException", client.create_schedule, **(given | {"Name": "other"}))
    error = check.refused("ConflictException", client.create_schedule, **(given | {"ClientToken": "second"}))
    check.equal(error["Error"]["Message"], "Schedule again already exists.", "message")
    client.delete_schedule(Name="again", ClientToken="third")
    client.delete_schedule(Name="again", ClientToken="third")
    check.refused("ResourceNotFoundException", client.delete_schedule, Name="again")


@suite.test("what is due once runs the function once, with its input, at its time")
def _(check, context):
    scene = context.scene
    expression, due = once(4)
    scene.schedules.create_schedule(
        Name="once", ScheduleExpression=expression, FlexibleTimeWindow=OFF, ActionAfterCompletion="DELETE",
        Target=target(Input='{"mark": "once", "at": "<aws.scheduler.scheduled-time>", "try": "<aws.scheduler.attempt-number>"}'))
    check.equal(scene.names(), ["default/once"], "there before it is due")
    (event, came), = scene.wait('"once"')
    check.equal(event, {"mark": "once", "at": expression[3:-1] + "Z", "try": "1"}, "event")
    check.true(-0.1 < came - due < 5, f"{came - due} s late")
    check.equal(scene.names(), [], "gone when it has fired")


@suite.test("a rate runs at once, and without an input the function gets the service's event")
def _(check, context):
    scene = context.scene
    scene.schedules.create_schedule(Name="rated", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target=target())
    (event, _), = scene.wait("schedule/default/rated")
    check.equal((event["source"], event["detail-type"], event["detail"]), ("aws.scheduler", "Scheduled Event", "{}"), "event")
    check.equal(event["resources"], [f"{PREFIX}:schedule/default/rated"], "resources")
    scene.schedules.delete_schedule(Name="rated")


@suite.test("what is due once starts one execution of a state machine, also behind a kill")
def _(check, context):
    scene = context.scene
    machine = states_tests.make(scene.states, "nightly")
    given = {"FlexibleTimeWindow": OFF, "ActionAfterCompletion": "DELETE"}
    expression, due = once(3)
    scene.schedules.create_schedule(
        Name="plain-machine", ScheduleExpression=expression,
        Target=target(Arn=machine, Input='{"at": "<aws.scheduler.scheduled-time>"}'), **given)
    operation = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"
    other = states_tests.make(scene.states, "hourly")
    request = {"StateMachineArn": other, "Name": "mine", "Input": '{"by": "operation"}'}
    scene.schedules.create_schedule(
        Name="operation", ScheduleExpression=expression, Target=target(Arn=operation, Input=json.dumps(request)), **given)
    check.equal(scene.schedules.get_schedule(Name="operation")["Target"]["Arn"], operation, "target")
    while time.time() < due - 0.02:
        time.sleep(0.005)
    scene.server.kill()
    scene.restart()
    check.equal(list(scene.executions(machine).values()), [{"at": expression[3:-1] + "Z"}], "what it was given")
    check.equal(scene.executions(other), {"mine": {"by": "operation"}}, "what the request says")
    check.equal(scene.names(NamePrefix="plain-machine") + scene.names(NamePrefix="operation"), [], "gone when it has fired")


@suite.test("a function that is not there yet is tried again")
def _(check, context):
    scene = context.scene
    scene.schedules.create_schedule(
        Name="early", ScheduleExpression=once(1)[0], FlexibleTimeWindow=OFF, ActionAfterCompletion="DELETE",
        Target=target(Arn=function_name("late"), Input='{"mark": "early", "try": <aws.scheduler.attempt-number>}'))
    time.sleep(3)
    scene.make_function("late")
    (event, _), = scene.wait('"early"', seconds=60)
    check.true(event["try"] > 1, "a later attempt")


@suite.test("what was due while the server was down runs once behind the next start")
def _(check, context):
    scene, client = context.scene, context.scene.schedules
    before, after = [f"missed-{n}" for n in range(8)], "missed-later"
    last = 0
    for number, name in enumerate(before):
        # The first are due around the kill, the others while nobody is there.
        expression, last = once(2 + number // 2)
        client.create_schedule(Name=name, ScheduleExpression=expression, FlexibleTimeWindow=OFF, ActionAfterCompletion="DELETE",
                               Target=target(Input=json.dumps({"mark": f"<{name}>"})))
    client.create_schedule(Name=after, ScheduleExpression=once(12)[0], FlexibleTimeWindow=OFF,
                           Target=target(Input=json.dumps({"mark": f"<{after}>"})))
    while time.time() < last - 3.01:
        time.sleep(0.005)
    scene.server.kill()
    while time.time() < last + 1:
        time.sleep(0.05)
    scene.restart()
    for name in [*before, after]:
        scene.wait(f"<{name}>")
    time.sleep(1)
    check.equal({name: len(scene.records(f"<{name}>")) for name in before[2:] + [after]},
                {name: 1 for name in before[2:] + [after]}, "how often each has run")
    check.equal(scene.names(), [f"default/{after}"], "those that end with themselves are gone")
    scene.schedules.delete_schedule(Name=after)


@suite.test("the AWS command line makes, lists and deletes schedules")
def _(check, context):
    server = context.scene.server
    made = harness.run_aws(server, "scheduler", "create-schedule", "--name", "line", "--schedule-expression", "rate(5 minutes)",
                           "--state", "DISABLED", "--flexible-time-window", "Mode=OFF", "--target", json.dumps(target()))
    check.equal(made.returncode, 0, made.stderr)
    listed = harness.run_aws(server, "scheduler", "list-schedules", "--name-prefix", "line")
    check.equal([s["Name"] for s in json.loads(listed.stdout)["Schedules"]], ["line"], "names")
    check.equal(harness.run_aws(server, "scheduler", "delete-schedule", "--name", "line").returncode, 0, "deleted")


class ScheduleSuite:
    """The tests above, on a server of their own."""

    def run(self, report, context):
        with harness.scratch("shale-schedules-") as directory:
            context.scene = Scene(context.shale, directory)
            try:
                suite.run(report, context)
            finally:
                if context.scene.server.process.poll() is None:
                    context.scene.server.stop()
