internal import ShaleFunctions

/// Why a call of a function has no answer.
public struct FunctionFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds.
    public enum Code: Sendable, Equatable, CaseIterable {
        /// There is no function of this name.
        case notFound
        /// The name is one of a function with code, or the function is being made.
        case conflict
        /// A name, a time or a payload that no function has.
        case invalid
        /// The function is a closure that was not registered since the program started.
        case notRegistered
        /// More run, or wait, than may: try again.
        case tooMany
        /// The closure threw, or took too long; `message` is the JSON that its caller gets, with `errorType` and `errorMessage`.
        case unhandled
        /// The database refuses, or the function has code, which `shale serve` runs.
        case service
    }

    /// What kind it is.
    public let code: Code
    /// What is wrong, and with what.
    public let message: String

    /// The message.
    public var description: String { message }
}

extension FunctionFailure {
    init(_ error: FunctionError) {
        let code: Code =
            switch error.code {
            case .resourceNotFound: .notFound
            case .resourceConflict: .conflict
            case .resourceNotReady: .notRegistered
            case .tooManyRequests: .tooMany
            case .invalidParameter, .requestTooLarge: .invalid
            default: .service
            }
        self.init(code: code, message: error.message)
    }
}
