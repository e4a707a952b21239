/// What a client asks of the test of a state; texts as they were given.
package struct StateTestRequest: Sendable {
    /// What is said instead of the work that others would do.
    package struct Mock: Sendable {
        /// JSON.
        package var result: String?
        package var failure: (error: String?, cause: String?)?
        /// `STRICT`, `PRESENT` or `NONE`; nil is `STRICT` as far as there are rules.
        package var validation: String?

        /// Says nothing yet.
        package init() {}
    }

    /// A state, or with `stateName` a state machine.
    package var definition: String
    package var stateName: String?
    package var roleARN: String?
    package var input = "{}"
    /// A JSON object.
    package var variables: String?
    /// A JSON object.
    package var context: String?
    package var mock: Mock?
    package var revealsSecrets = false
    package var retryCount: Int?
    package var errorCausedBy: String?
    package var failedIterations: Int?
    /// What the reader of a distributed Map would read.
    package var readerData: String?

    /// Asks for the test of a definition.
    package init(definition: String) { self.definition = definition }
}
