"""Tumbling windows of mappings, and what is metered of functions, as boto3 and the command see them."""

import json
import time
import urllib.request

import harness
from function_tests import Followed
from harness import Suite

suite = Suite("windows and meter")

COUNTING = """
import json, os

def count(event, context):
    '''Counts the records of a window, and keeps what it has at the end.'''
    state = event["state"]
    seen = state.get("seen", []) + [r["dynamodb"]["Keys"]["sk"]["S"] for r in event["Records"]]
    if event["isFinalInvokeForWindow"]:
        with open(os.environ["KEPT"], "a") as file:
            file.write(json.dumps([event["window"], seen, event["isWindowTerminatedEarly"], len(event["Records"]),
                event["shardId"], event["eventSourceARN"]]) + "\\n")
    large = "x" * 1_100_000 if "large" in seen else ""
    return {"state": {"seen": seen, "large": large}}
"""


@suite.test("tumbling windows hand a state on, across a killed server, and end with what all batches had")
def _(check, context):
    world = context.functions
    followed = Followed(context, "tumbling", "count", COUNTING, BatchSize=3, TumblingWindowInSeconds=4)
    # At the beginning of a window, so that the first records are of one.
    time.sleep(4 - time.time() % 4 + 0.1)
    for number in range(8):
        followed.put("p", f"s{number}")
    deadline = time.monotonic() + 20
    while world.client.get_event_source_mapping(UUID=followed.mapping["UUID"])["LastProcessingResult"] != "OK" and time.monotonic() < deadline:
        time.sleep(0.02)
    world.server.kill()
    world.restart()
    followed.tables = world.server.client()
    windows = followed.wait(lambda r: sum(len(x[1]) for x in r) >= 8, "the window ends")
    check.equal([s for w in windows for s in w[1]], [f"s{n}" for n in range(8)], "each record once, in order")
    check.equal([(w[2], w[3], w[5]) for w in windows], [(False, 0, followed.stream)] * len(windows), "the last invocations")
    for window in windows:
        start, end = (time.strptime(window[0][name], "%Y-%m-%dT%H:%M:%SZ") for name in ("start", "end"))
        check.equal((time.mktime(end) - time.mktime(start), start.tm_sec % 4), (4, 0), "a window")
    followed.put("p", "large")
    windows = followed.wait(lambda r: any(x[2] for x in r), "a state that is too large ends its window")
    check.equal(windows[-1][1], ["large"], "what it had")
    followed.put("p", "behind")
    windows = followed.wait(lambda r: any("behind" in x[1] for x in r), "the next window ends")
    check.equal(windows[-1][1], ["behind"], "it begins anew")
    check.refused("InvalidParameterValueException", world.client.update_event_source_mapping,
                  UUID=followed.mapping["UUID"], ParallelizationFactor=2)
    with urllib.request.urlopen(world.server.endpoint + "/shale/metrics") as answer:
        check.contains(answer.read().decode(), f'shale_mapping_iterator_age_seconds{{mapping="{followed.mapping["UUID"]}"}} ', "the age")
    followed.end()


@suite.test("what functions use is metered, and told by the command")
def _(check, context):
    world = context.functions
    world.make("metered", MemorySize=256)
    for number in range(3):
        world.call("metered", number)
    check.equal(world.server.stop(), 0, "exit code")
    told = json.loads(harness.run_shale(world.shale, "cost", str(world.directory / "data"), "--json").stdout)
    mine = [f for f in told["functions"] if f["name"] == "metered"]
    check.equal([f["requests"] for f in mine], [3], "requests")
    check.true(mine[0]["gigabyte_milliseconds"] >= 0.75, "at least a millisecond each")
    check.true(mine[0]["cost"]["functions"] > 3 * 0.2 / 1e6, "the cost")
    check.true(not any(r["name"].startswith("function:") for r in told["resources"]), "functions are no tables")
    text = harness.run_shale(world.shale, "cost", str(world.directory / "data")).stdout
    check.contains(text, "GB-milliseconds", "the text")
    world.restart()
