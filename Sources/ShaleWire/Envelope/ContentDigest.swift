internal import Crypto

/// The MD5 of an object's bytes, as manifests of exports have it: a checksum, and no protection.
public struct ContentDigest: Sendable, Equatable {
    private let bytes: [UInt8]

    /// The digest of `content`.
    public init(of content: [UInt8]) { bytes = Array(Insecure.MD5.hash(data: content)) }

    /// In base64.
    public var base64: String { Base64.encode(bytes) }

    /// 32 hexadecimal digits.
    public var hexadecimal: String { Hexadecimal.text(bytes) }
}
