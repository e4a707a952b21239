"""Does to the table of another installation what was done to this one.

Changes of one item come in their order, and perhaps again from an earlier one on: the replica then goes back and forward
again, and ends as the table is. So nothing need be remembered, and an item of the replica has no attribute of its own.
"""

import base64
import json
import os

import boto3

TABLE = os.environ["REPLICA_TABLE"]
# On AWS the region says where, and the function's role is the key. Elsewhere an address does, and perhaps a key.
replica = boto3.client(
    "dynamodb",
    region_name=os.environ["REPLICA_REGION"],
    endpoint_url=os.environ.get("REPLICA_ENDPOINT"),
    aws_access_key_id=os.environ.get("REPLICA_KEY_ID"),
    aws_secret_access_key=os.environ.get("REPLICA_SECRET"),
)


def sendable(value):
    """A value as the client takes it: events have bytes in Base64, and it wants them as they are."""
    (kind, content), = value.items()
    if kind == "B":
        return {"B": base64.b64decode(content)}
    if kind == "BS":
        return {"BS": [base64.b64decode(one) for one in content]}
    if kind == "L":
        return {"L": [sendable(one) for one in content]}
    if kind == "M":
        return {"M": sendable_item(content)}
    return value


def sendable_item(item):
    return {name: sendable(value) for name, value in item.items()}


def request(record):
    change = record["dynamodb"]
    if record["eventName"] == "REMOVE":
        return {"DeleteRequest": {"Key": sendable_item(change["Keys"])}}
    return {"PutRequest": {"Item": sendable_item(change["NewImage"])}}


def replicate(event, context):
    # Of each item only the last change counts; one request may not name an item twice.
    last = {json.dumps(record["dynamodb"]["Keys"], sort_keys=True): record for record in event["Records"]}
    requests = [request(record) for record in last.values()]
    for first in range(0, len(requests), 25):
        answer = replica.batch_write_item(RequestItems={TABLE: requests[first:first + 25]})
        if answer["UnprocessedItems"]:
            # The batch comes again, later each time.
            raise RuntimeError("the replica takes no more at the moment")
