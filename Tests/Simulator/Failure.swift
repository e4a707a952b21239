/// Something that must never happen has happened.
public struct Failure: Error, CustomStringConvertible, Sendable {
    /// What, in words.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Throws with the first difference of two states.
    static func compare(
        _ found: [ModelKey: [UInt8]],
        _ expected: [ModelKey: [UInt8]],
        _ place: String
    ) throws(Failure) {
        guard found != expected else { return }
        for (key, value) in expected where found[key] != value {
            let there =
                found[key].map { "what batch \(Numbers.number($0)) wrote is" } ?? "nothing is"
            let number = Numbers.number(value)
            throw Failure(
                "\(place): \(there) at \(key.words), where what batch \(number) wrote belongs"
            )
        }
        for (key, value) in found where expected[key] == nil {
            let number = Numbers.number(value)
            throw Failure(
                "\(place): what batch \(number) wrote is at \(key.words), where nothing belongs"
            )
        }
    }
}

extension ModelKey {
    /// "table 1, w0/k17".
    var words: String {
        let partition = String(decoding: partition, as: UTF8.self)
        let sort = String(decoding: sort, as: UTF8.self)
        return "table \(table), \(partition)/\(sort)"
    }
}
