"""What every conformance test uses: the built server as a process, clients of it, and a count.

A test is a function with a sentence, registered by `@test`; it gets a `Check` to compare with. The
server runs on the loopback address with a free port and a data directory that dies with the test run.
"""

import argparse
import collections
import contextlib
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import boto3
import botocore.config
import botocore.exceptions

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 60


class Failed(Exception):
    """A comparison that did not hold."""


class Skipped(Exception):
    """A test that this machine cannot run; the reason is printed."""


class Check:
    """Comparisons of one test; counts those that held."""

    def __init__(self):
        self.count = 0

    def true(self, condition, what):
        if not condition:
            raise Failed(what)
        self.count += 1

    def equal(self, got, wanted, what="value"):
        if got != wanted:
            raise Failed(f"{what}: got {_short(got)}, wanted {_short(wanted)}")
        self.count += 1

    def contains(self, text, part, what="text"):
        self.true(part.lower() in text.lower(), f"{what}: {part!r} is not in {_short(text)}")

    def refused(self, code, call, *arguments, **named):
        """The call must fail with this error code. Returns the response of the error."""
        try:
            call(*arguments, **named)
        except botocore.exceptions.ClientError as error:
            self.equal(error.response["Error"]["Code"], code, "error code")
            return error.response
        raise Failed(f"was accepted; wanted {code}")


def _short(value):
    text = repr(value)
    return text if len(text) <= 600 else text[:600] + "…"


class Report:
    """Counts of the whole run."""

    def __init__(self):
        self.passed = self.failed = self.skipped = self.comparisons = 0
        self.failures = []

    def run(self, sentence, body, *arguments):
        check = Check()
        began = time.monotonic()
        try:
            body(check, *arguments)
            self.passed += 1
            verdict = "ok     "
        except Skipped as reason:
            self.skipped += 1
            verdict, sentence = "skipped", f"{sentence}: {reason}"
        except Exception as error:  # Whatever a test throws is a failure with its reason.
            self.failed += 1
            self.failures.append(sentence)
            verdict = "FAILED "
            place = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in place if "ConformanceTests" in frame.filename]
            where = next((f for f in reversed(ours) if "harness" not in f.filename), place[-1])
            reason = f"{type(error).__name__}: {error}"
            sentence = f"{sentence}\n        {pathlib.Path(where.filename).name}:{where.lineno} {reason}"
        self.comparisons += check.count
        print(f"{verdict} {sentence} ({time.monotonic() - began:.1f} s)", flush=True)

    def finish(self):
        """Prints the last lines and returns the exit code."""
        if self.failures:
            print("\nFailed:")
            for sentence in self.failures:
                print(f"  {sentence}")
        print(f"\n{self.comparisons} comparisons, {self.skipped} skipped", flush=True)
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


class Suite:
    """The tests of one file, in the order of their definition."""

    def __init__(self, title):
        self.title = title
        self.tests = []

    def test(self, sentence):
        def register(body):
            self.tests.append((sentence, body))
            return body

        return register

    def adding(self, sentence, body):
        """This suite with one test more."""
        suite = Suite(self.title)
        suite.tests = [*self.tests, (sentence, body)]
        return suite

    def table(self, sentence, cases):
        """One test for each case; the first element of a case completes the sentence."""

        def register(body):
            for case in cases:
                self.tests.append((f"{sentence}: {case[0]}", lambda check, context, case=case: body(check, context, *case[1:])))
            return body

        return register

    def run(self, report, context):
        print(f"\n-- {self.title}", flush=True)
        for sentence, body in self.tests:
            report.run(sentence, body, context)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One `shale serve` process."""

    def __init__(self, shale, data, *arguments, port=None, environment=None):
        self.port = port or free_port()
        self.data = pathlib.Path(data)
        self.log_path = self.data.parent / f"{self.data.name}.log"
        self.log = open(self.log_path, "ab")
        # A directory for functions would stay behind.
        if "--functions" not in arguments:
            arguments += ("--no-functions",)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SHALE_"))}
        self.process = subprocess.Popen(
            [str(shale), "serve", "--data", str(data), "--port", str(self.port), *arguments],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            env=clean | (environment or {}),
        )

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failed(f"the server ended with {self.process.returncode}: {self.log_tail()}")
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            time.sleep(0.02)
        self.kill()
        raise Failed(f"the server did not listen within {START_SECONDS} s: {self.log_tail()}")

    def log_tail(self):
        self.log.flush()
        return self.log_path.read_text(errors="replace")[-1500:]

    def stop(self):
        """Asks to stop and returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"the server did not stop within {STOP_SECONDS} s: {self.log_tail()}") from None
        finally:
            self.log.close()

    def kill(self):
        """kill -9."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def client(self, **more):
        return client(self.endpoint, **more)


def client(endpoint, key="local", secret="local", attempts=1, connections=20):
    return boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id=key, aws_secret_access_key=secret,
        config=botocore.config.Config(
            retries={"total_max_attempts": attempts, "mode": "standard"},
            connect_timeout=5, read_timeout=60, max_pool_connections=connections,
        ),
    )


@contextlib.contextmanager
def scratch(prefix="shale-conformance-"):
    """A directory that is gone afterwards."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running(shale, data, *arguments, **named):
    """A ready server that is stopped afterwards, whatever happens."""
    server = Server(shale, data, *arguments, **named)
    try:
        yield server.wait_until_ready()
    finally:
        if server.process.poll() is None:
            server.stop()
        server.log.close()


