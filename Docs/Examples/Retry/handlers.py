"""A service that fails as often as the event says, with the error that it names. It counts in the memory of its process,
which waits between two calls.
"""

calls = {}


class ServiceUnavailable(Exception):
    pass


class TooManyRequests(Exception):
    pass


class BadRequest(Exception):
    pass


def call(event, context):
    count = calls[event["id"]] = calls.get(event["id"], 0) + 1
    if count <= event["failures"]:
        raise globals()[event["error"]](f"call {count} fails")
    return {"answer": 42, "isFresh": True, "calls": count}
