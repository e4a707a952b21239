"""The lines that people paste: what Tools/run prints and what the README shows, run as they are;
and the subcommands that work on a directory.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import harness
from harness import Failed, Suite
from values import item

suite = Suite("Command lines")

RULE = re.compile(r"^---- Paste this.*?\n(.*?)^-{20,}\n", re.S | re.M)


def environment(context, **more):
    """Clients of the virtual environment and the built `shale` first on PATH; no settings of a user."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SHALE_"))}
    path = f"{pathlib.Path(context.shale).parent}:{pathlib.Path(sys.executable).parent}:{clean['PATH']}"
    return clean | {"PATH": path, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull} | more


def bash(script, context, directory, **more):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=300,
                          env=environment(context, **more), cwd=directory, stdin=subprocess.DEVNULL)


@suite.test("what Tools/run prints creates a table, puts, gets and queries an item")
def _(check, context):
    port = harness.free_port()
    with harness.scratch() as directory:
        with open(directory / "out", "wb") as out:
            process = subprocess.Popen(
                [str(harness.ROOT / "Tools" / "run"), "--port", str(port), "--data", str(directory / "data")],
                stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment(context),
                cwd=harness.ROOT)
        try:
            block = wait_for_block(process, directory / "out", port)
            ran = bash(block, context, directory)
            check.equal(ran.returncode, 0, f"the pasted lines: {ran.stderr[-800:]}")
            check.contains(ran.stdout, '"TableName": "Music"')
            check.contains(ran.stdout, '"Count": 1')
            check.equal(ran.stdout.count('"Sinnerman"'), 2, "got once and queried once")
        finally:
            process.send_signal(signal.SIGINT)
            try:
                code = process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        check.equal(code, 0, "exit code after Ctrl-C")


def wait_for_block(process, path, port):
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        text = path.read_text(errors="replace")
        if process.poll() is not None:
            raise Failed(f"Tools/run ended with {process.returncode}: {text[-800:]}")
        if found := RULE.search(text):
            try:
                import socket
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return found.group(1)
            except OSError:
                pass
        time.sleep(0.1)
    raise Failed("Tools/run printed no lines to paste")


@suite.test("the shell lines of the README work as they stand")
def _(check, context):
    text = (harness.ROOT / "README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)
    check.true(len(blocks) >= 3, "the README has shell lines")
    for block in ("Tools/run", "Tools/test"):
        check.true(block in [b.split("#")[0].strip() for b in blocks], f"{block} stands alone in a block")
    lines = [b for b in blocks if b.split("#")[0].strip() not in ("Tools/run", "Tools/test")]
    with harness.scratch() as directory:
        server = harness.Server(context.shale, directory / "shale-data").wait_until_ready()
        served = [b for b in lines if "aws " in b]
        by_hand = [b for b in lines if "aws " not in b]
        try:
            # All of them go into one shell, as somebody would paste them.
            script = "\n".join(served).replace("http://127.0.0.1:8000", server.endpoint)
            ran = bash(script, context, directory)
            check.equal(ran.returncode, 0, f"{script}: {ran.stderr[-800:]}")
        finally:
            check.equal(server.stop(), 0, "exit code")
        for block in by_hand:
            ran = bash(block, context, directory)
            check.equal(ran.returncode, 0, f"{block}: {ran.stderr[-800:]}")


def filled(context, directory, count=500):
    """A stopped database with one table of so many items."""
    with harness.running(context.shale, directory / "data") as server:
        client = server.client()
        client.create_table(
            TableName="Items", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in (("pk", "S"), ("sk", "N"), ("c", "S"))],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[{"IndexName": "byC", "Projection": {"ProjectionType": "ALL"},
                                     "KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}]}])
        for start in range(0, count, 25):
            client.batch_write_item(RequestItems={"Items": [
                {"PutRequest": {"Item": item(pk=f"p{i % 7}", sk=i, c=f"c{i % 3}", b=bytes([i % 256]), m={"a": [1, None, True]})}}
                for i in range(start, start + 25)]})
    return directory / "data"


@suite.test("dump and load carry a table over, item for item")
def _(check, context):
    with harness.scratch() as directory:
        data = filled(context, directory)
        dumped = harness.run_shale(context.shale, "dump", data, "Items")
        check.equal(dumped.returncode, 0, dumped.stderr[-500:])
        lines = sorted(dumped.stdout.splitlines())
        check.equal(len(lines), 500)
        check.true(all(set(json.loads(line)) == {"Item"} or "pk" in json.loads(line) for line in lines), "DynamoDB JSON")
        (directory / "items.jsonl").write_text("\n".join(lines) + "\n")
        with harness.running(context.shale, directory / "other") as server:
            server.client().create_table(
                TableName="Copy", BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in (("pk", "S"), ("sk", "N"))],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}])
        loaded = harness.run_shale(context.shale, "load", directory / "other", "Copy", directory / "items.jsonl")
        check.equal(loaded.returncode, 0, loaded.stderr[-500:])
        again = harness.run_shale(context.shale, "dump", directory / "other", "Copy")
        check.equal(sorted(again.stdout.splitlines()), lines, "dumped again")


