# A table and its replica in another installation. On AWS that is another region, and nothing need be given; elsewhere
# the addresses of the two servers, and a key where the second one asks for it.

variable "endpoint" {
  type    = string
  default = null
}

variable "replica_endpoint" {
  type    = string
  default = null
}

variable "replica_region" {
  type    = string
  default = "eu-west-1"
}

variable "replica_key" {
  type      = object({ id = string, secret = string })
  default   = null
  sensitive = true
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

provider "aws" {
  alias      = "replica"
  region     = var.replica_region
  access_key = try(var.replica_key.id, null)
  secret_key = try(var.replica_key.secret, null)
  endpoints {
    dynamodb = var.replica_endpoint
    sts      = var.replica_endpoint
  }
}

resource "aws_dynamodb_table" "orders" {
  name             = "Orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "customer"
  range_key        = "number"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  attribute {
    name = "customer"
    type = "S"
  }
  attribute {
    name = "number"
    type = "N"
  }
}

resource "aws_dynamodb_table" "replica" {
  provider     = aws.replica
  name         = "Orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer"
  range_key    = "number"
  attribute {
    name = "customer"
    type = "S"
  }
  attribute {
    name = "number"
    type = "N"
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

data "aws_iam_policy_document" "replicate" {
  statement {
    actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
    resources = [aws_dynamodb_table.orders.stream_arn]
  }
  statement {
    actions   = ["dynamodb:BatchWriteItem"]
    resources = [aws_dynamodb_table.replica.arn]
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.replicate.arn}:*"]
  }
}

resource "aws_iam_role" "replicate" {
  name               = "replicate"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "replicate" {
  name   = "replicate"
  role   = aws_iam_role.replicate.id
  policy = data.aws_iam_policy_document.replicate.json
}

resource "aws_cloudwatch_log_group" "replicate" {
  name              = "/aws/lambda/replicate"
  retention_in_days = 30
}

resource "aws_lambda_function" "replicate" {
  function_name    = "replicate"
  role             = aws_iam_role.replicate.arn
  runtime          = "python3.12"
  handler          = "handlers.replicate"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 256
  timeout          = 30
  environment {
    variables = merge(
      { REPLICA_TABLE = aws_dynamodb_table.replica.name, REPLICA_REGION = var.replica_region },
      var.replica_endpoint == null ? {} : { REPLICA_ENDPOINT = var.replica_endpoint },
      var.replica_key == null ? {} : { REPLICA_KEY_ID = var.replica_key.id, REPLICA_SECRET = var.replica_key.secret },
    )
  }
  depends_on = [aws_cloudwatch_log_group.replicate, aws_iam_role_policy.replicate]
}

resource "aws_lambda_event_source_mapping" "replicate" {
  event_source_arn  = aws_dynamodb_table.orders.stream_arn
  function_name     = aws_lambda_function.replicate.arn
  starting_position = "TRIM_HORIZON"
  batch_size        = 100
}
