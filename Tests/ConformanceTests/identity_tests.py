"""Roles and policies, as boto3, the AWS command line and Terraform see them: kept, and not enforced."""

import json

import boto3
import botocore.config

import harness
from harness import Suite

suite = Suite("identity")

ACCOUNT = "000000000000"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
READING = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "*"}]}
WRITING = {"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/a <&> ü"}}


def identity_client(endpoint):
    return boto3.client(
        "iam", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="local", aws_secret_access_key="local",
        config=botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False))


def make(client, name, **more):
    return client.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)["Role"]


def pairs(tags):
    return {tag["Key"]: tag["Value"] for tag in tags}


@suite.test("a role is made, described, changed, tagged and deleted")
def _(check, context):
    client = context.identity
    made = make(client, "runner", Path="/apps/", Description="runs <&> \"all\"", MaxSessionDuration=7_200,
                Tags=[{"Key": "team", "Value": "storage"}], PermissionsBoundary=BASIC)
    check.equal(made["Arn"], f"arn:aws:iam::{ACCOUNT}:role/apps/runner", "resource name")
    check.true(made["RoleId"].startswith("AROA") and len(made["RoleId"]) == 21, "identity")
    role = client.get_role(RoleName="runner")["Role"]
    check.equal(role.pop("RoleLastUsed"), {}, "last used")
    check.equal(role, made, "the role")
    check.equal((role["AssumeRolePolicyDocument"], role["Description"], role["MaxSessionDuration"]),
                (TRUST, "runs <&> \"all\"", 7_200), "members")
    check.equal(role["PermissionsBoundary"], {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BASIC}, "boundary")
    client.update_role(RoleName="runner", MaxSessionDuration=3_600)
    check.equal(client.update_role_description(RoleName="runner", Description="walks")["Role"]["Description"], "walks", "description")
    other = TRUST | {"Statement": [TRUST["Statement"][0] | {"Principal": {"AWS": "*"}}]}
    client.update_assume_role_policy(RoleName="runner", PolicyDocument=json.dumps(other))
    client.delete_role_permissions_boundary(RoleName="runner")
    client.put_role_permissions_boundary(RoleName="runner", PermissionsBoundary=BOUNDARY)
    check.equal(client.get_role(RoleName="runner")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"], BOUNDARY, "boundary")
    client.delete_role_permissions_boundary(RoleName="runner")
    client.tag_role(RoleName="runner", Tags=[{"Key": "cost", "Value": "7"}, {"Key": "team", "Value": ""}])
    client.untag_role(RoleName="runner", TagKeys=["cost"])
    check.equal(pairs(client.list_role_tags(RoleName="runner")["Tags"]), {"team": ""}, "tags")
    role = client.get_role(RoleName="runner")["Role"]
    check.equal((role["AssumeRolePolicyDocument"], role["MaxSessionDuration"]), (other, 3_600), "changed")
    check.true("PermissionsBoundary" not in role, "no boundary")
    check.equal(client.list_instance_profiles_for_role(RoleName="runner")["InstanceProfiles"], [], "profiles")
    client.delete_role(RoleName="runner")
    check.refused("NoSuchEntity", client.get_role, RoleName="runner")


@suite.test("roles are listed in pages and by path")
def _(check, context):
    client = context.identity
    names = [f"list-{number:02}" for number in range(7)]
    for name in names:
        make(client, name, Path="/odd/" if int(name[-1]) % 2 else "/even/")
    pages = client.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 3})
    check.equal([[r["RoleName"] for r in page["Roles"]] for page in pages], [names[:3], names[3:6], names[6:]], "pages")
    found = client.list_roles(PathPrefix="/odd/")["Roles"]
    check.equal([r["RoleName"] for r in found], names[1::2], "by path")
    check.equal(found[0]["AssumeRolePolicyDocument"], TRUST, "document")
    for name in names:
        client.delete_role(RoleName=name)


@suite.test("policies inside a role are kept as they were given")
def _(check, context):
    client = context.identity
    make(client, "inline")
    client.put_role_policy(RoleName="inline", PolicyName="write", PolicyDocument=json.dumps(WRITING))
    client.put_role_policy(RoleName="inline", PolicyName="read", PolicyDocument=json.dumps(WRITING))
    client.put_role_policy(RoleName="inline", PolicyName="read", PolicyDocument=json.dumps(READING))
    check.equal(client.list_role_policies(RoleName="inline")["PolicyNames"], ["read", "write"], "names")
    answer = client.get_role_policy(RoleName="inline", PolicyName="write")
    check.equal((answer["RoleName"], answer["PolicyName"], answer["PolicyDocument"]), ("inline", "write", WRITING), "policy")
    check.refused("DeleteConflict", client.delete_role, RoleName="inline")
    for name in ("read", "write"):
        client.delete_role_policy(RoleName="inline", PolicyName=name)
    check.refused("NoSuchEntity", client.get_role_policy, RoleName="inline", PolicyName="read")
    client.delete_role(RoleName="inline")


