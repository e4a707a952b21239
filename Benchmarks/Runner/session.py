"""Starts the driver, one process for one row of one engine, and keeps the directories that rows share."""

import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from rows import OTHER, ROWS, Row


@dataclass(frozen=True)
class Step:
    """One row with one size of values, number of keys and number of threads."""

    row: Row
    value: int
    keys: int
    threads: int


class Session:
    """One run: its options, its directories, and what was measured so far."""

    def __init__(self, options, root):
        self.options = options
        self.root = pathlib.Path(root)
        self.loaded = set()
        self.results = {}
        self.rates = {}
        self.started = time.monotonic()
        self.done, self.total = 0, 0

    # -- Directories

    def directory(self, engine, value, keys):
        return self.root / f"{engine}-{value}-{keys}"

    def marker(self, path):
        """Says that a directory is loaded; beside it, for the directory belongs to the engine alone."""
        return path.with_name(path.name + ".loaded")

    def fresh(self, path):
        self.forget(path)
        path.mkdir(parents=True)
        return path

    def load(self, engine, step):
        """The directory of an engine that holds every key; loads it if there is none yet."""
        path = self.directory(engine, step.value, step.keys)
        if path in self.loaded or self.options.reuse and self.marker(path).exists():
            return path
        arguments = {name: step.row.arguments[name] for name in ("cache",) if name in step.row.arguments}
        if not self.child("load", engine, self.fresh(path), step, 1, arguments):
            return None
        self.keep(path)
        return path

    def crash(self, engine, step):
        """A directory whose process was killed after it had written every key."""
        path = self.fresh(self.root / f"{engine}-crashed")
        self.child("crash", engine, path, step, 1, step.row.load, ends_by_kill=True)
        return path

    def keep(self, path):
        self.loaded.add(path)
        if self.options.reuse:
            self.marker(path).touch()

    def forget(self, path):
        self.loaded.discard(path)
        self.marker(path).unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)

    def forget_all(self):
        if not self.options.reuse:
            for path in list(self.loaded):
                self.forget(path)

    # -- Children

    def child(self, row, engine, path, step, threads, arguments, ends_by_kill=False):
        """Runs the driver once and returns its line; a failed one is told and is None."""
        driver, named = self.options.driver, engine
        if engine == OTHER:
            driver, named = self.options.against_driver, "shale"
        command = [
            driver, "--row", row, "--engine", named, "--directory", str(path),
            "--keys", str(step.keys), "--value", str(step.value), "--threads", str(threads),
            "--seed", str(self.options.seed),
        ]
        for name, content in ({"seconds": self.options.seconds} | arguments).items():
            command += [f"--{name}", str(content)]
        limit = self.options.timeout + 3 * arguments.get("seconds", 0)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            print(f"  {engine} {row}: no end after {limit:.0f} s", file=sys.stderr)
            return None
        if ends_by_kill and done.returncode == -9:
            return {}
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
            print(f"  {engine} {row}: {reason[-1]}", file=sys.stderr)
            return None
        return json.loads(done.stdout.strip().splitlines()[-1]) | {"engine": engine}

    def measure(self, step, engine):
        """One round of one row of one engine."""
        row = step.row
        arguments = dict(row.arguments)
        if row.name == "sustained":
            arguments["seconds"] = 60 * self.options.minutes
        if row.cache:
            arguments["cache"] = int(step.keys * (step.value + 20) * row.cache)
        if row.open_loop:
            arguments |= self.half_rates(step)
        match row.needs:
            case "empty":
                keeps = row.keeps and step.threads == 1
                path = self.directory(engine, step.value, step.keys) if keeps else self.root / f"{engine}-own"
                self.fresh(path)
            case "crashed":
                keeps, path = False, self.crash(engine, step)
            case "loaded":
                keeps, path = row.after == "same", self.load(engine, step)
        line = path and self.child(row.child_row, engine, path, step, step.threads, arguments)
        if line and keeps:
            self.keep(path)
        elif path:
            self.forget(path)
        if line:
            line["row"] = row.name
            key = (row.name, step.threads, step.value, step.keys, engine)
            self.results.setdefault(key, []).append(line)
        self.progress(step, engine, line)

    def half_rates(self, step):
        """Half of what RocksDB does at most in the closed loop, measured here if it has not been."""
        key = (step.row.open_loop, step.threads, step.value, step.keys)
        lines = self.results.get((*key, "rocksdb"))
        if not lines and key not in self.rates:
            closed = next(row for row in ROWS if row.name == step.row.open_loop)
            path = self.load("rocksdb", step)
            self.rates[key] = self.child(closed.child_row, "rocksdb", path, step, step.threads, closed.arguments)
        line = lines[-1] if lines else self.rates[key]
        return {"rate": line["opsPerSecond"] / 2, "write-rate": line.get("besideOpsPerSecond", 0) / 2}

    def progress(self, step, engine, line):
        self.done += 1
        rate = f"{line['opsPerSecond']:>12,.0f}/s" if line else "      failed"
        keys = f"{step.keys / 1e6:.1f} M" if step.keys >= 1e6 else f"{step.keys / 1e3:.0f} k"
        print(
            f"[{time.monotonic() - self.started:5.0f} s {self.done:>3}/{self.total}] {step.row.name:<22}"
            f"{step.value:>6} B {keys:>7} keys {step.threads:>2} t  {engine:<11}{rate}",
            file=sys.stderr, flush=True,
        )

    # -- Results

    def lines(self):
        """One line for each row, threads, value size and engine: its round with the median rate."""
        lines = []
        for rounds in self.results.values():
            rates = [line["opsPerSecond"] for line in rounds]
            middle = statistics.median_low(rates)
            line = next(line for line in rounds if line["opsPerSecond"] == middle)
            lines.append(line | {"rounds": len(rates), "bestOpsPerSecond": max(rates), "allOpsPerSecond": rates})
        return lines
