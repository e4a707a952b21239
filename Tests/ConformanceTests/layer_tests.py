"""Layers, as boto3 and Terraform see them: their versions, and what functions find of them."""

import base64
import hashlib
import json
import urllib.request

import harness
import terraform_tests
from function_tests import ROLE, WAIT, archive
from harness import Suite

suite = Suite("layers")
PREFIX = "arn:aws:lambda:us-east-1:000000000000:layer"

HANDLER = """
import os, subprocess
def read(event, context):
    import shared
    told = {"who": shared.WHO, "extra": getattr(shared, "EXTRA", None)}
    told["program"] = subprocess.run(["speak"], capture_output=True, text=True).stdout.strip()
    told["opt"] = sorted(os.listdir("/opt")) if os.path.exists("/opt/layer.txt") else None
    try:
        import deeper
        told["deeper"] = deeper.NAME
    except ImportError:
        told["deeper"] = None
    return told
"""
FIRST = archive(**{"python/shared.py": "WHO = 'first'", "bin/speak": "#!/bin/sh\necho spoken", "layer.txt": "1"})
SECOND = archive(**{"python/shared.py": "WHO = 'second'\nEXTRA = 2",
                    "python/lib/python3.11/site-packages/deeper.py": "NAME = 'deep'"})


def publish(client, name, content, **more):
    return client.publish_layer_version(LayerName=name, Content={"ZipFile": content}, **more)


@suite.test("versions are published, described, listed and fetched")
def _(check, context):
    client = context.functions.client
    one = publish(client, "first", FIRST, Description="one", CompatibleRuntimes=["python3.11", "python3.12"], LicenseInfo="MIT")
    check.equal((one["Version"], one["LayerArn"], one["LayerVersionArn"]), (1, f"{PREFIX}:first", f"{PREFIX}:first:1"), "names")
    check.equal(one["Content"]["CodeSha256"], base64.b64encode(hashlib.sha256(FIRST).digest()).decode(), "digest")
    with urllib.request.urlopen(one["Content"]["Location"]) as answer:
        check.equal(answer.read(), FIRST, "content")
    check.equal(publish(client, "first", FIRST, CompatibleArchitectures=["arm64"])["Version"], 2, "the next number")
    publish(client, "second", SECOND)
    got = client.get_layer_version(LayerName=f"{PREFIX}:first", VersionNumber=1)
    check.equal((got["Description"], got["LicenseInfo"], got["CompatibleRuntimes"]), ("one", "MIT", ["python3.11", "python3.12"]), "members")
    by_name = client.get_layer_version_by_arn(Arn=f"{PREFIX}:first:1")
    check.equal((by_name["Version"], by_name["CreatedDate"]), (1, got["CreatedDate"]), "by resource name")
    versions = client.list_layer_versions(LayerName="first")["LayerVersions"]
    check.equal([v["Version"] for v in versions], [2, 1], "versions")
    check.true("Content" not in versions[0], "lists have no content")
    check.equal([v["Version"] for v in client.list_layer_versions(LayerName="first", CompatibleRuntime="python3.12")["LayerVersions"]], [1], "by runtime")
    pages = client.get_paginator("list_layers").paginate(PaginationConfig={"PageSize": 1})
    layers = [(l["LayerName"], l["LatestMatchingVersion"]["Version"]) for page in pages for l in page["Layers"]]
    check.equal(layers, [("first", 2), ("second", 1)], "layers")
    check.equal([l["LayerName"] for l in client.list_layers(CompatibleRuntime="python3.11")["Layers"]], ["first"], "layers by runtime")


