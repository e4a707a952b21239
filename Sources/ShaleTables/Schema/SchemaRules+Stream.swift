extension SchemaRules {
    /// What is kept of changes is said exactly where they are kept.
    static func check(_ stream: StreamSpecification) throws(DatabaseError) {
        if stream.isEnabled, stream.viewType == nil {
            throw .invalidParameters("StreamViewType must be specified when StreamEnabled is true")
        }
        if !stream.isEnabled, stream.viewType != nil {
            throw .invalidParameters(
                "StreamViewType must not be specified when StreamEnabled is false"
            )
        }
    }
}
