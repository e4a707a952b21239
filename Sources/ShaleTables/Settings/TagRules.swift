internal import ShaleItems

/// The service's rules for tags, beyond the lengths of one.
enum TagRules {
    /// What may begin no key: tags of the service itself do.
    private static let reservedPrefix = "aws:"
    /// What tags may hold besides letters, white space and digits of any script.
    private static let marks = "+-=._:/@"

    /// `tags` after `added` was put: same keys get new values.
    static func putting(
        _ added: [TableTag],
        on tags: [TableTag]
    ) throws(DatabaseError) -> [TableTag] {
        try check(added)
        var all = tags.filter { old in !added.contains { TextOrder.areEqual($0.key, old.key) } }
        all += added
        guard all.count <= TableLimits.tags else {
            throw .validation(
                "Number of Tags exceed the current limit for the provided ResourceArn"
            )
        }
        return all.sorted { TextOrder.precedes($0.key, $1.key) }
    }

    /// `tags` without those of `keys`, which need not be there.
    static func removing(_ keys: [String], from tags: [TableTag]) -> [TableTag] {
        tags.filter { tag in !keys.contains { TextOrder.areEqual($0, tag.key) } }
    }

    private static func check(_ tags: [TableTag]) throws(DatabaseError) {
        for (place, tag) in tags.enumerated() {
            guard TableLimits.tagKeyLength.contains(tag.key.utf16.count),
                tag.value.utf16.count <= TableLimits.tagValueLength
            else {
                throw .invalidParameters(
                    "A tag has a key of 1 to 128 characters and a value of up to 256"
                )
            }
            guard isAllowed(tag.key), isAllowed(tag.value) else {
                throw .invalidParameters(
                    "Tags can have letters, white space, numbers and + - = . _ : / @ only: "
                        + tag.key
                )
            }
            guard !tag.key.lowercased().utf8.starts(with: reservedPrefix.utf8) else {
                throw .invalidParameters(
                    "Tag keys that begin with \(reservedPrefix) are reserved: \(tag.key)"
                )
            }
            guard !tags[..<place].contains(where: { TextOrder.areEqual($0.key, tag.key) }) else {
                throw .invalidParameters("Duplicate tag key: \(tag.key)")
            }
        }
    }

    private static func isAllowed(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            if marks.unicodeScalars.contains(scalar) { return true }
            return switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                .otherLetter, .decimalNumber, .letterNumber, .otherNumber, .spaceSeparator,
                .lineSeparator, .paragraphSeparator:
                true
            default: false
            }
        }
    }
}
