"""The rows that programs of their own measure: what asks a server, and what executions, timers and functions do.

Each program is started once for all of its rows that are wanted. It takes `--json FILE` and appends a line for each figure as it has
it, `--quick` for its short form, and the paths of what it drives. One that fails is told, keeps what it measured, and the run goes on.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import served
from rows import matching

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
# What Benchmarks/run builds for a row, and the option that names it.
BUILT = {"shale": "shale", "ExecutionBench": "execution_bench", "TimerBench": "timer_bench"}


@dataclass(frozen=True)
class ProgramRow:
    """One row.

    needs     what must be there: products of the package, and `wrk`, `clients` (Python packages that ask a server), `functions`
              (what functions run with, and a C compiler)
    in_quick  whether `--quick` has it without being asked; its short form is taken either way
    """

    name: str
    about: str
    needs: tuple
    in_quick: bool = True


@dataclass(frozen=True)
class Program:
    """A program below Benchmarks, and its rows; `chooses` says whether it has several and is told which by `--rows`."""

    path: str
    rows: tuple
    chooses: bool = True


PROGRAMS = (
    Program("Served/cached", (ProgramRow(served.NAME, served.ABOUT, ("shale", "wrk")),), chooses=False),
    Program("Executions/run.py", (
        ProgramRow("executions-http", "StartExecution of three Pass states over HTTP, durable with its end, beside synced PutItem",
                   ("shale", "wrk", "clients")),
        ProgramRow("executions-embedded", "the same inside of a program, beside synced puts", ("ExecutionBench", "clients")),
        ProgramRow("executions-first-task", "from a start to its first task inside of a program, beside p99 of a put",
                   ("ExecutionBench", "clients")),
        ProgramRow("executions-waiting", "disk and memory of 1,000,000 executions that wait", ("shale", "wrk", "clients"),
                   in_quick=False),
    )),
    Program("Timers/run.py", (
        ProgramRow("timers-late", "how late 1,000 timers a second are told while as many are set and 1,000,000 wait", ("TimerBench",)),
    ), chooses=False),
    Program("Functions/run.py", (
        ProgramRow("functions-warm", "a warm invocation of a Python function without its request, beside a host in C",
                   ("shale", "clients", "functions"), in_quick=False),
        ProgramRow("functions-cold", "cold starts of a Python function and of an executable, beside bare spawns of both",
                   ("shale", "clients", "functions"), in_quick=False),
        ProgramRow("functions-changes", "10,000 changes a second of a stream through a Python function, in batches of 100",
                   ("shale", "wrk", "clients", "functions"), in_quick=False),
    )),
)
ROWS = [row for program in PROGRAMS for row in program.rows]


def wanted(options):
    """The rows of this run: where rows or engines are named or commits compared, they have to be asked for."""
    if options.rows:
        return [row for row in ROWS if any(matching(row.name, name) for name in options.rows)]
    if options.against or options.engines:
        return []
    return [row for row in ROWS if row.in_quick or not options.quick]


def needs(options, rows):
    """What has to be there for these rows, without what the options name already."""
    found = {need for row in rows for need in row.needs}
    return sorted(need for need in found if not getattr(options, BUILT.get(need, ""), None))


def about(row):
    """A row's line of `--list`, an engine row's as well."""
    return row.about + ("" if row.in_quick else "; not in --quick")


def measure(options, rows, lines):
    """Adds the lines of these rows to those that are there; the names of the programs that failed."""
    failed = []
    for program in PROGRAMS:
        chosen = [row for row in program.rows if row in rows]
        if chosen:
            names = ", ".join(row.name for row in chosen)
            print(f"{names}: Benchmarks/{program.path}", file=sys.stderr, flush=True)
            status = run(options, program, chosen, lines)
            if status != 0:
                print(f"  {program.path} ended with {status}", file=sys.stderr)
                failed.append(names)
    return failed


def run(options, program, rows, lines):
    """Runs one program to its end; what it printed as lines is there even where it failed."""
    with tempfile.TemporaryDirectory(prefix="shale-program-") as scratch:
        found = pathlib.Path(scratch) / "lines"
        found.touch()
        command = [options.clients_python, str(BENCHMARKS / program.path), "--json", str(found)]
        for need in {need: None for row in rows for need in row.needs if need in BUILT}:
            if path := getattr(options, BUILT[need]):
                command += [f"--{BUILT[need].replace('_', '-')}", path]
        if program.chooses:
            command += ["--rows", ",".join(row.name for row in rows)]
        if options.quick:
            command.append("--quick")
        # Databases are made where those of the engines are, if that was said.
        environment = os.environ | ({"TMPDIR": str(pathlib.Path(options.data).resolve())} if options.data else {})
        try:
            return subprocess.run(command, stdout=sys.stderr, env=environment).returncode
        finally:
            lines += [json.loads(line) for line in found.read_text().splitlines()]
