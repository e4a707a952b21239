"""Checks that read the tree as a whole: folders, documents, links, the README's promises."""

import posixpath
import re

import plots
import Sabotage.faults
from check import Check
from check_code import MANIFEST
from pictures import pictures

FOLDERS = {"Sources", "Tests", "Benchmarks", "Tools", "Docs", ".ci"}
FILES = {
    "Package.swift", "Package.resolved", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    ".swift-format", ".gitignore", ".spi.yml",
}
EXAMPLE = "Tests/ShaleTests/ReadmeExampleTests.swift"
# Documents whose Swift is compiled and run, and by which test.
EXAMPLES = {"README.md": EXAMPLE, "Docs/Following.md": "Tests/ShaleTests/FollowingExampleTests.swift"}
# Languages of fenced blocks in the README. `sh` is run by Tests/ConformanceTests, `swift` is compiled
# by the test above, `text` and none are for reading.
LANGUAGES = {"swift", "sh", "text", ""}


def top_level(tree):
    for entry in sorted({path.split("/")[0] for path in tree}):
        is_folder = any(path.startswith(entry + "/") for path in tree)
        if is_folder and entry not in FOLDERS or not is_folder and entry not in FILES:
            yield f"{entry}: nothing of this name belongs at the top"


def blocks(text):
    """Yields (language, first line, content) of the fenced blocks of a Markdown text."""
    for match in re.finditer(r"^```([^\n]*)\n(.*?)^```\s*$", text, re.S | re.M):
        yield match.group(1).strip(), text.count("\n", 0, match.start()) + 1, match.group(2)


def without_indent(text):
    lines = [line for line in text.split("\n")]
    full = [line for line in lines if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in full), default=0)
    return "\n".join(line[indent:].rstrip() for line in lines).strip()


def readme_example(tree):
    if "README.md" not in tree:
        yield "README.md: is missing"
        return
    for document, test in EXAMPLES.items():
        if document in tree:
            yield from examples(tree[document], tree.get(test, ""), document, test)


def examples(text, test, document, path):
    """Swift in a document that is not between the two marks of its test."""
    compiled = [
        without_indent(part)
        for part in re.findall(r"// README begin[^\n]*\n(.*?)[^\n]*// README end", test, re.S)
    ]
    found = False
    for language, line, content in blocks(text):
        if language == "swift" and "dependencies:" not in content and ".package(" not in content:
            found = True
            if without_indent(content) not in compiled:
                yield f"{document}:{line}: not the text between README begin and README end in {path}"
    if not found:
        yield f"{document}: has no Swift example"


def readme_languages(tree):
    for language, line, _ in blocks(tree.get("README.md", "")):
        if language not in LANGUAGES:
            yield f"README.md:{line}: a block of {language}, which no test would run"


def headings(text):
    found = set()
    for line in re.sub(r"^```.*?^```", "", text, flags=re.S | re.M).split("\n"):
        if match := re.match(r"#+\s+(.*)", line):
            plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", match.group(1)).strip().lower()
            found.add(re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain)))
    return found


def links(tree):
    folders = {posixpath.dirname(path) for path in tree}
    folders |= {posixpath.dirname(folder) for folder in folders}
    for path, text in tree.items():
        if not path.endswith(".md"):
            continue
        plain = re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text, flags=re.S | re.M)
        for number, line in enumerate(plain.split("\n"), 1):
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                full = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
                if full not in tree and full not in folders:
                    yield f"{path}:{number}: link to {target}, which is not there"
                elif anchor and full.endswith(".md") and anchor not in headings(tree[full]):
                    yield f"{path}:{number}: {target}: no such heading"


def private_paths(tree):
    pattern = re.compile(r"(?<![\w.-])/(?:ro" + r"ot|wo" + r"rk|ho" + r"me/\w+)/")
    for path, text in tree.items():
        for number, line in enumerate(text.split("\n"), 1):
            if match := pattern.search(line):
                yield f"{path}:{number}: a path of one machine, {match.group()}"


def scripts(tree):
    for path, text in tree.items():
        if text.startswith(("#!/usr/bin/env bash", "#!/bin/bash")) and "\nset -euo pipefail\n" not in text:
            yield f"{path}: a script without set -euo pipefail"


