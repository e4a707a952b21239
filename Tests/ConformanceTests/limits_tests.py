"""At the limits of a server: ten thousand connections, clients that never end a request, requests as large as they may be."""

import contextlib
import json
import os
import resource
import socket
import time
import urllib.request

import boto3

import harness
from harness import Skipped, Suite
from values import item

suite = Suite("Limits")

CONNECTIONS = 10_000
# A connection's buffers, the kernel's not counted.
BYTES_OF_A_CONNECTION = 32 * 1024
# What a server gives a client to send a request's head.
HEAD_SECONDS = 15


def resident(process):
    """Bytes of memory that a process has."""
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as statistics:
        return int(statistics.read().split()[1]) * resource.getpagesize()


def get(connection):
    """What a health check answers on a connection that is open."""
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    connection.settimeout(20)
    return connection.recv(4096)


@suite.test("ten thousand connections are open, the next is told that there are too many, and all are answered")
def _(check, context):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < CONNECTIONS + 500:
        raise Skipped(f"a process may have {hard} files open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections = []
    with harness.scratch() as directory, harness.running(context.shale, directory / "data") as server:
        client = server.client(connections=1)
        client.list_tables()
        before = resident(server.process)
        try:
            # One is the client's own.
            while len(connections) < CONNECTIONS - 1:
                connections.append(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            for connection in (connections[0], connections[len(connections) // 2], connections[-1]):
                check.contains(get(connection).decode(), "200 OK")
            check.equal(client.list_tables()["TableNames"], [])
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as late:
                check.contains(late.recv(4096).decode(), "503")
            grown = resident(server.process) - before
            check.true(
                grown <= CONNECTIONS * BYTES_OF_A_CONNECTION,
                f"{CONNECTIONS} connections took {grown:,} bytes, more than {BYTES_OF_A_CONNECTION:,} each",
            )
        finally:
            for connection in connections:
                connection.close()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as again:
                if b"200 OK" in get(again):
                    break
            time.sleep(0.1)
        else:
            raise harness.Failed("no connection is taken after all others were closed")


@suite.test("clients that send a byte now and then are sent away, and delay nobody")
def _(check, context):
    name = context.create_table()
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nX-Slow: "
    slow = [socket.create_connection(("127.0.0.1", context.server.port), timeout=20) for _ in range(200)]
    try:
        began, sent = time.monotonic(), 0
        while slow and time.monotonic() - began < HEAD_SECONDS + 20:
            for connection in list(slow):
                try:
                    connection.sendall(request[sent:sent + 1] or b"a")
                    connection.setblocking(False)
                    try:
                        if connection.recv(4096) == b"":
                            raise OSError("closed")
                    except BlockingIOError:
                        pass
                    connection.setblocking(True)
                except OSError:
                    connection.close()
                    slow.remove(connection)
            sent += 1
            context.client.put_item(TableName=name, Item=item(pk="fast", sk=str(sent)))
            time.sleep(0.2)
        check.equal(len(slow), 0, "slow clients that are still there")
        check.true(sent > 10, "others were answered meanwhile")
    finally:
        for connection in slow:
            connection.close()


@suite.test("a batch of 25 items of nearly 400 KB is taken, with all its 10 MB")
def _(check, context):
    name = context.create_table()
    text = "x" * (400_000 - 100)
    for start in range(2):
        context.client.batch_write_item(RequestItems={name: [
            {"PutRequest": {"Item": item(pk=f"large {start}", sk=str(number), text=text)}} for number in range(25)
        ]})
    got = context.client.get_item(TableName=name, Key=item(pk="large 1", sk="24"))["Item"]
    check.equal(len(got["text"]["S"]), len(text))


@suite.test("at the disk budget of streams writes to their tables are throttled, reads go on, and the numbers say so")
def _(check, context):
    with harness.scratch() as directory, harness.running(
            context.shale, directory / "data", "--stream-budget", "1MiB") as server:
        client = server.client()
        for name, stream in [("Streamed", {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}), ("Plain", None)]:
            client.create_table(
                TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                **({"StreamSpecification": stream} if stream else {}))
        written = 0
        with contextlib.suppress(client.exceptions.ClientError):
            while written < 100:
                client.put_item(TableName="Streamed", Item=item(pk=str(written), data=os.urandom(50_000)))
                written += 1
        check.true(10 < written < 40, f"{written} items of 50 KB were taken")
        refused = check.refused("ThrottlingException", client.put_item, TableName="Streamed", Item=item(pk="another"))
        check.contains(refused["Error"]["Message"], "disk budget of streams")
        check.equal([reason["reason"] for reason in refused["throttlingReasons"]], ["TableWriteStreamBudgetExceeded"])
        batch = client.batch_write_item(RequestItems={
            name: [{"PutRequest": {"Item": item(pk="another")}}] for name in ("Streamed", "Plain")})
        check.equal(list(batch["UnprocessedItems"]), ["Streamed"], "what was not written")
        pages = client.get_paginator("scan").paginate(TableName="Streamed", Select="COUNT")
        check.equal(sum(page["Count"] for page in pages), written, "items")
        streams = boto3.client("dynamodbstreams", endpoint_url=server.endpoint, region_name="us-east-1",
                               aws_access_key_id="local", aws_secret_access_key="local")
        stream = client.describe_table(TableName="Streamed")["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(
            StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        records = []
        while page := streams.get_records(ShardIterator=iterator):
            if not page["Records"]:
                break
            records, iterator = records + page["Records"], page["NextShardIterator"]
        check.equal(len(records), written, "records")
        with urllib.request.urlopen(server.endpoint + "/shale/metrics", timeout=10) as page:
            numbers = dict(line.split() for line in page.read().decode().splitlines() if line.startswith("shale_streams_"))
        check.equal(int(float(numbers["shale_streams_budget_bytes"])), 1 << 20, "budget")
        # The budget when the writes were refused; a round of housekeeping since then has measured what the estimate was for.
        check.true(float(numbers["shale_streams_bytes"]) >= written * 50_000, "what records take")
        check.true(float(numbers["shale_streams_throttled_writes_total"]) >= 3, "throttled writes")
        check.equal(server.stop(), 0, "exit code")
        stats = harness.run_shale(context.shale, "stats", directory / "data", "--json")
        check.true(json.loads(stats.stdout)["stream_size_bytes"] > 1_000_000, "shale stats")
