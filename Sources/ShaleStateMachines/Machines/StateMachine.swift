package import ShaleItems

/// A state machine as it is now.
package struct StateMachine: Sendable, Equatable {
    package let name: String
    package let kind: ResolvedMachine.Kind
    /// Milliseconds since 1970-01-01 UTC.
    package let createdMilliseconds: Int64
    /// What tells it from machines that had its name before; nil for one that was made before machines had it.
    package let identity: String?
    /// Which revision executions begin with.
    package internal(set) var revision: String
    /// The number of the version that this revision was published as; nil where it was not, or where that version is gone.
    package internal(set) var published: Int?
    /// The highest number that a version of it ever had.
    var lastVersion = 0
    /// Whether it goes with the last of its executions.
    package internal(set) var isDeleting = false
    /// What its creation asked for: the same must be asked for by a repetition.
    var wasPublished = false
    var firstDescription: String?

    /// What its executions are listed under (`Executions.list`).
    package var group: String { MachineFormat.group(name, identity) }
}

/// What a state machine does and how, at one time: written once, and never changed.
package struct MachineRevision: Sendable, Equatable {
    /// A UUID.
    package let id: String
    /// Whether it is the one that the machine was made with, which clients know no identity of.
    package let isFirst: Bool
    /// Milliseconds since 1970-01-01 UTC.
    package let createdMilliseconds: Int64
    /// `StateMachine.identity` of the machine that it is of.
    package let machineIdentity: String?
    package var settings: MachineSettings

    /// Its identity as clients see it: nil for the first.
    package var toldID: String? { isFirst ? nil : id }
}

/// What makes a revision: two that are equal here are one.
package struct MachineSettings: Sendable, Equatable {
    /// The text as it was given.
    package var definition: String
    package var roleARN: String
    /// `level`, `includeExecutionData`, `destinations`, with the service's names.
    package var logging: Item
    /// Whether traces were asked for: kept and told, and without effect.
    package var isTraced: Bool

    /// Puts settings together.
    package init(
        definition: String,
        roleARN: String,
        logging: Item = MachineSettings.noLogging,
        isTraced: Bool = false
    ) {
        self.definition = definition
        self.roleARN = roleARN
        self.logging = logging
        self.isTraced = isTraced
    }

    /// Texts are told apart by their bytes.
    package static func == (left: MachineSettings, right: MachineSettings) -> Bool {
        left.definition.utf8.elementsEqual(right.definition.utf8)
            && left.roleARN.utf8.elementsEqual(right.roleARN.utf8)
            && left.logging == right.logging && left.isTraced == right.isTraced
    }

    /// What a machine logs that was told nothing of it.
    package static let noLogging: Item = ["level": "OFF", "includeExecutionData": false]
}

/// A revision with a number, which never changes.
package struct MachineVersion: Sendable, Equatable {
    /// From 1; the number of a deleted one does not come again.
    package let number: Int
    package let revision: String
    package let description: String?
    /// Milliseconds since 1970-01-01 UTC.
    package let createdMilliseconds: Int64
}

/// A name for one version, or for two by weights.
package struct MachineAlias: Sendable, Equatable {
    /// A version, and how many of a hundred executions begin with it.
    package struct Route: Sendable, Equatable {
        package var version: Int
        package var weight: Int

        /// Puts a route together.
        package init(version: Int, weight: Int) {
            self.version = version
            self.weight = weight
        }
    }

    package let name: String
    package internal(set) var description: String?
    /// One or two; the weights are 100 together.
    package internal(set) var routes: [Route]
    /// Milliseconds since 1970-01-01 UTC.
    package let createdMilliseconds: Int64
    /// The same, of the last change.
    package internal(set) var updatedMilliseconds: Int64
}
