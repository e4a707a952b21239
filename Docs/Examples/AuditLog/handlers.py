"""Writes down what happened to each account: one entry for each change.

A change may come twice. Its entry is named by the account and by the change's sequence number, so the second time
puts the same entry again: none is there twice, and nothing need be remembered.
"""

import json
import os

import boto3

LOG = os.environ["AUDIT_TABLE"]
dynamodb = boto3.client("dynamodb")


def entry(record):
    change = record["dynamodb"]
    made = {
        "account": change["Keys"]["id"],
        # Sequence numbers have up to 40 digits: with zeros before them, texts are in the order of the numbers.
        "sequence": {"S": change["SequenceNumber"].zfill(40)},
        "what": {"S": record["eventName"]},
        "at": {"N": str(int(change["ApproximateCreationDateTime"]))},
        # Time to live is the only one that is named.
        "by": {"S": record.get("userIdentity", {}).get("principalId", "a request")},
    }
    # As JSON, as they came: whatever types they have, they can be put back.
    for name, image in (("before", "OldImage"), ("after", "NewImage")):
        if image in change:
            made[name] = {"S": json.dumps(change[image], sort_keys=True)}
    return made


def write_down(event, context):
    entries = [entry(record) for record in event["Records"]]
    for first in range(0, len(entries), 25):
        puts = [{"PutRequest": {"Item": one}} for one in entries[first:first + 25]]
        answer = dynamodb.batch_write_item(RequestItems={LOG: puts})
        if answer["UnprocessedItems"]:
            # The batch comes again, later each time.
            raise RuntimeError("the log takes no more at the moment")
