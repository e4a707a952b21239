import Foundation

/// Standard output for programs, standard error for people.
enum Terminal {
    /// Whether a person watches standard error.
    static let isWatched = isatty(STDERR_FILENO) == 1

    /// Whether standard output is a terminal that may be given colours.
    static var showsColours: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR"] == nil
            && environment["TERM"] != "dumb"
    }

    /// The columns of a line of standard output; 120 where nobody says.
    static var columns: Int {
        if let text = ProcessInfo.processInfo.environment["COLUMNS"], let columns = Int(text) {
            return columns
        }
        var size = winsize()
        // Safety: the call fills the structure that it is given, which outlives it.
        let result = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : 120
    }

    /// Writes one line to standard error.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Overwrites the last line of standard error, where a person watches it.
    static func show(_ line: String) {
        guard isWatched else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    /// Takes the shown line away.
    static func clear() { show("") }

    /// Ends the process.
    static func end(_ code: Int32) -> Never { exit(code) }

    /// "12,345".
    static func grouped(_ number: Int) -> String {
        var digits = Array(String(number.magnitude))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// "1.5 MiB".
    static func size(_ bytes: Int) -> String {
        var amount = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if amount < 1024 {
                return unit == "B" ? "\(bytes) B" : "\(rounded(amount, 1)) \(unit)"
            }
            amount /= 1024
        }
        return "\(rounded(amount, 1)) TiB"
    }

    /// A number with so many digits behind the point.
    static func rounded(_ number: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", number)
    }
}
