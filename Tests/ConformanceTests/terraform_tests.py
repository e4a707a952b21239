"""Terraform's own provider, unchanged: applies a table, plans nothing more, changes it, destroys it.

Runs where `terraform` is found, by SHALE_TERRAFORM or on PATH, and a directory of its plugins with the
provider for AWS, by SHALE_TERRAFORM_PLUGINS or at one of the usual places; elsewhere it is skipped by name.
"""

import json
import os
import pathlib
import shutil
import subprocess

import harness
import scaling_tests
from harness import Skipped, Suite

suite = Suite("Terraform")

PLACES = ["/opt/tf-plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins",
          "~/.terraform.d/plugins", "~/.local/share/terraform/plugins"]
PROVIDER = "registry.terraform.io/hashicorp/aws"

CONFIGURATION = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {}
variable "owner" { default = "music" }
variable "expiring" { default = true }
variable "streaming" { default = true }
variable "by_year" { default = true }
variable "most" { default = 100 }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "local"
  secret_key                  = "local"
  skip_credentials_validation = false
  skip_requesting_account_id  = false
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    appautoscaling = var.endpoint
    dynamodb       = var.endpoint
    sts            = var.endpoint
  }
}

data "aws_caller_identity" "me" {}

resource "aws_dynamodb_table" "songs" {
  name             = "Songs"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "artist"
  range_key        = "title"
  stream_enabled   = var.streaming
  stream_view_type = var.streaming ? "NEW_AND_OLD_IMAGES" : null
  table_class      = "STANDARD"

  attribute {
    name = "artist"
    type = "S"
  }
  attribute {
    name = "title"
    type = "S"
  }
  attribute {
    name = "plays"
    type = "N"
  }
  attribute {
    name = "genre"
    type = "S"
  }
  dynamic "attribute" {
    for_each = var.by_year ? ["year"] : []
    content {
      name = attribute.value
      type = "N"
    }
  }

  local_secondary_index {
    name            = "ByPlays"
    range_key       = "plays"
    projection_type = "KEYS_ONLY"
  }
  global_secondary_index {
    name               = "ByGenre"
    hash_key           = "genre"
    range_key          = "plays"
    projection_type    = "INCLUDE"
    non_key_attributes = ["label"]
  }
  dynamic "global_secondary_index" {
    for_each = var.by_year ? ["year"] : []
    content {
      name            = "ByYear"
      hash_key        = global_secondary_index.value
      projection_type = "ALL"
    }
  }

  ttl {
    attribute_name = "expires"
    enabled        = var.expiring
  }
  server_side_encryption {
    enabled = true
  }
  on_demand_throughput {
    max_read_request_units  = 500
    max_write_request_units = 250
  }
  tags = {
    owner = var.owner
    cost  = "7"
  }
}

resource "aws_dynamodb_table" "plain" {
  name           = "Plain"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 6
  hash_key       = "id"
  attribute {
    name = "id"
    type = "B"
  }
  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 7
  }
  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}

resource "aws_appautoscaling_target" "reads" {
  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.plain.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity       = 5
  max_capacity       = var.most
  tags               = { owner = var.owner }
}

resource "aws_appautoscaling_policy" "reads" {
  name               = "DynamoDBReadCapacityUtilization:${aws_appautoscaling_target.reads.resource_id}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.reads.service_namespace
  resource_id        = aws_appautoscaling_target.reads.resource_id
  scalable_dimension = aws_appautoscaling_target.reads.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_in_cooldown  = 60
    scale_out_cooldown = 30
    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
  }
}

resource "aws_dynamodb_table" "copy" {
  name                   = "Copy"
  billing_mode           = "PROVISIONED"
  read_capacity          = 5
  write_capacity         = 6
  hash_key               = "id"
  restore_source_name    = aws_dynamodb_table.plain.name
  restore_to_latest_time = true
  attribute {
    name = "id"
    type = "B"
  }
}

