internal import ShaleItems

// DynamoDB JSON straight to the bytes of an item: {"pk": {"S": "a"}, "n": {"N": "1.5"}}.
//
// As `PlainReader` does, every step answers with nil or false for what is unusual or wrong: a value with two
// types, a number that is none, a set that is empty or has the same element twice, a name given
// twice, base64 that is not, and what is nested too deep.

/// An item as a request gave it, in the bytes in which it is stored.
package struct PlainItem: Sendable {
    /// As `ItemFormat` draws them.
    package var bytes: [UInt8]
    /// What the service counts.
    package var sizeBytes: Int
    /// How many attributes it has.
    package var count: Int
}

extension PlainReader {
    /// Takes an item, or the key of one.
    package mutating func item() -> PlainItem? {
        var builder = ItemBuilder(reservingCapacity: min(end - offset, 1 << 16))
        var item = builder.beginItem()
        guard attributes(of: &item, &builder, level: 0), builder.endItem(item),
            builder.sizeBytes <= ItemLimits.itemSizeBytes
        else { return nil }
        return PlainItem(
            bytes: builder.bytes,
            sizeBytes: builder.sizeBytes,
            count: item.count
        )
    }

    private mutating func attributes(
        of container: inout ItemBuilder.Container,
        _ builder: inout ItemBuilder,
        level: Int
    ) -> Bool {
        guard take(UInt8(ascii: "{")) else { return false }
        if take(UInt8(ascii: "}")) { return true }
        while true {
            guard let name = name(),
                withText(name, { builder.name($0, in: &container) }),
                value(&builder, level: level)
            else { return false }
            switch next(closing: UInt8(ascii: "}")) {
            case .another: continue
            case .end: return true
            case .malformed: return false
            }
        }
    }

    /// Takes one attribute value: a structure with exactly one member.
    private mutating func value(_ builder: inout ItemBuilder, level: Int) -> Bool {
        guard level < ItemLimits.nestingLevels, take(UInt8(ascii: "{")), let type = type(),
            value(of: type, &builder, level: level)
        else { return false }
        return take(UInt8(ascii: "}"))
    }

    private mutating func type() -> AttributeType? {
        guard case .range(let range)? = name(), !range.isEmpty, range.count <= 4 else { return nil }
        // One or two letters, but for two of the types.
        var letters: UInt32 = 0
        for index in range { letters = letters << 8 | UInt32(bytes[index]) }
        switch letters {
        case 0x53: return .string
        case 0x4E: return .number
        case 0x42: return .binary
        case 0x4C: return .list
        case 0x4D: return .map
        case 0x5353: return .stringSet
        case 0x4E53: return .numberSet
        case 0x4253: return .binarySet
        case 0x424F_4F4C: return .bool
        case 0x4E55_4C4C: return .null
        default: return nil
        }
    }

    private mutating func value(
        of type: AttributeType,
        _ builder: inout ItemBuilder,
        level: Int
    ) -> Bool {
        switch type {
        case .string:
            guard let text = string() else { return false }
            withText(text) { builder.string($0) }
            return true
        case .number:
            guard let text = string() else { return false }
            return withText(text) { builder.number($0) }
        case .binary:
            guard let data = blob() else { return false }
            builder.binary(data.span)
            return true
        case .bool:
            guard let flag = bool() else { return false }
            builder.bool(flag)
            return true
        case .null:
            guard bool() == true else { return false }
            builder.null()
            return true
        case .map:
            var map = builder.begin(.map)
            return attributes(of: &map, &builder, level: level + 1) && builder.end(map)
        case .list: return list(&builder, level: level)
        case .stringSet, .numberSet, .binarySet: return set(type, &builder)
        }
    }

    private mutating func list(_ builder: inout ItemBuilder, level: Int) -> Bool {
        var list = builder.begin(.list)
        guard take(UInt8(ascii: "[")) else { return false }
        if take(UInt8(ascii: "]")) { return builder.end(list) }
        while true {
            builder.element(of: &list)
            guard value(&builder, level: level + 1) else { return false }
            switch next(closing: UInt8(ascii: "]")) {
            case .another: continue
            case .end: return builder.end(list)
            case .malformed: return false
            }
        }
    }

    private mutating func set(_ type: AttributeType, _ builder: inout ItemBuilder) -> Bool {
        var set = builder.begin(type)
        guard take(UInt8(ascii: "[")) else { return false }
        while true {
            guard element(type, &builder, of: &set) else { return false }
            switch next(closing: UInt8(ascii: "]")) {
            case .another: continue
            case .end: return builder.end(set)
            case .malformed: return false
            }
        }
    }

    private mutating func element(
        _ type: AttributeType,
        _ builder: inout ItemBuilder,
        of set: inout ItemBuilder.Container
    ) -> Bool {
        switch type {
        case .binarySet:
            guard let data = blob() else { return false }
            builder.element(data.span, of: &set)
            return true
        case .numberSet:
            guard let text = string() else { return false }
            return withText(text) { builder.number($0, of: &set) }
        default:
            guard let text = string() else { return false }
            withText(text) { builder.element($0, of: &set) }
            return true
        }
    }

    /// Takes base64.
    private mutating func blob() -> [UInt8]? {
        guard let text = string() else { return nil }
        return withText(text) { Base64.decode($0) }
    }
}
