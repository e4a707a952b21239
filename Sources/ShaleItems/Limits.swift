/// The bounds of the data model, as the service documents them.
///
/// Each is inclusive: a value exactly at its limit is allowed.
public enum ItemLimits {
    /// How deep a value may lie: an attribute of an item is at level 1, what it holds at level 2.
    public static let nestingLevels = 32
    /// The bytes of one item, names and values together: 400 KB.
    public static let itemSizeBytes = 400 * 1024
    /// The bytes of a partition key's value.
    public static let partitionKeySizeBytes = 2_048
    /// The bytes of a sort key's value.
    public static let sortKeySizeBytes = 1_024
    /// The bytes of an attribute's name.
    public static let attributeNameSizeBytes = 65_535
    /// The bytes of the name of an attribute that is part of a key.
    public static let keyAttributeNameSizeBytes = 255
    /// The significant decimal digits of a number.
    public static let numberDigits = 38
    /// The power of ten of the first significant digit of the smallest number: 1E-130.
    public static let numberMinExponent = -130
    /// The power of ten of the first significant digit of the largest number: 9.99…E+125.
    public static let numberMaxExponent = 125
}
