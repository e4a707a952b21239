/// Why a text is not JSON, and where.
package struct JSONError: Error, Equatable, Sendable {
    /// The number of bytes before the fault.
    package let offset: Int
    package let reason: Reason

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    package enum Reason: Equatable, Sendable {
        /// The text ends inside of a value.
        case endOfText
        /// Something stands here that does not belong.
        case unexpected
        /// A number that is not one of JSON, or larger than a double holds.
        case number
        /// An escape that is none, or half of a pair of surrogates.
        case escape
        /// A control character, or bytes that are no UTF-8.
        case character
        /// Values inside of values, deeper than the limit.
        case tooDeep
        /// Two members of one object have one name, where that is refused.
        case repeatedName
    }
}
