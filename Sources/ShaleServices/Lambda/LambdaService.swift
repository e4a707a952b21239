package import ShaleFunctions
package import ShalePlatform
package import ShaleTriggers
internal import ShaleWire

/// What operations of functions work on.
package struct LambdaService: Sendable {
    /// The functions of the database.
    package var functions: Functions
    /// What ties them to streams.
    package var mappings: Mappings
    /// Where code may come from, by the buckets' names.
    package var buckets: [String: any Bucket]
    /// Signs the addresses at which code is fetched.
    package var codeLinks: CodeLinks

    /// Puts a service together.
    package init(
        functions: Functions,
        mappings: Mappings,
        buckets: [String: any Bucket],
        codeLinks: CodeLinks
    ) {
        self.functions = functions
        self.mappings = mappings
        self.buckets = buckets
        self.codeLinks = codeLinks
    }
}

/// An operation of a REST protocol: where it is, and what it answers.
protocol LambdaOperation: SendableMetatype {
    /// Its name.
    static var name: String { get }
    /// Where it is.
    static var route: Route { get }
    /// Answers a request.
    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply
}

extension LambdaService {
    /// Runs what fails in the registry's words.
    func checked<Answer: Sendable>(
        _ body: () async throws(FunctionError) -> Answer
    ) async throws(RestError) -> Answer {
        do throws(FunctionError) { return try await body() } catch { throw RestError(error) }
    }

    /// The function that a request's path or body names, and the qualifier that is named there or in the query.
    func reference(
        _ call: RestCall,
        lengths: ClosedRange<Int> = 1...256
    ) throws(RestError) -> FunctionReference {
        try reference(call.parameters["FunctionName"] ?? "", call.value("Qualifier"), lengths)
    }

    /// The same of a name that stands elsewhere.
    func reference(
        _ text: String,
        _ qualifier: String? = nil,
        _ lengths: ClosedRange<Int> = 1...256
    ) throws(RestError) -> FunctionReference {
        var constraints = Constraints()
        constraints.check(text, lengths, FunctionReference.pattern, at: "functionName")
        if let qualifier {
            constraints.check(qualifier, 1...128, Patterns.qualifier, at: "qualifier")
        }
        try constraints.finished()
        guard var reference = FunctionReference(text) else {
            throw .invalidParameter("\(text) names no function.")
        }
        if let inName = reference.qualifier, let qualifier, inName != qualifier {
            throw .invalidParameter(
                "The derived qualifier from the function name does not match the specified qualifier."
            )
        }
        reference.qualifier = reference.qualifier ?? qualifier
        let isHere =
            (reference.region ?? functions.region) == functions.region
            && (reference.account ?? functions.account) == functions.account
        guard isHere else {
            throw RestError(functions.missing(reference.name, reference.qualifier))
        }
        return reference
    }
}
