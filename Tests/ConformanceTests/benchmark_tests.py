"""The runner of the benchmarks: which rows there are, what they need, and what becomes of what their programs print.

Nothing is measured here: programs that print what the real ones printed once stand where the real ones are.
"""

import json
import os
import re
import subprocess
import sys

import harness

suite = harness.Suite("benchmarks")

BENCHMARKS = harness.ROOT / "Benchmarks"
ROWS = ["getitem-zipf", "executions-http", "executions-embedded", "executions-first-task", "executions-waiting", "timers-late",
        "functions-warm", "functions-cold", "functions-changes"]
EXECUTIONS = """\
synced puts: 40000 a second, p99 2.5 ms
executions of three Pass states: 9000 a second, p99 11.25 ms
executions with a task, from the call to the task: 7000 a second, p99 20.0 ms
executions by puts: 0.225 (goal 0.25)
p99 of start to first task by that of puts: 8.0 (goal 3)
"""
PACED = """\
2000 a second: p99 of a put 3.5 ms, of a start to its task 5.25 ms
p99 of start to first task by that of puts at that rate: 1.5 (goal 3)
"""
TIMERS = "{} of 5000 told; late by p50 0 ms, p99 9 ms, p99.9 12 ms, at most 13 ms; 2048 in memory\n"


def runner(*arguments, **more):
    return subprocess.run([sys.executable, BENCHMARKS / "Runner", *map(str, arguments)], capture_output=True, text=True, timeout=60, **more)


def program(directory, name, text, status=0):
    """A program that prints this, and keeps how it was started."""
    path = directory / name
    (directory / f"{name}.text").write_text(text)
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "$0.calls"\ncat "$0.text"\nexit {status}\n')
    path.chmod(0o755)
    return path


