"""Tidy: the style of this project as tests. `python3 Tools/Tidy` from anywhere.

Every check has a canary, a tiny tree of files that it must refuse, and an innocent that it must
accept; both are tried on every run, before the real tree. Exits with 1 when a check or a canary fails.
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import check_code  # noqa: E402
import check_tree  # noqa: E402


def read_tree(root):
    """Every file that is or could be committed: path relative to the root, and its text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True,
    ).stdout.decode()
    tree = {}
    for path in sorted(filter(None, listed.split("\0"))):
        file = root / path
        if not file.is_file():
            continue
        try:
            tree[path] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            tree[path] = ""  # A binary fixture: it exists, and has no text to judge.
    return tree


def try_canary(check):
    """What is wrong with the check itself."""
    wrong = []
    for canary in check.canaries:
        if not check.run(canary).problems:
            wrong.append(f"{check.name}: accepts its canary {sorted(canary)}")
    innocent = check.run(check.innocent).problems
    if innocent:
        wrong.append(f"{check.name}: refuses its innocent: {innocent[0]}")
    return wrong


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    checks = check_code.CHECKS + check_tree.CHECKS
    broken = [line for check in checks for line in try_canary(check)]
    for line in broken:
        print(f"canary: {line}")

    tree = read_tree(root)
    count = 0
    for check in checks:
        found = check.run(tree)
        for line in found.problems:
            print(f"{check.name}: {line}")
        if found.warnings and "--warnings" in sys.argv:
            for line in found.warnings:
                print(f"{check.name}: warning: {line}")
        remark = f", {len(found.warnings)} warnings" if found.warnings else ""
        print(f"{'FAILED' if found.problems else 'ok'}: {check.name} ({check.rule}){remark}")
        count += len(found.problems)
    print(f"Tidy: {len(checks)} checks on {len(tree)} files, {count} problems, {len(broken)} bad canaries")
    return 1 if count or broken else 0


sys.exit(main())
