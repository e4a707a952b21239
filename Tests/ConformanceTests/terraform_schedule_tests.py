"""A schedule with its group by Terraform, from a configuration that is plain but for the endpoints."""

import json

import function_tests
import harness
import schedule_tests
import terraform_tests
from harness import Suite

suite = Suite("Terraform: a schedule and its group")

CONFIGURATION = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {}
variable "archive" {}
variable "rate" { default = "rate(2 hours)" }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "local"
  secret_key                  = "local"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    iam       = var.endpoint
    lambda    = var.endpoint
    scheduler = var.endpoint
    sts       = var.endpoint
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "scheduler.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "runner" {
  name               = "runner"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_lambda_function" "cleaner" {
  function_name    = "cleaner"
  role             = aws_iam_role.runner.arn
  runtime          = "python3.11"
  handler          = "handlers.clean"
  filename         = var.archive
  source_code_hash = filebase64sha256(var.archive)
}

resource "aws_scheduler_schedule_group" "nightly" {
  name = "nightly"
  tags = { team = "storage" }
}

resource "aws_scheduler_schedule" "workdays" {
  name                         = "workdays"
  group_name                   = aws_scheduler_schedule_group.nightly.name
  description                  = "each workday at eight"
  schedule_expression          = "cron(0 8 ? * MON-FRI *)"
  schedule_expression_timezone = "Europe/Berlin"
  start_date                   = "2199-01-01T00:00:00Z"
  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 30
  }
  target {
    arn      = aws_lambda_function.cleaner.arn
    role_arn = aws_iam_role.runner.arn
    input    = jsonencode({ keep = 7 })
    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 600
    }
  }
}

resource "aws_scheduler_schedule" "plain" {
  name                = "plain"
  schedule_expression = var.rate
  state               = "DISABLED"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_lambda_function.cleaner.arn
    role_arn = aws_iam_role.runner.arn
  }
}

output "group" { value = aws_scheduler_schedule_group.nightly.arn }
output "schedule" { value = aws_scheduler_schedule.workdays.arn }
"""


@suite.test("a schedule and its group are applied, planned again without changes, changed and destroyed")
def _(check, context):
    terraform_tests.tools()
    with harness.scratch("shale-terraform-") as directory:
        directory.chmod(0o755)
        (directory / "terraform").mkdir()
        archive = directory / "cleaner.zip"
        archive.write_bytes(function_tests.archive(**{"handlers.py": "def clean(event, context): return event"}))
        with harness.running(context.shale, directory / "data", "--functions", str(directory / "functions")) as server:
            apply_and_destroy(check, server, directory / "terraform", str(archive))
            check.equal(server.stop(), 0, "exit code of the server")


def apply_and_destroy(check, server, directory, archive):
    terraform = terraform_tests.Terraform(directory, server.endpoint, CONFIGURATION)
    terraform.apply(archive=archive)
    plan = terraform.changes(archive=archive)
    check.equal(plan.returncode, 0, f"the second plan: {plan.stdout[-3000:]}")
    outputs = terraform.outputs()
    check.equal(outputs["group"], f"{schedule_tests.PREFIX}:schedule-group/nightly")
    check.equal(outputs["schedule"], f"{schedule_tests.PREFIX}:schedule/nightly/workdays")

    schedules = schedule_tests.scheduler_client(server.endpoint)
    told = schedules.get_schedule(Name="workdays", GroupName="nightly")
    check.equal(json.loads(told["Target"]["Input"]), {"keep": 7}, "input")
    check.equal(told["ScheduleExpressionTimezone"], "Europe/Berlin", "zone")
    check.equal(schedules.list_tags_for_resource(ResourceArn=outputs["group"])["Tags"], [{"Key": "team", "Value": "storage"}], "tags")

    changed = {"archive": archive, "rate": "rate(3 hours)"}
    check.equal(terraform.changes(**changed).returncode, 2, "a plan of changes is not empty")
    terraform.apply(**changed)
    plan = terraform.changes(**changed)
    check.equal(plan.returncode, 0, f"a plan after the changes: {plan.stdout[-3000:]}")
    check.equal(schedules.get_schedule(Name="plain")["ScheduleExpression"], "rate(3 hours)", "expression")

    terraform.run("destroy", "-auto-approve", "-input=false", **changed)
    check.equal(schedules.list_schedules()["Schedules"], [], "schedules")
    check.equal([g["Name"] for g in schedules.list_schedule_groups()["ScheduleGroups"]], ["default"], "groups")
