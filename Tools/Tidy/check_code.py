"""Checks that read Swift: sizes, escapes from safety, imports, pointers, names, comments."""

import functools
import re

from check import Check
from layers import imports_by_target
from source import SwiftSource

FILE_LIMIT = 600
FUNCTION_LIMIT = 60
FUNCTION_WARNING = 40

# Where pointers live, and the few other places with the reason why they need one.
POINTER_HOMES = ("Sources/ShaleBytes/", "Sources/ShalePlatform/Posix/")
POINTER_EXCEPTIONS = {
    "Sources/ShalePlatform/Memory/MemoryFile.swift": "a file in memory copies between its bytes and spans",
    "Sources/ShaleEngine/Run/KeyOrder.swift": "copies a span into an array without filling it twice",
}

# Where the world enters.
WORLD_HOME = "Sources/ShalePlatform/"

parsed = functools.lru_cache(maxsize=None)(SwiftSource)


def swift(tree, *prefixes):
    """Yields (path, SwiftSource) of the Swift files under the prefixes."""
    for path, text in tree.items():
        if path.endswith(".swift") and path.startswith(prefixes or ("Sources/", "Tests/", "Tools/")):
            yield path, parsed(text)


def matches(tree, pattern, *prefixes):
    """Yields (path, line number, source, match) of a pattern in the code of the files."""
    for path, source in swift(tree, *prefixes):
        for number, line in enumerate(source.code_lines, 1):
            for match in re.finditer(pattern, line):
                yield path, number, source, match


def file_length(tree):
    for path, text in tree.items():
        if path.endswith((".swift", ".c", ".h", ".py")) and text.count("\n") > FILE_LIMIT:
            yield f"{path}: {text.count(chr(10))} lines; split it"


def function_length(tree):
    for path, source in swift(tree):
        for name, line, length in source.functions():
            if length > FUNCTION_LIMIT:
                yield f"{path}:{line}: {name} has {length} lines"
            elif length > FUNCTION_WARNING:
                yield f"warning: {path}:{line}: {name} has {length} lines"


def escapes(tree):
    pattern = r"\btry!|\bas!|@unchecked\s+Sendable|\bnonisolated\(unsafe\)|@preconcurrency\b"
    for path, number, source, match in matches(tree, pattern):
        if not source.has_reason(number):
            yield f"{path}:{number}: {match.group()} without a comment that says why it is right"


def service_imports(tree):
    pattern = r"\bimport\s+(?:\w+\s+)?(Foundation\w*|NIO\w*|Logging|ServiceLifecycle|Dispatch)\b"
    for path, number, _, match in matches(tree, pattern, "Sources/"):
        if path.startswith("Sources/ShaleRuntimes/") and match.group(1).startswith("NIO"):
            continue  # It listens, as the server does.
        if not path.startswith("Sources/ShaleServer/"):
            yield f"{path}:{number}: {match.group(1)} below ShaleServer"


def layer_imports(tree):
    allowed = imports_by_target(tree["Package.swift"])
    for path, number, _, match in matches(tree, r"\bimport\s+(?:\w+\s+)?(C?Shale\w+)\b", "Sources/"):
        target = path.split("/")[1]
        if target in allowed and match.group(1) not in allowed[target]:
            yield f"{path}:{number}: {target} imports {match.group(1)}, which its layer does not name"


def world(tree):
    pattern = (
        r"\bDate\(\)|\bDate\.now\b|\bTask\.sleep\b|\bSystemRandomNumberGenerator\b|\bu?sleep\("
        r"|\bnanosleep\(|\bThread\b|\bpthread_create\b|\bclock_gettime\b|\bContinuousClock\b"
        r"|\bSuspendingClock\b|\barc4random|\.randomElement\(\)|\.shuffled\(\)"
        r"|\.random\(in:[^,()]*\)|\bUUID\(\)|\bgetenv\("
    )
    for path, number, _, match in matches(tree, pattern, "Sources/"):
        if not path.startswith(WORLD_HOME):
            yield f"{path}:{number}: {match.group()} outside of ShalePlatform"