@suite.test("a function finds programs and modules of its layers, later ones before earlier ones")
def _(check, context):
    world, client = context.functions, context.functions.client
    made = world.make("layered", "read", Code={"ZipFile": archive(**{"handlers.py": HANDLER})},
                      Layers=[f"{PREFIX}:first:1", f"{PREFIX}:second:1"])
    check.equal([l["Arn"] for l in made["Layers"]], [f"{PREFIX}:first:1", f"{PREFIX}:second:1"], "layers")
    check.equal([l["CodeSize"] for l in made["Layers"]], [len(FIRST), len(SECOND)], "sizes")
    told = world.call("layered")[1]
    opt = told.pop("opt")
    check.equal(told, {"who": "second", "extra": 2, "program": "spoken", "deeper": "deep"}, "what it finds")
    check.true(opt in (None, ["bin", "layer.txt", "python"]), f"/opt is the machine's or the layers': {opt}")
    published = client.publish_version(FunctionName="layered")["Version"]
    client.update_function_configuration(FunctionName="layered", Layers=[f"{PREFIX}:first:1"])
    client.get_waiter("function_updated_v2").wait(FunctionName="layered", WaiterConfig=WAIT)
    check.equal(world.call("layered")[1]["who"], "first", "with one layer")
    check.equal(world.call("layered", Qualifier=published)[1]["who"], "second", "the version has both")


@suite.test("a deleted version stays for the functions that have it, across a restart")
def _(check, context):
    world, client = context.functions, context.functions.client
    client.delete_layer_version(LayerName="first", VersionNumber=1)
    client.delete_layer_version(LayerName="first", VersionNumber=1)
    check.refused("ResourceNotFoundException", client.get_layer_version, LayerName="first", VersionNumber=1)
    check.refused("InvalidParameterValueException", client.update_function_configuration, FunctionName="layered", Layers=[f"{PREFIX}:first:1"])
    world.server.stop()
    world.restart()
    client = world.client
    check.equal(world.call("layered")[1]["who"], "first", "the function")
    client.update_function_configuration(FunctionName="layered", Layers=[])
    client.get_waiter("function_updated_v2").wait(FunctionName="layered", WaiterConfig=WAIT)
    check.true("Layers" not in client.get_function_configuration(FunctionName="layered"), "no layers")
    answer, payload = world.call("layered")
    check.equal((answer.get("FunctionError"), payload["errorType"]), ("Unhandled", "ModuleNotFoundError"), "without layers")
    check.equal(publish(client, "first", FIRST)["Version"], 3, "numbers are not given again")


@suite.test("a program of its own may be in a layer")
def _(check, context):
    world, client = context.functions, context.functions.client
    program = """#!/usr/bin/env python3
import http.client, os
c = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    c.request("GET", "/2018-06-01/runtime/invocation/next"); r = c.getresponse(); body = r.read()
    c.request("POST", f"/2018-06-01/runtime/invocation/{r.headers['Lambda-Runtime-Aws-Request-Id']}/response", body); c.getresponse().read()
"""
    publish(client, "runtime", archive(bootstrap=program))
    world.make("foreign", "any", Runtime="provided.al2023", Code={"ZipFile": archive(text="x")}, Layers=[f"{PREFIX}:runtime:1"])
    check.equal(world.call("foreign", {"n": 1})[1], {"n": 1}, "answer")


