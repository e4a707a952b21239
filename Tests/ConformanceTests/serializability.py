"""Whether transactions that were recorded have one order, after the idea of Elle: who wrote and who read can be told from lists.

A transaction appends its number to some lists, or reads some. The order of a list is the order of its writers, and what a reader saw
says between which of them it came. Together with who had ended when who began, no circle may be left.
"""

import collections
import dataclasses

ENDLESS = float("inf")


@dataclasses.dataclass
class Transaction:
    """One, with its two moments; one without an answer has no end, and may have happened or not."""

    begin: float
    end: float
    writes: tuple = ()  # lists to which its number is appended
    reads: dict = dataclasses.field(default_factory=dict)  # list: the numbers that were in it
    number: int = 0
    is_refused: bool = False

    @property
    def is_answered(self):
        return self.end != ENDLESS


def problem(transactions, lists):
    """What is wrong with transactions, by what the lists hold in the end; nothing where there is an order."""
    return _traces(transactions, lists) or _circle(transactions, lists)


def _traces(transactions, lists):
    """What is there that should not be, or is gone."""
    places = collections.Counter((name, number) for name, numbers in lists.items() for number in numbers)
    for (name, number), count in places.items():
        if count > 1:
            return f"{number} is in {name} {count} times"
    known = set()
    for one in transactions:
        there = [name for name in one.writes if (name, one.number) in places]
        known |= {(name, one.number) for name in one.writes}
        if one.is_refused and there:
            return f"{one.number} was refused and is in {there}"
        if not one.is_refused and one.is_answered and len(there) < len(one.writes):
            return f"{one.number} was acknowledged for {one.writes} and is in {there}"
        if 0 < len(there) < len(one.writes):
            return f"{one.number} is in {there} and should be in {one.writes}, or in none"
        for name, seen in one.reads.items():
            if list(seen) != lists[name][:len(seen)]:
                return f"a reader saw {seen[-3:]} at the end of {len(seen)} in {name}, which was never so"
    strangers = set(places) - known
    return f"nobody wrote {sorted(strangers)[:3]}" if strangers else None


def _circle(transactions, lists):
    """Who must come before whom, and whether that ends."""
    after = collections.defaultdict(set)
    for name, numbers in lists.items():
        for first, second in zip(numbers, numbers[1:]):
            after[first].add(second)
    for index, one in enumerate(transactions):
        for name, seen in one.reads.items():
            if seen:
                after[seen[-1]].add(("reader", index))
            if len(seen) < len(lists[name]):
                after[("reader", index)].add(lists[name][len(seen)])
    _add_times(after, transactions)
    return _unordered(after)


def _add_times(after, transactions):
    """Who had ended when who began: through the moments of the ends, each behind the one before it."""
    node = lambda index, one: one.number if one.writes else ("reader", index)
    taken = [(index, one) for index, one in enumerate(transactions) if not one.is_refused]
    moments = [(one.end, 1, node(index, one)) for index, one in taken if one.is_answered]
    moments += [(one.begin, 0, node(index, one)) for index, one in taken]
    last = None
    for number, (_, is_end, who) in enumerate(sorted(moments, key=lambda moment: moment[:2])):
        if not is_end:
            if last is not None:
                after[last].add(who)
            continue
        moment = ("moment", number)
        after[who].add(moment)
        if last is not None:
            after[last].add(moment)
        last = moment


def _unordered(after):
    """Some of those that come before each other; nothing where there are none."""
    before = collections.Counter(second for seconds in after.values() for second in seconds)
    ready = [first for first in after if not before[first]]
    left = set(after) | set(before)
    while ready:
        first = ready.pop()
        left.discard(first)
        for second in after.get(first, ()):
            before[second] -= 1
            if not before[second]:
                ready.append(second)
    circle = sorted((one for one in left if not (isinstance(one, tuple) and one[0] == "moment")), key=str)
    return f"these have no order: {circle[:6]}" if left else None


def _writer(number, begin, end, *names, **rest):
    return Transaction(begin, end, names, {}, number, **rest)


def _reader(begin, end, **reads):
    return Transaction(begin, end, (), reads)


# What it is, transactions, and the lists in the end.
GOOD = [
    ("nothing", [], {"x": []}),
    ("two that write the same lists in one order", [_writer(1, 0, 9, "x", "y"), _writer(2, 0, 9, "y", "x")], {"x": [2, 1], "y": [2, 1]}),
    ("readers before and behind a writer",
     [_writer(1, 0, 9, "x", "y"), _reader(0, 9, x=[1], y=[1]), _reader(0, 9, x=[], y=[])], {"x": [1], "y": [1]}),
    ("one without an answer that did not happen", [_writer(1, 0, ENDLESS, "x", "y")], {"x": [], "y": []}),
    ("one without an answer that happened later", [_writer(1, 0, ENDLESS, "x", "y"), _writer(2, 5, 6, "x")], {"x": [2, 1], "y": [1]}),
    ("one that was refused", [_writer(1, 0, 5, "x", is_refused=True)], {"x": []}),
    ("a reader that began when the writer ended", [_writer(1, 0, 5, "x"), _reader(5, 7, x=[])], {"x": [1]}),
]
BAD = [
    ("two lists with other orders", [_writer(1, 0, 9, "x", "y"), _writer(2, 0, 9, "x", "y")], {"x": [1, 2], "y": [2, 1]}),
    ("half of a transaction", [_writer(1, 0, 9, "x", "y"), _reader(0, 9, x=[1], y=[])], {"x": [1], "y": [1]}),
    ("two readers that saw two writers in other orders",
     [_writer(1, 0, 9, "x"), _writer(2, 0, 9, "y"), _reader(0, 9, x=[1], y=[]), _reader(0, 9, x=[], y=[2])], {"x": [1], "y": [2]}),
    ("a reader that came late and saw nothing", [_writer(1, 0, 3, "x"), _reader(4, 9, x=[])], {"x": [1]}),
    ("a writer that came late and stands before", [_writer(1, 0, 3, "x"), _writer(2, 4, 9, "x")], {"x": [2, 1]}),
    ("an acknowledged one that is there by half", [_writer(1, 0, 3, "x", "y")], {"x": [1], "y": []}),
    ("one without an answer that is there by half", [_writer(1, 0, ENDLESS, "x", "y")], {"x": [1], "y": []}),
    ("a refused one that is there", [_writer(1, 0, 3, "x", is_refused=True)], {"x": [1]}),
    ("one that is there twice", [_writer(1, 0, 3, "x")], {"x": [1, 1]}),
    ("a reader of what was never so", [_writer(1, 0, 3, "x"), _writer(2, 0, 3, "x"), _reader(0, 9, x=[2])], {"x": [1, 2]}),
    ("what nobody wrote", [], {"x": [1]}),
]
