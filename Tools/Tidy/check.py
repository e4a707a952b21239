"""What a check is: a rule in words, a function over a tree of files, canaries and an innocent."""

import dataclasses


@dataclasses.dataclass
class Findings:
    """What a check says of a tree: problems fail the run, warnings are for reading."""

    problems: list
    warnings: list


@dataclasses.dataclass
class Check:
    """One rule. `find` takes a dictionary from path to text and yields lines of the form
    "path:line: what"; a line that begins with "warning: " is a warning."""

    name: str
    rule: str
    find: object
    canaries: list
    innocent: dict

    def run(self, tree):
        problems, warnings = [], []
        for line in self.find(tree):
            if line.startswith("warning: "):
                warnings.append(line.removeprefix("warning: "))
            else:
                problems.append(line)
        return Findings(problems, warnings)
