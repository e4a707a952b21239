internal import ShaleJSON

/// An error and its cause in one line: `CardDeclined: the bank declines the card`.
///
/// The cause of a function that failed is JSON; people want the message in it.
enum FailureWords {
    /// Nil where there is neither.
    static func words(_ error: String?, _ cause: String?) -> String? {
        let parts = [error, cause.map(message)].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: ": ")
    }

    private static func message(_ cause: String) -> String {
        guard cause.hasPrefix("{") else { return cause }
        do throws(JSONError) {
            return try JSONParser.value(of: cause)["errorMessage"]?.text ?? cause
        } catch {
            // A cause may be any text, one that begins like JSON too.
            return cause
        }
    }
}
