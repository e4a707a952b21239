public import Logging
public import ShalePlatform
internal import ShaleWire

/// Writes each log event as one line of JSON.
///
///     {"time":"1994-11-06T08:49:37.123Z","level":"info","label":"shale","message":"listening",
///      "metadata":{"port":"8000"}}
public struct JSONLogHandler: LogHandler {
    /// The least level that is written.
    public var logLevel: Logger.Level
    /// What every line holds.
    public var metadata: Logger.Metadata = [:]
    /// Where more of it comes from.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let time: any TimeSource
    private let write: @Sendable ([UInt8]) -> Void

    /// Writes to standard error.
    public init(label: String, level: Logger.Level = .info, time: any TimeSource) {
        self.init(label: label, level: level, time: time) { StandardError.write($0) }
    }

    /// Hands each line, with its end, to `write`.
    init(
        label: String,
        level: Logger.Level,
        time: any TimeSource,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.label = label
        self.time = time
        self.write = write
        logLevel = level
    }

    /// One value of `metadata`.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        let milliseconds = time.wallMilliseconds
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("time")
        writer.string(CivilDate(seconds: seconds).isoText(milliseconds: rest))
        writer.name("level")
        writer.string(event.level.rawValue)
        writer.name("label")
        writer.string(label)
        writer.name("message")
        writer.string(event.message.description)
        if let error = event.error {
            writer.name("error")
            writer.string("\(error)")
        }
        var all = metadata
        all.merge(metadataProvider?.get() ?? [:]) { _, new in new }
        all.merge(event.metadata ?? [:]) { _, new in new }
        if !all.isEmpty {
            writer.name("metadata")
            writer.metadata(all)
        }
        writer.endObject()
        write(writer.bytes + [0x0A])
    }
}

extension JSONWriter {
    fileprivate mutating func metadata(_ metadata: Logger.Metadata) {
        beginObject()
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            name(key)
            self.value(value)
        }
        endObject()
    }

    private mutating func value(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let convertible): string(convertible.description)
        case .array(let values): array(values) { writer, value in writer.value(value) }
        case .dictionary(let inner): metadata(inner)
        }
    }
}
