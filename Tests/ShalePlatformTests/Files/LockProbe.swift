/// Another process that tries a lock.
import Foundation
import Testing

enum LockProbe {
    /// Whether a process of its own gets the lock of a file: by `flock` of the C library, from Python.
    static func isFree(_ path: String) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let program =
            "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
        process.arguments = ["python3", "-c", program, path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
