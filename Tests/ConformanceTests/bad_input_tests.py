"""What goes wrong outside of the program: each with a clear message, an exit code, nothing lost."""

import contextlib
import os
import shutil
import socket
import subprocess

import botocore.exceptions
import harness
from harness import Skipped, Suite
from values import item

suite = Suite("Bad input")

HASH = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}


def ends(check, context, arguments, *parts, code=None):
    """`shale` with these arguments must end by itself, not with 0, and say these parts."""
    ended = harness.run_shale(context.shale, *arguments, timeout=60)
    check.true(ended.returncode > 0, f"exit code {ended.returncode}, wanted one above 0: {ended.stderr[-300:]}")
    if code is not None:
        check.equal(ended.returncode, code, "exit code")
    for part in parts:
        check.contains(ended.stderr + ended.stdout, part, "what it says")


@suite.test("an unknown flag, an unknown subcommand and a missing argument are usage errors")
def _(check, context):
    ends(check, context, ["serve", "--data", "nowhere", "--frobnicate"], "--frobnicate", code=2)
    ends(check, context, ["frobnicate"], "frobnicate", code=2)
    ends(check, context, ["dump"], code=2)
    ends(check, context, ["serve", "--port", "many"], "many", code=2)


@suite.test("help and version end with 0")
def _(check, context):
    for arguments in (["--help"], ["serve", "--help"], ["--version"]):
        ended = harness.run_shale(context.shale, *arguments)
        check.equal((ended.returncode, ended.stderr), (0, ""), " ".join(arguments))
        check.true(ended.stdout.strip() != "", "says something")


@suite.test("a foreign directory is refused and left as it is")
def _(check, context):
    with harness.scratch() as directory:
        (directory / "photo.jpg").write_bytes(b"not ours")
        ends(check, context, ["serve", "--data", directory, "--port", harness.free_port()], "database")
        check.equal([path.name for path in directory.iterdir()], ["photo.jpg"], "the directory")
        check.equal((directory / "photo.jpg").read_bytes(), b"not ours")


@suite.test("a data path that is a file is refused")
def _(check, context):
    with harness.scratch() as directory:
        (directory / "file").write_bytes(b"a file")
        ends(check, context, ["serve", "--data", directory / "file", "--port", harness.free_port()], "file")


@suite.test("a second process is refused, and the first goes on")
def _(check, context):
    with harness.scratch() as directory, harness.running(context.shale, directory / "data") as server:
        ends(check, context, ["serve", "--data", directory / "data", "--port", harness.free_port()], "process")
        check.equal(server.client().list_tables()["TableNames"], [])


@suite.test("a port in use is named")
def _(check, context):
    with harness.scratch() as directory, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ends(check, context, ["serve", "--data", directory / "data", "--port", port], str(port))


@suite.test("an address beyond loopback needs credentials, and is told so")
def _(check, context):
    with harness.scratch() as directory:
        ends(check, context, ["serve", "--data", directory / "data", "--host", "0.0.0.0", "--port", harness.free_port()],
             "credentials")
        environment = {"SHALE_ACCESS_KEY_ID": "key", "SHALE_SECRET_ACCESS_KEY": "secret"}
        with harness.running(context.shale, directory / "data", "--host", "0.0.0.0", environment=environment) as server:
            check.equal(harness.client(server.endpoint, "key", "secret").list_tables()["TableNames"], [])


@suite.test("oversized items and keys are refused, and the table keeps what it has")
def _(check, context):
    client, name = context.client, context.create_table(sort=None)
    client.put_item(TableName=name, Item=item(pk="a", v=1))
    check.refused("ValidationException", client.put_item, TableName=name, Item=item(pk="a", v="x" * 500_000))
    check.refused("ValidationException", client.put_item, TableName=name, Item=item(pk="k" * 3_000))
    check.refused("ValidationException", client.update_item, TableName=name, Key=item(pk="a"),
                  UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"S": "x" * 409_600}})
    check.equal(client.scan(TableName=name)["Items"], [item(pk="a", v=1)])


@suite.test("a directory without permission to write is refused")
def _(check, context):
    if os.geteuid() == 0:
        raise Skipped("root may write everywhere")
    with harness.scratch() as directory:
        (directory / "closed").mkdir(mode=0o500)
        ends(check, context, ["serve", "--data", directory / "closed" / "data", "--port", harness.free_port()], "closed")


@contextlib.contextmanager
def small_disk(megabytes):
    """A file system of its own with so little room; needs root."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        raise Skipped("needs root and mount for a small tmpfs")
    with harness.scratch() as directory:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(directory)],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise Skipped(f"may not mount a tmpfs: {mounted.stderr.strip()}")
        try:
            yield directory
        finally:
            subprocess.run(["umount", str(directory)], check=True)


@suite.test("a full disk is an error of the write; reads go on, nothing acknowledged is lost")
def _(check, context):
    with small_disk(48) as directory, harness.scratch() as logs:
        acknowledged = {}
        # The log of the server is not on the full disk.
        (logs / "data").symlink_to(directory / "data")
        (directory / "data").mkdir()
        with harness.running(context.shale, logs / "data") as server:
            client = server.client()
            client.create_table(TableName="Items", **HASH)
            refused = None
            for i in range(2_000):
                record = item(pk=f"k{i}", v=os.urandom(50_000))
                try:
                    client.put_item(TableName="Items", Item=record)
                    acknowledged[f"k{i}"] = record
                except botocore.exceptions.ClientError as error:
                    refused = error.response["Error"]
                    break
            check.true(refused is not None, "100 MB do not fit into 48 MB")
            check.true(refused["Code"] not in ("ValidationException", "SerializationException"), f"{refused}")
            check.true(server.process.poll() is None, "the server is alive")
            for key in list(acknowledged)[:: max(1, len(acknowledged) // 50)]:
                check.equal(client.get_item(TableName="Items", Key=item(pk=key)).get("Item"), acknowledged[key], key)
            print(f"        refused after {len(acknowledged)} items of 50 KB: {refused['Code']}: {refused['Message'][:200]}",
                  flush=True)
            server.process.kill()
            server.process.wait()
        # Room again, by moving to a larger disk: everything is there.
        shutil.copytree(directory / "data", logs / "moved")
        with harness.running(context.shale, logs / "moved") as server:
            client = server.client()
            got = {i["pk"]["S"]: i for page in client.get_paginator("scan").paginate(TableName="Items") for i in page["Items"]}
            for key, record in acknowledged.items():
                check.equal(got.get(key), record, key)
            client.put_item(TableName="Items", Item=item(pk="after"))
            check.equal(client.get_item(TableName="Items", Key=item(pk="after"))["Item"], item(pk="after"))