def table(output):
    """Cells of the rows of the tables that were printed."""
    lines = [line for line in output.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@suite.test("--list names every row that a program measures, and says which are not in --quick")
def _(check, context):
    done = runner("--list")
    check.equal(done.returncode, 0, "status")
    abouts = dict(line.split(None, 1) for line in done.stdout.splitlines())
    for row in ROWS:
        check.true(len(abouts.get(row, "")) > 20, f"{row} is listed")
        in_quick = row not in ("executions-waiting", "functions-warm", "functions-cold", "functions-changes")
        check.equal("not in --quick" not in abouts[row], in_quick, f"{row} in quick")


@suite.table("what is built and installed is what the wanted rows need", [
    ("one of the engine", ["--rows", "scan10"], "driver"),
    ("one over HTTP", ["--rows", "executions-http"], "clients shale wrk"),
    ("one inside of a program", ["--rows", "executions-embedded"], "ExecutionBench clients"),
    ("by the beginning of their names", ["--rows", "functions-*"], "clients functions shale wrk"),
    ("of which one is there", ["--rows", "timers-late,fillseq", "--timer-bench", "here"], "driver"),
    ("the quick ones", ["--quick"], "driver ExecutionBench TimerBench clients shale wrk"),
    ("all", [], "driver ExecutionBench TimerBench clients functions shale wrk"),
    ("another commit", ["--against", "abc"], "driver"),
    ("some engines", ["--engines", "shale,lmdb"], "driver"),
])
def _(check, context, arguments, needs):
    done = runner("--needs", *arguments)
    check.equal((done.returncode, done.stdout.split()), (0, needs.split()), "needs")


@suite.test("a row that is not there is refused before anything is built")
def _(check, context):
    for arguments in (["--needs", "--rows", "executions-htp"], ["--rows", "scan10,nothing*"]):
        done = runner(*arguments)
        check.equal(done.returncode, 2, "status")
        check.contains(done.stderr, "no such row: " + arguments[-1].split(",")[-1], "message")


@suite.test("rows of one program are measured at once, beside their peer and with the goal of each")
def _(check, context):
    with harness.scratch() as directory:
        bench, lines = program(directory, "bench", EXECUTIONS + PACED), directory / "lines"
        done = runner("--quick", "--rows", "executions-embedded,executions-first-task", "--execution-bench", bench, "--json", lines)
        check.equal(done.returncode, 0, f"status; {done.stderr}")
        calls = (directory / "bench.calls").read_text().splitlines()
        check.equal([re.sub(r"^\S+", "DIR", call) for call in calls], ["DIR 1 16", "DIR 1 64 2000"], "calls")
        check.equal([cells[3:] for cells in table(done.stdout)[1:] if cells[0] == "executions-embedded"], [
            ["synced puts", "40,000/s", "0.23", "≥ 0.25", "missed"], ["", "", "", "≥ 10,000/s", "missed"]] * 2, "embedded, by few and by many")
        check.equal([cells[2:] for cells in table(done.stdout)[1:] if cells[0] == "executions-first-task"], [
            ["5.25 ms", "a put, p99", "3.50 ms", "1.50", "≤ 3", "met"], ["20 ms", "a put, p99", "2.50 ms", "8.00", "≤ 3", "missed"]],
            "first task")
        written = [json.loads(line) for line in lines.read_text().splitlines()]
        check.equal([(line["row"], line.get("ratio")) for line in written], [
            *[("executions-embedded", 0.225), ("executions-embedded", None)] * 2, ("executions-first-task", 1.5),
            ("executions-first-task", 8.0)], "lines")


@suite.test("a program that fails is told, and the others are measured")
def _(check, context):
    with harness.scratch() as directory:
        bench, timers = program(directory, "bench", EXECUTIONS, status=3), program(directory, "timers", TIMERS.format(5_000))
        arguments = ["--quick", "--rows", "timers-late,executions-embedded", "--execution-bench", bench, "--timer-bench", timers]
        done = runner(*arguments, "--plots", directory)
        check.equal(done.returncode, 1, "status")
        check.contains(done.stderr, "ExecutionBench ended with 3", "the reason")
        check.contains(done.stderr.splitlines()[-1], "failed: executions-embedded", "what failed")
        check.equal([cells[2:3] + cells[6:] for cells in table(done.stdout)[1:]], [
            ["9 ms", "≤ 10 ms", "met"], ["12 ms", "", ""], ["13 ms", "", ""]], "timers")
        program(directory, "timers", TIMERS.format(4_999))
        done = runner("--quick", "--rows", "timers-late", "--timer-bench", timers)
        check.contains(done.stderr, "4,999 of 5,000 timers were told", "the reason")
        program(directory, "bench", "something else\n")
        done = runner("--quick", "--rows", "executions-embedded", "--execution-bench", bench)
        check.contains(done.stderr, "ExecutionBench says nothing like", "the reason")


@suite.table("what a line of a figure becomes", [
    ("a rate that is enough", {"ours": 2_500, "unit": "/s", "least": 2_000}, ["2,500/s", "", "", "", "≥ 2,000/s", "met"]),
    ("exactly at most", {"ours": 6, "unit": "ms", "peer": "a put", "theirs": 2, "ratio": 3.0, "most": 3},
     ["6 ms", "a put", "2 ms", "3.00", "≤ 3", "met"]),
    ("not below", {"ours": 1_000, "unit": "ms", "below": 1_000}, ["1,000 ms", "", "", "", "< 1,000 ms", "missed"]),
    ("no goal", {"ours": 12.34, "unit": "MiB"}, ["12.3 MiB", "", "", "", "", ""]),
])
def _(check, context, line, cells):
    with harness.scratch() as directory:
        # Lines of engines and of the item cache are no figures of this kind.
        others = (BENCHMARKS / "Results" / "quick.jsonl").read_text()
        (directory / "lines").write_text(others + json.dumps({"row": "r", "what": "w"} | line) + "\n")
        done = subprocess.run([sys.executable, BENCHMARKS / "Runner" / "claims.py", directory / "lines"],
                              capture_output=True, text=True, timeout=60)
        check.equal(table(done.stdout)[1:], [["r", "w"] + cells], f"cells; {done.stderr}")


@suite.test("each program says by itself which rows it has, and what it lacks")
def _(check, context):
    for name, arguments, message in (
        ("Executions", ["--rows", "executions-all"], "no such row: executions-all; there are executions-http, executions-embedded"),
        ("Executions", ["--rows", "executions-embedded"], "executions-embedded needs --execution-bench"),
        ("Functions", ["--rows", "warm", "--shale", "x"], "no such row: warm; there are functions-warm, functions-cold"),
        ("Timers", [], "required: --timer-bench"),
    ):
        done = subprocess.run([sys.executable, BENCHMARKS / name / "run.py", *arguments], capture_output=True, text=True, timeout=60,
                              env=os.environ | {"COLUMNS": "400"})
        check.equal(done.returncode, 2, f"{name}: status")
        check.contains(done.stderr, message, name)
