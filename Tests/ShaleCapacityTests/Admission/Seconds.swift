/// Nanoseconds of so many seconds, on a clock that began a second before.
func seconds(_ seconds: Double) -> UInt64 { UInt64((seconds + 1) * 1e9) }
