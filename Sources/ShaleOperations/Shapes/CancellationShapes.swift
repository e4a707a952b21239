internal import ShaleTables
internal import ShaleWire

extension JSONWriter {
    /// Writes why an action of a transaction failed, or that it did not.
    mutating func cancellationReason(_ reason: CancellationReason) {
        beginObject()
        if let item = reason.item {
            name("Item")
            self.item(item)
        }
        name("Code")
        string(reason.code.rawValue)
        if let message = reason.message {
            name("Message")
            string(message)
        }
        endObject()
    }
}
