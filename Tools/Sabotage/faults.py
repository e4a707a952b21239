"""The faults, and what is known of who finds them."""

import dataclasses
import json

BEGIN = "<!-- sabotage: drawn by Tools/Sabotage -->"
END = "<!-- sabotage: end -->"


@dataclasses.dataclass(frozen=True)
class Edit:
    """Lines of a file that are replaced by others."""

    file: str
    before: str
    after: str

    def apply(self, text):
        assert text.count(self.before) == 1
        return text.replace(self.before, self.after)


@dataclasses.dataclass(frozen=True)
class Fault:
    """A promise that is taken out of the program."""

    name: str
    found_by: str
    edits: tuple


@dataclasses.dataclass(frozen=True)
class Result:
    """How the search for a fault ended."""

    is_found: bool
    seeds: int
    text: str


def read(root):
    paths = sorted((root / "Tests" / "Sabotage").glob("*.json"))
    return [fault for path in paths for fault in parse(path.read_text(encoding="utf-8"))]


def parse(text):
    faults = []
    for entry in json.loads(text):
        edits = tuple(
            Edit(edit["file"], "\n".join(edit["before"]), "\n".join(edit["after"])) for edit in entry["edits"]
        )
        faults.append(Fault(entry["name"], entry["foundBy"], edits))
    return faults


def problems(faults, text_of):
    """Names that are there twice, and edits that do not fit their file any more."""
    names = [fault.name for fault in faults]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield f"two faults are called {name!r}"
    for fault in faults:
        for edit in fault.edits:
            count = text_of(edit.file).count(edit.before)
            if count != 1:
                yield f"{fault.name!r} finds its lines {count} times in {edit.file}: fit it to what is there now"


class Found:
    """What was found, kept in a file."""

    def __init__(self, root):
        self.path = root / "Tests" / "Sabotage" / "found" / "results.json"
        self.results = {}
        if self.path.is_file():
            for name, entry in json.loads(self.path.read_text(encoding="utf-8")).items():
                self.results[name] = Result(entry["isFound"], entry["seeds"], entry["text"])

    def __contains__(self, name):
        return name in self.results

    def __getitem__(self, name):
        return self.results[name]

    def __setitem__(self, name, result):
        self.results[name] = result
        entries = {
            name: {"isFound": result.is_found, "seeds": result.seeds, "text": result.text}
            for name, result in sorted(self.results.items())
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_table(root, faults, found):
    """Puts the table between its marks in Docs/Reliability.md."""
    path = root / "Docs" / "Reliability.md"
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text:
        return
    lines = ["", "| what was taken out | found by | seeds | as |", "|---|---|--:|---|"]
    for fault in faults:
        if fault.name not in found:
            continue
        result = found[fault.name]
        seeds = str(result.seeds) if result.seeds else ""
        said = result.text.replace("|", "\\|") if result.is_found else "**not found**"
        lines.append(f"| {fault.name} | {fault.found_by} | {seeds} | {said} |")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")
