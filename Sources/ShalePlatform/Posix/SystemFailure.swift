/// What the system said when a call failed, and how its numbers become the kinds of `FileError`.
///
/// Several numbers mean the same to a caller: a name that leads through a file is as absent as one
/// that leads nowhere, and a quota that is used up is a full disk.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The number that a failed call left in `errno`.
struct SystemFailure: Error, Equatable {
    let number: Int32

    /// The failure with what was tried and where.
    func during(_ operation: String, _ path: String) -> FileError {
        FileError(code, operation, path, reason)
    }

    /// The kind of failure.
    var code: FileError.Code {
        switch number {
        case ENOENT, ENOTDIR: .notFound
        case EEXIST: .alreadyExists
        case EACCES, EPERM, EROFS: .permissionDenied
        case ENOSPC, EDQUOT, EFBIG: .noSpace
        case EWOULDBLOCK: .locked
        case EOPNOTSUPP, ENOTSUP, ENOSYS: .notSupported
        case EMFILE, ENFILE: .tooManyOpenFiles
        default: .inputOutput
        }
    }

    /// The system's words for the number.
    var reason: String {
        var text = [CChar](repeating: 0, count: 256)
        let written = unsafe text.withUnsafeMutableBufferPointer {
            guard let start = $0.baseAddress else { return false }
            // Safety: the buffer is as long as stated and stays until the call has ended.
            return unsafe strerror_r(number, start, $0.count) == 0
        }
        guard written else { return "error \(number)" }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