@suite.test("who may use a layer is kept and told")
def _(check, context):
    client = context.functions.client
    where = {"LayerName": "second", "VersionNumber": 1}
    check.refused("ResourceNotFoundException", client.get_layer_version_policy, **where)
    added = client.add_layer_version_permission(**where, StatementId="all", Action="lambda:GetLayerVersion", Principal="*",
                                                OrganizationId="o-0123456789")
    client.add_layer_version_permission(**where, StatementId="one", Action="lambda:GetLayerVersion", Principal="123456789012",
                                        RevisionId=added["RevisionId"])
    check.refused("ResourceConflictException", client.add_layer_version_permission, **where, StatementId="one",
                  Action="lambda:GetLayerVersion", Principal="*")
    check.refused("PreconditionFailedException", client.add_layer_version_permission, **where, StatementId="two",
                  Action="lambda:GetLayerVersion", Principal="*", RevisionId=added["RevisionId"])
    policy = json.loads(client.get_layer_version_policy(**where)["Policy"])
    check.equal(policy["Statement"], [
        {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion", "Resource": f"{PREFIX}:second:1",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}}},
        {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
         "Action": "lambda:GetLayerVersion", "Resource": f"{PREFIX}:second:1"}], "statements")
    client.remove_layer_version_permission(**where, StatementId="all")
    check.refused("ResourceNotFoundException", client.remove_layer_version_permission, **where, StatementId="all")


@suite.table("what cannot be is refused", [
    ("no such layer", "InvalidParameterValueException", [f"{PREFIX}:nobody:1"]),
    ("no number", "InvalidParameterValueException", [f"{PREFIX}:first"]),
    ("another account's", "InvalidParameterValueException", ["arn:aws:lambda:us-east-1:123456789012:layer:first:1"]),
    ("a layer twice", "InvalidParameterValueException", [f"{PREFIX}:first:2", f"{PREFIX}:first:3"]),
    ("six layers", "InvalidParameterValueException", [f"{PREFIX}:l{n}:1" for n in range(6)]),
    ("more than 250 MB together", "InvalidParameterValueException", [f"{PREFIX}:large:1", f"{PREFIX}:larger:1"]),
])
def _(check, context, code, layers):
    client = context.functions.client
    if "large" in layers[0]:
        for name in ["large", "larger"]:
            publish(client, name, archive(**{name: b"x" * 140_000_000}))
    check.refused(code, client.create_function, FunctionName="refused", Runtime="python3.11", Handler="handlers.read", Role=ROLE,
                  Code={"ZipFile": archive(**{"handlers.py": HANDLER})}, Layers=layers)


@suite.test("a layer that is no archive is refused")
def _(check, context):
    check.refused("InvalidParameterValueException", publish, context.functions.client, "broken", b"PK")


TERRAFORM = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {}
variable "archive" {}
variable "layer" {}
variable "license" { default = "MIT" }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "local"
  secret_key                  = "local"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    lambda = var.endpoint
    sts    = var.endpoint
  }
}

resource "aws_lambda_layer_version" "shared" {
  layer_name          = "shared"
  filename            = var.layer
  source_code_hash    = filebase64sha256(var.layer)
  compatible_runtimes = ["python3.11"]
  license_info        = var.license
  description         = "what is shared"
}

resource "aws_lambda_layer_version_permission" "all" {
  layer_name     = aws_lambda_layer_version.shared.layer_name
  version_number = aws_lambda_layer_version.shared.version
  statement_id   = "all"
  action         = "lambda:GetLayerVersion"
  principal      = "123456789012"
}

resource "aws_lambda_function" "reader" {
  function_name    = "reader"
  role             = "arn:aws:iam::000000000000:role/reader"
  runtime          = "python3.11"
  handler          = "handlers.read"
  filename         = var.archive
  source_code_hash = filebase64sha256(var.archive)
  layers           = [aws_lambda_layer_version.shared.arn]
}

output "layer" { value = aws_lambda_layer_version.shared.arn }
"""


@suite.test("Terraform applies a layer and a function with it, plans again without changes, changes and destroys")
def _(check, context):
    terraform_tests.tools()
    world = context.functions
    with harness.scratch("shale-terraform-") as directory:
        (directory / "reader.zip").write_bytes(archive(**{"handlers.py": HANDLER}))
        (directory / "layer.zip").write_bytes(FIRST)
        (directory / "work").mkdir()
        given = {"archive": str(directory / "reader.zip"), "layer": str(directory / "layer.zip")}
        terraform = terraform_tests.Terraform(directory / "work", world.server.endpoint, TERRAFORM)
        terraform.apply(**given)
        plan = terraform.changes(**given)
        check.equal(plan.returncode, 0, f"the second plan: {plan.stdout[-3000:]}")
        check.equal(terraform.outputs()["layer"], f"{PREFIX}:shared:1", "layer")
        check.equal(world.call("reader")[1]["who"], "first", "answer")
        changed = given | {"license": "Apache-2.0"}
        terraform.apply(**changed)
        plan = terraform.changes(**changed)
        check.equal(plan.returncode, 0, f"a plan after the change: {plan.stdout[-3000:]}")
        check.equal(terraform.outputs()["layer"], f"{PREFIX}:shared:2", "another version")
        check.equal(world.call("reader")[1]["who"], "first", "answer")
        terraform.run("destroy", "-auto-approve", "-input=false", **changed)
        check.equal(world.client.list_layer_versions(LayerName="shared")["LayerVersions"], [], "versions")
