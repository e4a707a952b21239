"""Starts the driver, one process for one row of one engine, and keeps the directories that rows share."""

import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time


class Session:
    """One run: its options, its directories, and what was measured so far."""

    def __init__(self, options):
        self.options = options
        self.root = pathlib.Path(options.data)
        self.loaded = set()
        self.results = {}
        self.started = time.monotonic()
        self.step, self.steps = 0, 0

    # -- Directories

    def directory(self, engine, value, keys):
        return self.root / f"{engine}-{value}-{keys}"

    def fresh(self, path):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def load(self, engine, value, keys):
        """The directory of an engine that holds every key; loads it if there is none yet."""
        path = self.directory(engine, value, keys)
        if path not in self.loaded:
            if self.options.reuse and self.marker(path).exists():
                self.loaded.add(path)
                return path
            self.child("load", engine, self.fresh(path), value, keys, 1, {})
            self.keep(path)
        return path

    def keep(self, path):
        self.loaded.add(path)
        if self.options.reuse:
            self.marker(path).touch()

    def marker(self, path):
        """Beside the directory, which belongs to the engine alone."""
        return path.with_name(path.name + ".loaded")

    def forget(self, engine, value, keys):
        path = self.directory(engine, value, keys)
        self.loaded.discard(path)
        self.marker(path).unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)

    # -- Children

    def child(self, row, engine, path, value, keys, threads, arguments):
        """Runs the driver once and returns its line; a failed one is told and is None."""
        command = [
            self.options.driver, "--row", row, "--engine", engine, "--directory", str(path),
            "--keys", str(keys), "--value", str(value), "--threads", str(threads),
            "--seed", str(self.options.seed),
        ]
        merged = {"seconds": self.options.seconds} | arguments
        for name, content in merged.items():
            command += [f"--{name}", str(content)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=self.options.timeout)
        except subprocess.TimeoutExpired:
            print(f"  {engine} {row}: no end after {self.options.timeout} s", file=sys.stderr)
            return None
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
            print(f"  {engine} {row}: {reason[-1]}", file=sys.stderr)
            return None
        return json.loads(done.stdout.strip().splitlines()[-1])

    def measure(self, row, engine, value, keys, threads, arguments):
        """One round of one row of one engine."""
        if row.needs == "empty":
            keeps = row.name == "fillrandom" and threads == 1
            path = self.directory(engine, value, keys) if keeps else self.root / f"{engine}-own"
            line = self.child(
                row.child_row, engine, self.fresh(path), value, keys, threads, row.arguments | arguments
            )
            if keeps and line:
                self.keep(path)
            elif row.after == "own":
                shutil.rmtree(path, ignore_errors=True)
        else:
            path = self.load(engine, value, keys)
            line = self.child(
                row.child_row, engine, path, value, keys, threads, row.arguments | arguments
            )
            if row.after == "grown" or line is None:
                self.forget(engine, value, keys)
        if line:
            line["row"] = row.name
            self.results.setdefault((row.name, threads, value, keys, engine), []).append(line)
        self.progress(row, engine, value, threads, line)
        return line

    def progress(self, row, engine, value, threads, line):
        self.step += 1
        rate = f"{line['opsPerSecond']:>12,.0f}/s" if line else "      failed"
        seconds = time.monotonic() - self.started
        print(
            f"[{seconds:6.0f} s {self.step}/{self.steps}] {row.name:<18} {value:>6} B {threads:>2} t "
            f"{engine:<11}{rate}",
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
