"""A function with its role and its log group by Terraform, from a configuration that is plain but for the endpoints."""

import json

import function_tests
import harness
import identity_tests
import log_tests
import terraform_tests
from harness import Suite

suite = Suite("Terraform: a function, its role, its logs")

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
variable "days" { default = 14 }
variable "greeting" { default = "hello" }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "local"
  secret_key                  = "local"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    cloudwatchlogs = var.endpoint
    iam            = var.endpoint
    lambda         = var.endpoint
    sts            = var.endpoint
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "runner" {
  name               = "runner"
  path               = "/apps/"
  description        = "runs ${var.greeting}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { team = "storage" }
}

resource "aws_iam_role_policy_attachment" "basic" {
  role       = aws_iam_role.runner.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_policy" "reading" {
  name   = "reading"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = "arn:aws:dynamodb:*:*:table/${var.greeting}" }]
  })
}

resource "aws_iam_role_policy_attachment" "reading" {
  role       = aws_iam_role.runner.name
  policy_arn = aws_iam_policy.reading.arn
}

resource "aws_iam_role_policy" "writing" {
  name   = "writing"
  role   = aws_iam_role.runner.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = "*" }]
  })
}

resource "aws_cloudwatch_log_group" "lines" {
  name              = "/aws/lambda/greeter"
  retention_in_days = var.days
  tags              = { team = "storage" }
}

resource "aws_lambda_function" "greeter" {
  function_name    = "greeter"
  role             = aws_iam_role.runner.arn
  runtime          = "python3.11"
  handler          = "handlers.greet"
  filename         = var.archive
  source_code_hash = filebase64sha256(var.archive)
  environment {
    variables = { GREETING = var.greeting }
  }
  depends_on = [aws_cloudwatch_log_group.lines, aws_iam_role_policy_attachment.basic]
}

output "arn" { value = aws_lambda_function.greeter.arn }
output "role" { value = aws_iam_role.runner.arn }
output "group" { value = aws_cloudwatch_log_group.lines.arn }
"""

HANDLER = """
import os
def greet(event, context):
    print("greeting", event["name"])
    return os.environ["GREETING"] + " " + event["name"]
"""


@suite.test("a role, a log group and a function are applied, planned again without changes, changed and destroyed")
def _(check, context):
    terraform_tests.tools()
    with harness.scratch("shale-terraform-") as directory:
        directory.chmod(0o755)
        (directory / "terraform").mkdir()
        archive = directory / "greeter.zip"
        archive.write_bytes(function_tests.archive(**{"handlers.py": HANDLER}))
        with harness.running(context.shale, directory / "data", "--functions", str(directory / "functions")) as server:
            apply_and_destroy(check, server, directory / "terraform", str(archive))
            check.equal(server.stop(), 0, "exit code of the server")


def apply_and_destroy(check, server, directory, archive):
    terraform = terraform_tests.Terraform(directory, server.endpoint, CONFIGURATION)
    terraform.apply(archive=archive)
    plan = terraform.changes(archive=archive)
    check.equal(plan.returncode, 0, f"the second plan: {plan.stdout[-3000:]}")
    outputs = terraform.outputs()
    check.equal(outputs["role"], "arn:aws:iam::000000000000:role/apps/runner")
    check.equal(outputs["group"], "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/greeter")

    functions = function_tests.lambda_client(server.endpoint)
    logs = log_tests.logs_client(server.endpoint)
    roles = identity_tests.identity_client(server.endpoint)
    answer = functions.invoke(FunctionName=outputs["arn"], Payload=json.dumps({"name": "you"}))
    check.equal(json.loads(answer["Payload"].read()), "hello you", "answer")
    attached = roles.list_attached_role_policies(RoleName="runner")["AttachedPolicies"]
    check.equal(sorted(p["PolicyName"] for p in attached), ["AWSLambdaBasicExecutionRole", "reading"], "attached")
    check.equal(roles.list_role_policies(RoleName="runner")["PolicyNames"], ["writing"], "inside")

    changed = {"archive": archive, "days": "30", "greeting": "good day"}
    check.equal(terraform.changes(**changed).returncode, 2, "a plan of changes is not empty")
    terraform.apply(**changed)
    plan = terraform.changes(**changed)
    check.equal(plan.returncode, 0, f"a plan after the changes: {plan.stdout[-3000:]}")
    answer = functions.invoke(FunctionName=outputs["arn"], Payload=json.dumps({"name": "you"}))
    check.equal(json.loads(answer["Payload"].read()), "good day you", "answer")
    group = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/greeter")["logGroups"][0]
    check.equal(group["retentionInDays"], 30, "retention")
    lines = logs.filter_log_events(logGroupName="/aws/lambda/greeter", filterPattern="greeting")["events"]
    check.equal([e["message"].strip() for e in lines], ["greeting you"] * 2, "lines")

    terraform.run("destroy", "-auto-approve", "-input=false", **changed)
    check.equal(functions.list_functions()["Functions"], [], "functions")
    check.equal(roles.list_roles()["Roles"], [], "roles")
    check.equal(roles.list_policies(Scope="Local")["Policies"], [], "policies")
