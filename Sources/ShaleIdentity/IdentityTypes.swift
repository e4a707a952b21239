/// A role: who may take it, and what it may do; kept, and not enforced.
package struct Role: Sendable, Equatable {
    /// Its name, as it was written when it was made.
    package var name: String
    /// Where it stands: begins and ends with a slash.
    package var path = "/"
    /// What it is known by besides: `AROA` and 17 characters.
    package var identity: String
    /// When it was made.
    package var createdMilliseconds: Int64
    /// Who may take it: a document, as it was given.
    package var trust: String
    /// A text.
    package var description: String?
    /// How long a session may last.
    package var sessionSeconds = IdentityLimits.sessionSeconds
    /// The resource name of the policy that bounds it.
    package var boundary: String?
    /// Documents of its own, by their names.
    package var inline: [String: String] = [:]
    /// The resource names of policies, in the order in which they were attached.
    package var attached: [String] = []
    /// Texts by name.
    package var tags: [String: String] = [:]

    /// A role without policies.
    package init(name: String, identity: String, createdMilliseconds: Int64, trust: String) {
        self.name = name
        self.identity = identity
        self.createdMilliseconds = createdMilliseconds
        self.trust = trust
    }
}

/// A policy with a name of its own, which roles are given.
package struct Policy: Sendable, Equatable {
    /// One of its documents.
    package struct Version: Sendable, Equatable {
        /// Counts from 1.
        package var number: Int
        /// The document, as it was given.
        package var document: String
        /// When it was made.
        package var createdMilliseconds: Int64
    }

    /// Its name, as it was written when it was made.
    package var name: String
    /// Where it stands: begins and ends with a slash.
    package var path = "/"
    /// What it is known by besides: `ANPA` and 17 characters.
    package var identity: String
    /// When it was made.
    package var createdMilliseconds: Int64
    /// When its latest version was made, or another made the one that counts.
    package var changedMilliseconds: Int64
    /// A text.
    package var description: String?
    /// Its documents, the oldest first.
    package var versions: [Version] = []
    /// Which of them counts.
    package var defaultVersion = 1
    /// The number of the next version; none is given twice.
    package var nextVersion = 1
    /// Texts by name.
    package var tags: [String: String] = [:]

    /// A policy without a document.
    package init(name: String, identity: String, createdMilliseconds: Int64) {
        self.name = name
        self.identity = identity
        self.createdMilliseconds = createdMilliseconds
        changedMilliseconds = createdMilliseconds
    }
}
