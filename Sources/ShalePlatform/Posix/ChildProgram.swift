/// A program to be started as a process of its own: the leader of a session and a process group, which it takes
/// with it when it is signalled.

internal import CShaleShims

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// What is started, as whom, and with how much of everything.
package struct ChildProgram: Sendable {
    /// The executable; not looked for in `PATH`.
    package var path: String
    /// What it is called with; its own name first.
    package var arguments: [String]
    /// `NAME=value`, and no other.
    package var variables: [String]
    /// Where it begins.
    package var directory: String
    /// Whom it runs as when the caller is root; 0 changes nothing.
    package var user: UInt32 = 0
    /// The most open files.
    package var openFiles: UInt64 = 1_024
    /// The most bytes of a file.
    package var fileBytes: UInt64 = 1 << 40
    /// The most processes and threads of its user; root has no such limit.
    package var processes: UInt64 = 1_024
    /// Bits of permission that files it makes do not get.
    package var mask: UInt32 = 0o077
    /// Directories that it does not see, where the kernel grants that.
    package var hidden: [String] = []
    /// The directory that it sees as `/tmp`, where the kernel grants that.
    package var temporary: String?
    /// The directory that it sees as `/opt`, where the kernel grants that and there is one.
    package var layers: String?
    /// Whether it is not started where the kernel does not grant that.
    package var mustCover = false

    /// Names a program.
    package init(_ path: String, _ arguments: [String], variables: [String], directory: String) {
        self.path = path
        self.arguments = arguments
        self.variables = variables
        self.directory = directory
    }

    /// Starts it, on a thread that must live as long as it: with the thread the process ends.
    ///
    /// - Parameter output: A descriptor that becomes its standard output and error; it stays the caller's.
    /// - Returns: The number of the process.
    /// - Throws: What the system refuses; an executable that is not one included.
    package func start(output: Int32) throws(FileError) -> Int32 {
        let arguments = CStrings(self.arguments)
        let variables = CStrings(self.variables)
        let places = CStrings([path, directory, temporary ?? "", self.layers ?? ""])
        let hidden = CStrings(self.hidden)
        // Safety: all strings live until the end of the call, and the child has its own copy of them.
        let number: Int32 = withExtendedLifetime((arguments, variables, places, hidden)) {
            guard let path = unsafe places.start[0], let place = unsafe places.start[1] else {
                return -EINVAL
            }
            var process = unsafe shale_process(
                path: path,
                arguments: arguments.start,
                variables: variables.start,
                directory: place,
                output: output,
                user: user,
                open_files: openFiles,
                file_bytes: fileBytes,
                processes: processes,
                mask: mask,
                hidden: hidden.start,
                temporary: temporary == nil ? nil : places.start[2],
                layers: layers == nil ? nil : places.start[3],
                must_cover: mustCover ? 1 : 0
            )
            return unsafe shale_process_start(&process)
        }
        guard number > 0 else { throw SystemFailure(number: -number).during("start", path) }
        return number
    }
}

/// Terminated strings, and a list of them that ends with a null.
// Safety: whoever reads the list says why that is right.
@safe private final class CStrings {
    let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe start = .allocate(capacity: texts.count + 1)
        for (place, text) in texts.enumerated() {
            // Safety: the place is within what was allocated, and nothing is there yet.
            unsafe (start + place).initialize(to: strdup(text))
        }
        unsafe (start + count).initialize(to: nil)
    }

    deinit {
        // Safety: `strdup` made each of them, for this list alone.
        for place in 0..<count { unsafe free(start[place]) }
        unsafe start.deallocate()
    }
}
