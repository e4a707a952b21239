# The audit log. On AWS nothing need be given; elsewhere the address of the server.

variable "endpoint" {
  type    = string
  default = null
}

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
  endpoints {
    cloudwatchlogs = var.endpoint
    dynamodb       = var.endpoint
    iam            = var.endpoint
    lambda         = var.endpoint
    sts            = var.endpoint
  }
}

resource "aws_dynamodb_table" "accounts" {
  name             = "Accounts"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_dynamodb_table" "audit" {
  name         = "Audit"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "account"
  range_key    = "sequence"
  attribute {
    name = "account"
    type = "S"
  }
  attribute {
    name = "sequence"
    type = "S"
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

data "aws_iam_policy_document" "audit" {
  statement {
    actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
    resources = [aws_dynamodb_table.accounts.stream_arn]
  }
  statement {
    actions   = ["dynamodb:BatchWriteItem"]
    resources = [aws_dynamodb_table.audit.arn]
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.audit.arn}:*"]
  }
}

resource "aws_iam_role" "audit" {
  name               = "audit"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "audit" {
  name   = "audit"
  role   = aws_iam_role.audit.id
  policy = data.aws_iam_policy_document.audit.json
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/aws/lambda/audit"
  retention_in_days = 30
}

resource "aws_lambda_function" "audit" {
  function_name    = "audit"
  role             = aws_iam_role.audit.arn
  runtime          = "python3.12"
  handler          = "handlers.write_down"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 256
  timeout          = 30
  environment {
    variables = { AUDIT_TABLE = aws_dynamodb_table.audit.name }
  }
  depends_on = [aws_cloudwatch_log_group.audit, aws_iam_role_policy.audit]
}

resource "aws_lambda_event_source_mapping" "audit" {
  event_source_arn  = aws_dynamodb_table.accounts.stream_arn
  function_name     = aws_lambda_function.audit.arn
  starting_position = "TRIM_HORIZON"
  batch_size        = 100
}
