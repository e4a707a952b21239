internal import ShalePlatform

/// By which clock a database lives, from its creation on.
///
/// Times that are stored, as of records, timers and expiries, are of that clock: by the real one, one that was set forward
/// would go back.
enum DatabaseClock: UInt8, Sendable {
    case real = 0
    /// One that can be set forward (`VirtualTime`).
    case virtual = 1

    init(of world: World) {
        self = world.virtualTime == nil ? .real : .virtual
    }

    /// Refuses to write to a database by the other clock.
    ///
    /// - Throws: `.invalidArgument`.
    func require(_ other: DatabaseClock) throws(EngineError) {
        guard self != other else { return }
        switch self {
        case .virtual:
            throw EngineError(
                .invalidArgument,
                "The database has a virtual clock, which the real one would set back. Open it with --virtual-clock"
            )
        case .real:
            throw EngineError(
                .invalidArgument,
                "The database has the real clock. A virtual one is for databases that were made with --virtual-clock"
            )
        }
    }
}