def run_shale(shale, *arguments, timeout=600):
    """Runs one subcommand to its end."""
    return subprocess.run(
        [str(shale), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
        stdin=subprocess.DEVNULL,
    )


def call_all(callers, server, kill_after=None):
    """Lets threads call a server to their end; with `kill_after` seconds it is killed meanwhile, and what fails then is theirs."""
    for caller in callers:
        caller.start()
    if kill_after is not None:
        time.sleep(kill_after)
        server.kill()
    for caller in callers:
        caller.join(timeout=120)
        if caller.is_alive():
            raise Failed("a caller hangs")
        if caller.failure and kill_after is None:
            raise caller.failure


def run_seeded(words, suite_for, calls):
    """Runs a suite of random calls by itself, with options for how many there are and from which seed."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None)
    parser.add_argument("--calls", type=int, default=calls)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    report = Report()
    context = Context(arguments.shale or default_shale(), None)
    suite_for(arguments.calls, arguments.rounds, arguments.seed).run(report, context)
    return report.finish()


Answer = collections.namedtuple("Answer", "status headers body")


def post(server, headers, body):
    """Sends what no client would, to the root."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def run_aws(server, *arguments, timeout=120, **more):
    """Runs the AWS command line to its end, with more variables of the environment."""
    environment = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1",
                   "AWS_DEFAULT_OUTPUT": "json", "PATH": "/usr/bin:/bin"} | more
    aws = pathlib.Path(sys.executable).with_name("aws")
    return subprocess.run([aws, "--endpoint-url", server.endpoint, *arguments], capture_output=True, text=True,
                          env=environment, timeout=timeout, stdin=subprocess.DEVNULL)


class Context:
    """What a suite gets: the executable, a server, a client of it."""

    def __init__(self, shale, server):
        self.shale = shale
        self.server = server
        self.client = server.client() if server else None
        self.tables = 0

    def clear(self):
        """Deletes every table of the shared server, so that no suite meets the names of another."""
        def names():
            return [name for page in self.client.get_paginator("list_tables").paginate() for name in page["TableNames"]]

        for name in names():
            if self.client.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"]:
                self.client.update_table(TableName=name, DeletionProtectionEnabled=False)
            self.client.delete_table(TableName=name)
        deadline = time.monotonic() + 60
        while left := names():
            if time.monotonic() > deadline:
                raise TimeoutError(f"after a minute these tables are not deleted: {', '.join(left)}")
            time.sleep(0.01)

    def create_table(self, partition=("pk", "S"), sort=("sk", "S"), **more):
        """Makes a table with a name of its own, waits until it is active, returns the name."""
        self.tables += 1
        name = f"Table{self.tables}"
        attributes = {partition[0]: partition[1]} | ({sort[0]: sort[1]} if sort else {})
        attributes |= more.pop("attributes", {})
        schema = [{"AttributeName": partition[0], "KeyType": "HASH"}]
        if sort:
            schema.append({"AttributeName": sort[0], "KeyType": "RANGE"})
        self.client.create_table(
            TableName=name, KeySchema=schema, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in attributes.items()],
            **more,
        )
        self.client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        return name


def default_shale():
    """The release build, where a script is started without `--shale`."""
    path = ROOT / ".build" / "release" / "shale"
    if not path.exists():
        sys.exit("Build the server first: swift build -c release --product shale")
    return path
