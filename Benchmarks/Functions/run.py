"""Functions beside the least that can drive them: warm invocations, cold starts, changes of a stream.

    .venv/bin/python3 Benchmarks/Functions/run.py --shale .build/release/shale [--json FILE]

Starts a server of its own, and `host.c`, which drives the same interpreter with the same `awslambdaric` and has nothing
around it. An invocation is measured by a client over one connection, and what the connection itself costs (GET
/shale/health) is taken off. Prints a table; `--json` appends one line for each figure.
"""

import argparse
import http.client
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "ConformanceTests"))
import function_tests
import harness

HANDLER = "def handle(event, context):\n    return None\n"
FOLLOWER = """
import os, time
def handle(event, context):
    now = time.time()
    with open(os.environ["KEPT"], "a") as file:
        file.write("".join("%f %s\\n" % (now, r["dynamodb"]["NewImage"]["at"]["N"]) for r in event["Records"]))
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
    parser.add_argument("--seconds", type=int, default=10, help="how long changes are written")
    parser.add_argument("--rate", type=int, default=10_000, help="changes a second")
    arguments = parser.parse_args()
    rows = []

    def row(name, **figures):
        rows.append({"row": name, **figures})
        print(f"{name:48}" + "  ".join(f"{key} {value:,.1f}" for key, value in figures.items()), flush=True)

    with harness.scratch("shale-functions-") as directory:
        world = function_tests.World(pathlib.Path(arguments.shale).resolve(), directory)
        try:
            measure(world, directory, arguments, row)
        finally:
            world.server.stop()
    if arguments.json:
        with open(arguments.json, "a") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)


def measure(world, directory, arguments, row):
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
    output = subprocess.run(
        [binary, str(arguments.count + 50), python, "-m", "awslambdaric", "app.handle"],
        env=environment, cwd=directory, capture_output=True, text=True, timeout=300, check=True).stdout
    least = quantiles([float(line) for line in output.split()][50:])
    row("host in C, event to answer", p50Microseconds=least[0], p99Microseconds=least[1])
    row("warm invocation, whole", p50Microseconds=invoke[0], p99Microseconds=invoke[1])
    row("request without a function", p50Microseconds=bare[0], p99Microseconds=bare[1])
    row("warm invocation without the request, by host", p50Ratio=(invoke[0] - bare[0]) / least[0],
        p99Ratio=(invoke[1] - bare[1]) / least[1])
    cold_starts(world, row)
    changes(world, directory, arguments, row)


def cold_starts(world, row, count=10):
    """A new revision has no environment: its first invocation starts one."""
    times = []
    for number in range(count):
        world.client.update_function_configuration(FunctionName="warm", Description=str(number))
        world.client.get_waiter("function_updated_v2").wait(FunctionName="warm", WaiterConfig={"Delay": 1})
        times += round_trips(world.server.port, 1, "POST", "/2015-03-31/functions/warm/invocations", b"{}")
    row("cold start and first answer", p50Microseconds=statistics.median(times), mostMicroseconds=max(times))


def changes(world, directory, arguments, row):
    """Batches of 25 puts by four writers, at a rate; each change says when it was written."""
    followed = function_tests.Followed(
        type("Context", (), {"functions": world}), "lag", "keep", BatchSize=100, ParallelizationFactor=1)
    world.client.update_function_code(FunctionName="lag", ZipFile=function_tests.archive(**{"followers.py": FOLLOWER.replace("handle", "keep")}))
    world.client.get_waiter("function_updated_v2").wait(FunctionName="lag", WaiterConfig={"Delay": 1})
    writers, end = 4, time.time() + arguments.seconds
    written = [0] * writers

    def write(number):
        client = world.server.client()
        step = 25 * writers / arguments.rate
        due = time.time()
        while due < end:
            time.sleep(max(0, due - time.time()))
            items = [{"PutRequest": {"Item": {"pk": {"S": f"p{number}"}, "sk": {"S": f"{written[number] + i:08}"},
                                              "at": {"N": f"{time.time():.6f}"}}}} for i in range(25)]
            client.batch_write_item(RequestItems={"lag": items})
            written[number] += 25
            due += step

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    began = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrote = time.time() - began
    total = sum(written)
    deadline = time.time() + 120
    lines = []
    while time.time() < deadline and len(lines) < total:
        time.sleep(0.2)
        lines = followed.kept.read_text().splitlines()
    pairs = [line.split() for line in lines]
    lags = [(float(got) - float(at)) * 1e3 for got, at in pairs]
    finished = max(float(got) for got, _ in pairs)
    p50, p99 = quantiles(lags)
    row("changes of a stream through a Python function", changes=float(total), changesPerSecond=total / wrote,
        handledPerSecond=len(lines) / (finished - began), p50LagMilliseconds=p50, p99LagMilliseconds=p99)
    followed.end()


if __name__ == "__main__":
    main()
