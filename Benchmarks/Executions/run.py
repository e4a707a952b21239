"""Executions beside synced puts: what a durable start costs, over HTTP and inside of a program, and what waiting ones cost.

    .venv/bin/python3 Benchmarks/Executions/run.py --shale .build/release/shale [--json FILE] [--seconds 10]
    .venv/bin/python3 Benchmarks/Executions/run.py --rows executions-waiting --waiting 100000 --shale .build/release/shale
    .venv/bin/python3 Benchmarks/Executions/run.py --rows executions-embedded,executions-first-task --execution-bench PATH

executions-http        a server of its own: `wrk` (apt) drives PutItem and StartExecution of a machine of three Pass states, which ends
                       in the record that starts it, in alternating rounds over the same number of connections
executions-embedded    what ExecutionBench (Tools/executionbench) measures of the same machine inside of a program, puts in turns with it,
                       by 16 callers and by as many as there are connections
executions-first-task  the same program: from a start to its first task, beside p99 of a put; with callers that wait for their answers,
                       and at a rate of arrival
executions-waiting     executions that wait, in a database of their own: when its compactions are done, what each adds to the disk of the
                       closed database, and what all add to the memory of a server that was started anew and is idle

These are rows of `Benchmarks/run`, which starts this program. Prints each figure; `--json` appends one line for each.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import botocore.config

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "ConformanceTests"), str(ROOT / "Benchmarks" / "Runner")]
import harness
from claims import Claims

# What 1,000,000 executions that wait may take: 1 GiB of the disk, 16 MiB of memory.
MILLION = 1_000_000
DISK_BYTES_EACH = (1 << 30) / MILLION
MEMORY_MIB = 16

PASSES = {"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}}}
WAITS = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 31_000_000, "End": True}}}
SCRIPT = """
local n = 0
local thread = string.gsub(tostring({}), "table: ", "")
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-amz-json-1.0"
wrk.headers["X-Amz-Target"] = "%s"
wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0"
request = function()
  n = n + 1
  return wrk.format(nil, "/", nil, (string.gsub([==[%s]==], "@", tostring(thread) .. "-" .. n)))
end
response = function(status) if status ~= 200 then print("status " .. status) end end
"""


def load(port, target, service, body, connections, seconds):
    """Requests a second, and p99 in milliseconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % (target, service, body))
        script.flush()
        done = subprocess.run(
            ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script.name, f"http://127.0.0.1:{port}"],
            capture_output=True, text=True, timeout=seconds + 60, check=True)
    output = done.stdout
    # A script with a fault is told on the other stream, and wrk goes on without it.
    if done.stderr or "status" in output or "Non-2xx" in output:
        raise SystemExit(f"requests failed:\n{output[-2_000:]}{done.stderr}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return rate, float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def resident(process):
    """Bytes in memory."""
    pages = int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4_096


def used(directory):
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


ROWS = {"executions-http": "shale", "executions-embedded": "execution_bench", "executions-first-task": "execution_bench",
        "executions-waiting": "shale"}


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="executions-http", help="a,b,c")
    parser.add_argument("--shale", help="the server")
    parser.add_argument("--execution-bench", help="the program ExecutionBench of the release build")
    parser.add_argument("--json", default=None)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=int, default=None, help="of each round; default 10, or 5 inside of a program, or 1 with --quick")
    parser.add_argument("--rounds", type=int, default=None, help="over HTTP; default 3, or 1 with --quick")
    parser.add_argument("--connections", type=int, default=64, help="or so many callers")
    parser.add_argument("--a-second", type=int, default=2_000, help="the rate of arrival at which first tasks are measured")
    parser.add_argument("--waiting", type=int, default=None, help="so many wait; default 1,000,000, or 10,000 with --quick")
    arguments = parser.parse_args()
    arguments.rows = arguments.rows.split(",")
    for row in arguments.rows:
        if row not in ROWS:
            parser.error(f"no such row: {row}; there are {', '.join(ROWS)}")
        if not getattr(arguments, ROWS[row]):
            parser.error(f"{row} needs --{ROWS[row].replace('_', '-')}")
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 3)
    arguments.waiting = arguments.waiting or (10_000 if arguments.quick else MILLION)
    return arguments


def main():
    arguments = parsed()
    claims = Claims(arguments.json)
    with harness.scratch("shale-executions-") as directory:
        shale = pathlib.Path(arguments.shale).resolve() if arguments.shale else None
        if "executions-http" in arguments.rows:
            with harness.running(shale, directory / "data") as server:
                measure(server, arguments, claims)
        if {"executions-embedded", "executions-first-task"} & set(arguments.rows):
            if "executions-embedded" in arguments.rows:
                measure_embedded(directory / "few", arguments, claims, FEW_CALLERS, wants_tasks=False)
            measure_embedded(
                directory / "many", arguments, claims, arguments.connections, wants_tasks="executions-first-task" in arguments.rows)
        if "executions-waiting" in arguments.rows:
            measure_waiting(shale, directory / "waiting", arguments, claims)


def machine(client, name, definition):
    return client.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/r")["stateMachineArn"]


def states(server):
    return boto3.client(
        "stepfunctions", endpoint_url=f"http://127.0.0.1:{server.port}", region_name="us-east-1", aws_access_key_id="a",
        aws_secret_access_key="b", config=botocore.config.Config(inject_host_prefix=False))


