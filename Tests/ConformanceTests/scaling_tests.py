"""Application Auto Scaling: the calls that boto3, the AWS command line and Terraform make, and capacity that follows the load."""

import os
import pathlib
import subprocess
import sys
import time

import boto3
import botocore.config
import harness
from capacity_tests import Raw, item, provisioned
from harness import Suite

suite = Suite("Auto scaling")

NAMESPACE = {"ServiceNamespace": "dynamodb"}
READS = NAMESPACE | {"ResourceId": "table/Scaled", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
WRITES = READS | {"ScalableDimension": "dynamodb:table:WriteCapacityUnits"}


def scaling(server, key="local", secret="local"):
    return boto3.client(
        "application-autoscaling", endpoint_url=server.endpoint, region_name="us-east-1",
        aws_access_key_id=key, aws_secret_access_key=secret, config=botocore.config.Config(retries={"total_max_attempts": 1}))


def tracking(metric="DynamoDBWriteCapacityUtilization", value=70.0, **more):
    return {"TargetValue": value, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}} | more


@suite.test("targets, policies and tags are put, told, changed and taken away")
def _(check, context):
    client = scaling(context.server)
    check.refused("ValidationException", client.register_scalable_target, **READS, MinCapacity=1, MaxCapacity=10)
    provisioned(context.client, "Scaled", reads=5, writes=5)
    check.refused("ValidationException", client.register_scalable_target, **READS)
    check.refused("ValidationException", client.register_scalable_target, **READS, MinCapacity=10, MaxCapacity=1)
    check.refused("ObjectNotFoundException", client.deregister_scalable_target, **READS)
    check.refused("ObjectNotFoundException", client.put_scaling_policy, **WRITES, PolicyName="p",
                  PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking())
    arn = client.register_scalable_target(**WRITES, MinCapacity=5, MaxCapacity=50, Tags={"owner": "music"})["ScalableTargetARN"]
    check.true(arn.startswith("arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/"), arn)
    client.register_scalable_target(**READS, MinCapacity=1, MaxCapacity=10)
    targets = client.describe_scalable_targets(**NAMESPACE)["ScalableTargets"]
    check.equal([(t["ScalableDimension"], t["MinCapacity"], t["MaxCapacity"]) for t in targets], [
        ("dynamodb:table:ReadCapacityUnits", 1, 10), ("dynamodb:table:WriteCapacityUnits", 5, 50)])
    check.contains(targets[0]["RoleARN"], "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable")
    page = client.describe_scalable_targets(**NAMESPACE, MaxResults=1)
    rest = client.describe_scalable_targets(**NAMESPACE, MaxResults=1, NextToken=page["NextToken"])
    check.equal(page["ScalableTargets"] + rest["ScalableTargets"], targets)
    check.true("NextToken" not in rest, "the last page has no token")
    check.equal(client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"], [])
    named = client.describe_scalable_targets(**NAMESPACE, ResourceIds=["table/Other"])["ScalableTargets"]
    check.equal(named, [])

    check.equal(client.list_tags_for_resource(ResourceARN=arn)["Tags"], {"owner": "music"})
    client.tag_resource(ResourceARN=arn, Tags={"cost": "7"})
    client.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    check.equal(client.list_tags_for_resource(ResourceARN=arn)["Tags"], {"cost": "7"})
    check.refused("ResourceNotFoundException", client.list_tags_for_resource, ResourceARN=arn[:-4] + "0000")
    check.refused("TooManyTagsException", client.tag_resource, ResourceARN=arn, Tags={str(n): "" for n in range(60)})

    put = {"PolicyName": "keep", "PolicyType": "TargetTrackingScaling"}
    policy = client.put_scaling_policy(**WRITES, **put, TargetTrackingScalingPolicyConfiguration=tracking(ScaleInCooldown=60))
    check.contains(policy["PolicyARN"], ":resource/dynamodb/table/Scaled:policyName/keep")
    told = client.describe_scaling_policies(**NAMESPACE)["ScalingPolicies"]
    check.equal(told[0]["TargetTrackingScalingPolicyConfiguration"], tracking(ScaleInCooldown=60))
    for wrong in (tracking(value=95.0), tracking("DynamoDBReadCapacityUtilization"), tracking("ALBRequestCountPerTarget")):
        check.refused("ValidationException", client.put_scaling_policy, **WRITES, **put,
                      TargetTrackingScalingPolicyConfiguration=wrong)
    check.refused("ValidationException", client.put_scaling_policy, **WRITES, PolicyName="steps", PolicyType="StepScaling",
                  StepScalingPolicyConfiguration={"AdjustmentType": "ExactCapacity"})
    check.refused("ObjectNotFoundException", client.delete_scaling_policy, **READS, PolicyName="keep")
    client.delete_scaling_policy(**WRITES, PolicyName="keep")
    client.deregister_scalable_target(**WRITES)
    client.deregister_scalable_target(**READS)
    check.equal(client.describe_scalable_targets(**NAMESPACE)["ScalableTargets"], [])
    check.equal(client.describe_scaling_policies(**NAMESPACE)["ScalingPolicies"], [])
    check.true(all(not name.startswith("$") for name in context.client.list_tables()["TableNames"]), "no system table is listed")
    context.client.delete_table(TableName="Scaled")


@suite.test("bounds that do not hold are made to, and an activity tells")
def _(check, context):
    client = scaling(context.server)
    provisioned(context.client, "Scaled", reads=5, writes=5)
    client.register_scalable_target(**WRITES, MinCapacity=20, MaxCapacity=50)
    client.put_scaling_policy(**WRITES, PolicyName="keep", PolicyType="TargetTrackingScaling",
                              TargetTrackingScalingPolicyConfiguration=tracking())
    deadline = time.monotonic() + 20
    while not (activities := client.describe_scaling_activities(**NAMESPACE)["ScalingActivities"]) and time.monotonic() < deadline:
        time.sleep(0.2)
    check.equal([activity["Description"] for activity in activities], ["Setting write capacity units to 20."])
    check.equal(activities[0]["StatusCode"], "Successful")
    table = context.client.describe_table(TableName="Scaled")["Table"]
    check.equal(table["ProvisionedThroughput"]["WriteCapacityUnits"], 20)
    check.true("LastIncreaseDateTime" in table["ProvisionedThroughput"], "when it was raised is told")
    client.deregister_scalable_target(**WRITES)
    context.client.delete_table(TableName="Scaled")


@suite.test("requests are signed for application-autoscaling, and policies of keys count")
def _(check, context):
    environment = {"SHALE_ACCESS_KEY_ID": "key", "SHALE_SECRET_ACCESS_KEY": "secret"}
    with harness.scratch() as directory, \
            harness.running(context.shale, directory / "data", environment=environment) as server:
        check.equal(scaling(server, "key", "secret").describe_scalable_targets(**NAMESPACE)["ScalableTargets"], [])
        check.refused("InvalidSignatureException", scaling(server, "key", "wrong").describe_scalable_targets, **NAMESPACE)
    with harness.scratch() as directory:
        (directory / "reader.json").write_text(
            '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}')
        (directory / "keys").write_text("own:secret\nreads:secret user=reader policy=reader.json\n")
        with harness.running(context.shale, directory / "data", "--credentials-file", str(directory / "keys")) as server:
            scaling(server, "own", "secret").describe_scalable_targets(**NAMESPACE)
            check.refused("AccessDeniedException", scaling(server, "reads", "secret").describe_scalable_targets, **NAMESPACE)


@suite.test("the AWS command line registers, describes and deregisters")
def _(check, context):
    program = pathlib.Path(sys.executable).parent / "aws"
    if not program.exists():
        raise harness.Skipped("the AWS command line is not installed")
    provisioned(context.client, "Scaled", reads=5, writes=5)

    def aws(*arguments):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        ran = subprocess.run(
            [program, "application-autoscaling", *arguments, "--endpoint-url", context.server.endpoint, "--region", "us-east-1",
             "--output", "text"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env=clean | {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_EC2_METADATA_DISABLED": "true"})
        check.equal(ran.returncode, 0, f"aws {arguments[0]}: {ran.stderr}")
        return ran.stdout

    what = ["--service-namespace", "dynamodb", "--resource-id", "table/Scaled",
            "--scalable-dimension", "dynamodb:table:ReadCapacityUnits"]
    aws("register-scalable-target", *what, "--min-capacity", "1", "--max-capacity", "9")
    check.contains(aws("describe-scalable-targets", "--service-namespace", "dynamodb"), "table/Scaled")
    aws("deregister-scalable-target", *what)
    context.client.delete_table(TableName="Scaled")


def load_follows(check, context, minutes=4):
    """For minutes: the load is above the target, and the capacity rises to what it needs."""
    client, raw = scaling(context.server), Raw(context.server)
    provisioned(context.client, "Scaled", reads=5, writes=5)
    client.register_scalable_target(**WRITES, MinCapacity=5, MaxCapacity=50)
    client.put_scaling_policy(**WRITES, PolicyName="keep", PolicyType="TargetTrackingScaling",
                              TargetTrackingScalingPolicyConfiguration=tracking(value=50.0))
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        raw.send("PutItem", {"TableName": "Scaled", "Item": item("a")})
        time.sleep(0.1)
        capacity = context.client.describe_table(TableName="Scaled")["Table"]["ProvisionedThroughput"]["WriteCapacityUnits"]
        if capacity > 5:
            break
    check.true(15 <= capacity <= 21, f"the capacity is {capacity}")
    client.deregister_scalable_target(**WRITES)
    context.client.delete_table(TableName="Scaled")


def suite_for(is_full):
    if is_full:
        suite.test("in minutes the capacity rises to what the load needs")(load_follows)
    return suite
