"""Functions beside the least that can drive them: warm invocations, cold starts, changes of a stream.

    .venv/bin/python3 Benchmarks/Functions/run.py --shale .build/release/shale [--json FILE]
    .venv/bin/python3 Benchmarks/Functions/run.py --rows functions-changes --lanes 4 --shale .build/release/shale

Starts a server of its own, and `host.c`, which drives the same interpreter with the same `awslambdaric` and has nothing around it.

functions-warm     an invocation is measured by a client over one connection, and what the connection itself costs (GET /shale/health)
                   is taken off; beside it what the host takes for a whole turn (event, answer, next question: what it needs for each
                   of many invocations) and from the event to the answer
functions-cold     what the first invocation of an environment takes longer than a warm one; beside it what the host takes from starting
                   the same process to its first question, in turns. Once of Python, and once of an executable: `bootstrap.c`, of which a
                   start is next to nothing, or what `--bootstrap` names
functions-changes  wrk writes changes at a rate (`changes.lua`), each with its time; the function notes when it has them, and in the end it
                   must have had all

These are rows of `Benchmarks/run`, which starts this program. Prints each figure; `--json` appends one line for each.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "ConformanceTests"), str(ROOT / "Benchmarks" / "Runner")]
import function_tests
import harness
from claims import Claims

ROWS = ("functions-warm", "functions-cold", "functions-changes")
HERE = pathlib.Path(__file__).resolve().parent

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
    """Microseconds of requests over one connection, each sent in one piece."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n\r\n"
    request, times = head.encode() + body, []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            began = time.perf_counter()
            connection.sendall(request)
            answer = received(connection)
            times.append((time.perf_counter() - began) * 1e6)
            assert answer.startswith(b"HTTP/1.1 %d " % least), answer[:200]
    return times


def received(connection):
    """An answer that says how long it is."""
    answer = b""
    while True:
        piece = connection.recv(65536)
        assert piece, "the server closed the connection"
        answer += piece
        head, found, rest = answer.partition(b"\r\n\r\n")
        if found:
            length = int(re.search(rb"content-length: *(\d+)", head.lower())[1])
            if len(rest) >= length:
                return answer


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(ROWS), help="a,b,c; default all")
    parser.add_argument("--shale", required=True)
    parser.add_argument("--json", default=None)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--count", type=int, default=None, help="of warm invocations; default 2,000, or 300 with --quick")
    parser.add_argument("--starts", type=int, default=None, help="cold ones of each kind; default 10, or 3 with --quick")
    parser.add_argument("--bootstrap", default=None, help="an executable that speaks the Runtime API, instead of bootstrap.c")
    parser.add_argument("--seconds", type=int, default=None, help="how long changes are written; default 60, or 5 with --quick")
    parser.add_argument("--changes-per-second", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8, help="over which they are written")
    parser.add_argument("--lanes", type=int, default=1, help="the mapping's ParallelizationFactor")
    arguments = parser.parse_args()
    arguments.rows = arguments.rows.split(",")
    for row in arguments.rows:
        if row not in ROWS:
            parser.error(f"no such row: {row}; there are {', '.join(ROWS)}")
    for name, usual, brief in (("count", 2_000, 300), ("starts", 10, 3), ("seconds", 60, 5)):
        setattr(arguments, name, getattr(arguments, name) or (brief if arguments.quick else usual))
    return arguments


def main():
    arguments = parsed()
    claims = Claims(arguments.json)
    if "functions-changes" in arguments.rows and shutil.which("wrk") is None:
        sys.exit("no wrk, which writes the changes: apt-get install wrk")
    print(f"{os.cpu_count()} cores, which the server, the function and whoever asks share")
    with harness.scratch("shale-functions-") as directory:
        world = function_tests.World(pathlib.Path(arguments.shale).resolve(), directory)
        try:
            if {"functions-warm", "functions-cold"} & set(arguments.rows):
                compiled(HERE / "host.c", directory / "host")
                python = python_function(world, directory)
            if "functions-warm" in arguments.rows:
                warm(world, arguments, claims, python)
            if "functions-cold" in arguments.rows:
                for function in (python, executable(world, directory, arguments)):
                    cold(world, arguments, claims, function)
            if "functions-changes" in arguments.rows:
                changes(world, arguments, claims)
        finally:
            world.server.stop()


def compiled(source, binary):
    subprocess.run(["cc", "-O2", "-o", binary, source], check=True)


