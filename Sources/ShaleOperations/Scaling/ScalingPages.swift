internal import ShaleTables
internal import ShaleWire

/// How much of a list is asked for.
struct ScalingPage: Sendable {
    private static let sizes = 1...50
    private var size = 50
    private var token: String?

    /// Reads a member, if it is one of these.
    /// - Returns: Whether it was.
    mutating func read(
        _ name: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Bool {
        switch name {
        case "MaxResults":
            size = try reader.readInteger()
            constraints.check(size, in: Self.sizes, at: "maxResults")
        case "NextToken": token = try reader.readString()
        default: return false
        }
        return true
    }

    var limit: Int { size }

    private static let invalidToken = DatabaseError(.validation, "Invalid NextToken")

    /// What the token of the page before says; nil is the first page.
    func position() throws(DatabaseError) -> String? {
        guard let token else { return nil }
        let bytes: [UInt8]
        do throws(WireError) {
            bytes = try Base64.decode(token)
        } catch {
            throw Self.invalidToken
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
            throw Self.invalidToken
        }
        return text
    }

    /// One page of a list that is all there, and the position of the next.
    func page<Element>(
        of all: [Element]
    ) throws(DatabaseError) -> (elements: ArraySlice<Element>, next: String?) {
        let text = try position()
        let first = text.map { Int($0) } ?? 0
        guard let first, first >= 0 else {
            throw DatabaseError(.validation, "Invalid NextToken")
        }
        let end = min(all.count, first + min(limit, all.count))
        let begin = min(first, all.count)
        return (all[begin..<max(begin, end)], end < all.count ? String(end) : nil)
    }
}

extension JSONWriter {
    /// The token of the next page, if there is one.
    mutating func nextToken(_ position: String?) {
        if let position { member("NextToken", Base64.encode(Array(position.utf8))) }
    }
}
