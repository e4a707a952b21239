package import ShaleItems

/// What a state machine may be told to log.
package enum LoggingRules {
    /// A configuration as it is kept: with what it leaves out.
    package static func whole(_ given: Item) -> Item {
        var logging = MachineSettings.noLogging
        for (name, value) in given { logging[name] = value }
        return logging
    }

    /// Refuses a configuration without exactly one place, where it logs anything; none may name two.
    ///
    /// - Throws: `.invalidLoggingConfiguration`.
    static func check(_ logging: Item) throws(StatesError) {
        let places = logging["destinations"]?.listValue ?? []
        let isOff = logging["level"]?.stringValue == "OFF"
        let named = places.compactMap(Self.group)
        guard named.count == places.count, places.count == 1 || (isOff && places.isEmpty) else {
            throw StatesError(
                .invalidLoggingConfiguration,
                "Invalid Logging Configuration: Must specify exactly one Log Destination."
            )
        }
    }

    /// The resource name of the log group of a place.
    package static func group(_ place: AttributeValue) -> String? {
        place.mapValue?["cloudWatchLogsLogGroup"]?.mapValue?["logGroupArn"]?.stringValue
    }
}
