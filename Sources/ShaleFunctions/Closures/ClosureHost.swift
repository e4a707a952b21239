/// The host of a program that runs closures alone: functions with code are described here, and not run.
package struct ClosureHost: FunctionHost {
    /// Hosts no code.
    package init() {}

    package func require(_ runtime: String) throws(FunctionError) { throw Self.absent }
    package func unzippedBytes(_: [UInt8]) async throws(FunctionError) -> Int { throw Self.absent }
    package func isPrepared(_: FunctionConfiguration) -> Bool { true }
    package func prepare(
        _: FunctionConfiguration,
        code: FunctionCode
    ) async throws(FunctionError) -> String? { throw Self.absent }
    package func start(
        _: FunctionConfiguration,
        stream: String
    ) async throws(FunctionError) -> any FunctionEnvironment { throw Self.absent }

    private static let absent = FunctionError(
        .unsupported,
        "This program runs closures alone: functions with code are run by `shale serve`."
    )
}
