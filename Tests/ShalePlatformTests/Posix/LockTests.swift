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
    @Test func `a lock that is let go after some pauses is taken`() throws {
        try withHeldLock { lock, held in
            var pauses = 0
            try lock.take {
                pauses += 1
                if pauses == 3 { close(held) }
            }
            #expect(pauses == 3)
            lock.release()
        }
    }

    @Test func `a lock that is held on is refused after all pauses`() throws {
        try withHeldLock { lock, held in
            var pauses = 0
            #expect(throws: SystemFailure(number: EWOULDBLOCK)) {
                try lock.take { pauses += 1 }
            }
            #expect(pauses == PosixLock.pauses)
            lock.release()
            close(held)
        }
    }

    private func withHeldLock(_ body: (PosixLock, Int32) throws -> Void) throws {
        try FileSystemKind.posix.withDirectory { _, directory in
            let path = "\(directory)/lock"
            let held = try SystemCalls.openFile(path, O_RDWR | O_CREAT)
            try SystemCalls.lockFile(held)
            try body(PosixLock(try SystemCalls.openFile(path, O_RDWR | O_CREAT)), held)
        }
    }
}
