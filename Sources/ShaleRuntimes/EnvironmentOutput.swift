internal import NIOCore
internal import ShaleFunctions
internal import ShalePlatform

/// What the processes of an environment write, from their pipe to the log and to the end of it that a caller gets.
///
/// Runs on the environment's loop. So many bytes are taken in a span of time, and no more: who writes without end
/// waits for room in the pipe.
final class EnvironmentOutput {
    /// Bytes that are taken in one span.
    private static let spanBytes = 1_048_576
    private static let span = TimeAmount.milliseconds(100)
    private static let pieceBytes = 65_536

    /// The stream of lines that belong to it.
    let group: String
    let stream: String
    private let log: any FunctionLog
    private let time: any TimeSource
    private let descriptor: Int32
    private var lines = OutputLines(limit: FunctionLimits.lineBytes)
    private var tail = LineTail(limit: FunctionLimits.logTailBytes)
    private var taken = 0
    private var spanEnd = NIODeadline.now()
    private var isOpen = true

    /// Takes over a descriptor that does not block: one more than the one that the loop waits for.
    init(
        _ descriptor: Int32,
        group: String,
        stream: String,
        log: any FunctionLog,
        time: any TimeSource
    ) {
        self.descriptor = descriptor
        self.group = group
        self.stream = stream
        self.log = log
        self.time = time
    }

    /// Takes bytes that the loop has read.
    ///
    /// - Returns: When it may read again; nil is now.
    func take(_ bytes: [UInt8]) -> NIODeadline? {
        lines.append(bytes) { write($0) }
        let now = NIODeadline.now()
        if now >= spanEnd {
            spanEnd = now + Self.span
            taken = 0
        }
        taken += bytes.count
        return taken < Self.spanBytes ? nil : spanEnd
    }

    /// Takes what the pipe holds now: what was written before something else that the loop was told first.
    private func drain() {
        var rest = Self.spanBytes
        while isOpen, rest > 0 {
            let bytes = ChildProcess.read(descriptor, limit: Self.pieceBytes)
            if bytes.isEmpty { return }
            rest -= bytes.count
            lines.append(bytes) { write($0) }
        }
    }

    /// Writes a line about the environment, or one of its own.
    func write(_ line: String) {
        tail.append(line)
        log.write(
            FunctionLine(
                group: group,
                stream: stream,
                text: line,
                milliseconds: time.wallMilliseconds
            )
        )
    }

    /// The last lines since it was asked last.
    func takeTail() -> [String] {
        drain()
        lines.finish { write($0) }
        return tail.take()
    }

    /// Takes what is left, of a flood a part, and closes the pipe; a second time does nothing.
    func close() {
        guard isOpen else { return }
        drain()
        lines.finish { write($0) }
        isOpen = false
        ChildProcess.close(descriptor)
    }
}
