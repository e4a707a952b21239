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

    /// The stream of lines that belong to it.
    let group: String
    let stream: String
    private let log: any FunctionLog
    private let time: any TimeSource
    private var lines = OutputLines(limit: FunctionLimits.lineBytes)
    private var tail = LineTail(limit: FunctionLimits.logTailBytes)
    private var taken = 0
    private var spanEnd = NIODeadline.now()

    /// Writes to a stream of the log.
    init(group: String, stream: String, log: any FunctionLog, time: any TimeSource) {
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

    /// The last lines since it was asked last; what has no end yet is one.
    func takeTail() -> [String] {
        finish()
        return tail.take()
    }

    /// Tells what has no end as a line.
    func finish() { lines.finish { write($0) } }
}
