#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The process's standard error, a line at a time.
enum StandardError {
    /// Writes a line in one call, so that lines of two threads do not mix.
    ///
    /// A line that cannot be written is lost: there is no other place to say so.
    static func write(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            // Safety: base and count describe the slice, which outlives the call.
            let written = unsafe rest.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
                #else
                unsafe Darwin.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
                #endif
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
