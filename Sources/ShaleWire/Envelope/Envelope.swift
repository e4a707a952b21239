/// What the AWS JSON 1.0 protocol wraps around an operation's bytes: names of headers, error bodies.
public enum Envelope {
    /// The content type of requests and responses.
    public static let contentType = "application/x-amz-json-1.0"
    /// The header that names the operation.
    public static let targetHeader = "x-amz-target"
    /// What precedes the operation's name in `targetHeader`.
    public static let targetPrefix = "DynamoDB_20120810."
    /// The same for operations on streams.
    public static let streamsTargetPrefix = "DynamoDBStreams_20120810."
    /// The same for operations of Application Auto Scaling.
    public static let scalingTargetPrefix = "AnyScaleFrontendService."
    /// What requests to it are signed for.
    public static let scalingService = "application-autoscaling"
    /// The content type of its requests and responses: JSON 1.1.
    public static let scalingContentType = "application/x-amz-json-1.1"
    /// The header with the identity of a response.
    public static let requestIDHeader = "x-amzn-RequestId"
    /// The header with the CRC-32 of a response's body.
    public static let checksumHeader = "x-amz-crc32"

    /// The operation that a target header names.
    public static func operation(target: String?) throws(WireError) -> String {
        let prefix = [targetPrefix, streamsTargetPrefix, scalingTargetPrefix].first { prefix in
            target.map { $0.utf8.starts(with: prefix.utf8) && $0.utf8.count > prefix.utf8.count }
                ?? false
        }
        guard let target, let prefix else {
            throw WireError(
                .unknownOperation,
                target.map { "The target \($0) names no operation of this service." }
                    ?? "The request has no x-amz-target header, which names its operation."
            )
        }
        return String(decoding: target.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// The body of an error response.
    public static func body(of error: WireError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("__type")
        writer.string(error.code.qualifiedName)
        writer.name(error.code.messageMember)
        writer.string(error.message)
        for member in error.members {
            writer.name(member.name)
            writer.value(member.json)
        }
        writer.endObject()
        return writer.bytes
    }
}
