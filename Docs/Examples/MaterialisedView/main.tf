# The materialised view. On AWS nothing need be given; elsewhere the address of the server.

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

resource "aws_dynamodb_table" "orders" {
  name             = "Orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "customer"
  range_key        = "number"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  attribute {
    name = "customer"
    type = "S"
  }
  attribute {
    name = "number"
    type = "N"
  }
}

resource "aws_dynamodb_table" "totals" {
  name         = "Totals"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer"
  attribute {
    name = "customer"
    type = "S"
  }
}

# Which changes are in the totals; forgotten when they cannot come again.
resource "aws_dynamodb_table" "counted" {
  name         = "Counted"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "change"
  attribute {
    name = "change"
    type = "S"
  }
  ttl {
    attribute_name = "expires"
    enabled        = true
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

data "aws_iam_policy_document" "count" {
  statement {
    actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
    resources = [aws_dynamodb_table.orders.stream_arn]
  }
  statement {
    actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.totals.arn, aws_dynamodb_table.counted.arn]
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.count.arn}:*"]
  }
}

resource "aws_iam_role" "count" {
  name               = "count"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "count" {
  name   = "count"
  role   = aws_iam_role.count.id
  policy = data.aws_iam_policy_document.count.json
}

resource "aws_cloudwatch_log_group" "count" {
  name              = "/aws/lambda/count"
  retention_in_days = 30
}

resource "aws_lambda_function" "count" {
  function_name    = "count"
  role             = aws_iam_role.count.arn
  runtime          = "python3.12"
  handler          = "handlers.count"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 256
  timeout          = 30
  environment {
    variables = { TOTALS_TABLE = aws_dynamodb_table.totals.name, COUNTED_TABLE = aws_dynamodb_table.counted.name }
  }
  depends_on = [aws_cloudwatch_log_group.count, aws_iam_role_policy.count]
}

# A batch is one transaction.
resource "aws_lambda_event_source_mapping" "count" {
  event_source_arn  = aws_dynamodb_table.orders.stream_arn
  function_name     = aws_lambda_function.count.arn
  starting_position = "TRIM_HORIZON"
  batch_size        = 50
}
