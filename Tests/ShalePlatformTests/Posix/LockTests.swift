import Foundation
import Testing

@testable import ShalePlatform

/// A lock that somebody else holds a copy of.
struct LockTests {
    /// What a child has between `fork` and `exec`: a copy of the descriptor of each file that is open.
    @Test func `a lock that is given up is free, whoever has a copy of its descriptor`() throws {
        try FileSystemKind.posix.withDirectory { files, directory in
            let path = "\(directory)/lock"
            let number = try SystemCalls.openFile(path, O_RDWR | O_CREAT)
            let copy = dup(number)
            defer { close(copy) }
            let lock = PosixLock(number)
            try lock.take()
            #expect(throws: FileError.self) { try files.lock(path) }
            lock.release()
            try files.lock(path).release()
        }
    }

    /// What a child that a killed process was forking has for a moment: the only descriptor of the lock.
    @Test func `a lock that is let go within a second is waited for`() throws {
        try FileSystemKind.posix.withDirectory { files, directory in
            let path = "\(directory)/lock"
            let held = try SystemCalls.openFile(path, O_RDWR | O_CREAT)
            try SystemCalls.lockFile(held)
            Thread.detachNewThread {
                usleep(50_000)
                close(held)
            }
            try files.lock(path).release()
        }
    }
}
