"""What functions do wrong and what they cost: real processes, beside which everything goes on."""

import base64
import json
import math
import os
import pathlib
import re
import threading
import time

import function_tests
import harness
import log_tests
from function_tests import ROLE, archive
from harness import Suite

suite = Suite("functions that are contained")

HANDLERS = """
import os, sys, time

def echo(event, context): return event

def eat(event, context):
    eaten = []
    while True:
        eaten.append(bytearray(b"x" * 1_000_000))
        time.sleep(0.001)

def fork(event, context):
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
                time.sleep(600)
        except OSError: pass

def chatter(event, context):
    while True: os.write(1, b"x" * 65_536)

def look(event, context):
    '''What becomes of looking at places and of writing there.'''
    told = {}
    for place in event:
        try: told[place] = os.listdir(place)
        except OSError as error: told[place] = type(error).__name__
    told["user"] = os.getuid()
    return told
"""
CODE = {"ZipFile": archive(**{"handlers.py": HANDLERS})}


def own_processes(text):
    """The processes whose command line has a text."""
    found = []
    for place in pathlib.Path("/proc").iterdir():
        try:
            if place.name.isdigit() and text in (place / "cmdline").read_text().replace("\0", " "):
                found.append(int(place.name))
        except OSError:
            # It has ended since it was listed.
            continue
    return found


@suite.table("it is named in the error, and nothing else is harmed", [
    ("one that eats memory", "eat", 20, [("Runtime.OutOfMemory", "signal: killed")]),
    # Memory is that of all its processes, so either limit may be the first.
    ("one that forks", "fork", 2, [("Sandbox.Timedout", "Task timed out after 2.00 seconds"), ("Runtime.OutOfMemory", "signal: killed")]),
    ("one that prints without end", "chatter", 1, [("Sandbox.Timedout", "Task timed out after 1.00 seconds")]),
])
def _(check, context, handler, seconds, endings):
    world = context.functions
    if handler == "eat":
        world.make("echo", "echo", Code=CODE)
    world.make(handler, handler, Code=CODE, Timeout=seconds)
    told = []
    caller = threading.Thread(target=lambda: told.append(function_tests.World.call(world, handler)))
    caller.start()
    beside = 0
    while caller.is_alive():
        check.equal(world.call("echo", beside)[1], beside, "another function beside it")
        beside += 1
        time.sleep(0.02)
    check.true(beside > 0, "another function was asked beside it")
    answer, payload = told[0]
    check.equal((answer["StatusCode"], answer.get("FunctionError")), (200, "Unhandled"), "status and function error")
    check.true(any(payload["errorType"] == kind and text in payload["errorMessage"] for kind, text in endings), f"error: {payload}")
    deadline = time.monotonic() + 20
    while (left := own_processes(f"awslambdaric handlers.{handler}")) and time.monotonic() < deadline:
        time.sleep(0.05)
    if os.geteuid() == 0:
        check.equal(left, [], "processes that are left of it")
    check.equal(world.call("echo", "again")[1], "again", "another function behind it")


@suite.test("a function sees neither the database nor the files of others, and runs as a user of its own")
def _(check, context):
    world = context.functions
    if os.geteuid() != 0:
        raise harness.Skipped("the server is not root")
    world.make("look", "look", Code=CODE)
    places = [str(world.directory / "data"), str(world.directory / "functions" / "environments"), str(world.directory / "functions" / "code")]
    told = world.call("look", places)[1]
    check.true(61_184 <= told.pop("user") <= 65_519, "user")
    check.true(all(told[place] in ("PermissionError", "FileNotFoundError") for place in places), f"what it sees: {told}")


LIMITS = """
import os, resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def limits(event, context):
    try:
        with open(os.environ["TMPDIR"] + "/large", "wb") as file: file.truncate(event)
        written = "written"
    except OSError as error: written = type(error).__name__
    names = ("NOFILE", "FSIZE", "NPROC", "CORE", "AS")
    return {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name))[0] for name in names} | {
        "written": written, "groups": os.getgroups(), "session": os.getsid(0) == os.getpgid(0)}
"""


@suite.test("a process has limits of its own for files, their size, processes and core dumps, and none for addresses")
def _(check, context):
    world = context.functions
    world.make("limits", "limits", Code={"ZipFile": archive(**{"handlers.py": LIMITS})})
    wanted = {"NOFILE": 1_024, "FSIZE": 536_870_912, "CORE": 0, "AS": -1, "written": "OSError", "session": True}
    if os.geteuid() == 0:
        wanted |= {"NPROC": 1_024, "groups": []}
    told = world.call("limits", 536_870_913)[1]
    check.equal({name: told[name] for name in wanted}, wanted, "limits")


def costs(process):
    """Threads, descriptors and children of a process."""
    place = pathlib.Path(f"/proc/{process}")
    tasks = list((place / "task").iterdir())
    children = [child for task in tasks for child in (task / "children").read_text().split()]
    return len(tasks), len(list((place / "fd").iterdir())), len(children)


