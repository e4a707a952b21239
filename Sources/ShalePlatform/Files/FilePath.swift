/// A path taken apart, for the file systems that resolve names themselves.
///
/// Names are bytes, never strings: two spellings that Unicode holds for equal are two files.

/// The names that lead from the root to a file.
package struct FilePath: Sendable, Equatable {
    /// From the outermost name to the innermost; empty for the root.
    package let names: [[UInt8]]

    package init(names: [[UInt8]]) { self.names = names }

    /// Takes a path apart; `.` and empty names are dropped, `..` goes one back.
    package init(_ path: String) {
        var names: [[UInt8]] = []
        for name in path.utf8.split(separator: UInt8(ascii: "/")) {
            switch Array(name) {
            case [UInt8(ascii: ".")]: continue
            case [UInt8(ascii: "."), UInt8(ascii: ".")]: _ = names.popLast()
            case let name: names.append(name)
            }
        }
        self.names = names
    }
}
