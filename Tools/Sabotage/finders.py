"""Those who should find a fault: the simulator, the flips, the tests."""

import re
import subprocess

import faults

# What is told of a program that did not end in its time.
HANG = "a hang"
PRODUCTS = {"simulate": "Simulate", "flip": "Flip"}


def find(found_by, tree, options):
    kind, _, arguments = found_by.partition(" ")
    if kind == "test":
        return find_by_test(tree, arguments, options.minutes)
    product = PRODUCTS[kind]
    built = run(["swift", "build", "-c", options.configuration, "--product", product], tree, 30)
    if built.code != 0:
        return faults.Result(False, 0, "does not compile: " + last_line(built.text, "error:"))
    program = f".build/{options.configuration}/{product}"
    if kind == "simulate":
        return simulate(tree, program, arguments.split(), options.seeds, options.minutes)
    done = run([program, *arguments.split()], tree, options.minutes)
    return result(done, 0)


def simulate(tree, program, options, seeds, minutes):
    options = [*options, "--no-minimise"]
    done = run([program, "--seeds", str(seeds), "--no-minimise", *options], tree, minutes)
    named = re.search(r"^seed (\d+): (.*)$", done.text, re.MULTILINE)
    if named:
        return faults.Result(True, int(named[1]), shorten(named[2]))
    if done.code == 0:
        return faults.Result(False, seeds, f"not found in {seeds} seeds")
    if done.code == 64:
        return result(done, 0)
    # A trap or a hang names no seed: it is one behind the last that the progress line counts.
    counted = re.findall(r"(\d+) seeds, ", done.text)
    first = int(counted[-1]) + 1 if counted else 1
    for seed in range(first, min(first + 200, seeds + 1)):
        again = run([program, "--seed", str(seed), "--no-minimise", *options], tree, 1)
        if again.code != 0:
            return result(again, seed)
    return result(done, first)


def find_by_test(tree, pattern, minutes):
    built = run(["swift", "build", "--build-tests"], tree, 30)
    if built.code != 0:
        return faults.Result(False, 0, "does not compile: " + last_line(built.text, "error:"))
    done = run(["swift", "test", "--skip-build", "--filter", pattern], tree, minutes)
    failed = re.search(r'✘ Test (".*?"|\w+\(.*?\)).* (?:recorded|failed)', done.text)
    if failed:
        return faults.Result(True, 0, shorten(failed[1]))
    return result(done, 0)


class Done:
    """How a program ended; no code where it was too slow."""

    def __init__(self, code, text):
        self.code = code
        self.text = text


def run(command, tree, minutes):
    try:
        done = subprocess.run(
            command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=minutes * 60,
            env=environment(),
        )
        return Done(done.returncode, decode(done.stdout))
    except subprocess.TimeoutExpired as error:
        return Done(None, decode(error.stdout or b""))


def environment():
    import os

    return {**os.environ, "SWIFT_BACKTRACE": "enable=no"}


def decode(output):
    return output.decode(errors="replace").replace("\r", "\n")


def result(done, seeds):
    if done.code in (0, 64):
        return faults.Result(False, seeds, "not found" if done.code == 0 else "the finder does not know its options")
    if done.code is None:
        return faults.Result(True, seeds, HANG)
    trap = last_line(done.text, "Fatal error:")
    if trap:
        return faults.Result(True, seeds, shorten("a trap: " + trap.split("Fatal error:", 1)[1].strip()))
    return faults.Result(True, seeds, shorten(last_line(done.text, "") or f"exit code {done.code}"))


def last_line(text, part):
    lines = [line for line in text.splitlines() if part in line and line.strip()]
    return lines[-1].strip() if lines else ""


def shorten(text):
    text = text.strip()
    return text if len(text) <= 110 else text[:107] + "…"
