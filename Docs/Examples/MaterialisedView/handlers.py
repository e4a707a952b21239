"""Keeps for each customer how many orders there are, and what they cost together. Exact, though changes may come twice.

One transaction writes both what changes of the totals and a note for each change that it is counted. The note is put on the condition
that it is not there: of a change that comes again the transaction is refused, so the totals do not move without their notes.
"""

import collections
import os
import time

import boto3

TOTALS = os.environ["TOTALS_TABLE"]
COUNTED = os.environ["COUNTED_TABLE"]
# A transaction has a hundred actions at most: a note for each change, and no more customers than changes.
CHANGES = 50
# Changes are given for a day after they were made, so notes are needed no longer than that.
KEPT_SECONDS = 2 * 24 * 3600

dynamodb = boto3.client("dynamodb")


def transaction(records):
    orders, cents = collections.Counter(), collections.Counter()
    for record in records:
        change = record["dynamodb"]
        for image, sign in (("NewImage", 1), ("OldImage", -1)):
            if image in change:
                customer = change[image]["customer"]["S"]
                orders[customer] += sign
                cents[customer] += sign * int(change[image]["cents"]["N"])
    expires = str(int(time.time()) + KEPT_SECONDS)
    notes = [{"Put": {
        "TableName": COUNTED, "ConditionExpression": "attribute_not_exists(change)",
        "Item": {"change": {"S": record["eventID"]}, "expires": {"N": expires}},
    }} for record in records]
    totals = [{"Update": {
        "TableName": TOTALS, "Key": {"customer": {"S": customer}},
        "UpdateExpression": "ADD orders :orders, cents :cents",
        "ExpressionAttributeValues": {":orders": {"N": str(orders[customer])}, ":cents": {"N": str(cents[customer])}},
    }} for customer in orders]
    # Notes come first, so that the reasons of a refusal stand in the order of the records.
    return notes + totals


def count(event, context):
    for first in range(0, len(event["Records"]), CHANGES):
        count_once(event["Records"][first:first + CHANGES])


def count_once(records):
    while records:
        try:
            dynamodb.transact_write_items(TransactItems=transaction(records))
            return
        except dynamodb.exceptions.TransactionCanceledException as refusal:
            reasons = [reason["Code"] for reason in refusal.response["CancellationReasons"]]
            new = [record for record, reason in zip(records, reasons) if reason != "ConditionalCheckFailed"]
            if len(new) == len(records):
                # Something else is in the way, such as another function at the same customer: the batch comes again.
                raise
            print(f"{len(records) - len(new)} of {len(records)} changes were counted before")
            records = new
