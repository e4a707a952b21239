"""Functions beside the least that can drive them: warm invocations, cold starts, changes of a stream.

    .venv/bin/python3 Benchmarks/Functions/run.py --shale .build/release/shale [--json FILE]

Starts a server of its own, and `host.c`, which drives the same interpreter with the same `awslambdaric` and has nothing
around it. An invocation is measured by a client over one connection, and what the connection itself costs (GET
/shale/health) is taken off. A cold start is what the first invocation of an environment takes longer than a warm one; beside
it stands what the host takes from starting the interpreter to its first question. Changes are written by wrk at a rate
(`changes.lua`), each with its time; the function notes when it has them, and in the end it must have had all. Prints a table;
`--json` appends one line for each figure.
"""

import argparse
import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "ConformanceTests"))
import function_tests
import harness

HANDLER = "def handle(event, context):\n    return None\n"
FOLLOWER = """
import os, time
def keep(event, context):
    now = time.time_ns() // 1000
    with open(os.environ["KEPT"], "a") as file:
        file.write("".join("%d %s %s\\n" % (now, r["dynamodb"]["NewImage"]["at"]["N"], r["dynamodb"]["Keys"]["sk"]["S"])
                           for r in event["Records"]))
"""


def quantiles(values):
    values = sorted(values)
    return values[len(values) // 2], values[min(len(values) - 1, len(values) * 99 // 100)]


def round_trips(port, count, method, path, body=b"", least=200):
    """Microseconds of requests over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for _ in range(count):
        began = time.perf_counter()
        connection.request(method, path, body)
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - began) * 1e6)
        assert answer.status == least, answer.status
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", required=True)
    parser.add_argument("--json", default=None)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seconds", type=int, default=60, help="how long changes are written")
    parser.add_argument("--changes-per-second", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8, help="over which they are written")
    parser.add_argument("--lanes", type=int, default=1, help="the mapping's ParallelizationFactor")
    parser.add_argument("--changes-only", action="store_true", help="without invocations and cold starts")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("no wrk, which writes the changes: apt-get install wrk")
    rows = []
    print(f"{os.cpu_count()} cores, which the server, the function and whoever asks share")

    def row(name, **figures):
        rows.append({"row": name, **figures})
        texts = (f"{key} {value:,}" if isinstance(value, int) else f"{key} {value:,.1f}" for key, value in figures.items())
        print(f"{name:48}" + "  ".join(texts), flush=True)

    with harness.scratch("shale-functions-") as directory:
        world = function_tests.World(pathlib.Path(arguments.shale).resolve(), directory)
        try:
            if not arguments.changes_only:
                warm, host = invocations(world, directory, arguments, row)
                cold_starts(world, row, warm, host)
            changes(world, arguments, row)
        finally:
            world.server.stop()
    if arguments.json:
        with open(arguments.json, "a") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)


def invocations(world, directory, arguments, row):
    code = function_tests.archive(**{"app.py": HANDLER})
    world.make("warm", Handler="app.handle", Code={"ZipFile": code})
    path = "/2015-03-31/functions/warm/invocations"
    round_trips(world.server.port, 50, "POST", path, b"{}")
    invoke = quantiles(round_trips(world.server.port, arguments.count, "POST", path, b"{}"))
    bare = quantiles(round_trips(world.server.port, arguments.count, "GET", "/shale/health"))

    # The same interpreter and the same code, by the host in C.
    binary = directory / "host"
    subprocess.run(["cc", "-O2", "-o", binary, pathlib.Path(__file__).with_name("host.c")], check=True)
    python = next((directory / "functions" / "python").glob("*/bin/python*"))
    (directory / "app.py").write_text(HANDLER)
    environment = {"PATH": "/usr/bin:/bin", "_HANDLER": "app.handle", "LAMBDA_TASK_ROOT": str(directory),
                   "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                   "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_REGION": "us-east-1"}

    def host(count):
        """Microseconds of so many invocations, and of the start."""
        output = subprocess.run([binary, str(count), python, "-m", "awslambdaric", "app.handle"], env=environment, cwd=directory,
                                capture_output=True, text=True, timeout=300, check=True).stdout
        lines = output.splitlines()
        return [float(line) for line in lines[:-1]], float(lines[-1].removeprefix("start "))

    least = quantiles(host(arguments.count + 50)[0][50:])
    row("host in C, event to answer", p50Microseconds=least[0], p99Microseconds=least[1])
    row("warm invocation, whole", p50Microseconds=invoke[0], p99Microseconds=invoke[1])
    row("request without a function", p50Microseconds=bare[0], p99Microseconds=bare[1])
    row("warm invocation without the request, by host", p50Ratio=(invoke[0] - bare[0]) / least[0],
        p99Ratio=(invoke[1] - bare[1]) / least[1])
    return invoke[0], host


def cold_starts(world, row, warm, host, count=10):
    """A new revision has no environment: its first invocation starts one. The host starts one in turn with it."""
    times, marks = [], []
    for number in range(count):
        world.client.update_function_configuration(FunctionName="warm", Description=str(number))
        world.client.get_waiter("function_updated_v2").wait(FunctionName="warm", WaiterConfig={"Delay": 1})
        times += round_trips(world.server.port, 1, "POST", "/2015-03-31/functions/warm/invocations", b"{}")
        marks.append(host(1)[1])
    row("host in C, start to first question", p50Microseconds=statistics.median(marks), mostMicroseconds=max(marks))
    row("cold start without a warm invocation, by host", p50Ratio=(statistics.median(times) - warm) / statistics.median(marks))
    row("cold start and first answer", p50Microseconds=statistics.median(times), mostMicroseconds=max(times))


def written(world, arguments):
    """Has wrk write for the time; answers what it says of its requests."""
    output = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(arguments.connections), "--duration", str(arguments.seconds), "--timeout", "30",
         "--script", pathlib.Path(__file__).with_name("changes.lua"), world.server.endpoint,
         "--", "lag", str(arguments.changes_per_second)], capture_output=True, text=True, check=True).stdout
    told = json.loads(next(line for line in output.splitlines() if line.startswith("result ")).removeprefix("result "))
    if told["refused"] or told["broken"]:
        sys.exit(f"requests failed: {told}; {world.server.log_tail()}")
    return told


def changes(world, arguments, row):
    """Batches of 25 puts at a rate, through a function that gets batches of 100; each change says when it was written."""
    followed = function_tests.Followed(
        type("Context", (), {"functions": world}), "lag", "keep", FOLLOWER, BatchSize=100, ParallelizationFactor=arguments.lanes)
    told = written(world, arguments)
    # wrk ends without the answers to its last requests: what is in the table was written.
    pages = world.server.client().get_paginator("scan").paginate(TableName="lag", Select="COUNT")
    count = sum(page["Count"] for page in pages)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and followed.kept.read_bytes().count(b"\n") < count:
        time.sleep(0.5)
    lines = [line.split() for line in followed.kept.read_text().splitlines()]
    if (handled := len({sk for _, _, sk in lines})) != count:
        sys.exit(f"{handled:,} of {count:,} changes were handled")
    gots, ats = ([int(line[place]) for line in lines] for place in (0, 1))
    p50, p99 = quantiles([(got - at) / 1e3 for got, at in zip(gots, ats)])
    row("changes of a stream through a Python function", cores=os.cpu_count(), lanes=arguments.lanes, changes=count,
        changesPerSecond=count / (told["microseconds"] / 1e6), handledPerSecond=len(lines) / ((max(gots) - min(ats)) / 1e6),
        p50LagMilliseconds=p50, p99LagMilliseconds=p99, p50WriteMicroseconds=told["p50"], p99WriteMicroseconds=told["p99"])
    followed.end()


if __name__ == "__main__":
    main()
