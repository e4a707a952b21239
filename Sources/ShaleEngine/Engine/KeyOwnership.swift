internal import ShaleBytes
internal import ShalePlatform

/// Who may write which key: stripes of keys, each with a turn.
///
/// A caller takes the stripes of all its keys in ascending order, so no two callers wait for each
/// other. Ownership ends when the write has its place in the log, not when it is synced.
final class KeyOwnership: Sendable {
    private static let stripeCount = 1024
    private let turns: [Turn] = (0..<KeyOwnership.stripeCount).map { _ in Turn() }

    /// The stripes of these keys, ascending, each once.
    func stripes(of keys: [OwnedKey]) -> [Int] {
        guard keys.count != 1 else { return [stripe(of: keys[0])] }
        var stripes = keys.map { stripe(of: $0) }
        stripes.sort()
        var unique: [Int] = []
        for stripe in stripes where stripe != unique.last { unique.append(stripe) }
        return unique
    }

    private func stripe(of key: OwnedKey) -> Int {
        Int(Hash.xxh3(key.key.bytes, seed: key.table.rawValue) % UInt64(Self.stripeCount))
    }

    /// Takes the only one of these stripes if nobody has it; of several none.
    func takeIfFree(_ stripes: [Int]) -> Bool {
        stripes.count == 1 && turns[stripes[0]].takeIfFree()
    }

    func take(_ stripes: [Int]) async {
        for stripe in stripes { await turns[stripe].take() }
    }

    func takeBlocking(_ stripes: [Int], _ scheduler: any Scheduler) {
        for stripe in stripes { turns[stripe].takeBlocking(scheduler) }
    }

    func give(_ stripes: [Int]) {
        for stripe in stripes.reversed() { turns[stripe].give() }
    }
}
