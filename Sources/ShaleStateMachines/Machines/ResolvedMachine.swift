package import ShaleItems
package import ShaleStates

/// What an ARN of a state machine, a version or an alias stands for at one moment.
package struct ResolvedMachine: Sendable {
    /// The kinds of state machines.
    package enum Kind: String, Sendable {
        case standard = "STANDARD"
        case express = "EXPRESS"
    }

    /// The state machine's name.
    package var name: String
    /// Its ARN, without version or alias.
    package var arn: String
    /// `StateMachine.identity`.
    package var identity: String?
    /// The version's ARN, where one was named or an alias chose it.
    package var versionARN: String?
    /// The alias's ARN, where one was named.
    package var aliasARN: String?
    /// Which definition: executions go on with the one that they began with.
    package var revision: String
    package var kind: Kind
    package var roleARN: String
    /// `level`, `includeExecutionData`, `destinations`; nil is none.
    package var logging: Item?
    /// The definition, parsed.
    package var program: StateMachineProgram

    /// Puts it together.
    package init(
        name: String,
        arn: String,
        identity: String? = nil,
        versionARN: String? = nil,
        aliasARN: String? = nil,
        revision: String,
        kind: Kind,
        roleARN: String,
        logging: Item? = nil,
        program: StateMachineProgram
    ) {
        self.name = name
        self.arn = arn
        self.identity = identity
        self.versionARN = versionARN
        self.aliasARN = aliasARN
        self.revision = revision
        self.kind = kind
        self.roleARN = roleARN
        self.logging = logging
        self.program = program
    }
}

extension StateMachines: MachineSource {}
