"""kill -9 at a random moment of a load, again and again on one directory.

In every third round the server is stopped and continued (SIGSTOP, SIGCONT) meanwhile, as a machine does that
is paused; in another third it is killed while it stands still. With --memory-limit the kernel kills it as well,
whenever it takes more (a memory control group; needs root).

After each restart every acknowledged batch is there, value for value; a batch that was under way
is there or not, item by item, and nothing else; both indexes agree with the table; and the stopped
database passes `shale verify`.

    kill_nine.py --rounds 200 --seed 7 --slice 5000
    kill_nine.py --rounds 10 --memory-limit 140 --memory-budget 64MiB
"""

import argparse
import contextlib
import os
import pathlib
import random
import signal
import threading
import time

import harness
import records
from debian_packages import batches, scan_all, write_batch
from harness import Failed, Suite

THREADS = 4
ENDS = ("killed", "paused and killed", "killed while paused")
TABLE = "Packages"


class Memory:
    """What was acknowledged, and what may or may not have arrived. One thread writes one key."""

    def __init__(self):
        self.acknowledged = {}
        self.uncertain = {}
        self.written = 0

    def sending(self, items):
        for item in items:
            self.uncertain.setdefault(records.key(item), []).append(item)

    def acknowledge(self, items):
        for item in items:
            self.acknowledged[records.key(item)] = item
            self.uncertain.pop(records.key(item), None)

    def settle(self, found):
        """After a restart: what is there is there. `found` by key."""
        for key in list(self.uncertain):
            if key in found:
                self.acknowledged[key] = found[key]
            del self.uncertain[key]


class Load(threading.Thread):
    """Writes its share of the records over and over, until the server is gone."""

    def __init__(self, server, share, first, round_number, started):
        super().__init__(daemon=True)
        self.client = server.client(connections=2)
        # Go on where the round before ended, so that the database grows as well as changes.
        self.items = share[first % len(share):] + share[:first % len(share)]
        self.round, self.started = round_number, started
        self.memory, self.batches, self.failure, self.stopping = Memory(), 0, None, False

    def run(self):
        turn = 0
        while not self.stopping:
            for batch in batches(self.items):
                stamped = [item | {"Round": {"N": str(self.round)}, "Turn": {"N": str(turn)}} for item in batch]
                self.memory.sending(stamped)
                try:
                    write_batch(self.client, TABLE, stamped)
                except Exception as error:  # The server was killed; anything else shows in `stopping`.
                    self.failure = error
                    return
                self.memory.acknowledge(stamped)
                self.batches += 1
                self.started.set()
                if self.stopping:
                    return
            turn += 1


def compare(check, memory, found):
    """Every acknowledged item is there, or a later one that was under way; and nothing else is."""
    for key, item in memory.acknowledged.items():
        allowed = [item] + memory.uncertain.get(key, [])
        if key not in found:
            raise Failed(f"{key} was acknowledged and is gone")
        if records.comparable(found[key]) not in [records.comparable(one) for one in allowed]:
            raise Failed(f"{key} has neither its acknowledged value nor a later one")
        check.count += 1
    for key, item in found.items():
        if key not in memory.acknowledged:
            sent = [records.comparable(one) for one in memory.uncertain.get(key, [])]
            check.true(records.comparable(item) in sent, f"{key} is there and was never sent so")


def compare_indexes(check, client, found):
    for attribute in ("Section", "Maintainer"):
        wanted = {key: records.comparable(item) for key, item in found.items() if attribute in item}
        got = scan_all(client, TABLE, f"by{attribute}")
        check.equal(len(got), len(wanted), f"entries of by{attribute}")
        for item in got:
            check.equal(records.comparable(item), wanted.get(records.key(item)), f"entry of by{attribute}")


def torment(server, end, moment, chance):
    """Lets the server work for `moment` seconds, in the way that `end` says."""
    if end == "killed":
        return time.sleep(moment)
    until = time.monotonic() + moment
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.01, 0.3))
        os.kill(server.process.pid, signal.SIGSTOP)
        time.sleep(chance.uniform(0.01, 0.3))
        if end == "killed while paused" and time.monotonic() >= until:
            return
        os.kill(server.process.pid, signal.SIGCONT)


