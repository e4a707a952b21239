internal import ShaleItems
internal import ShaleWire

extension JSONReader {
    /// Reads a value of plain JSON; the last of two members of one name wins.
    ///
    /// - Throws: `.serialization`, also for a number that is larger or finer than any that is kept.
    mutating func readDocument() throws(WireError) -> AttributeValue {
        switch try peek() {
        case .object:
            var map = Item()
            try readMembers { (reader, name) throws(WireError) in
                map[name] = try reader.readDocument()
            }
            return .map(map)
        case .array:
            var list: [AttributeValue] = []
            try readElements { reader throws(WireError) in
                list.append(try reader.readDocument())
            }
            return .list(list)
        case .string: return .string(try readString())
        case .number:
            let text = String(decoding: try readNumberText(), as: UTF8.self)
            do throws(ItemError) {
                return .number(try Number(text))
            } catch {
                throw .serialization("\(text.prefix(64)) is no number that can be kept")
            }
        case .true, .false: return .bool(try readBool())
        case .null:
            _ = try takeNull()
            return .null
        }
    }

    /// Reads a text that is one value of plain JSON; nil where it is none.
    static func document(_ text: String) -> AttributeValue? {
        var reader = JSONReader(Array(text.utf8))
        do throws(WireError) {
            let value = try reader.readDocument()
            try reader.finish()
            return value
        } catch {
            return nil
        }
    }
}
