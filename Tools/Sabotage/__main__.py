"""Sabotage: takes one promise out of the engine at a time, and sees that the tests notice.

    python3 Tools/Sabotage                    every fault; about a minute each
    python3 Tools/Sabotage --only tombstone   those whose name contains this
    python3 Tools/Sabotage --missing --debug  those of which nothing is known yet, with quicker builds and slower seeds
    python3 Tools/Sabotage --table            draw the table of Docs/Reliability.md from what was found last

A fault is a change of a few lines (`Tests/Sabotage/*.json`). It is made in a copy of the tree under
.build-sabotage, built in release unless told otherwise, and given to what should find it:

    simulate OPTIONS   `Tools/simulate`, for as many seeds as --seeds says
    flip OPTIONS       `Tools/flip`
    test FILTER        `swift test --filter`

What was found, and after how many seeds, goes to Tests/Sabotage/found/. Exit code 1 if a fault got through.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import faults  # noqa: E402
import finders  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / ".build-sabotage" / "tree"


def copy_tree():
    """Brings the copy up to date; what did not change keeps its time, so that builds are incremental."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True,
    ).stdout.decode()
    wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, COPY / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(source.stat().st_mode)
    for top in ("Sources", "Tests", "Tools"):
        for path in (COPY / top).rglob("*"):
            if path.is_file() and str(path.relative_to(COPY)) not in wanted and "__pycache__" not in path.parts:
                path.unlink()


def try_fault(fault, options):
    """Makes the fault in the copy, looks who finds it, and takes it out again."""
    originals = {edit.file: (COPY / edit.file).read_text(encoding="utf-8") for edit in fault.edits}
    try:
        for edit in fault.edits:
            text = (COPY / edit.file).read_text(encoding="utf-8")
            (COPY / edit.file).write_text(edit.apply(text), encoding="utf-8")
        return finders.find(fault.found_by, COPY, options)
    finally:
        for name, text in originals.items():
            (COPY / name).write_text(text, encoding="utf-8")


def confirm_hang(fault, result, options):
    """Whether the same search ends where the fault is not made: otherwise a slow machine hangs, too."""
    clean = finders.find(fault.found_by, COPY, options)
    if not clean.is_found:
        return result
    return faults.Result(False, 0, f"ends neither with nor without the fault: {clean.text}")


def main():
    parser = argparse.ArgumentParser(prog="Tools/Sabotage", description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="faults whose name contains this")
    parser.add_argument("--missing", action="store_true", help="faults of which nothing is known yet")
    parser.add_argument("--seeds", type=int, default=1000, help="within how many seeds a fault must be found")
    parser.add_argument("--minutes", type=float, default=15, help="the longest that one fault may take")
    parser.add_argument(
        "--debug", dest="configuration", action="store_const", const="debug", default="release",
        help="build simulator and flips without optimisation",
    )
    parser.add_argument("--table", action="store_true", help="only draw the table of what was found")
    options = parser.parse_args()
    known = faults.read(ROOT)
    for problem in faults.problems(known, lambda name: (ROOT / name).read_text(encoding="utf-8")):
        sys.exit(problem)
    found = faults.Found(ROOT)
    if not options.table:
        copy_tree()
        chosen = [fault for fault in known if options.only in fault.name]
        if options.missing:
            chosen = [fault for fault in chosen if fault.name not in found or not found[fault.name].is_found]
        for number, fault in enumerate(chosen, 1):
            print(f"[{number}/{len(chosen)}] {fault.name} … ", end="", flush=True)
            start = time.monotonic()
            result = try_fault(fault, options)
            if result.text == finders.HANG:
                result = confirm_hang(fault, result, options)
            found[fault.name] = result
            print(f"{result.text} ({time.monotonic() - start:.0f} s)", flush=True)
    faults.write_table(ROOT, known, found)
    through = [fault.name for fault in known if fault.name in found and not found[fault.name].is_found]
    for name in through:
        print(f"not found: {name}")
    sys.exit(1 if through else 0)


if __name__ == "__main__":
    main()
