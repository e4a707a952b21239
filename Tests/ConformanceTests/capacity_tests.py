"""Capacity: tables get what they are provisioned with, over HTTP, and refusals say why.

The loads come from raw connections that never try again, and from boto3 as it is out of the box. With `--full` each lasts
60 s and a full bucket is emptied at twice its rate for 300 s; otherwise 12 s.
"""

import concurrent.futures
import http.client
import json
import statistics
import threading
import time

import boto3
import harness
from harness import Suite

RATE = 100
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"
TABLE_TEXT = ("The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning "
              "level with the UpdateTable API.")


class Raw:
    """One connection that sends requests and never repeats one."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def send(self, operation, body):
        """The status and the answer."""
        self.connection.request("POST", "/", json.dumps(body), {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"})
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())


def provisioned(client, name, reads=RATE, writes=RATE, **more):
    client.create_table(
        TableName=name, BillingMode="PROVISIONED", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=more.pop("attributes", [{"AttributeName": "pk", "AttributeType": "S"}]),
        ProvisionedThroughput={"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}, **more)


def item(key, size=10):
    return {"pk": {"S": str(key)}, "text": {"S": "x" * size}}


def drain(raw, name):
    """Writes until the table refuses, and waits until what was overdrawn is paid back."""
    while raw.send("PutItem", {"TableName": name, "Item": item("drain", 100_000)})[0] == 200:
        pass
    deadline = time.monotonic() + 10
    # Another item: one that is overwritten costs what it was.
    while raw.send("PutItem", {"TableName": name, "Item": item("drained")})[0] != 200:
        if time.monotonic() > deadline:
            raise harness.Failed("a drained table takes nothing for 10 s")
        time.sleep(0.002)


def raw_load(server, name, rate, seconds, connections=4):
    """Puts at a rate from a few connections: (times of successes, of refusals, seconds of successes, of refusals)."""
    began = time.monotonic()
    successes, refusals, taken, refused = [], [], [], []
    lock = threading.Lock()

    def send(connection):
        raw, count = Raw(server), 0
        body = {"TableName": name, "Item": item(connection)}
        while True:
            at = began + (count * connections + connection) / rate
            if at >= began + seconds:
                return
            count += 1
            time.sleep(max(0, at - time.monotonic()))
            before = time.monotonic()
            status, answer = raw.send("PutItem", body)
            after = time.monotonic()
            with lock:
                if status == 200:
                    successes.append(after - began)
                    taken.append(after - before)
                else:
                    if "ProvisionedThroughputExceededException" not in answer["__type"]:
                        raise harness.Failed(f"refused with {answer}")
                    refusals.append(after - began)
                    refused.append(after - before)

    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        for done in [pool.submit(send, connection) for connection in range(connections)]:
            done.result()
    return successes, refusals, taken, refused


def boto_load(server, name, seconds, threads=16):
    """Puts as fast as boto3 without any configuration of its retries gets them done: how many."""
    client = boto3.client("dynamodb", endpoint_url=server.endpoint, region_name="us-east-1",
                          aws_access_key_id="local", aws_secret_access_key="local",
                          config=boto3.session.Config(max_pool_connections=threads))
    end = time.monotonic() + seconds

    def send(thread):
        done = 0
        while time.monotonic() < end:
            try:
                client.put_item(TableName=name, Item=item(thread))
            except client.exceptions.ProvisionedThroughputExceededException:
                continue  # All of its repetitions were refused.
            done += time.monotonic() < end
        return done

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(send, range(threads)))


def suite_for(seconds, with_burst):
    suite = Suite("Capacity")

    @suite.test("a raw client at twice the rate gets the rate, and refusals are as fast as successes")
    def _(check, context):
        client = context.client
        provisioned(client, "RawLoad")
        raw = Raw(context.server)
        drain(raw, "RawLoad")
        successes, _, taken, refused = raw_load(context.server, "RawLoad", 2 * RATE, seconds)
        rate = len(successes) / seconds
        medians = [statistics.median(times) * 1_000 for times in (taken, refused)]
        print(f"        raw: {rate:.1f} units a second of {RATE}; medians: taken {medians[0]:.2f} ms, refused {medians[1]:.2f} ms",
              flush=True)
        check.true(abs(rate - RATE) <= 0.05 * RATE, f"the rate was {rate:.1f}")
        check.true(medians[1] <= medians[0] * 1.1, f"refusals took {medians[1]:.2f} ms, successes {medians[0]:.2f} ms")

    @suite.test("boto3 with its usual repetitions gets the rate")
    def _(check, context):
        provisioned(context.client, "BotoLoad")
        drain(Raw(context.server), "BotoLoad")
        rate = boto_load(context.server, "BotoLoad", seconds) / seconds
        print(f"        boto3: {rate:.1f} units a second of {RATE}", flush=True)
        check.true(abs(rate - RATE) <= 0.05 * RATE, f"the rate was {rate:.1f}")

    if with_burst:
        @suite.test("from a full bucket twice the rate lasts 300 s")
        def _(check, context):
            provisioned(context.client, "Burst")
            successes, refusals, _, _ = raw_load(context.server, "Burst", 2 * RATE, 340)
            lasted = min(refusals)
            after = sum(1 for at in successes if at > lasted) / (340 - lasted)
            print(f"        burst: twice the rate lasted {lasted:.1f} s, then {after:.1f} units a second; "
                  f"{len(successes)} taken, {len(refusals)} refused", flush=True)
            check.true(285 <= lasted <= 315, f"it lasted {lasted:.1f} s")

    refusals(suite)
    changes(suite)
    modes(suite)
    return suite


def refusals(suite):
    @suite.test("a refusal carries the service's text, the reason and the resource")
    def _(check, context):
        provisioned(context.client, "Refused", reads=1, writes=1)
        raw = Raw(context.server)
        while raw.send("PutItem", {"TableName": "Refused", "Item": item("a", 390_000)})[0] == 200:
            pass
        status, answer = raw.send("PutItem", {"TableName": "Refused", "Item": item("a")})
        check.equal(status, 400)
        check.equal(answer["__type"], "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException")
        check.equal(answer["message"], TABLE_TEXT)
        reasons = [{"reason": "TableWriteProvisionedThroughputExceeded", "resource": ARN + "Refused"}]
        check.equal(answer["ThrottlingReasons"], reasons)
        error = check.refused("ProvisionedThroughputExceededException", context.client.put_item, TableName="Refused", Item=item("a"))
        check.equal(error["ThrottlingReasons"], reasons)
        # A transaction is cancelled with the reason, a batch of which nothing is done is refused, a statement is told.
        status, answer = raw.send("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "Refused", "Item": item("a")}}]})
        check.equal(answer["CancellationReasons"], [{"Code": "ProvisionedThroughputExceeded", "Message": TABLE_TEXT}])
        check.equal(answer["ThrottlingReasons"], reasons)
        check.refused("ProvisionedThroughputExceededException", context.client.batch_write_item,
                      RequestItems={"Refused": [{"PutRequest": {"Item": item("a")}}]})
        answers = context.client.batch_execute_statement(Statements=[{"Statement": "INSERT INTO Refused VALUE {'pk': 'z'}"}])
        check.equal(answers["Responses"][0]["Error"]["Code"], "ProvisionedThroughputExceeded")
        # Reads have a bucket of their own.
        check.equal(context.client.get_item(TableName="Refused", Key={"pk": {"S": "a"}})["Item"]["pk"]["S"], "a")

    @suite.test("a batch gets what there is, and the rest back as unprocessed")
    def _(check, context):
        provisioned(context.client, "Rest", reads=1, writes=1)
        done = unprocessed = 0
        for batch in range(20):
            puts = [{"PutRequest": {"Item": item(25 * batch + number)}} for number in range(25)]
            try:
                rest = context.client.batch_write_item(RequestItems={"Rest": puts})["UnprocessedItems"].get("Rest", [])
            except context.client.exceptions.ProvisionedThroughputExceededException:
                break
            done += 25 - len(rest)
            unprocessed += len(rest)
            check.true(all(put in puts for put in rest), "what comes back is what was sent")
        check.true(300 <= done <= 303, f"{done} were written")
        check.true(unprocessed > 0, "something was unprocessed")
        # 300 units are 600 keys read without consistency; what is not there costs as much.
        found = left = 0
        for batch in range(10):
            keys = [{"pk": {"S": str(100 * batch + number)}} for number in range(100)]
            try:
                answer = context.client.batch_get_item(RequestItems={"Rest": {"Keys": keys}})
            except context.client.exceptions.ProvisionedThroughputExceededException:
                break
            rest = answer["UnprocessedKeys"].get("Rest", {}).get("Keys", [])
            found += 100 - len(rest)
            left += len(rest)
            check.true(all(key in keys for key in rest), "what comes back is what was asked for")
        check.true(600 <= found <= 606, f"{found} keys were read")
        check.true(left > 0, "some keys were unprocessed")

    @suite.test("an index without capacity throttles the writes that change it")
    def _(check, context):
        provisioned(
            context.client, "Indexed", writes=1_000,
            attributes=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "gk")],
            GlobalSecondaryIndexes=[{
                "IndexName": "ByG", "KeySchema": [{"AttributeName": "gk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            }])
        indexed = item("a", 300_000) | {"gk": {"S": "g"}}
        raw = Raw(context.server)
        for number in range(10):
            status, answer = raw.send("PutItem", {"TableName": "Indexed", "Item": indexed | {"n": {"N": str(number)}}})
            if status != 200:
                break
        check.equal(answer.get("ThrottlingReasons"), [
            {"reason": "IndexWriteProvisionedThroughputExceeded", "resource": ARN + "Indexed/index/ByG"}])
        check.contains(answer["message"], "one or more global secondary indexes")
        context.client.put_item(TableName="Indexed", Item=item("b"))

    @suite.test("a table paid by request is held to its OnDemandThroughput")
    def _(check, context):
        name = context.create_table(OnDemandThroughput={"MaxReadRequestUnits": 2, "MaxWriteRequestUnits": 1})
        raw, key = Raw(context.server), {"pk": {"S": "a"}, "sk": {"S": "b"}}
        for operation, reason, body in [
            ("PutItem", "TableWriteMaxOnDemandThroughputExceeded", {"Item": key}),
            ("GetItem", "TableReadMaxOnDemandThroughputExceeded", {"Key": key}),
        ]:
            answers = [raw.send(operation, {"TableName": name} | body) for _ in range(20)]
            check.equal(answers[0][0], 200)
            refused = [answer for status, answer in answers if status != 200]
            check.true(refused, f"{operation} was never refused")
            check.contains(refused[0]["__type"], "#ThrottlingException")
            check.equal(refused[0]["throttlingReasons"], [{"reason": reason, "resource": ARN + name}])
        check.refused("ThrottlingException", lambda: [context.client.put_item(TableName=name, Item=key) for _ in range(20)])
        reasons = check.refused(
            "TransactionCanceledException", lambda: [context.client.transact_write_items(
                TransactItems=[{"Put": {"TableName": name, "Item": key}}]) for _ in range(20)])["CancellationReasons"]
        check.equal([reason["Code"] for reason in reasons], ["ThrottlingError"])


def changes(suite):
    @suite.test("UpdateTable: buckets follow, lowering is limited to four times, modes are switched")
    def _(check, context):
        client, name = context.client, "Changed"
        provisioned(client, name, reads=50, writes=1)
        raw = Raw(context.server)
        drain_small = lambda: sum(raw.send("PutItem", {"TableName": name, "Item": item("a")})[0] == 200 for _ in range(600))
        check.true(300 <= drain_small() <= 310, "300 units were saved")

        def update(**change):
            return client.update_table(TableName=name, **change)["TableDescription"]

        raised = update(ProvisionedThroughput={"ReadCapacityUnits": 50, "WriteCapacityUnits": 1_000})
        check.equal("LastIncreaseDateTime" in raised["ProvisionedThroughput"], True)
        check.equal(raised["ProvisionedThroughput"]["NumberOfDecreasesToday"], 0)
        time.sleep(0.3)
        check.true(drain_small() > 100, "a raised rate counts at once")
        for number in range(1, 5):
            lowered = update(ProvisionedThroughput={"ReadCapacityUnits": 50 - number, "WriteCapacityUnits": 1_000})
            check.equal(lowered["ProvisionedThroughput"]["NumberOfDecreasesToday"], number)
        error = check.refused("LimitExceededException", update, ProvisionedThroughput={"ReadCapacityUnits": 40, "WriteCapacityUnits": 1_000})
        check.contains(error["Error"]["Message"], "Number of decreases today: 4. Last decrease at ")
        check.contains(error["Error"]["Message"], ". Next decrease can be made at ")
        for _ in range(4):
            switched = update(BillingMode="PAY_PER_REQUEST")
            check.equal(switched["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
            back = update(BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
            check.equal(back["BillingModeSummary"]["BillingMode"], "PROVISIONED")
        error = check.refused("LimitExceededException", update, BillingMode="PAY_PER_REQUEST")
        check.contains(error["Error"]["Message"], ". Next update can be made at ")


def modes(suite):
    @suite.test("--capacity unlimited switches all off, --capacity service has key ranges too")
    def _(check, context):
        for mode, refuses in (("unlimited", 0), ("service", 1)):
            with harness.scratch() as directory, \
                    harness.running(context.shale, directory / "data", "--capacity", mode) as server:
                client, raw = server.client(), Raw(server)
                provisioned(client, "Small", writes=1)
                client.create_table(
                    TableName="OnDemand", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                    AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
                statuses = {raw.send("PutItem", {"TableName": "Small", "Item": item("a", 390_000)})[0] for _ in range(3)}
                check.equal(400 in statuses, bool(refuses), f"{mode}: a small table refuses")
                check.equal(raw.send("PutItem", {"TableName": "OnDemand", "Item": item("hot", 390_000)})[0], 200)
                # What fails its condition costs what is there, and is soon sent.
                failing = {"TableName": "OnDemand", "Item": item("hot"), "ConditionExpression": "attribute_not_exists(pk)"}
                answers = [raw.send("PutItem", failing)[1] for _ in range(20)]
                refused = [answer for answer in answers if "ConditionalCheckFailed" not in answer["__type"]]
                check.equal(bool(refused), bool(refuses), f"{mode}: a hot key is refused")
                if refuses:
                    check.equal(refused[0]["throttlingReasons"][0]["reason"], "TableWriteKeyRangeThroughputExceeded")
                    check.equal(raw.send("PutItem", {"TableName": "OnDemand", "Item": item("cold")})[0], 200)

