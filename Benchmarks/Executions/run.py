"""Executions over HTTP beside synced puts of the same server: what a durable start costs.

    .venv/bin/python3 Benchmarks/Executions/run.py --shale .build/release/shale [--json FILE] [--seconds 10]

Starts a server of its own. `wrk` (apt) drives PutItem and StartExecution of a machine of three Pass states, which ends in the record
that starts it, in alternating rounds over the same number of connections. `--waiting N` measures executions that wait, in a database of their
own: what each adds to the disk of the closed database, and to the memory of a server that was started anew and is idle. Prints a table;
`--json` appends one line for each figure.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import boto3
import botocore.config

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "ConformanceTests"))
import harness

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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", required=True)
    parser.add_argument("--json", default=None)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--waiting", type=int, default=0, help="so many executions that wait; takes a while")
    arguments = parser.parse_args()
    rows = []

    def row(name, **figures):
        rows.append({"row": name, **figures})
        print(f"{name:48}" + "  ".join(f"{key} {value:,.2f}" for key, value in figures.items()), flush=True)

    with harness.scratch("shale-executions-") as directory:
        shale = pathlib.Path(arguments.shale).resolve()
        with harness.running(shale, directory / "data") as server:
            measure(server, arguments, row)
        if arguments.waiting:
            measure_waiting(shale, directory / "waiting", arguments, row)
    if arguments.json:
        with open(arguments.json, "a") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)


def machine(client, name, definition):
    return client.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/r")["stateMachineArn"]


def states(server):
    return boto3.client(
        "stepfunctions", endpoint_url=f"http://127.0.0.1:{server.port}", region_name="us-east-1", aws_access_key_id="a",
        aws_secret_access_key="b", config=botocore.config.Config(inject_host_prefix=False))


def measure(server, arguments, row):
    server.client().create_table(
        TableName="puts", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    client = states(server)
    passes = machine(client, "passes", PASSES)
    put = json.dumps({"TableName": "puts", "Item": {"pk": {"S": "@"}, "v": {"S": "x" * 100}}})
    start = json.dumps({"stateMachineArn": passes, "input": json.dumps({"x": "x" * 90})})
    puts, starts = [], []
    for _ in range(arguments.rounds):
        common = (arguments.connections, arguments.seconds)
        puts.append(load(server.port, "DynamoDB_20120810.PutItem", "dynamodb", put, *common))
        starts.append(load(server.port, "AWSStepFunctions.StartExecution", "states", start, *common))
    middle = len(puts) // 2
    (put_rate, put_p99), (rate, p99) = sorted(puts)[middle], sorted(starts)[middle]
    row("synced PutItem", perSecond=put_rate, p99Milliseconds=put_p99)
    row("StartExecution, three Pass, to its end", perSecond=rate, p99Milliseconds=p99)
    row("StartExecution by PutItem (goal 0.25)", rateRatio=rate / put_rate, p99Ratio=p99 / put_p99)


IDLE_SECONDS = 10


def idle(shale, data):
    """Bytes on the disk of a database that is closed, and in the memory of a server that has done nothing with it."""
    with harness.running(shale, data) as server:
        time.sleep(IDLE_SECONDS)
        memory = resident(server.process.pid)
    return used(data), memory


def measure_waiting(shale, data, arguments, row):
    with harness.running(shale, data) as server:
        waits = machine(states(server), "waits", WAITS)
    disk, memory = idle(shale, data)
    body = json.dumps({"stateMachineArn": waits, "input": json.dumps({"x": "x" * 90})})
    begun = 0
    with harness.running(shale, data) as server:
        while begun < arguments.waiting:
            seconds = 20
            begun += load(server.port, "AWSStepFunctions.StartExecution", "states", body, arguments.connections, seconds)[0] * seconds
            print(f"    {begun:,.0f} wait", flush=True)
    disk_after, memory_after = idle(shale, data)
    row("executions that wait, of an idle server", count=begun, diskBytesEach=(disk_after - disk) / begun,
        residentMiBMore=(memory_after - memory) / 1_048_576, residentMiB=memory_after / 1_048_576)


if __name__ == "__main__":
    main()
