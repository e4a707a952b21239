"""The meter: a running server shows in its metrics what is used, and `shale cost` shows exactly that when it has ended."""

import json
import urllib.request

import harness
from harness import Suite
from values import item

suite = Suite("Cost")


def metrics(server):
    """The numbers that stand in the metrics, by name and labels."""
    with urllib.request.urlopen(server.endpoint + "/shale/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def metric(server, name, index="", table="Music"):
    return metrics(server)[f'shale_{name}{{table="{table}",index="{index}"}}']


def make_table(client, **more):
    """A table with an index, paid by request where no throughput is named."""
    client.create_table(
        TableName="Music", KeySchema=[{"AttributeName": "artist", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("artist", "genre")],
        GlobalSecondaryIndexes=[{"IndexName": "ByGenre", "Projection": {"ProjectionType": "KEYS_ONLY"},
                                 "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}]} | more],
        **({"BillingMode": "PROVISIONED"} | more if more else {"BillingMode": "PAY_PER_REQUEST"}))


def put(client, name):
    """Two units of the table and one of the index."""
    client.put_item(TableName="Music", Item=item(artist=name, genre="jazz", notes="x" * 1500))


def use(client, puts, first=0):
    """Writes twice as many units as puts, half of that to the index; reads one unit and a half, and half a unit of the index."""
    for number in range(first, first + puts):
        put(client, f"artist {number}")
    client.get_item(TableName="Music", Key=item(artist="artist 0"), ConsistentRead=True)
    client.get_item(TableName="Music", Key=item(artist="artist 0"))
    client.query(TableName="Music", IndexName="ByGenre", KeyConditionExpression="genre = :g",
                 ExpressionAttributeValues=item(**{":g": "rock"}))


def cost(check, context, directory, *arguments):
    """What `shale cost` prints, by a price list in which a read unit costs 1 and a write unit 2."""
    example = harness.run_shale(context.shale, "cost", "--print-prices")
    check.equal(example.returncode, 0, example.stderr[-500:])
    prices = json.loads(example.stdout)
    for name in (name for name, value in prices.items() if isinstance(value, (int, float))):
        if name != "targetUtilizationPercent":
            prices[name] = 0
    prices |= {"name": "of a test", "millionReadRequestUnits": 1_000_000, "millionWriteRequestUnits": 2_000_000}
    (directory / "prices.json").write_text(json.dumps(prices))
    shown = harness.run_shale(context.shale, "cost", directory / "data", "--prices", directory / "prices.json", *arguments)
    check.equal(shown.returncode, 0, shown.stderr[-500:])
    return shown.stdout


def units(check, context, directory):
    """Read and write units of each table and index, as the JSON form has them."""
    resources = json.loads(cost(check, context, directory, "--json"))["resources"]
    return {each["name"]: (each["read_units"], each["write_units"]) for each in resources}


@suite.test("the metrics of a running server have the units of a table and of its index")
def _(check, context):
    with harness.scratch() as directory, harness.running(context.shale, directory / "data") as server:
        client = server.client()
        make_table(client)
        check.equal(metric(server, "usage_write_units_total"), 0)
        use(client, 5)
        check.refused("ConditionalCheckFailedException", client.put_item, TableName="Music",
                      Item=item(artist="artist 0", genre="jazz", notes="x" * 1500),
                      ConditionExpression="attribute_not_exists(artist)")
        check.equal(metric(server, "usage_write_units_total"), 12, "five puts and a condition that failed")
        check.equal(metric(server, "usage_write_units_total", "ByGenre"), 5)
        check.equal(metric(server, "usage_read_units_total"), 1.5)
        check.equal(metric(server, "usage_read_units_total", "ByGenre"), 0.5)
        table = client.describe_table(TableName="Music")["Table"]
        check.equal(metric(server, "usage_storage_bytes"), table["TableSizeBytes"] + 500, "100 bytes more for each item")
        check.equal(metric(server, "throttled_writes_total"), 0, "a condition that fails is no throttling")
        client.delete_table(TableName="Music")
        check.true(not [name for name in metrics(server) if "Music" in name], "a table that is gone is not told")


@suite.test("the metrics tell throttling from other refusals, by table and direction")
def _(check, context):
    with harness.scratch() as directory, harness.running(context.shale, directory / "data") as server:
        client = server.client()
        make_table(client, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
        # More than all that the table has saved.
        client.put_item(TableName="Music", Item=item(artist="big", notes="x" * 390_000))
        for _ in range(3):
            check.refused("ProvisionedThroughputExceededException", client.put_item, TableName="Music", Item=item(artist="a"))
        check.refused("ValidationException", client.put_item, TableName="Music", Item=item(other="a"))
        check.equal(metric(server, "throttled_writes_total"), 3)
        check.equal(metric(server, "throttled_reads_total"), 0)
        check.equal(metric(server, "throttled_writes_total", "ByGenre"), 0)


@suite.test("after servers that ended gracefully the cost has exactly the units, as JSON and as text")
def _(check, context):
    with harness.scratch() as directory:
        with harness.running(context.shale, directory / "data") as server:
            make_table(server.client())
            use(server.client(), 5)
            check.equal(server.stop(), 0, "exit code")
        check.equal(units(check, context, directory), {"Music": (1.5, 10), "Music/ByGenre": (0.5, 5)})
        with harness.running(context.shale, directory / "data") as server:
            use(server.client(), 2, first=5)
            check.equal(metric(server, "usage_write_units_total"), 4, "counted since the start")
            check.equal(server.stop(), 0, "exit code")
        check.equal(units(check, context, directory), {"Music": (3, 14), "Music/ByGenre": (1, 7)})
        shown = json.loads(cost(check, context, directory, "--json"))
        check.equal(shown["prices"], "of a test")
        check.equal(shown["total"]["on_demand"], 4 * 1 + 21 * 2.0)
        rows = [line.split() for line in cost(check, context, directory).splitlines()]
        check.equal([row[:3] for row in rows if row and row[0].startswith("Music")],
                    [["Music", "3.0", "14.0"], ["Music/ByGenre", "1.0", "7.0"]])
        check.true(["all", "46.000000"] in [row[:2] for row in rows], "the sum is in the text")


@suite.test("kill -9 loses what was not folded yet, at most a minute, and nothing that was")
def _(check, context):
    with harness.scratch() as directory:
        with harness.running(context.shale, directory / "data") as server:
            make_table(server.client())
            use(server.client(), 5)
            check.equal(server.stop(), 0, "exit code")
        with harness.running(context.shale, directory / "data") as server:
            use(server.client(), 3, first=5)
            server.kill()
        reads, writes = units(check, context, directory)["Music"]
        check.true(10 <= writes <= 16 and 1.5 <= reads <= 3, f"{reads} read units and {writes} write units are left")
        with harness.running(context.shale, directory / "data") as server:
            check.equal(len(server.client().scan(TableName="Music")["Items"]), 8, "no item is lost")
            use(server.client(), 1, first=8)
            check.equal(server.stop(), 0, "exit code")
        # The scan of eight items of 1.5 KB is 1.5 units more.
        check.equal(units(check, context, directory)["Music"], (reads + 3, writes + 2))


@suite.test("a file of prices that is none is refused, and names itself")
def _(check, context):
    with harness.scratch() as directory:
        with harness.running(context.shale, directory / "data"):
            pass
        (directory / "prices.json").write_text('{"name": "half"')
        refused = harness.run_shale(context.shale, "cost", directory / "data", "--prices", directory / "prices.json")
        check.true(refused.returncode > 0, "exit code")
        check.contains(refused.stderr, "prices.json")
