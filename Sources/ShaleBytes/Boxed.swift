/// A value in an object of its own: one word where it lies, whatever it takes.
///
/// For errors. An asynchronous call that may fail keeps room for its error in the frame of who waits for it, one for each such call:
/// with errors of 120 bytes some frames had 10 KB, which many waiting requests pay for (Docs/Design/0011-frames.md).
package struct Boxed<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var box: Box

    package init(_ value: Value) { box = Box(value) }

    /// The value; setting it makes another object.
    package var value: Value {
        get { box.value }
        set { box = Box(newValue) }
    }
}

extension Boxed: Equatable where Value: Equatable {
    package static func == (left: Boxed, right: Boxed) -> Bool { left.value == right.value }
}
