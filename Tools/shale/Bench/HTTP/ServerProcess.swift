import Foundation

/// What the system says of a server's process and of its children, where it says anything.
struct ServerProcess {
    let identifier: Int

    /// CPU time used so far, in microseconds; the system counts in ticks of a hundredth of a second.
    var cpuMicroseconds: Int? {
        guard let text = read("stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        // Behind the name: state is the first, user time the 12th, system time the 13th.
        guard fields.count > 13, let user = Int(fields[11]), let system = Int(fields[12]) else {
            return nil
        }
        return (user + system) * 10_000
    }

    /// The most memory that was resident.
    var peakMemoryBytes: Int? { field("VmHWM:", in: "status").map { $0 * 1_024 } }

    /// Bytes that were given to the disk.
    var bytesWritten: Int? { field("write_bytes:", in: "io") }

    private func field(_ name: String, in file: String) -> Int? {
        let line = read(file)?.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap {
            $0.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        }
    }

    private func read(_ file: String) -> String? {
        // Elsewhere than on Linux there is no such file, and nothing is said.
        FileManager.default.contents(atPath: "/proc/\(identifier)/\(file)")
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