@suite.test("load names the line that is wrong, and dump the table that is missing")
def _(check, context):
    with harness.scratch() as directory:
        data = filled(context, directory, 25)
        (directory / "bad.jsonl").write_text('{"pk": {"S": "a"}, "sk": {"N": "1"}}\n{"pk": {"S": "b"}, "sk": \n')
        loaded = harness.run_shale(context.shale, "load", data, "Items", directory / "bad.jsonl")
        check.true(loaded.returncode > 0, "load fails")
        check.contains(loaded.stderr, "line 2")
        dumped = harness.run_shale(context.shale, "dump", data, "Missing")
        check.true(dumped.returncode > 0, "dump fails")
        check.contains(dumped.stderr, "Missing")
        none = harness.run_shale(context.shale, "dump", directory / "nowhere", "Items")
        check.true(none.returncode > 0 and not (directory / "nowhere").exists(), "dump does not make a database")


@suite.test("verify says OK, inspect explains every file, stats counts")
def _(check, context):
    with harness.scratch() as directory:
        data = filled(context, directory)
        verified = harness.run_shale(context.shale, "verify", data)
        check.equal(verified.returncode, 0, verified.stdout + verified.stderr)
        check.contains(verified.stdout, "OK")
        files = [path for path in sorted(data.rglob("*")) if path.is_file()]
        inspected = harness.run_shale(context.shale, "inspect", *files)
        check.equal(inspected.returncode, 0, inspected.stderr[-500:])
        for path in files:
            check.contains(inspected.stdout, path.name, "inspect")
        stats = harness.run_shale(context.shale, "stats", data, "--json")
        check.equal(stats.returncode, 0, stats.stderr[-500:])
        check.true(isinstance(json.loads(stats.stdout), dict), "stats --json is an object")


@suite.test("a flipped bit in any file is named by verify, and salvage copies what is left")
def _(check, context):
    with harness.scratch() as directory:
        data = filled(context, directory)
        runs = sorted(data.rglob("*.run")) or [p for p in data.rglob("*") if p.is_file() and p.stat().st_size > 8192]
        victim = runs[0]
        damaged = bytearray(victim.read_bytes())
        damaged[200] ^= 0x10
        victim.write_bytes(damaged)
        verified = harness.run_shale(context.shale, "verify", data)
        check.equal(verified.returncode, 1, "exit code of verify")
        check.contains(verified.stdout + verified.stderr, victim.name, "what verify says")
        check.contains(verified.stdout + verified.stderr, "offset", "what verify says")
        salvaged = harness.run_shale(context.shale, "salvage", data, "--to", directory / "new")
        check.true(salvaged.returncode in (0, 1), f"salvage: {salvaged.returncode} {salvaged.stderr[-500:]}")
        again = harness.run_shale(context.shale, "verify", directory / "new")
        check.equal(again.returncode, 0, f"the salvaged database: {again.stdout}{again.stderr}")


@suite.test("bench runs a workload and reports percentiles")
def _(check, context):
    ran = harness.run_shale(context.shale, "bench", "--workload", "fillrandom,readrandom", "--keys", "2000", "--threads", "2", "--json")
    check.equal(ran.returncode, 0, ran.stderr[-500:])
    results = [json.loads(line) for line in ran.stdout.splitlines()]
    check.equal([r["workload"] for r in results], ["fillrandom", "readrandom"])
    check.true(all(r["operations"] > 0 and r["p99_microseconds"] > 0 for r in results), "numbers")
