"""A state machine with its alias and an activity by Terraform, from a configuration that is plain but for the endpoints."""

import json

import harness
import states_tests
import terraform_tests
from harness import Suite

suite = Suite("Terraform: a state machine, its alias, an activity")

CONFIGURATION = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {}
variable "greeting" { default = "hello" }
variable "level" { default = "ERROR" }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "local"
  secret_key                  = "local"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    cloudwatchlogs = var.endpoint
    iam            = var.endpoint
    sfn            = var.endpoint
    sts            = var.endpoint
  }
}

resource "aws_iam_role" "runner" {
  name               = "machines"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
}

resource "aws_cloudwatch_log_group" "lines" {
  name = "/machines/greeter"
}

resource "aws_sfn_activity" "asking" {
  name = "asking"
  tags = { team = "storage" }
}

resource "aws_sfn_state_machine" "greeter" {
  name       = "greeter"
  role_arn   = aws_iam_role.runner.arn
  publish    = true
  definition = jsonencode({
    StartAt = "Greet"
    States  = {
      Greet = { Type = "Pass", Result = var.greeting, Next = "Ask" }
      Ask   = { Type = "Task", Resource = aws_sfn_activity.asking.id, TimeoutSeconds = 60, End = true }
    }
  })
  logging_configuration {
    level                  = var.level
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.lines.arn}:*"
  }
  tags = { team = "storage" }
}

resource "aws_sfn_alias" "live" {
  name = "live"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.greeter.state_machine_version_arn
    weight                    = 100
  }
}

resource "aws_sfn_state_machine" "quick" {
  name       = "quick"
  role_arn   = aws_iam_role.runner.arn
  type       = "EXPRESS"
  definition = jsonencode({ StartAt = "P", States = { P = { Type = "Pass", End = true } } })
}

output "arn" { value = aws_sfn_state_machine.greeter.arn }
output "alias" { value = aws_sfn_alias.live.arn }
output "activity" { value = aws_sfn_activity.asking.id }
"""


@suite.test("a state machine, an alias and an activity are applied, planned again without changes, changed and destroyed")
def _(check, context):
    terraform_tests.tools()
    with harness.scratch("shale-terraform-") as directory:
        (directory / "terraform").mkdir()
        with harness.running(context.shale, directory / "data") as server:
            apply_and_destroy(check, server, directory / "terraform")
            check.equal(server.stop(), 0, "exit code of the server")


def apply_and_destroy(check, server, directory):
    terraform = terraform_tests.Terraform(directory, server.endpoint, CONFIGURATION)
    terraform.apply()
    plan = terraform.changes()
    check.equal(plan.returncode, 0, f"the second plan: {plan.stdout[-3000:]}")
    outputs = terraform.outputs()
    arn = f"{states_tests.PREFIX}:stateMachine:greeter"
    check.equal((outputs["arn"], outputs["alias"]), (arn, arn + ":live"), "names")
    client = states_tests.states_client(server.endpoint)
    check.equal(client.list_tags_for_resource(resourceArn=outputs["activity"])["tags"], [{"key": "team", "value": "storage"}], "tags")

    changed = {"greeting": "good day", "level": "ALL"}
    check.equal(terraform.changes(**changed).returncode, 2, "a plan of changes is not empty")
    terraform.apply(**changed)
    plan = terraform.changes(**changed)
    check.equal(plan.returncode, 0, f"a plan after the changes: {plan.stdout[-3000:]}")
    told = client.describe_state_machine(stateMachineArn=arn)
    check.equal(json.loads(told["definition"])["States"]["Greet"]["Result"], "good day", "definition")
    check.equal(told["loggingConfiguration"]["level"], "ALL", "logging")
    routes = client.describe_state_machine_alias(stateMachineAliasArn=outputs["alias"])["routingConfiguration"]
    check.equal(routes, [{"stateMachineVersionArn": arn + ":2", "weight": 100}], "the alias follows")

    terraform.run("destroy", "-auto-approve", "-input=false", **changed)
    check.equal(client.list_state_machines()["stateMachines"], [], "machines")
    check.equal(client.list_activities()["activities"], [], "activities")
