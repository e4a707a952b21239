/// A message of an event stream (`application/vnd.amazon.eventstream`), as streamed answers have them.
///
/// Big-endian. CRC-32 is that of IEEE 802.3.
///
///     offset  size  field
///          0     4  length of all
///          4     4  length of the headers
///          8     4  CRC-32 of the eight bytes before
///         12     h  headers, one behind the other: length of the name (1), name, 7 for a text, length of the text (2), text
///     12 + h     p  payload
///         -4     4  CRC-32 of all before
public enum EventStreamMessage {
    private static let text: UInt8 = 7
    private static let frameBytes = 16

    /// What the body of a response is that consists of these.
    public static let contentType = "application/vnd.amazon.eventstream"

    /// The bytes of an event.
    ///
    /// - Precondition: the names are shorter than 64 KiB.
    public static func event(_ type: String, contentType: String, _ payload: [UInt8]) -> [UInt8] {
        let headers =
            header(":event-type", type) + header(":content-type", contentType)
            + header(":message-type", "event")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frameBytes + headers.count + payload.count)
        append(UInt32(frameBytes + headers.count + payload.count), to: &bytes)
        append(UInt32(headers.count), to: &bytes)
        append(CRC32.checksum(bytes), to: &bytes)
        bytes += headers
        bytes += payload
        append(CRC32.checksum(bytes), to: &bytes)
        return bytes
    }

    private static func header(_ name: String, _ value: String) -> [UInt8] {
        let value = Array(value.utf8)
        precondition(value.count <= UInt16.max, "values of headers are short")
        return [UInt8(name.utf8.count)] + name.utf8
            + [text, UInt8(value.count >> 8), UInt8(value.count & 0xFF)] + value
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
