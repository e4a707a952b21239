internal import OrderedCollections
internal import ShaleJSON

/// Names a branch of an execution; the execution itself is branch 0.
struct BranchID: Hashable, Sendable, Comparable {
    let number: Int

    static let root = BranchID(number: 0)
    static func < (left: BranchID, right: BranchID) -> Bool { left.number < right.number }
}

/// One sequence of states that is under way: the execution itself, a branch of a Parallel, an iteration of a Map.
struct Branch: Sendable {
    enum Phase: Sendable {
        /// The next step enters the state.
        case entering
        /// The next step does the work of the state, which is entered.
        case performing
        /// A Wait state.
        case waiting(TimerID)
        /// Before the state is tried again.
        case retrying(TimerID)
        case task(RunningTask)
        /// Its branches are in `forks` of the execution.
        case fork
        /// The run is in `mapRuns` of the execution.
        case mapRun
    }

    /// Where the input of a state is kept.
    ///
    /// What is kept elsewhere is not kept here again. Never renumber: it is on disk.
    enum InputSource: Int, Sendable {
        case own = 0
        /// It is still that of the execution, whose text is kept beside the state.
        case execution = 1
        /// It is still that of the Parallel which started the branch, or the item of the iteration.
        case fork = 2
    }

    /// The branch whose state has started this one, and which of its branches or items this is.
    let parent: BranchID?
    let index: Int
    let item: MapItem?

    /// The state, as an index in the program.
    var state: Int
    /// The input of the state, before anything was selected from it.
    var input: JSONValue
    /// The text of `input`, where it was made already; not kept with the state.
    var inputText: String?
    /// Where `input` is kept.
    var inputSource = InputSource.own
    /// The variables of this scope; those of scopes around it are in the branches above.
    var variables = Variables()

    var phase = Phase.entering
    /// The event that the next one follows.
    var lastEvent: Int
    /// The event with which the state began, and the one before it.
    var enteredEvent = 0
    var eventBefore = 0
    var enteredTime: Int64 = 0
    /// How often each retrier of the state was used.
    var attempts: [Int] = []
}

/// A task that is scheduled.
struct RunningTask: Sendable {
    let id: TaskID
    let token: String?
    var timeout: TimerID?
    var heartbeat: TimerID?
    let heartbeatSeconds: Int?
    var isStarted = false
}

/// Branches of a Parallel or iterations of a Map that run inside of the execution.
struct Fork: Sendable {
    /// The scope of each branch; one scope for all iterations.
    let scopes: [Int]
    let isMap: Bool
    /// What branches get as input, and what the data of an ItemSelector is.
    let input: JSONValue
    /// The items of a Map.
    let items: [JSONValue]
    let count: Int
    /// How many may run at a time.
    let limit: Int
    var next = 0
    var running: Set<BranchID> = []
    var results: [JSONValue?]
    /// The event that the next iteration follows.
    var chain: Int
}

/// A distributed Map, whose iterations are executions of their own.
struct MapRun: Sendable {
    enum Stage: Int, Sendable {
        case reading = 0
        case running = 1
        case writing = 2
        /// Too many children failed, and the results of those that did not are being written: then the run fails.
        case failing = 3
    }

    let id: TaskID
    let arn: String
    var stage: Stage
    /// The inputs of the child executions.
    var inputs: [JSONValue] = []
    /// The input of the state, for ItemSelector and batches.
    let input: JSONValue
    var limit: Int
    var toleratedCount: Int?
    var toleratedPercentage: Double?
    var next = 0
    var running = 0
    var failed = 0
    var results: [JSONValue?] = []
    var isDone: [Bool] = []
    /// To be started again before others, after a redrive.
    var again: [Int] = []
}