@suite.test("policies are made, attached, versioned and deleted")
def _(check, context):
    client = context.identity
    made = client.create_policy(PolicyName="reading", Path="/data/", PolicyDocument=json.dumps(READING),
                                Description="reads", Tags=[{"Key": "a", "Value": "b"}])["Policy"]
    name = f"arn:aws:iam::{ACCOUNT}:policy/data/reading"
    check.equal((made["Arn"], made["DefaultVersionId"], made["AttachmentCount"]), (name, "v1", 0), "policy")
    make(client, "attached")
    for policy in (name, BASIC, name):
        client.attach_role_policy(RoleName="attached", PolicyArn=policy)
    attached = client.list_attached_role_policies(RoleName="attached")["AttachedPolicies"]
    check.equal(sorted((p["PolicyName"], p["PolicyArn"]) for p in attached),
                [("AWSLambdaBasicExecutionRole", BASIC), ("reading", name)], "attached")
    policy = client.get_policy(PolicyArn=name)["Policy"]
    check.equal((policy["AttachmentCount"], policy["Description"], pairs(policy["Tags"])), (1, "reads", {"a": "b"}), "policy")
    check.equal([p["PolicyName"] for p in client.list_policies(Scope="Local")["Policies"]], ["reading"], "local")
    check.equal([p["Arn"] for p in client.list_policies(Scope="AWS")["Policies"]], [BASIC], "the service's")
    entities = client.list_entities_for_policy(PolicyArn=name)
    check.equal([r["RoleName"] for r in entities["PolicyRoles"]], ["attached"], "roles")
    check.equal((entities["PolicyUsers"], entities["PolicyGroups"]), ([], []), "others")

    version = client.create_policy_version(PolicyArn=name, PolicyDocument=json.dumps(WRITING), SetAsDefault=True)["PolicyVersion"]
    check.equal((version["VersionId"], version["IsDefaultVersion"]), ("v2", True), "version")
    check.equal(client.get_policy_version(PolicyArn=name, VersionId="v2")["PolicyVersion"]["Document"], WRITING, "document")
    versions = client.list_policy_versions(PolicyArn=name)["Versions"]
    check.equal([(v["VersionId"], v["IsDefaultVersion"]) for v in versions], [("v2", True), ("v1", False)], "versions")
    check.refused("DeleteConflict", client.delete_policy_version, PolicyArn=name, VersionId="v2")
    client.set_default_policy_version(PolicyArn=name, VersionId="v1")
    client.delete_policy_version(PolicyArn=name, VersionId="v2")
    client.tag_policy(PolicyArn=name, Tags=[{"Key": "c", "Value": "d"}])
    client.untag_policy(PolicyArn=name, TagKeys=["a"])
    check.equal(pairs(client.list_policy_tags(PolicyArn=name)["Tags"]), {"c": "d"}, "tags")

    check.refused("DeleteConflict", client.delete_policy, PolicyArn=name)
    check.refused("DeleteConflict", client.delete_role, RoleName="attached")
    for policy in (name, BASIC):
        client.detach_role_policy(RoleName="attached", PolicyArn=policy)
    check.refused("NoSuchEntity", client.detach_role_policy, RoleName="attached", PolicyArn=name)
    client.delete_role(RoleName="attached")
    client.delete_policy(PolicyArn=name)
    check.refused("NoSuchEntity", client.get_policy, PolicyArn=name)


