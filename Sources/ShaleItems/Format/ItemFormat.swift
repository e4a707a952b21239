/// The bytes of an item.
///
/// An item has one encoding, and only that is accepted: names ascend by their bytes, sets ascend,
/// and lengths take their shortest form. So equal items have equal bytes. Frozen: it is on disk.
///
///     item:        offset  size  field
///                       0     1  version: 1
///                       1     …  attributes, to the end of the bytes
///
///     attribute:        0     v  length of the name, a varint
///                       v     n  name, UTF-8
///                     v+n     …  value
///
///     value:            0     1  tag: low four bits the type, high four bits the length of the
///                                payload; 15 in the high bits: a varint length of at least 15 follows
///                       1     v  that varint, if the tag says so
///                     1+v     n  payload
///
///     type               payload
///      1  S string       UTF-8
///      2  N number       NumberFormat
///      3  B binary       the bytes
///      4  BOOL false     empty
///      5  BOOL true      empty
///      6  NULL           empty
///      7  L list         values, to the end of the payload
///      8  M map          attributes, to the end of the payload
///      9  SS string set  texts, each after its varint length; ascending by bytes
///     10  NS number set  numbers, each self-terminating; ascending by value
///     11  BS binary set  byte strings, each after its varint length; ascending by bytes
///
/// Every value is skipped by its length alone. Lists and maps nest at most 32 levels.
///
///     { "a": 1, "bc": ["x", null] }
///
///     01                          version 1
///        01 61                    name "a"
///           32 13 82 14           number of 3 bytes: +, 10^0, last pair 10
///        02 62 63                 name "bc"
///           37                    list of 3 bytes
///              11 78              string of 1 byte "x"
///              06                 null
public enum ItemFormat {
    /// The first byte of every item.
    public static let version: UInt8 = 1

    /// The low four bits of a tag.
    ///
    /// Never renumber: it is on disk.
    package enum Kind: UInt8 {
        case string = 1
        case number = 2
        case binary = 3
        case falseBool = 4
        case trueBool = 5
        case null = 6
        case list = 7
        case map = 8
        case stringSet = 9
        case numberSet = 10
        case binarySet = 11
    }

    /// The bits of a tag that hold the kind.
    static let kindMask: UInt8 = 0x0F
    /// How far the length is shifted in a tag.
    static let lengthShift: UInt8 = 4
    /// The length in a tag that says: a varint follows.
    static let longLength = 15
}
