/// Environments of a version that are kept ready: how many, and how far that is.
///
/// A value: whoever starts environments asks whether one is missing, and tells what became of it.
package struct Provision: Sendable, Equatable {
    /// How far it is, in the service's words.
    package enum Status: String, Sendable {
        case inProgress = "IN_PROGRESS"
        case ready = "READY"
        case failed = "FAILED"
    }

    /// How many are to be ready.
    package var requested: Int
    /// How many are being started.
    var starting = 0
    /// How many invocations run in what is theirs.
    var busy = 0
    /// Why one could not be started; nothing is started any more then.
    package var failure: String?

    /// None is there.
    init(requested: Int) { self.requested = requested }

    /// Whether one more is to be started, of which so many are there: waiting or running.
    func isShort(of present: Int) -> Bool { failure == nil && present + starting < requested }

    /// How far it is, of which so many are there.
    package func status(_ present: Int) -> Status {
        if present >= requested { return .ready }
        return failure == nil ? .inProgress : .failed
    }
}
