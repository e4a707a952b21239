/// Where lines go that functions write, and those that are written about them.
package protocol FunctionLog: Sendable {
    /// Takes a line; must not wait.
    func write(_ line: FunctionLine)
}

/// One line of a function.
package struct FunctionLine: Sendable, Equatable {
    /// The group: `/aws/lambda/NAME`.
    package var group: String
    /// The stream: one for each environment.
    package var stream: String
    /// The line, without its end.
    package var text: String
    /// When it was read, in milliseconds since 1970-01-01 UTC.
    package var milliseconds: Int64

    /// Puts a line together.
    package init(group: String, stream: String, text: String, milliseconds: Int64) {
        self.group = group
        self.stream = stream
        self.text = text
        self.milliseconds = milliseconds
    }
}
