"""Measures the rows, prints the table. Started by Benchmarks/run, which builds the driver."""

import argparse
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import programs  # noqa: E402
from claims import claims, is_claim  # noqa: E402
from plots import draw  # noqa: E402
from rows import ENGINES, OTHER, ROWS, group, matching, named  # noqa: E402
from served import NAME, cached  # noqa: E402
from session import Session, Step  # noqa: E402
from table import against, resources, settings, table  # noqa: E402
from targets import targets  # noqa: E402


def numbers(text):
    return [int(part) for part in text.split(",") if part]


def names(text):
    return [part for part in text.split(",") if part]


def parse():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="a subset, one round, within 8 minutes; rows that are named have their short form")
    parser.add_argument("--list", action="store_true", help="name the rows and end")
    parser.add_argument("--rows", type=names, help="only these, a,b,c")
    parser.add_argument("--engines", type=names, help="only these, a,b,c; --quick leaves out sqlite")
    parser.add_argument("--threads", type=numbers, help="only these numbers of threads")
    parser.add_argument("--values", type=numbers, help="only these sizes of values, bytes")
    parser.add_argument("--keys", type=int, help="how many keys are loaded")
    parser.add_argument("--rounds", type=int, help="how often each row is repeated; the median counts")
    parser.add_argument("--seconds", type=float, help="how long a row of reads runs")
    parser.add_argument("--minutes", type=float, default=30, help="how long the row `sustained` runs")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--json", help="write the lines of JSON here")
    parser.add_argument("--plots", help="draw the pictures into this folder")
    parser.add_argument("--merge", action="append", default=[], help="a file of lines to show as well, as those of `shale bench` over HTTP")
    parser.add_argument("--data", help="where databases are made; default a new directory in TMPDIR")
    parser.add_argument("--reuse", action="store_true", help="with --data: keep loaded databases for the next run")
    parser.add_argument("--timeout", type=float, default=900, help="seconds after which a row is given up")
    parser.add_argument("--against", metavar="COMMIT", help="measure ours beside ours of another commit; without --engines beside nobody else")
    parser.add_argument("--shale", help="the server that rows over HTTP ask; default: built where a row needs it, as are the next two")
    parser.add_argument("--execution-bench", help="the program of the rows executions-embedded and executions-first-task")
    parser.add_argument("--timer-bench", help="the program of the row timers-late")
    parser.add_argument("--needs", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--clients-python", default=sys.executable, help=argparse.SUPPRESS)
    parser.add_argument("--driver", help=argparse.SUPPRESS)
    parser.add_argument("--against-driver", help=argparse.SUPPRESS)
    options = parser.parse_args()
    quick = options.quick
    for name in options.rows or ():
        if not any(matching(row.name, name) for row in [*ROWS, *programs.ROWS]):
            parser.error(f"no such row: {name}; --list names them")
    options.programs = programs.wanted(options)
    if options.against and not options.engines:
        options.engines = ["shale"]
    options.engines = options.engines or [name for name in ENGINES if not quick or name != "sqlite"]
    options.keys = options.keys or (300_000 if quick else 1_000_000)
    options.rounds = options.rounds or (1 if quick or options.rows else 3)
    options.seconds = options.seconds or (1 if quick else 3)
    return options


def plan(options):
    """The steps in the order in which they run, by group: what shares loaded directories."""
    quick = options.quick
    if options.rows:
        rows = named(options.rows)
    else:
        rows = [row for row in ROWS if row.in_quick or not quick]
    brief = quick or options.rows
    groups = {}
    for row in rows:
        values = options.values or (row.quick_values if brief and set(row.quick_values) <= set(row.values) else row.values)
        threads = options.threads or (row.quick_threads if quick and row.quick_threads else row.threads)
        for value in values:
            for scale in row.scales:
                keys = row.data // (value + 20) if row.data else options.keys * scale
                for count in threads:
                    groups.setdefault((group(row), value, keys), []).append(Step(row, value, keys, count))
    return list(groups.values())


def measure(session, options):
    steps = plan(options)
    engines = {
        step: [name for name in step.row.engines if name in options.engines or name == "bare"]
        for group in steps for step in group
    }
    if options.against:
        for names_of_row in engines.values():
            if "shale" in names_of_row:
                names_of_row.append(OTHER)
    rounds = {step: max(options.rounds, step.row.least_rounds) for step in engines}
    session.total = sum(rounds[step] * len(engines[step]) for step in engines)
    for group in steps:
        for round_number in range(options.rounds):
            for step in group:
                # A row that wants more rounds than there are has them now.
                repeats = -(-rounds[step] // options.rounds)
                for repeat in range(repeats):
                    order = engines[step]
                    shift = (round_number * repeats + repeat) % max(len(order), 1)
                    for engine in order[shift:] + order[:shift]:
                        session.measure(step, engine)
            session.forget_all()


def needs(options):
    """What Benchmarks/run has to build and to install for this run; `driver` is the engines'."""
    return (["driver"] if plan(options) else []) + programs.needs(options, options.programs)


def tell(lines, options):
    """Prints the tables of all lines, each kind in its own."""
    engines = [line for line in lines if line["row"] != NAME and not is_claim(line)]
    processors = f"{os.cpu_count()} processors"
    for title, text in (
        (f"Operations a second, {processors}, median of the rounds", table(engines)),
        ("The item cache over HTTP", cached(lines)), (f"Executions, timers and functions, {processors}", claims(lines)),
        ("Space, writes and memory", resources(engines)), ("Goals", targets(engines)),
        (f"Against {options.against}", against(engines)), ("Settings", settings(engines)),
    ):
        if text:
            print(f"{title}:\n\n{text}\n")
    if options.plots:
        for path in draw(lines, options.plots):
            print(f"drawn: {path}", file=sys.stderr)


def main():
    options = parse()
    if options.list:
        for row in [*ROWS, *programs.ROWS]:
            print(f"{row.name:<22} {programs.about(row)}")
        return
    if options.needs:
        print("\n".join(needs(options)))
        return
    asked, failed = [], []
    with tempfile.TemporaryDirectory(prefix="shale-benchmarks-") as temporary:
        session = Session(options, options.data or temporary)
        try:
            measure(session, options)
            failed = programs.measure(options, options.programs, asked)
        except KeyboardInterrupt:
            print("Interrupted: what was measured so far follows.", file=sys.stderr)
    lines = session.lines() + asked
    for path in options.merge:
        lines += [json.loads(text) for text in pathlib.Path(path).read_text().splitlines() if text.strip()]
    if options.json:
        pathlib.Path(options.json).write_text("".join(json.dumps(line) + "\n" for line in lines))
    tell(lines, options)
    if failed:
        sys.exit(f"failed: {'; '.join(failed)}")


main()