@dataclasses.dataclass(frozen=True)
class Function:
    """A function of the server, and the same process by the host in C."""

    name: str
    kind: str
    directory: pathlib.Path
    command: tuple
    environment: dict
    # Of a cold start, by the host's.
    goal: dict

    @property
    def path(self):
        return f"/2015-03-31/functions/{self.name}/invocations"

    def host(self, count):
        """By the host in C in microseconds: so many invocations to their answers, their whole turns, and the start."""
        output = subprocess.run(
            [self.directory / "host", str(count), *self.command], env=self.environment, cwd=self.directory, capture_output=True,
            text=True, timeout=300, check=True).stdout
        lines = output.splitlines()
        answers, turns = zip(*(map(float, line.split()) for line in lines[:-1]))
        return answers, turns, float(lines[-1].removeprefix("start "))


def python_function(world, directory):
    """Python that answers nothing; the host has the same interpreter and the same code."""
    world.make("warm", Handler="app.handle", Code={"ZipFile": function_tests.archive(**{"app.py": HANDLER})})
    python = next((directory / "functions" / "python").glob("*/bin/python*"))
    (directory / "app.py").write_text(HANDLER)
    environment = {"PATH": "/usr/bin:/bin", "_HANDLER": "app.handle", "LAMBDA_TASK_ROOT": str(directory),
                   "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                   "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_REGION": "us-east-1"}
    return Function("warm", "Python", directory, (str(python), "-m", "awslambdaric", "app.handle"), environment, {"most": 1.2})


def executable(world, directory, arguments):
    """An executable that is a function by itself. The goal of 1.5 is that of one in Swift: what is compiled here is in C and has none."""
    binary, kind, goal = directory / "bootstrap", "an executable in C", {}
    if arguments.bootstrap:
        kind, goal = f"the executable {pathlib.Path(arguments.bootstrap).name}", {"most": 1.5}
        shutil.copy(arguments.bootstrap, binary)
    else:
        compiled(HERE / "bootstrap.c", binary)
    code = function_tests.archive(bootstrap=binary.read_bytes())
    world.make("executable", Runtime="provided.al2023", Handler="any", Code={"ZipFile": code})
    return Function("executable", kind, directory, (str(binary),), {"PATH": "/usr/bin:/bin"}, goal)


def warm(world, arguments, claims, function):
    port = world.server.port
    round_trips(port, 50, "POST", function.path, b"{}")
    whole = quantiles(round_trips(port, arguments.count, "POST", function.path, b"{}"))
    bare = quantiles(round_trips(port, arguments.count, "GET", "/shale/health"))
    answers, turns, _ = function.host(arguments.count + 50)
    answers, turns = quantiles(answers[50:]), quantiles(turns[50:])
    for place, name in enumerate(("p50", "p99")):
        row = "functions-warm"
        for peer, marks in (("a turn", turns), ("event to answer", answers)):
            claims.take(row, f"warm invocation without the request, {name}", whole[place] - bare[place], "µs",
                        f"host in C, {peer}, {name}", marks[place], most=1.0)
        claims.take(row, f"warm invocation, whole, {name}", whole[place], "µs", f"a request without a function, {name}", bare[place])


def cold(world, arguments, claims, function):
    """A new revision has no environment: its first invocation starts one. The host starts one in turn with it."""
    port = world.server.port
    usual, _ = quantiles(round_trips(port, 200, "POST", function.path, b"{}"))
    times, marks = [], []
    for number in range(arguments.starts):
        world.client.update_function_configuration(FunctionName=function.name, Description=str(number))
        world.client.get_waiter("function_updated_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 1})
        times += round_trips(port, 1, "POST", function.path, b"{}")
        marks.append(function.host(1)[-1])
    middle = statistics.median(times)
    row, peer = "functions-cold", "host in C, start to first question, median"
    claims.take(row, f"cold start of {function.kind} without a warm invocation, median", (middle - usual) / 1e3, "ms", peer,
                statistics.median(marks) / 1e3, count=len(times), **function.goal)
    claims.take(row, f"cold start of {function.kind} and first answer, at most", max(times) / 1e3, "ms", count=len(times),
                p50Milliseconds=middle / 1e3)


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


def changes(world, arguments, claims):
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
    lanes = "one lane" if arguments.lanes == 1 else f"{arguments.lanes} lanes"
    row, more = "functions-changes", {"changes": count, "lanes": arguments.lanes, "cores": os.cpu_count()}
    claims.take(row, f"changes handled, {lanes}", len(lines) / ((max(gots) - min(ats)) / 1e6), "/s",
                "written by wrk", count / (told["microseconds"] / 1e6), p50WriteMicroseconds=told["p50"], p99WriteMicroseconds=told["p99"], **more)
    claims.take(row, "from the writer to the function, p50", p50, "ms", **more)
    claims.take(row, "from the writer to the function, p99", p99, "ms", below=1_000, **more)
    followed.end()


if __name__ == "__main__":
    main()