def measure(server, arguments, claims):
    server.client().create_table(
        TableName="puts", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    client = states(server)
    passes = machine(client, "passes", PASSES)
    put = json.dumps({"TableName": "puts", "Item": {"pk": {"S": "@"}, "v": {"S": "x" * 100}}})
    start = json.dumps({"stateMachineArn": passes, "input": json.dumps({"x": "x" * 90})})
    puts, starts = [], []
    common = (arguments.connections, arguments.seconds or (1 if arguments.quick else 10))
    for _ in range(arguments.rounds):
        puts.append(load(server.port, "DynamoDB_20120810.PutItem", "dynamodb", put, *common))
        starts.append(load(server.port, "AWSStepFunctions.StartExecution", "states", start, *common))
    middle = len(puts) // 2
    (put_rate, put_p99), (rate, p99) = sorted(puts)[middle], sorted(starts)[middle]
    row, what = "executions-http", f"StartExecution, {arguments.connections} connections"
    claims.take(row, what, rate, "/s", "synced PutItem", put_rate, least=0.25)
    claims.take(row, what, rate, "/s", least=2_000)
    claims.take(row, f"{what}, p99", p99, "ms", "synced PutItem, p99", put_p99)


# So many leave the processors something to do besides.
FEW_CALLERS = 16
NUMBER = r"([\d.]+(?:e[-+]?\d+)?)"


def measure_embedded(directory, arguments, claims, callers, wants_tasks):
    """Has ExecutionBench measure; first tasks at a rate of arrival only where they are wanted."""
    seconds = arguments.seconds or (1 if arguments.quick else 5)
    command = [arguments.execution_bench, str(directory), str(seconds), str(callers)]
    if wants_tasks:
        command.append(str(arguments.a_second))
    # Nine turns and, at a rate, six more.
    done = subprocess.run(command, capture_output=True, text=True, timeout=15 * seconds + 300)
    if done.returncode != 0:
        raise SystemExit(f"ExecutionBench ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2_000:]}")

    def told(pattern):
        found = re.search(pattern.replace("@", NUMBER), done.stdout)
        if not found:
            raise SystemExit(f"ExecutionBench says nothing like {pattern!r}:\n{done.stdout[-2_000:]}")
        return [float(number) for number in found.groups()]

    puts, put_p99 = told("synced puts: @ a second, p99 @ ms")
    if "executions-embedded" in arguments.rows:
        starts, _ = told("three Pass states: @ a second, p99 @ ms")
        row, what = "executions-embedded", f"starts of three Pass states, {callers} callers"
        claims.take(row, what, starts, "/s", "synced puts", puts, least=0.25)
        claims.take(row, what, starts, "/s", least=10_000)
    if wants_tasks:
        _, task_p99 = told("from the call to the task: @ a second, p99 @ ms")
        rate, paced_put, paced_task = told("@ a second: p99 of a put @ ms, of a start to its task @ ms")
        for how, task, put in ((f"{rate:,.0f} a second", paced_task, paced_put),
                               (f"{callers} callers that wait", task_p99, put_p99)):
            claims.take("executions-first-task", f"start to first task, {how}, p99", task, "ms", "a put, p99", put, most=3)


IDLE_SECONDS = 10


def idle(shale, data):
    """Bytes on the disk of a database that is closed, and in the memory of a server that has done nothing with it."""
    with harness.running(shale, data) as server:
        time.sleep(IDLE_SECONDS)
        memory = resident(server.process.pid)
    return used(data), memory


COMPACTED_SECONDS = 300


def settle(shale, data):
    """Lets a server compact until it has nothing to compact any more."""
    with harness.running(shale, data) as server:
        deadline = time.monotonic() + COMPACTED_SECONDS
        before, now = None, compactions(server)
        while before != now:
            if time.monotonic() > deadline:
                raise SystemExit(f"compactions do not end within {COMPACTED_SECONDS} s")
            time.sleep(IDLE_SECONDS)
            before, now = now, compactions(server)


def compactions(server):
    """How many there were, and of how many bytes."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/shale/metrics", timeout=30).read().decode()
    return re.findall(r"^shale_engine_compact\w+_total \d+", text, re.MULTILINE)


def measure_waiting(shale, data, arguments, claims):
    with harness.running(shale, data) as server:
        waits = machine(states(server), "waits", WAITS)
    disk, memory = idle(shale, data)
    body = json.dumps({"stateMachineArn": waits, "input": json.dumps({"x": "x" * 90})})
    seconds = arguments.seconds or (1 if arguments.quick else 10)
    begun = 0
    with harness.running(shale, data) as server:
        while begun < arguments.waiting:
            rate, _ = load(server.port, "AWSStepFunctions.StartExecution", "states", body, arguments.connections, seconds)
            if not rate:
                raise SystemExit(f"no execution was begun within {seconds} s")
            begun += rate * seconds
            print(f"    {begun:,.0f} wait", flush=True)
    settle(shale, data)
    disk_after, memory_after = idle(shale, data)
    row, many = "executions-waiting", f"{begun:,.0f} that wait"
    # Of fewer than a million the log and the reserve are most of the disk, and memory says nothing: no goal then.
    goals = [{"below": goal} if begun >= MILLION else {} for goal in (DISK_BYTES_EACH, MEMORY_MIB)]
    claims.take(row, f"{many}: disk of the closed database, each", (disk_after - disk) / begun, "bytes", count=begun, **goals[0])
    claims.take(row, f"{many}: memory that they add to an idle server", (memory_after - memory) / 1_048_576, "MiB", count=begun, **goals[1])
    claims.take(row, f"{many}: memory of that server", memory_after / 1_048_576, "MiB", count=begun)


if __name__ == "__main__":
    main()
