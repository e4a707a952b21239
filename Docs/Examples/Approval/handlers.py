"""Asks a person: puts the question with its token where the person looks, here the log of the function.

What the function returns is not the answer: the state waits until somebody sends one with the token.
"""

import json


def ask(event, context):
    print("QUESTION", json.dumps({"expense": event["expense"], "amount": event["amount"], "token": event["token"]}))
