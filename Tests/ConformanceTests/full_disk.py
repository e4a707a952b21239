"""A disk that is full to its last byte, for real.

The server's directory lies on a small file system in memory. Writers fill it; then a foreign file takes what
is left, the reserve included. Meanwhile reads go on, writes are refused with an error that says why, and
nothing is half done. Once the foreign file is gone and the file system is larger, writes are taken
again within five seconds. Then the server is killed, and all that was acknowledged is there.

Needs the right to mount: root, or a name space of one's own (`unshare -Urm full_disk.py`).
"""

import argparse
import contextlib
import errno
import os
import pathlib
import random
import subprocess
import threading
import time

import botocore.exceptions

import harness
from harness import Failed, Skipped, Suite

THREADS = 4
TABLE = "Filled"
SIZE_MIB = 96
GROWN_MIB = 256
RESUME_SECONDS = 5.0
FILL_SECONDS = 240


def mount(*arguments):
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, timeout=30)
    return done.returncode == 0, done.stderr.strip()


@contextlib.contextmanager
def small_disk(place):
    place.mkdir()
    mounted, why = mount("-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(place))
    if not mounted:
        raise Skipped(f"no file system can be mounted here ({why})")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True, timeout=30)


class Writer(threading.Thread):
    """Puts items of its own, one after the other, and remembers what was acknowledged."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.client = server.client(connections=2)
        self.number, self.chance = number, random.Random(number)
        self.acknowledged, self.tried, self.refusals, self.unknown = {}, {}, [], []
        self.successes, self.stopping, self.turn = [], False, 0

    def run(self):
        while not self.stopping:
            key = f"{self.number}-{self.turn}"
            body = self.chance.randbytes(self.chance.choice([300, 3_000, 30_000]))
            self.turn += 1
            try:
                self.client.put_item(TableName=TABLE, Item={"pk": {"S": key}, "body": {"B": body}})
            except botocore.exceptions.ClientError as error:
                self.refusals.append(error.response)
                time.sleep(0.05)
                continue
            except botocore.exceptions.BotoCoreError as error:  # The server was killed.
                self.tried[key] = body
                self.unknown.append(error)
                return
            self.acknowledged[key] = body
            self.successes.append(time.monotonic())


def take_all(path):
    """A foreign file that takes what is left, to the last byte."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            while True:
                try:
                    if not file.write(b"x" * size):
                        break
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    break
    return os.path.getsize(path)


def read_all(check, client, writers, sample=None):
    keys = [(key, body) for writer in writers for key, body in writer.acknowledged.items()]
    if sample and len(keys) > sample:
        keys = random.Random(1).sample(keys, sample)
    for key, body in keys:
        item = client.get_item(TableName=TABLE, Key={"pk": {"S": key}}, ConsistentRead=True).get("Item")
        if item is None:
            raise Failed(f"{key} was acknowledged and is gone")
        check.equal(item["body"]["B"], body, key)
    return len(keys)


def wait_for(what, seconds, condition):
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.02)
    raise Failed(f"{what}: not within {seconds} s")


def require_refusal(check, response):
    check.equal(response["Error"]["Code"], "InternalServerError", "error code")
    check.equal(response["ResponseMetadata"]["HTTPStatusCode"], 500, "status: clients try again")
    check.contains(response["Error"]["Message"], "disk", "message")
    check.contains(response["Error"]["Message"], "full", "message")


def resume(check, place, writers):
    """Makes space, and waits until every writer has written again."""
    os.remove(place / "foreign")
    grown, why = mount("-o", f"remount,size={GROWN_MIB}m", str(place))
    check.true(grown, f"the file system grows: {why}")
    began = time.monotonic()
    wait_for("writes are taken again", RESUME_SECONDS,
             lambda: all(w.successes and w.successes[-1] > began for w in writers))
    return time.monotonic() - began


def fill(check, context, place):
    server = harness.Server(context.shale, place / "data").wait_until_ready()
    client = server.client()
    client.create_table(TableName=TABLE, KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                        BillingMode="PAY_PER_REQUEST")
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    writers = [Writer(server, number) for number in range(THREADS)]
    try:
        for writer in writers:
            writer.start()
        wait_for("the disk is full", FILL_SECONDS, lambda: all(w.refusals for w in writers))
        foreign = take_all(place / "foreign")
        left = os.statvfs(place)
        check.equal(left.f_bavail, 0, "free blocks")
        # What was under way has ended by now.
        time.sleep(2)
        read = read_all(check, client, writers, sample=300)
        try:
            client.put_item(TableName=TABLE, Item={"pk": {"S": "one more"}})
            raise Failed("a write was taken on a full disk")
        except botocore.exceptions.ClientError as error:
            require_refusal(check, error.response)
        check.true("Item" not in client.get_item(TableName=TABLE, Key={"pk": {"S": "one more"}}), "nothing of it is there")
        for writer in writers:
            for response in writer.refusals:
                require_refusal(check, response)
        seconds = resume(check, place, writers)
        time.sleep(2)
    finally:
        server.kill()
        for writer in writers:
            writer.stopping = True
        for writer in writers:
            writer.join(60)
    refused = sum(len(writer.refusals) for writer in writers)
    print(f"        {sum(len(w.acknowledged) for w in writers):,} writes acknowledged, {refused:,} refused, {read} read "
          f"on the full disk; a foreign file took the last {foreign:,} bytes; writes again after {seconds:.2f} s", flush=True)
    return writers


suite = Suite("a full disk")


@suite.test("reads go on, writes are refused and come back, and nothing acknowledged is lost")
def _(check, context):
    with small_disk(context.scratch / "small") as place:
        writers = fill(check, context, place)
        with harness.running(context.shale, place / "data") as server:
            read_all(check, server.client(), writers)
            check.equal(server.stop(), 0, "exit code of the stopped server")
        verified = harness.run_shale(context.shale, "verify", place / "data")
        check.equal(verified.returncode, 0, f"shale verify: {verified.stdout[-500:]}{verified.stderr[-500:]}")
        check.contains(verified.stdout, "OK", "shale verify")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    arguments = parser.parse_args()
    report = harness.Report()
    with harness.scratch() as directory:
        context = harness.Context(pathlib.Path(arguments.shale) if arguments.shale else harness.default_shale(), None)
        context.scratch = directory
        suite.run(report, context)
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
