internal import ShaleServices
internal import Synchronization

/// Whether a connection is still there, for whoever answers a request of it and waits long.
final class ConnectionPresence: ClientPresence {
    private let gone = Atomic(false)

    var isGone: Bool { gone.load(ordering: .relaxed) }

    func leave() { gone.store(true, ordering: .relaxed) }
}
