"""Whether what concurrent clients were answered could have come from one item that does one call after the other.

Wing and Gong's search with Lowe's memory, for one item at a time. A call is `(begin, end, ask, answer)`; `end` is
None where no answer came: it may have happened at any time after `begin`, or never. An item is None or its number.
"""


def step(state, ask, answer, is_answered):
    """The number after a call, and whether its answer is the one that this number gives."""
    kind, *values = ask
    if kind == "put":
        new, right = values[0], state
    elif kind == "delete":
        new, right = None, state
    elif kind == "add":
        new = (state or 0) + values[0]
        right = new
    elif kind == "swap":  # To the second where it is the first.
        fits = state == values[0]
        new, right = (values[1] if fits else state), fits
    elif kind == "create":
        new, right = (values[0] if state is None else state), state is None
    elif kind == "get":
        new, right = state, state
    else:
        raise ValueError(f"no call {kind}")
    return new, not is_answered or right == answer


def problem(calls, initial=None):
    """None where there is an order of the calls; otherwise the one that fits nowhere, and how many fitted."""
    calls = sorted(calls, key=lambda call: call[0])
    needed = sum(call[1] is not None for call in calls)
    best, stuck = -1, None
    seen = set()
    # Calls that are done, how many of them have an answer, the number, and who can be next.
    stack = [(0, 0, initial, None)]
    while stack:
        done, count, state, left = stack.pop()
        if count == needed:
            return None
        if left is None:
            left, last = _next(calls, done)
            if count > best:
                best, stuck = count, last
        if not left:
            continue
        index, *rest = left
        stack.append((done, count, state, rest))
        begin, end, ask, answer = calls[index]
        new, is_right = step(state, ask, answer, end is not None)
        place = (done | 1 << index, new)
        if is_right and place not in seen:
            seen.add(place)
            stack.append((done | 1 << index, count + (end is not None), new, None))
    return f"after {best} of {needed} calls nothing fits {calls[stuck] if stuck is not None else 'them'}"


def _next(calls, done):
    """Those that began before the earliest end of all that are left, and which one has that end."""
    earliest, last, left = None, None, []
    for index in range((~done & done + 1).bit_length() - 1, len(calls)):
        if done >> index & 1:
            continue
        begin, end = calls[index][:2]
        if earliest is not None and begin > earliest:
            break
        left.append(index)
        if end is not None and (earliest is None or end < earliest):
            earliest, last = end, index
    left = [index for index in left if earliest is None or calls[index][0] < earliest]
    # Calls without an answer come last: most of them did not happen late.
    return sorted(left, key=lambda index: (calls[index][1] is None, calls[index][1] or 0)), last


GOOD = [
    ("nothing", []),
    ("one after the other", [(1, 2, ("put", 1), None), (3, 4, ("get",), 1)]),
    ("a read beside a put sees the new number", [(1, 4, ("put", 1), None), (2, 3, ("get",), 1)]),
    ("or none", [(1, 4, ("put", 1), None), (2, 3, ("get",), None)]),
    ("puts in the other order than they began",
     [(1, 4, ("put", 1), 2), (2, 5, ("put", 2), None), (6, 7, ("get",), 1)]),
    ("a put without an answer that happened late",
     [(1, None, ("put", 1), None), (2, 3, ("get",), None), (4, 5, ("get",), 1)]),
    ("and one that never happened", [(1, None, ("put", 1), None), (2, 3, ("get",), None)]),
    ("of two swaps one", [(1, 2, ("put", 1), None), (3, 6, ("swap", 1, 2), True), (4, 5, ("swap", 1, 3), False)]),
]

BAD = [
    ("a put is lost", [(1, 2, ("put", 1), None), (3, 4, ("get",), None)]),
    ("the new number and then none",
     [(1, 8, ("put", 1), None), (2, 3, ("get",), 1), (4, 5, ("get",), None)]),
    ("a number that nobody put", [(1, 2, ("get",), 7)]),
    ("a number before it was put", [(1, 2, ("get",), 1), (3, 4, ("put", 1), None)]),
    ("both swaps of one number", [(1, 2, ("put", 1), None), (3, 6, ("swap", 1, 2), True), (4, 5, ("swap", 1, 3), True)]),
    ("both creations", [(1, 4, ("create", 1), True), (2, 3, ("create", 2), True)]),
    ("an addition that is lost", [(1, 4, ("add", 1), 1), (2, 3, ("add", 1), 1)]),
    ("a put without an answer that came and went",
     [(1, None, ("put", 1), None), (2, 3, ("get",), 1), (4, 5, ("get",), None)]),
    ("an old image that never was", [(1, 2, ("put", 1), None), (3, 4, ("put", 2), 5)]),
]
