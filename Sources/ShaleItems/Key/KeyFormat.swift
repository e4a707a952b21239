/// The bytes of a key attribute's value: memcmp order is the order of the values.
///
/// Self-terminating: no value's bytes are the beginning of another's, so parts are concatenated for
/// composite keys, and compare part by part. Frozen: it is on disk.
///
///     string:      offset  size  field
///                       0     1  0x20
///                       1     n  UTF-8, in which 00 is written 00 FF
///                     1+n     2  00 01
///
///     binary:           0     1  0x30
///                       1     n  the bytes, in which 00 is written 00 FF
///                     1+n     2  00 01
///
///     number:           as NumberFormat draws it; its first byte is 0x11, 0x12 or 0x13
///
///     "a"          20 61 00 01
///     "a\0"        20 61 00 FF 00 01
///     "ab"         20 61 62 00 01
///     [00 01]      30 00 FF 01 00 01
///     1            13 82 14
///
/// The end 00 01 sorts before 00 FF and before every other byte: a value sorts before its
/// extensions.
public enum KeyFormat {
    /// The first byte of a string.
    public static let string: UInt8 = 0x20
    /// The first byte of a binary.
    public static let binary: UInt8 = 0x30
    /// The byte that begins an escape or an end.
    static let escape: UInt8 = 0x00
    /// After `escape`: the byte 00 itself.
    static let escapedZero: UInt8 = 0xFF
    /// After `escape`: the end of the value.
    static let terminator: UInt8 = 0x01
}
