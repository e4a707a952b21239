/// What an evaluation knows of the world, and how much it may take.
package struct EvaluationContext: Sendable {
    /// The time that `$now` and `$millis` tell, in milliseconds since 1970.
    package var now: Int64
    /// Where `$random`, `$shuffle` and `$uuid` begin: one seed gives one sequence.
    package var seed: UInt64
    package var limits: Limits

    package init(now: Int64, seed: UInt64, limits: Limits = Limits()) {
        self.now = now
        self.seed = seed
        self.limits = limits
    }

    /// Bounds that a hostile expression runs into.
    package struct Limits: Sendable {
        /// How many nodes and elements are worked on in all; about ten million a second.
        package var steps: Int
        /// How deep evaluations stand in evaluations.
        package var depth: Int
        /// How many bytes of values are made in all, whether or not they are kept.
        package var size: Int

        /// How deep values, functions and their variables may hold one another.
        static let nesting = 250

        package init(
            steps: Int = 10_000_000,
            depth: Int = 200,
            size: Int = 256 * 1024 * 1024
        ) {
            self.steps = steps
            self.depth = depth
            self.size = size
        }
    }
}