@suite.test("policies of the service are known by their names")
def _(check, context):
    client = context.identity
    policy = client.get_policy(PolicyArn=BASIC)["Policy"]
    check.equal((policy["PolicyName"], policy["Path"], policy["Arn"]), ("AWSLambdaBasicExecutionRole", "/service-role/", BASIC), "policy")
    version = client.get_policy_version(PolicyArn=BASIC, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    check.equal(version["Document"]["Statement"], [], "what it says is not known here")


@suite.table("what cannot be is refused", [
    ("a role twice", "EntityAlreadyExists", 409, "create_role", {"RoleName": "THERE", "AssumeRolePolicyDocument": json.dumps(TRUST)}),
    ("a name with a space", "ValidationError", 400, "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": json.dumps(TRUST)}),
    ("a path without end", "ValidationError", 400, "create_role",
     {"RoleName": "new", "Path": "/a", "AssumeRolePolicyDocument": json.dumps(TRUST)}),
    ("a session of a minute", "ValidationError", 400, "create_role",
     {"RoleName": "new", "MaxSessionDuration": 60, "AssumeRolePolicyDocument": json.dumps(TRUST)}),
    ("a document that is no JSON", "MalformedPolicyDocument", 400, "create_role",
     {"RoleName": "new", "AssumeRolePolicyDocument": "{"}),
    ("a document of permissions", "MalformedPolicyDocument", 400, "create_role",
     {"RoleName": "new", "AssumeRolePolicyDocument": json.dumps(READING)}),
    ("a document of trust", "MalformedPolicyDocument", 400, "put_role_policy",
     {"RoleName": "there", "PolicyName": "p", "PolicyDocument": json.dumps(TRUST)}),
    ("a document without statements", "MalformedPolicyDocument", 400, "create_policy",
     {"PolicyName": "new", "PolicyDocument": '{"Version": "2012-10-17"}'}),
    ("a document that is too long", "LimitExceeded", 409, "create_policy",
     {"PolicyName": "new", "PolicyDocument": json.dumps(READING | {"Id": "x" * 6_200})}),
    ("no such role", "NoSuchEntity", 404, "delete_role", {"RoleName": "none"}),
    ("a policy for no role", "NoSuchEntity", 404, "put_role_policy",
     {"RoleName": "none", "PolicyName": "p", "PolicyDocument": json.dumps(READING)}),
    ("no such policy", "NoSuchEntity", 404, "attach_role_policy",
     {"RoleName": "there", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"}),
    ("a policy of another account", "NoSuchEntity", 404, "get_policy", {"PolicyArn": "arn:aws:iam::123456789012:policy/none"}),
    ("what is no resource name", "ValidationError", 400, "get_policy", {"PolicyArn": "reading-the-tables-of-all"}),
    ("a tag twice", "InvalidInput", 400, "tag_role",
     {"RoleName": "there", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}),
    ("a user", "InvalidAction", 400, "create_user", {"UserName": "u"}),
])
def _(check, context, code, status, operation, arguments):
    client = context.identity
    if not client.list_roles()["Roles"]:
        make(client, "there")
    refusal = check.refused(code, getattr(client, operation), **arguments)
    check.equal(refusal["ResponseMetadata"]["HTTPStatusCode"], status, "status")
    check.true(refusal["Error"]["Message"], "message")


@suite.test("roles and policies outlive a kill of the server, and who the caller is is still told")
def _(check, context):
    client = context.identity
    name = client.create_policy(PolicyName="kept", PolicyDocument=json.dumps(READING))["Policy"]["Arn"]
    client.attach_role_policy(RoleName="there", PolicyArn=name)
    context.identity_server.kill()
    context.identity_server = harness.Server(context.shale, context.identity_directory / "data").wait_until_ready()
    context.identity = client = identity_client(context.identity_server.endpoint)
    attached = client.list_attached_role_policies(RoleName="there")["AttachedPolicies"]
    check.equal([p["PolicyArn"] for p in attached], [name], "attached")
    sts = boto3.client("sts", endpoint_url=context.identity_server.endpoint, region_name="us-east-1",
                       aws_access_key_id="local", aws_secret_access_key="local")
    check.equal(sts.get_caller_identity()["Account"], ACCOUNT, "account")


@suite.test("keys are asked for, and those with policies are refused")
def _(check, context):
    policy = context.identity_directory / "tables.json"
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]}))
    keys = context.identity_directory / "keys"
    keys.write_text(f"owner:secret\nguest:secret user=guest policy={policy}\n")
    keys.chmod(0o600)
    with harness.running(context.shale, context.identity_directory / "keyed", "--credentials-file", str(keys)) as server:
        def client(service, key):
            return boto3.client(service, endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id=key,
                                aws_secret_access_key="secret", config=botocore.config.Config(retries={"total_max_attempts": 1}))

        check.equal(client("iam", "owner").list_roles()["Roles"], [], "the owner's")
        check.refused("AccessDenied", client("iam", "guest").list_roles)
        check.refused("InvalidClientTokenId", client("iam", "nobody").list_roles)
        check.equal(client("logs", "owner").describe_log_groups()["logGroups"], [], "the owner's")
        check.refused("AccessDeniedException", client("logs", "guest").describe_log_groups)
        check.refused("UnrecognizedClientException", client("logs", "nobody").describe_log_groups)


@suite.test("the AWS command line makes a role and attaches a policy")
def _(check, context):
    def run(*arguments):
        done = harness.run_aws(context.identity_server, "iam", *arguments)
        check.equal(done.returncode, 0, f"exit code of {arguments[0]}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    made = run("create-role", "--role-name", "cli", "--assume-role-policy-document", json.dumps(TRUST))
    check.equal(made["Role"]["AssumeRolePolicyDocument"], TRUST, "document")
    run("attach-role-policy", "--role-name", "cli", "--policy-arn", BASIC)
    check.equal(len(run("list-attached-role-policies", "--role-name", "cli")["AttachedPolicies"]), 1, "attached")


class IdentitySuite:
    """The tests above, on a server of their own."""

    def run(self, report, context):
        with harness.scratch("shale-identity-") as directory:
            context.identity_directory = directory
            context.identity_server = harness.Server(context.shale, directory / "data").wait_until_ready()
            context.identity = identity_client(context.identity_server.endpoint)
            try:
                suite.run(report, context)
            finally:
                if context.identity_server.process.poll() is None:
                    context.identity_server.stop()