@suite.test("1,000 functions that nobody calls cost no process, no thread and no descriptor")
def _(check, context):
    with harness.scratch("shale-idle-") as directory:
        directory.chmod(0o755)
        world = function_tests.World(context.shale, directory)
        try:
            code = {"ZipFile": archive(bootstrap="#!/bin/sh\nexit 1")}

            def make(name):
                world.client.create_function(FunctionName=name, Runtime="provided.al2023", Handler="any", Role=ROLE, Code=code)

            for number in range(10):
                make(f"first-{number}")
            time.sleep(1)
            before = costs(world.server.process.pid)
            for number in range(1_000):
                make(f"idle-{number}")
            pages = world.client.get_paginator("list_functions").paginate()
            check.equal(sum(f["FunctionName"].startswith("idle-") for page in pages for f in page["Functions"]), 1_000, "functions")
            world.client.get_waiter("function_active_v2").wait(FunctionName="idle-999", WaiterConfig=function_tests.WAIT)
            time.sleep(1)
            after = costs(world.server.process.pid)
            # Threads of pools, and files of the database, may come and go.
            check.true(after[0] - before[0] <= 4, f"threads, descriptors, children: {before}, then {after}")
            check.true(after[1] - before[1] <= 20, f"threads, descriptors, children: {before}, then {after}")
            check.equal((before[2], after[2]), (0, 0), "children")
        finally:
            world.server.stop()


@suite.test("the report says how long it took, what is billed with initialising in it, and how much memory there was")
def _(check, context):
    world = context.functions
    world.make("reported", "echo", Code=CODE, MemorySize=192)

    def report():
        log = base64.b64decode(world.call("reported", LogType="Tail")[0]["LogResult"]).decode()
        return {name: float(value) for name, value in re.findall(r"\t([A-Z][A-Za-z ]+): ([0-9.]+) (?:ms|MB)", log)}

    first, second = report(), report()
    check.equal(first["Billed Duration"], math.ceil(round(first["Duration"] + first["Init Duration"], 2)), f"billed of {first}")
    check.true("Init Duration" not in second, "the second did not initialise")
    check.equal(second["Billed Duration"], math.ceil(second["Duration"]), f"billed of {second}")
    check.equal(first["Memory Size"], 192, "memory")
    check.true(5 < first["Max Memory Used"] < 192, f"memory used: {first}")


@suite.test("the newest Python runs what asks for one that is not here, and the function's log says so")
def _(check, context):
    world = context.functions
    world.make("newest", "echo", Code=CODE, Runtime="python3.99")
    check.equal(world.call("newest", 7)[1], 7, "answer")
    lines = log_tests.logs_client(world.server.endpoint).filter_log_events(
        logGroupName="/aws/lambda/newest", filterPattern='"python3.99 is not here"')["events"]
    check.equal(len(lines), 1, "lines")
    check.contains(lines[0]["message"], "runs it", "line")


@suite.test("an interpreter that is a shim, or that the functions' users cannot read, is an error when the function is made")
def _(check, context):
    with harness.scratch("shale-interpreters-") as directory:
        directory.chmod(0o755)
        shim, hidden = directory / "shim", directory / "hidden"
        shim.write_text("#!/bin/sh\nexec python3 \"$@\"\n")
        hidden.write_bytes(pathlib.Path("/usr/bin/python3").resolve().read_bytes()[:4_096])
        shim.chmod(0o755)
        hidden.chmod(0o700)
        with harness.running(context.shale, directory / "data", "--functions", str(directory / "functions"),
                             "--runtime", f"python3.8={shim}", "--runtime", f"python3.9={hidden}") as server:
            client = function_tests.lambda_client(server.endpoint)

            def refusal(runtime):
                made = {"FunctionName": "f", "Runtime": runtime, "Handler": "handlers.echo", "Role": ROLE, "Code": CODE}
                return check.refused("InvalidParameterValueException", client.create_function, **made)["Error"]["Message"]

            check.contains(refusal("python3.8"), "a version manager's shim", "message")
            check.contains(refusal("python3.8"), str(shim), "message")
            if os.geteuid() == 0:
                check.contains(refusal("python3.9"), "cannot be read by the users", "message")
            check.equal(client.list_functions()["Functions"], [], "functions")


@suite.test("code is kept once for all that have it, and `shale verify` reads it")
def _(check, context):
    with harness.scratch("shale-code-") as directory:
        directory.chmod(0o755)
        world = function_tests.World(context.shale, directory)
        try:
            marker = os.urandom(600_000)
            code = {"ZipFile": archive(bootstrap="#!/bin/sh", data=marker)}

            def held():
                """In how many places of the database's files the code's bytes are."""
                files = [place.read_bytes() for place in (directory / "data").rglob("*") if place.is_file()]
                return sum(file.count(marker[200_000:200_064]) for file in files)

            for number in range(5):
                world.client.create_function(FunctionName=f"f{number}", Runtime="provided.al2023", Handler="any", Role=ROLE, Code=code)
            check.equal(held(), 1, "places of the code of five functions")
            world.server.stop()
            verified = harness.run_shale(context.shale, "verify", directory / "data")
            check.equal(verified.returncode, 0, f"exit code: {verified.stdout}{verified.stderr}")
            for place in (directory / "data").rglob("*"):
                if place.is_file() and (at := place.read_bytes().find(marker[200_000:200_064])) >= 0:
                    with open(place, "r+b") as file:
                        file.seek(at)
                        file.write(bytes([marker[200_000] ^ 1]))
            verified = harness.run_shale(context.shale, "verify", directory / "data")
            check.equal(verified.returncode, 1, f"exit code: {verified.stdout}{verified.stderr}")
        finally:
            if world.server.process.poll() is None:
                world.server.stop()