output "account" { value = data.aws_caller_identity.me.account_id }
output "arn" { value = aws_dynamodb_table.songs.arn }
output "stream" { value = aws_dynamodb_table.songs.stream_arn }
"""


def tools():
    """Terraform and a directory of its plugins."""
    program = os.environ.get("SHALE_TERRAFORM") or shutil.which("terraform")
    if not program:
        raise Skipped("terraform is not on PATH, and SHALE_TERRAFORM is not set")
    places = [os.environ["SHALE_TERRAFORM_PLUGINS"]] if "SHALE_TERRAFORM_PLUGINS" in os.environ else PLACES
    for place in map(lambda text: pathlib.Path(text).expanduser(), places):
        if (place / PROVIDER).is_dir():
            return program, place
    raise Skipped(f"no directory of plugins with {PROVIDER}; SHALE_TERRAFORM_PLUGINS names one")


class Terraform:
    """One working directory."""

    def __init__(self, directory, endpoint, configuration=CONFIGURATION):
        self.program, plugins = tools()
        self.directory, self.endpoint = directory, endpoint
        (directory / "main.tf").write_text(configuration)
        (directory / "empty.rc").write_text("")
        self.run("init", f"-plugin-dir={plugins}")

    def run(self, command, *arguments, allowed=(0,), **variables):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("AWS_", "TF_", "HTTP", "http"))}
        given = {f"TF_VAR_{name}": json.dumps(value) if isinstance(value, bool) else value
                 for name, value in ({"endpoint": self.endpoint} | variables).items()}
        ran = subprocess.run(
            [self.program, command, "-no-color", *arguments], cwd=self.directory, capture_output=True,
            text=True, timeout=300, stdin=subprocess.DEVNULL,
            env=clean | given | {
                "TF_CLI_CONFIG_FILE": str(self.directory / "empty.rc"), "CHECKPOINT_DISABLE": "1",
                "TF_IN_AUTOMATION": "1", "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_MAX_ATTEMPTS": "2",
            } | self.environment())
        if ran.returncode not in allowed:
            raise harness.Failed(f"terraform {command}: {ran.stdout[-1500:]}{ran.stderr[-1500:]}")
        return ran

    def environment(self):
        """More variables: none where the configuration has the keys."""
        return {}

    def apply(self, **variables):
        return self.run("apply", "-auto-approve", "-input=false", **variables)

    def changes(self, **variables):
        """0 when a plan is empty, 2 when it is not."""
        return self.run("plan", "-detailed-exitcode", "-input=false", allowed=(0, 2), **variables)

    def outputs(self):
        return {name: value["value"] for name, value in json.loads(self.run("output", "-json").stdout).items()}


@suite.test("a table with indexes, TTL, a stream and tags is applied, planned empty, changed and destroyed")
def _(check, context):
    tools()
    with harness.scratch() as directory, \
            harness.running(context.shale, directory / "data", "--account", "123456789012") as server:
        (directory / "work").mkdir()
        terraform = Terraform(directory / "work", server.endpoint)
        terraform.apply()
        plan = terraform.changes()
        check.equal(plan.returncode, 0, f"a plan after apply: {plan.stdout[-3000:]}")
        outputs = terraform.outputs()
        check.equal(outputs["account"], "123456789012")
        check.equal(outputs["arn"], "arn:aws:dynamodb:us-east-1:123456789012:table/Songs")
        check.contains(outputs["stream"], "table/Songs/stream/")
        compare(check, server.client(), outputs["arn"])
        restored(check, server.client())

        scaled(check, server, 100)

        changed = {"most": "200", "owner": "archive", "expiring": False, "streaming": False, "by_year": False}
        check.equal(terraform.changes(**changed).returncode, 2, "a plan of changes is not empty")
        terraform.apply(**changed)
        plan = terraform.changes(**changed)
        check.equal(plan.returncode, 0, f"a plan after the changes: {plan.stdout[-3000:]}")
        client = server.client()
        table = client.describe_table(TableName="Songs")["Table"]
        check.equal([index["IndexName"] for index in table["GlobalSecondaryIndexes"]], ["ByGenre"])
        check.equal(client.describe_time_to_live(TableName="Songs")["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED")
        tags = client.list_tags_of_resource(ResourceArn=outputs["arn"])["Tags"]
        check.equal({tag["Key"]: tag["Value"] for tag in tags}, {"owner": "archive", "cost": "7"})
        scaled(check, server, 200)

        terraform.run("destroy", "-auto-approve", "-input=false", **changed)
        check.equal(client.list_tables()["TableNames"], [], "tables after destroy")
        left = scaling_tests.scaling(server).describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
        check.equal(left, [], "scalable targets after destroy")
        check.equal(server.stop(), 0, "exit code of the server")


def scaled(check, server, most):
    client = scaling_tests.scaling(server)
    targets = client.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    check.equal([(target["ResourceId"], target["MaxCapacity"]) for target in targets], [("table/Plain", most)])
    policies = client.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
    check.equal([policy["TargetTrackingScalingPolicyConfiguration"]["ScaleInCooldown"] for policy in policies], [60])


def restored(check, client):
    """The second table was made of the first one's past."""
    recovery = client.describe_continuous_backups(TableName="Plain")["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    check.equal((recovery["PointInTimeRecoveryStatus"], recovery["RecoveryPeriodInDays"]), ("ENABLED", 7))
    table = client.describe_table(TableName="Copy")["Table"]
    check.equal(table["TableStatus"], "ACTIVE")
    check.contains(table["RestoreSummary"]["SourceTableArn"], ":table/Plain")


def compare(check, client, arn):
    table = client.describe_table(TableName="Songs")["Table"]
    check.equal(sorted(index["IndexName"] for index in table["GlobalSecondaryIndexes"]), ["ByGenre", "ByYear"])
    check.equal([index["IndexName"] for index in table["LocalSecondaryIndexes"]], ["ByPlays"])
    check.equal(table["StreamSpecification"], {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    check.equal(table["SSEDescription"]["Status"], "ENABLED")
    check.equal(table["OnDemandThroughput"], {"MaxReadRequestUnits": 500, "MaxWriteRequestUnits": 250})
    expiry = client.describe_time_to_live(TableName="Songs")["TimeToLiveDescription"]
    check.equal(expiry["AttributeName"], "expires")
    tags = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
    check.equal({tag["Key"]: tag["Value"] for tag in tags}, {"owner": "music", "cost": "7"})
    units = client.describe_table(TableName="Plain")["Table"]["ProvisionedThroughput"]
    check.equal((units["ReadCapacityUnits"], units["WriteCapacityUnits"]), (5, 6))
