"""`shale executions` against a server: start, list, stop, redrive, show, and what it says when something is wrong."""

import json

import harness
import states_tests
from harness import Suite

suite = Suite("executions by hand")


def shale(context, *arguments, code=0, check=None, **more):
    done = harness.run_shale(context.shale, "executions", *arguments, "--server", context.states_server.endpoint, **more)
    check.equal(done.returncode, code, f"exit code of {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done


@suite.test("shale executions starts, waits, lists, stops and redrives")
def _(check, context):
    states_tests.make(context.states, "by-hand", states_tests.passing({"x": 1}), publish=True)
    states_tests.make(context.states, "by-hand-quick", states_tests.passing({"q": 1}), type="EXPRESS")
    states_tests.make(context.states, "by-hand-slow", states_tests.machine(W={"Type": "Wait", "Seconds": 600, "Next": "P"}, P={"Type": "Pass", "End": True}))
    run_shale = lambda *arguments, **more: shale(context, *arguments, check=check, **more)
    check.equal(run_shale("start", "by-hand", "--wait", "--name", "one", "--input", '{"a": 1}').stdout, '{"x":1}\n', "output")
    check.equal(run_shale("start", "by-hand-quick", "--wait").stdout, '{"q":1}\n', "output of EXPRESS")
    check.equal(run_shale("start", "by-hand:1").stdout.strip().rsplit(":", 2)[1], "by-hand", "of a version")
    with harness.scratch() as directory:
        (directory / "input.json").write_text('{"from": "a file"}')
        run_shale("start", "by-hand", "--name", "two", "--input", f"@{directory / 'input.json'}")
    told = context.states.describe_execution(executionArn=f"{states_tests.PREFIX}:execution:by-hand:two")
    check.equal(told["input"], '{"from": "a file"}', "input of a file")
    started = run_shale("start", "by-hand-slow", "--name", "w").stdout.strip()
    check.equal(started, f"{states_tests.PREFIX}:execution:by-hand-slow:w", "resource name")
    check.contains(run_shale("list", "by-hand-slow").stdout, "▶ RUNNING  by-hand-slow/w")
    run_shale("stop", "by-hand-slow/w", "--error", "Bored", "--cause", "nobody waits")
    rows = run_shale("list", "by-hand-slow", "--status", "aborted", "--json").stdout.splitlines()
    check.equal([json.loads(row)["name"] for row in rows], ["w"], "aborted")
    check.contains(run_shale("stop", "by-hand/one", code=1).stderr, "has ended already, as SUCCEEDED")
    run_shale("redrive", "by-hand-slow/w")
    shown = run_shale("show", started).stdout
    check.contains(shown, "▶ W")
    check.contains(shown, "redriven × 1")
    check.equal(len(run_shale("list", "--limit", "2").stdout.splitlines()), 3, "two executions and the heading")
    run_shale("stop", started)


@suite.table("shale executions says what is wrong, and what to do", [
    ("no such machine", ["start", "nobody"], 1, "no state machine nobody on this server; there are "),
    ("no such execution", ["show", "by-hand/none"], 1, "shale executions list"),
    ("no execution", ["show", "by-hand"], 2, "write MACHINE/NAME or its ARN"),
    ("an EXPRESS execution", ["show", f"{states_tests.PREFIX}:express:by-hand-quick:a:b"], 2, "keep no history"),
    ("input that is no JSON", ["start", "by-hand", "--input", "{x"], 2, "the input is no JSON, at byte 1"),
    ("a file that is not there", ["start", "by-hand", "--input", "@/nowhere/at/all"], 3, "/nowhere/at/all"),
    ("a name that is taken", ["start", "by-hand", "--name", "one", "--input", "1"], 1, "Give another --name"),
    ("what succeeded", ["redrive", "by-hand/one"], 1, "ExecutionNotRedrivable"),
    ("executions of EXPRESS", ["list", "by-hand-quick"], 1, "StateMachineTypeNotSupported"),
    ("a picture in no directory", ["show", "by-hand/one", "--svg", "/nowhere/at/all.svg"], 4, "cannot be written"),
    ("no executions at all", ["list", "by-hand", "--limit", "0"], 2, "--limit must be 1 or more"),
])
def _(check, context, arguments, code, words):
    done = shale(context, *arguments, code=code, check=check)
    check.contains(done.stderr, words)


@suite.test("shale executions show a failure, and an unreachable server is named")
def _(check, context):
    states_tests.make(context.states, "by-hand-bad", states_tests.machine(F={"Type": "Fail", "Error": "Odd", "Cause": "because"}))
    failed = shale(context, "start", "by-hand-bad", "--name", "f", "--wait", code=1, check=check)
    check.contains(failed.stderr, "ended as FAILED: Odd: because")
    check.contains(shale(context, "show", "by-hand-bad/f", check=check).stdout, "✖ F")
    done = harness.run_shale(context.shale, "executions", "list", "--server", f"http://127.0.0.1:{harness.free_port()}")
    check.equal(done.returncode, 3, "exit code")
    check.contains(done.stderr, "no server answers")


class ExecutionCommandSuite:
    """The tests above, on a server of their own, which runs no functions."""

    def run(self, report, context):
        with harness.scratch("shale-executions-") as directory:
            with harness.running(context.shale, directory / "data") as server:
                context.states_server = server
                context.states = states_tests.states_client(server.endpoint)
                suite.run(report, context)
