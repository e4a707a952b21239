"""Access keys with policies, and policies of tables: stored, shown, and enforced."""

import contextlib
import json

import harness
from harness import Suite
from values import item

suite = Suite("Policies")

ACCOUNT = "123456789012"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/Policies"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "dynamodb:*", "Resource": [TABLE, TABLE + "/index/*"]} | one for one in statements]})


@contextlib.contextmanager
def guarded(context):
    """A server with three keys: the owner's, one that reads its own rows, one that may do nothing."""
    with harness.scratch() as directory:
        (directory / "own.json").write_text(policy({
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}}))
        (directory / "none.json").write_text(policy({"Effect": "Deny", "Action": "dynamodb:DeleteTable"}))
        (directory / "keys").write_text(
            "OWNER:secret\nREADER:secret user=reader policy=own.json\nGUEST:secret user=guest policy=none.json\n")
        with harness.running(context.shale, directory / "data", "--account", ACCOUNT,
                             "--credentials-file", str(directory / "keys")) as server:
            owner, reader, guest = [harness.client(server.endpoint, key, "secret") for key in ("OWNER", "READER", "GUEST")]
            owner.create_table(
                TableName="Policies", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
            yield server, owner, reader, guest


@suite.test("a key does what its policy allows, and is told what it may not")
def _(check, context):
    with guarded(context) as (_, owner, reader, guest):
        reader.put_item(TableName="Policies", Item=item(pk="reader", v=1))
        check.equal(reader.get_item(TableName="Policies", Key=item(pk="reader"))["Item"], item(pk="reader", v=1))
        for call, arguments in [
            (reader.put_item, {"Item": item(pk="other")}), (reader.get_item, {"Key": item(pk="other")}),
            (reader.delete_item, {"Key": item(pk="reader")}), (reader.scan, {}), (reader.describe_table, {}),
            (guest.get_item, {"Key": item(pk="reader")}), (guest.delete_table, {}),
        ]:
            check.refused("AccessDeniedException", call, TableName="Policies", **arguments)
        refused = check.refused("AccessDeniedException", guest.get_item, TableName="Policies", Key=item(pk="a"))
        check.equal(refused["Error"]["Message"],
                    f"User: arn:aws:iam::{ACCOUNT}:user/guest is not authorized to perform: dynamodb:GetItem on "
                    f"resource: {TABLE} because no identity-based policy allows the dynamodb:GetItem action")
        refused = check.refused("AccessDeniedException", guest.delete_table, TableName="Policies")
        check.contains(refused["Error"]["Message"], "with an explicit deny in an identity-based policy")
        check.refused("AccessDeniedException", reader.batch_write_item, RequestItems={
            "Policies": [{"PutRequest": {"Item": item(pk="reader")}}]})
        check.refused("AccessDeniedException", guest.list_tables)
        check.equal(owner.scan(TableName="Policies")["Count"], 1)


@suite.test("a policy of a table allows and denies, by revision, also after a restart")
def _(check, context):
    with guarded(context) as (server, owner, reader, guest):
        guest_arn = f"arn:aws:iam::{ACCOUNT}:user/guest"
        allow = policy({"Action": "dynamodb:Scan", "Principal": {"AWS": guest_arn}})
        first = owner.put_resource_policy(ResourceArn=TABLE, Policy=allow, ExpectedRevisionId="NO_POLICY")["RevisionId"]
        shown = owner.get_resource_policy(ResourceArn=TABLE)
        check.equal((shown["Policy"], shown["RevisionId"]), (allow, first))
        check.equal(guest.scan(TableName="Policies")["Count"], 0)
        check.refused("AccessDeniedException", reader.scan, TableName="Policies")
        check.refused("AccessDeniedException", guest.put_resource_policy, ResourceArn=TABLE, Policy=allow)
        check.refused("PolicyNotFoundException", owner.put_resource_policy, ResourceArn=TABLE, Policy=allow, ExpectedRevisionId="NO_POLICY")
        deny = policy({"Effect": "Deny", "Action": "dynamodb:*", "Principal": "*"})
        owner.put_resource_policy(ResourceArn=TABLE, Policy=deny, ExpectedRevisionId=first)
        for client in (owner, guest):
            refused = check.refused("AccessDeniedException", client.scan, TableName="Policies")
            check.contains(refused["Error"]["Message"], "with an explicit deny in a resource-based policy")
        server.stop()
        with harness.running(context.shale, server.data, "--account", ACCOUNT, "--credentials-file",
                             str(server.data.parent / "keys")) as again:
            owner = harness.client(again.endpoint, "OWNER", "secret")
            check.refused("AccessDeniedException", owner.get_item, TableName="Policies", Key=item(pk="a"))
            owner.delete_resource_policy(ResourceArn=TABLE)
            check.equal(owner.scan(TableName="Policies")["Count"], 0)
            check.refused("PolicyNotFoundException", owner.get_resource_policy, ResourceArn=TABLE)


@suite.test("who could not change a table's policy any more has to confirm it")
def _(check, context):
    with guarded(context) as (_, owner, _, guest):
        guest_arn = f"arn:aws:iam::{ACCOUNT}:user/guest"
        owner.put_resource_policy(ResourceArn=TABLE, Policy=policy({
            "Action": "dynamodb:*ResourcePolicy", "Principal": {"AWS": guest_arn}}))
        scan = policy({"Action": "dynamodb:Scan", "Principal": {"AWS": guest_arn}})
        check.refused("ValidationException", guest.put_resource_policy, ResourceArn=TABLE, Policy=scan)
        guest.put_resource_policy(ResourceArn=TABLE, Policy=scan, ConfirmRemoveSelfResourceAccess=True)
        check.refused("AccessDeniedException", guest.put_resource_policy, ResourceArn=TABLE, Policy=scan)
        owner.delete_resource_policy(ResourceArn=TABLE)


@suite.table("a policy with something that is not known is not stored", [
    ("NotAction", {"NotAction": "dynamodb:GetItem", "Principal": "*"}),
    ("NotPrincipal", {"NotPrincipal": {"AWS": "*"}}),
    ("no principal", {}),
    ("another service's action", {"Action": "s3:GetObject", "Principal": "*"}),
    ("another condition key", {"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "v"}}}),
    ("another operator", {"Principal": "*", "Condition": {"IpAddress": {"dynamodb:LeadingKeys": "v"}}}),
])
def _(check, context, statement):
    name = context.create_table(sort=None)
    resource = context.client.describe_table(TableName=name)["Table"]["TableArn"]
    check.refused("ValidationException", context.client.put_resource_policy, ResourceArn=resource, Policy=policy(statement))
    check.refused("PolicyNotFoundException", context.client.get_resource_policy, ResourceArn=resource)


@suite.test("a server does not start with a policy that it does not know whole")
def _(check, context):
    with harness.scratch() as directory:
        (directory / "bad.json").write_text(policy({"NotAction": "dynamodb:GetItem"}))
        (directory / "keys").write_text("A:b policy=bad.json\n")
        ran = harness.run_shale(context.shale, "serve", "--data", directory / "data", "--port", "0",
                                "--credentials-file", directory / "keys", timeout=60)
        check.true(ran.returncode != 0, "exit code")
        check.contains(ran.stderr, "NotAction")
        check.true(not (directory / "data").exists(), "nothing was made")
