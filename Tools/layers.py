"""The layer table of Package.swift, read as text.

Shared by Tidy, which checks the imports of every file against it, and by the pictures of the
documentation, which are drawn from it.
"""

import re


class Layer:
    """One layer: its number on the drawing, its remark, and per target what it imports."""

    def __init__(self, number, remark):
        self.number = number
        self.remark = remark
        self.targets = {}


def layers(manifest):
    """The layers in the order of the manifest, the lowest first."""
    start = manifest.index("let layers")
    body = manifest[start : manifest.index("\n]\n", start)]
    found = []
    for block in re.split(r"\n    \[  // ", body)[1:]:
        head, _, rest = block.partition("\n")
        number, _, remark = head.partition(". ")
        layer = Layer(number, remark)
        for row in re.finditer(r"Layered\(\s*name: \"(\w+)\",\s*imports: \[(.*?)\]", rest, re.S):
            layer.targets[row.group(1)] = re.findall(r"\"(\w+)\"", row.group(2))
        found.append(layer)
    if not found or not all(layer.targets for layer in found):
        raise ValueError("Package.swift: the layer table is not where it is looked for")
    return found


def imports_by_target(manifest):
    """What each target may import."""
    return {name: set(used) for layer in layers(manifest) for name, used in layer.targets.items()}
