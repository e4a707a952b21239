/// Lines that belong together, such as those of one function: what retention and tags are of.
package struct LogGroup: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// When it was made.
    package var createdMilliseconds: Int64
    /// For how many days lines are kept; nil is for ever.
    package var retentionDays: Int?
    /// Texts by name.
    package var tags: [String: String] = [:]
}

/// Lines in the order of time, of one source such as one environment of a function.
package struct LogStream: Sendable, Equatable {
    /// Its group.
    package var group: String
    /// Its name.
    package var name: String
    /// When it was made.
    package var createdMilliseconds: Int64
    /// The time of the earliest line.
    package var firstMilliseconds: Int64?
    /// The time of the latest line.
    package var lastMilliseconds: Int64?
    /// When a line was last written.
    package var ingestedMilliseconds: Int64?
    /// Bytes of its lines, each counted with 26 more.
    package var storedBytes: Int64 = 0
    var nextSequence: Int64 = 0

    init(group: String, name: String, createdMilliseconds: Int64) {
        self.group = group
        self.name = name
        self.createdMilliseconds = createdMilliseconds
    }
}

/// Where a line stands in its stream: its time, then the order of writing.
///
/// As text, thirty digits.
package struct LogPlace: Sendable, Hashable, Comparable {
    /// The line's time: milliseconds since 1970-01-01 UTC.
    package var milliseconds: Int64
    var sequence: Int64

    init(milliseconds: Int64, sequence: Int64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads a place; nil where it is none.
    package init?(_ text: String) {
        guard text.utf8.count == 30, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
            let milliseconds = Int64(text.prefix(20)), let sequence = Int64(text.dropFirst(20))
        else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// The place before all lines of a time.
    package static func start(of milliseconds: Int64) -> LogPlace {
        LogPlace(milliseconds: milliseconds, sequence: 0)
    }

    /// The place right behind.
    package var behind: LogPlace {
        LogPlace(milliseconds: milliseconds, sequence: sequence + 1)
    }

    /// The thirty digits.
    package var text: String {
        LogFormat.padded(milliseconds, 20) + LogFormat.padded(sequence, 10)
    }

    /// Earlier before later.
    package static func < (left: LogPlace, right: LogPlace) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }
}

/// One line.
package struct LogLine: Sendable, Equatable {
    /// The name of its stream.
    package var stream: String
    /// Where it stands.
    package var place: LogPlace
    /// What it says.
    package var text: String
    /// When it was written.
    package var ingestedMilliseconds: Int64

    /// What it counts in limits.
    package var countedBytes: Int { text.utf8.count + LogsLimits.lineOverheadBytes }
}
