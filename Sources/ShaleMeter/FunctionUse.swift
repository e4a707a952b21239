/// What one function has used since the program started.
package struct FunctionUse: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Invocations, those that failed among them.
    package var requests: Int
    /// Billed milliseconds, initialising among them, times its megabytes of memory.
    package var megabyteMilliseconds: Int

    /// Puts it together.
    package init(name: String, requests: Int, megabyteMilliseconds: Int) {
        self.name = name
        self.requests = requests
        self.megabyteMilliseconds = megabyteMilliseconds
    }

    /// What was used since an earlier time.
    static func - (left: FunctionUse, right: FunctionUse?) -> FunctionUse {
        var difference = left
        difference.requests -= right?.requests ?? 0
        difference.megabyteMilliseconds -= right?.megabyteMilliseconds ?? 0
        return difference
    }

    /// Whether nothing was used.
    var isNothing: Bool { requests == 0 && megabyteMilliseconds == 0 }
}
