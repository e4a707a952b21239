internal import ShaleItems
internal import ShaleTimers

/// What a timer of a schedule tells.
///
///     kind       S  due: the schedule is due; fires: it was, and its target is to be started now
///     group      S
///     name       S
///     identity   S  of the schedule, since another one may have its name then
///     scheduled  N  when it is or was due, in milliseconds since 1970-01-01 UTC
///     attempt    N  which attempt to start the target comes: 0 is the first
struct FiringNote: Equatable {
    enum Kind: String {
        case due, fires
    }

    var kind: Kind
    var group: String
    var name: String
    var identity: String
    var scheduled: Int64
    var attempt: Int

    init(_ schedule: Schedule, _ kind: Kind, scheduled: Int64, attempt: Int = 0) {
        self.kind = kind
        group = schedule.group
        name = schedule.name
        identity = schedule.identity
        self.scheduled = scheduled
        self.attempt = attempt
    }

    /// Reads a timer's note; nil where it is none.
    init?(_ note: Item) {
        guard let kind = note["kind"]?.stringValue.flatMap(Kind.init),
            let group = note["group"]?.stringValue, let name = note["name"]?.stringValue,
            let identity = note["identity"]?.stringValue,
            let scheduled = note["scheduled"]?.numberValue?.intValue,
            let attempt = note["attempt"]?.numberValue?.intValue
        else { return nil }
        self.kind = kind
        self.group = group
        self.name = name
        self.identity = identity
        self.scheduled = Int64(scheduled)
        self.attempt = attempt
    }

    /// The timer that tells it at a time.
    func timer(at time: Int64) -> Timer {
        Timer(
            Timer.Name(
                owner: Schedules.timerOwner,
                due: time,
                id: "\(identity)#\(kind.rawValue)#\(scheduled)#\(attempt)"
            ),
            note: [
                "kind": .string(kind.rawValue), "group": .string(group), "name": .string(name),
                "identity": .string(identity), "scheduled": .number(Number(scheduled)),
                "attempt": .number(Number(attempt)),
            ]
        )
    }
}