class Limits:
    """What the servers of a run are held to."""

    def __init__(self, memory_limit=None, memory_budget=None):
        self.memory_limit = memory_limit
        self.arguments = ["--memory-budget", memory_budget] if memory_budget else []
        self.kills = 0

    @contextlib.contextmanager
    def hold(self):
        """A control group for one server; `enter` puts a process into it."""
        if self.memory_limit is None:
            yield lambda pid: None
            return
        root = pathlib.Path("/sys/fs/cgroup")
        old = (root / "memory").is_dir()
        group = (root / "memory" if old else root) / f"shale-test-{os.getpid()}"
        try:
            group.mkdir()
            name = "memory.limit_in_bytes" if old else "memory.max"
            (group / name).write_text(str(self.memory_limit << 20))
        except OSError as error:
            raise harness.Skipped(f"no memory control group can be made: {error}") from None
        try:
            yield lambda pid: (group / "cgroup.procs").write_text(str(pid))
        finally:
            group.rmdir()


def one_round(check, context, data, items, memory, number, moment, end, chance):
    with context.limits.hold() as enter:
        server = harness.Server(context.shale, data, *context.limits.arguments)
        enter(server.process.pid)
        load_and_kill(check, context, server.wait_until_ready(), items, memory, number, moment, end, chance)
    began = time.monotonic()
    with harness.running(context.shale, data) as server:
        ready = time.monotonic() - began
        client = server.client()
        found = {records.key(item): item for item in scan_all(client, TABLE)}
        compare(check, memory, found)
        compare_indexes(check, client, found)
        check.equal(server.stop(), 0, "exit code of the stopped server")
    memory.settle(found)
    verified = harness.run_shale(context.shale, "verify", data)
    check.equal(verified.returncode, 0, f"shale verify: {verified.stdout[-500:]}{verified.stderr[-500:]}")
    check.contains(verified.stdout, "OK", "shale verify")
    print(f"        {end} after {moment:.2f} s, ready again in {ready * 1000:.0f} ms, {len(found):,} items", flush=True)


def load_and_kill(check, context, server, items, memory, number, moment, end, chance):
    threads = []
    try:
        if number == 0:
            records.create_table(server.client(), TABLE)
        started = threading.Event()
        values = list(items.values())
        threads = [Load(server, values[i::THREADS], memory.written, number, started) for i in range(THREADS)]
        for thread in threads:
            thread.start()
        check.true(started.wait(60), "the first batch is acknowledged within a minute")
        torment(server, end, moment, chance)
        if context.limits.memory_limit and server.process.poll() is not None:
            check.equal(server.process.returncode, -signal.SIGKILL, "what the kernel did to the server")
            context.limits.kills += 1
        else:
            early = [thread.failure for thread in threads if thread.failure]
            check.equal(early, [], "failures before the kill")
    finally:
        server.kill()
        for thread in threads:
            thread.stopping = True
        for thread in threads:
            thread.join(120)
    for thread in threads:
        memory.acknowledged.update(thread.memory.acknowledged)
        memory.uncertain.update(thread.memory.uncertain)
    memory.written += 25 * min(thread.batches for thread in threads)


def suite_for(rounds, seed, slice_size, limits=None):
    suite = Suite(f"kill -9, {rounds} times, seed {seed}")
    chance = random.Random(seed)
    moments = [chance.uniform(0.05, 3.0) for _ in range(rounds)]
    state = {"memory": Memory()}
    for number, moment in enumerate(moments):
        @suite.test(f"everything acknowledged survives kill {number + 1} of {rounds}")
        def _(check, context, number=number, moment=moment):
            if "items" not in state:
                state["items"] = records.load(slice_size)
            context.limits = limits or Limits()
            data, end = context.scratch / "killed", ENDS[number % len(ENDS)]
            one_round(check, context, data, state["items"], state["memory"], number, moment, end, chance)

    return suite


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="default: drawn and printed")
    parser.add_argument("--slice", type=int, default=None, help="so many records; default all")
    parser.add_argument("--memory-limit", type=int, default=None, help="MiB that the server may have before it is killed")
    parser.add_argument("--memory-budget", default=None, help="as for `shale serve`")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    report = harness.Report()
    with harness.scratch() as directory:
        context = harness.Context(arguments.shale or harness.default_shale(), None)
        context.scratch = directory
        limits = Limits(arguments.memory_limit, arguments.memory_budget)
        suite_for(arguments.rounds, seed, arguments.slice, limits).run(report, context)
        if limits.memory_limit:
            print(f"\nThe kernel ended {limits.kills} of {arguments.rounds} servers for their memory.")
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
