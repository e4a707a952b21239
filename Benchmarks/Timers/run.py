"""How late timers are told: so many a second are due while as many are set, and many more wait.

    python3 Benchmarks/Timers/run.py --timer-bench PATH [--json FILE] [--seconds 30]

Starts TimerBench (Tools/timerbench), in a new directory of TMPDIR. Every timer must have been told. This is the row `timers-late` of
`Benchmarks/run`, which starts this program. Prints each figure; `--json` appends one line for each.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Runner"))
from claims import Claims

TOLD = r"(\d+) of (\d+) told; late by p50 (\d+) ms, p99 (\d+) ms, p99.9 (\d+) ms, at most (\d+) ms; (\d+) in memory"


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--timer-bench", required=True, help="the program TimerBench of the release build")
    parser.add_argument("--json", default=None)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--a-second", type=int, default=1_000)
    parser.add_argument("--seconds", type=int, default=None, help="default 30, or 5 with --quick")
    parser.add_argument("--waiting", type=int, default=None, help="due in a year; default 1,000,000, or 50,000 with --quick")
    arguments = parser.parse_args()
    arguments.seconds = arguments.seconds or (5 if arguments.quick else 30)
    arguments.waiting = arguments.waiting or (50_000 if arguments.quick else 1_000_000)
    return arguments


def main():
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="shale-timers-") as scratch:
        numbers = (arguments.a_second, arguments.seconds, arguments.waiting)
        command = [arguments.timer_bench, str(pathlib.Path(scratch) / "data"), *map(str, numbers)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=arguments.seconds + 600)
    found = re.search(TOLD, done.stdout)
    if done.returncode != 0 or not found:
        raise SystemExit(f"TimerBench ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2_000:]}")
    told, count, middle, high, higher, most, held = map(int, found.groups())
    if told != count:
        raise SystemExit(f"{told:,} of {count:,} timers were told")
    claims = Claims(arguments.json)
    what = f"{arguments.a_second:,} a second told, {arguments.waiting:,} wait"
    claims.take("timers-late", f"{what}: late, p99", high, "ms", most=10, count=count, p50Milliseconds=middle, inMemory=held)
    claims.take("timers-late", f"{what}: late, p99.9", higher, "ms", count=count)
    claims.take("timers-late", f"{what}: late, at most", most, "ms", count=count)


if __name__ == "__main__":
    main()