def pointers(tree):
    pattern = r"\bUnsafe(?:Mutable)?(?:Raw)?(?:Buffer)?Pointer\b|\bOpaquePointer\b|\bUnmanaged\b"
    for path, number, _, match in matches(tree, pattern, "Sources/"):
        if not path.startswith(POINTER_HOMES) and path not in POINTER_EXCEPTIONS:
            yield f"{path}:{number}: {match.group()} outside of {' and '.join(POINTER_HOMES)}"


def atomic_order(tree):
    # Swift 6.3.1 compares unsigned atomics as if they were signed in `min` and `max`:
    # Atomic<UInt64>(.max).min(5, ordering:) leaves the maximum in place.
    pattern = r"\.(?:min|max)\([^()]*(?:\([^()]*\)[^()]*)*ordering:"
    for path, number, source, match in matches(tree, pattern, "Sources/", "Tools/"):
        if not source.has_reason(number):
            yield f"{path}:{number}: {match.group()}…) of an atomic without a comment that says why its sign is right"


def unfinished(tree):
    pattern = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b(?!\s*\(?#\d+)")
    for path, text in tree.items():
        if path.startswith("Tools/Tidy/") or path == "LICENSE":
            continue  # Tidy has to spell what it looks for.
        for number, line in enumerate(text.split("\n"), 1):
            if match := pattern.search(line):
                yield f"{path}:{number}: {match.group(1)} without the number of an issue"


def names(tree):
    pattern = r"\b(?:class|struct|enum|actor|protocol|typealias)\s+(\w+)"
    word = re.compile(r"(?:Manager|Helper|Util|Utils|Utility|Info|Impl|Base)(?=[A-Z]|$)")
    for path, number, _, match in matches(tree, pattern):
        if word.search(match.group(1)):
            yield f"{path}:{number}: {match.group(1)}: a name that says nothing"
    for path in tree:
        name = path.rsplit("/", 1)[-1].removesuffix(".swift")
        if path.endswith(".swift") and any(word.search(part) for part in name.split("+")):
            yield f"{path}: a file name that says nothing"


def opening_comments(tree):
    for path, source in swift(tree, "Sources/"):
        lines = [line for line in source.lines if line.strip()]
        rest = [
            line
            for line in lines
            if not re.match(r"(@\w+(\(\w+\))?\s+)?((public|package|internal|private)\s+)?import\b|#(if|else|elseif|endif)\b", line)
        ]
        # An extension may be documented by its members.
        documented = [line.strip() for line in rest[1:2] if rest[0].startswith(("extension", "public extension"))]
        if rest and not (rest[0].startswith("//") or documented and documented[0].startswith("//")):
            yield f"{path}: begins without a comment that says its idea"


MANIFEST = """let layers: [[Layered]] = [
    [  // 0. Bytes.
        Layered(name: "ShaleBytes", imports: ["CShaleShims"])
    ],
    [  // 1. Items.
        Layered(name: "ShaleItems", imports: ["ShaleBytes"])
    ],
]
"""

CHECKS = [
    Check("file-length", f"no file above {FILE_LIMIT} lines", file_length,
          [{"Sources/A/A.swift": "\n" * 601}], {"Sources/A/A.swift": "\n" * 600}),
    Check("function-length", f"no function above {FUNCTION_LIMIT} lines", function_length,
          [{"Sources/A/A.swift": "func long(\n    a: Int\n) {\n" + "    x()\n" * 60 + "}\n"},
           {"Sources/A/A.swift": "init(a: Int) {\n" + '    x("}")\n' * 60 + "}\n"}],
          {"Sources/A/A.swift": "func short() {\n" + "    x()\n" * 58 + "}\n"
           + "protocol P {\n    func none()\n" + "    var x: Int { get }\n" * 70 + "}\n"}),
    Check("escapes", "try!, as!, @unchecked and nonisolated(unsafe) say why", escapes,
          [{"Sources/A/A.swift": "let a = 1\n\nlet b = try! f()\n"},
           {"Sources/A/A.swift": "let a = b as! Int\n"},
           {"Sources/A/A.swift": "final class A: @unchecked Sendable {}\n"},
           {"Sources/A/A.swift": "nonisolated(unsafe) var a = 1\n"}],
          {"Sources/A/A.swift": "// Safety: written once.\nnonisolated(unsafe) var a = 1\n// try! is bad\n"}),
    Check("service-imports", "no Foundation, NIO or Logging below ShaleServer", service_imports,
          [{"Sources/ShaleEngine/A.swift": "internal import Foundation\n"},
           {"Sources/ShaleRuntimes/A.swift": "internal import Foundation\n"},
           {"Sources/ShaleOperations/A.swift": "import struct NIOCore.ByteBuffer\n"}],
          {"Sources/ShaleServer/A.swift": "import NIOCore\n",
           "Sources/ShaleRuntimes/A.swift": "import NIOCore\n", "Tests/A/A.swift": "import Foundation\n"}),
    Check("layer-imports", "a target imports what Package.swift's table says", layer_imports,
          [{"Package.swift": MANIFEST, "Sources/ShaleBytes/A.swift": "import ShaleItems\n"}],
          {"Package.swift": MANIFEST, "Sources/ShaleItems/A.swift": "public import ShaleBytes\n"}),
    Check("world", "clocks, sleep, threads and randomness only in ShalePlatform", world,
          [{"Sources/ShaleTables/A.swift": f"let a = {code}\n"} for code in
           ("Date()", "Task.sleep(1)", "SystemRandomNumberGenerator()", "usleep(1)", "Thread {}",
            "Int.random(in: 0..<9)", "ContinuousClock()")],
          {"Sources/ShalePlatform/Posix/A.swift": "usleep(1)\n",
           "Sources/ShaleTables/A.swift": '// Date() is elsewhere\nlet a = "Date()"\n'}),
    Check("pointers", "unsafe pointers only where they live", pointers,
          [{"Sources/ShaleEngine/A.swift": "func a(_ p: UnsafeRawPointer) {}\n"},
           {"Sources/ShaleEngine/A.swift": "let p: UnsafeMutableBufferPointer<UInt8>\n"}],
          {"Sources/ShaleBytes/A.swift": "func a(_ p: UnsafeRawPointer) {}\n",
           "Sources/ShaleEngine/A.swift": "func a(_ s: RawSpan) {}\n"}),
    Check("atomic-order", "min and max of an atomic only below the sign bit, with the reason", atomic_order,
          [{"Sources/A/A.swift": "let a = 1\n\n_ = oldest.min(position.rawValue, ordering: .relaxed)\n"}],
          {"Sources/A/A.swift": "let a = min(1, 2)\na.load(ordering: .relaxed)\n"}),
    Check("unfinished", "nothing marked as left to do without its issue's number", unfinished,
          [{"Sources/A/A.swift": "// TO" + "DO: later\n"}, {"Docs/A.md": "FIX" + "ME\n"}],
          {"Sources/A/A.swift": "// TO" + "DO #12: later\n"}),
    Check("names", "no Manager, Helper, Util, Info, Impl or Base", names,
          [{"Sources/A/A.swift": f"struct {name} {{}}\n"} for name in
           ("TableManager", "Info", "ReadUtil", "BaseTable", "TableImpl", "HelperType")]
          + [{"Sources/A/StringUtils.swift": "\n"}],
          {"Sources/A/A.swift": "struct Baseline {}\nstruct Information {}\n"}),
    Check("opening-comments", "every file of Sources begins with its idea", opening_comments,
          [{"Sources/A/A.swift": "public import B\n\npublic struct C {}\n"},
           {"Sources/A/A.swift": "extension C {\n    var d = 1\n}\n"}],
          {"Sources/A/A.swift": "public import B\n\n/// Idea.\npublic struct C {}\n",
           "Sources/A/C+D.swift": "extension C {\n    /// Idea.\n    func d() {}\n}\n"}),
]
