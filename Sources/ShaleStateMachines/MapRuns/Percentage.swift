package import ShaleItems

extension AttributeValue {
    /// A percentage from 0 to 100, as a number.
    ///
    /// One below 1E-130, which no number can be, is 0: no count of items tells them apart.
    package static func percentage(_ value: Double) -> AttributeValue {
        do throws(ItemError) {
            return .number(try Number(value))
        } catch {
            return .number(0)
        }
    }
}
