import ArgumentParser
import Foundation

/// From when on lines are wanted: so long before now, or a moment.
enum LogStart {
    case ago(milliseconds: Int64)
    case moment(milliseconds: Int64)

    private static let units: [Character: Int64] = [
        "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]
    private static let longest: Int64 = 36_500

    init(_ text: String) throws {
        if let unit = text.last.flatMap({ Self.units[$0] }), let count = Int64(text.dropLast()),
            (0...Self.longest * 86_400_000 / unit).contains(count)
        {
            self = .ago(milliseconds: count * unit)
            return
        }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw ValidationError(
                "\(text) is no time such as 30s, 10m, 2h, 7d or 2030-01-02T03:04:05Z"
            )
        }
        self = .moment(milliseconds: Int64(date.timeIntervalSince1970 * 1_000))
    }

    /// The moment in milliseconds since 1970-01-01 UTC.
    func milliseconds(before now: Int64) -> Int64 {
        switch self {
        case .ago(let milliseconds): max(0, now - milliseconds)
        case .moment(let milliseconds): max(0, milliseconds)
        }
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