def drawn(tree):
    for name, svg in pictures(tree["Package.swift"]).items():
        if tree.get(f"Docs/Pictures/{name}") != svg:
            yield f"Docs/Pictures/{name}: is stale; run python3 Tools/pictures.py"


def plotted(tree):
    drawn = plots.pictures(lambda name: tree.get(f"Docs/Pictures/{name}", NO_DATA))
    for name, svg in drawn.items():
        if tree.get(f"Docs/Pictures/{name}") != svg:
            yield f"Docs/Pictures/{name}: is stale; run python3 Tools/plots.py"


NO_DATA = "second,offered\n0,1\n1,1\n"
EXAMPLE_TEST = "f() {\n    // README begin\n    let a = 1\n    // README end\n}\n"

def sabotage(tree):
    paths = [path for path in sorted(tree) if re.fullmatch(r"Tests/Sabotage/[^/]+\.json", path)]
    faults = [fault for path in paths for fault in Sabotage.faults.parse(tree[path])]
    yield from Sabotage.faults.problems(faults, lambda path: tree.get(path, ""))


FAULT = '[{"name": "a", "foundBy": "simulate", "edits": [{"file": "Sources/A.swift", "before": ["b"], "after": []}]}]'

CHECKS = [
    Check("top-level", "known files and folders at the top", top_level,
          [{"Scripts/a": ""}, {"notes.md": ""}], {"Sources/A/A.swift": "", "README.md": ""}),
    Check("readme-example", "the Swift of the README and of examples is compiled and run by a test", readme_example,
          [{"README.md": "```swift\nlet a = 2\n```\n", EXAMPLE: EXAMPLE_TEST}, {"README.md": "none\n"},
           {"README.md": "```swift\nlet a = 1\n```\n", EXAMPLE: EXAMPLE_TEST, "Docs/Following.md": "```swift\nlet a = 1\n```\n"}],
          {"README.md": "```swift\nlet a = 1\n```\n", EXAMPLE: EXAMPLE_TEST}),
    Check("readme-languages", "every block of the README is run, compiled or for reading", readme_languages,
          [{"README.md": "```console\nls\n```\n"}], {"README.md": "```sh\nls\n```\n"}),
    Check("links", "links between documents resolve", links,
          [{"A.md": "see [B](B.md)\n"}, {"A.md": "see [B](B.md#there)\n", "B.md": "# Here\n"}],
          {"A.md": "see [B](B.md#over-here), [C](https://example.org)\n", "B.md": "# Over `here`\n"}),
    Check("private-paths", "no path of one machine", private_paths,
          [{"Docs/A.md": "in /ro" + "ot/x\n"}], {"Docs/A.md": "in /var/lib/shale and a/work/b\n"}),
    Check("pictures", "the pictures are what the script draws", drawn,
          [{"Package.swift": MANIFEST}],
          {"Package.swift": MANIFEST}
          | {f"Docs/Pictures/{name}": svg for name, svg in pictures(MANIFEST).items()}),
    Check("plots", "the plots of capacity are what the script draws from their data", plotted,
          [{}, {"Docs/Pictures/capacity-burst.csv": "second,offered\n0,7\n1,7\n"}
           | {f"Docs/Pictures/{name}": svg for name, svg in plots.pictures(lambda _: NO_DATA).items()}],
          {f"Docs/Pictures/{name}": svg for name, svg in plots.pictures(lambda _: NO_DATA).items()}),
    Check("scripts", "bash scripts stop at the first failure", scripts,
          [{"Tools/a": "#!/usr/bin/env bash\nls\n"}],
          {"Tools/a": "#!/usr/bin/env bash\n\nset -euo pipefail\nls\n"}),
    Check("sabotage", "every deliberate fault still fits the code", sabotage,
          [{"Tests/Sabotage/a.json": FAULT, "Sources/A.swift": "c"}, {"Tests/Sabotage/a.json": FAULT}],
          {"Tests/Sabotage/a.json": FAULT, "Sources/A.swift": "a b c"}),
]
