internal import ShaleItems

/// An event that was taken and has not been handled: an invocation that nobody waits for.
///
/// Its items in the system table `$events`:
///
///     partition key  function   the function's name
///     sort key       place      due time in milliseconds (20 digits) # identity # piece (4 digits)
///     piece 0000     fields     M: what is known of it, without the payload
///     the others     bytes      B: the payload, 256 KiB in each
struct WaitingEvent: Sendable, Equatable {
    private static let pieceBytes = 256 * 1024

    /// What names it among those of all functions.
    struct Name: Sendable, Hashable, Comparable {
        var function: String
        /// When it is to be handled, in milliseconds since 1970-01-01 UTC.
        var due: Int64
        /// A UUID: what the invocation is known by, each time.
        var identity: String

        /// What comes first, then by name.
        static func < (left: Name, right: Name) -> Bool {
            (left.due, left.function, left.identity) < (right.due, right.function, right.identity)
        }

        /// The start of the sort keys of its items.
        var prefix: String { "\(Self.padded(due, 20))#\(identity)#" }

        static func padded(_ number: Int64, _ digits: Int) -> String {
            let text = String(max(0, number))
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }

        /// The name in the sort key of a first piece; nil where it is none.
        init?(function: String, place: String) {
            let parts = place.split(separator: "#")
            guard parts.count == 3, parts[2] == "0000", let due = Int64(parts[0]) else {
                return nil
            }
            self.init(function: function, due: due, identity: String(parts[1]))
        }

        init(function: String, due: Int64, identity: String) {
            self.function = function
            self.due = due
            self.identity = identity
        }
    }

    var name: Name
    var qualifier: String?
    var payload: [UInt8]
    var clientContext: String?
    /// When it was taken.
    var taken: Int64
    /// How often the function has failed at it.
    var failures = 0
    /// How often it could not be run.
    var refusals = 0

    /// Its items.
    var items: [Item] {
        var fields: Item = [
            "taken": .number(Number(taken)), "failures": .number(Number(failures)),
            "refusals": .number(Number(refusals)), "size": .number(Number(payload.count)),
        ]
        fields["qualifier"] = qualifier.map { .string($0) }
        fields["context"] = clientContext.map { .string($0) }
        var items: [Item] = [key(0)]
        items[0]["fields"] = .map(fields)
        for start in stride(from: 0, to: payload.count, by: Self.pieceBytes) {
            var piece = key(items.count)
            piece["bytes"] = .binary(
                Array(payload[start..<min(start + Self.pieceBytes, payload.count)])
            )
            items.append(piece)
        }
        return items
    }

    /// The keys of its items.
    var keys: [Item] {
        let pieces = (payload.count + Self.pieceBytes - 1) / Self.pieceBytes
        return (0...pieces).map(key)
    }

    private func key(_ piece: Int) -> Item {
        [
            "function": .string(name.function),
            "place": .string(name.prefix + Name.padded(Int64(piece), 4)),
        ]
    }

    init(
        _ name: Name,
        qualifier: String?,
        payload: [UInt8],
        clientContext: String?,
        taken: Int64
    ) {
        self.name = name
        self.qualifier = qualifier
        self.payload = payload
        self.clientContext = clientContext
        self.taken = taken
    }

    /// Reads an event from its items, in order; nil where they are not whole.
    init?(_ name: Name, _ items: [Item]) {
        guard let fields = items.first?["fields"]?.mapValue else { return nil }
        func number(_ name: String) -> Int { fields[name]?.numberValue?.intValue ?? 0 }
        self.init(
            name,
            qualifier: fields["qualifier"]?.stringValue,
            payload: items.dropFirst().flatMap { $0["bytes"]?.binaryValue ?? [] },
            clientContext: fields["context"]?.stringValue,
            taken: Int64(number("taken"))
        )
        failures = number("failures")
        refusals = number("refusals")
        guard payload.count == number("size") else { return nil }
    }
}
