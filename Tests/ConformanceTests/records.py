"""The Debian package index of this machine as items: about 60,000 records of some 20 fields."""

import glob
import os
import shutil
import subprocess

from harness import Skipped

NUMBERS = {"Size", "Installed-Size"}
LISTS = {"Depends", "Recommends", "Suggests", "Conflicts", "Breaks", "Replaces", "Provides", "Pre-Depends"}
SETS = {"Tag"}

TABLE = {
    "KeySchema": [{"AttributeName": "Package", "KeyType": "HASH"}, {"AttributeName": "Version", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"}
                             for name in ("Package", "Version", "Section", "Maintainer")],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        {"IndexName": f"by{name}", "Projection": {"ProjectionType": "ALL"},
         "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}, {"AttributeName": "Package", "KeyType": "RANGE"}]}
        for name in ("Section", "Maintainer")
    ],
}


def key(record):
    """The primary key of an item as a pair of texts."""
    return record["Package"]["S"], record["Version"]["S"]


def create_table(client, name="Packages"):
    client.create_table(TableName=name, **TABLE)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return name


def load(slice_size=None):
    """Items by key, in the order of the text; `slice_size` of them, evenly spread."""
    text = _dumpavail()
    items = {}
    for paragraph in text.split("\n\n"):
        fields = _fields(paragraph)
        if fields.get("Package") and fields.get("Version"):
            record = {name: _value(name, value) for name, value in fields.items() if value}
            items[key(record)] = record
    if slice_size and slice_size < len(items):
        keys = list(items)
        step = len(keys) / slice_size
        items = {keys[int(i * step)]: items[keys[int(i * step)]] for i in range(slice_size)}
    return items


def _dumpavail():
    if not shutil.which("apt-cache"):
        raise Skipped("no apt here, so no Debian package index")
    text = _read(["apt-cache", "dumpavail"])
    if "\nPackage:" not in text and os.geteuid() == 0:
        print("the package lists are empty: apt-get update", flush=True)
        subprocess.run(["apt-get", "update"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        text = _read(["apt-cache", "dumpavail"])
    if "\nPackage:" not in text:
        for path in sorted(glob.glob("/var/lib/apt/lists/*_Packages*")):
            text += _read(["/usr/lib/apt/apt-helper", "cat-file", path]) + "\n\n"
    if "\nPackage:" not in text:
        raise Skipped("apt has no package lists; run apt-get update as root")
    return text


def _read(command):
    return subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8", "replace")


def _fields(paragraph):
    fields, name = {}, None
    for line in paragraph.split("\n"):
        if line[:1] in (" ", "\t"):
            if name:
                fields[name] += "\n" + line[1:]
        else:
            name, colon, value = line.partition(":")
            if not colon:
                name = None
                continue
            fields[name] = value.strip()
    return fields


def _value(name, value):
    if name in NUMBERS and value.isdigit():
        return {"N": value}
    parts = [part.strip() for part in value.replace("\n", " ").split(",") if part.strip()]
    if name in LISTS:
        return {"L": [{"S": part} for part in parts]}
    if name in SETS and parts:
        return {"SS": sorted(set(parts))}
    return {"S": value}


def comparable(record):
    """An item with its sets sorted: a set has no order."""
    return {name: ({"SS": sorted(value["SS"])} if "SS" in value else value) for name, value in record.items()}
