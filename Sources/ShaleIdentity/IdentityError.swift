internal import ShaleTables

/// Why roles and policies did not do what they were asked for, in the service's words.
package struct IdentityError: Error, Sendable, Equatable {
    /// The service's names for what went wrong.
    package enum Code: String, Sendable, CaseIterable {
        case noSuchEntity = "NoSuchEntity"
        case alreadyExists = "EntityAlreadyExists"
        case deleteConflict = "DeleteConflict"
        case limitExceeded = "LimitExceeded"
        case malformedDocument = "MalformedPolicyDocument"
        case invalidInput = "InvalidInput"
        case failure = "ServiceFailure"
    }

    /// What went wrong.
    package var code: Code
    /// What, where, why.
    package var message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The error of what keeps roles and policies.
    init(_ error: DatabaseError) { self.init(.failure, error.message) }

    static func noRole(_ name: String) -> IdentityError {
        IdentityError(.noSuchEntity, "The role with name \(name) cannot be found.")
    }

    static func noPolicy(_ resource: String) -> IdentityError {
        IdentityError(.noSuchEntity, "Policy \(resource) does not exist or is not attachable.")
    }
}
