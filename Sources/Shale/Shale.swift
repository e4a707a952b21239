/// Shale for programs that embed it: one import for the embedding API.
///
///     import Shale
///     let database = try await Database.open(at: "music.shale")
///
/// Tables and items are re-exported whole, of the layers below only what the API speaks of; import
/// `ShaleEngine` for ordered bytes without tables.

@_exported public import ShaleItems
@_exported public import ShaleTables

@_exported public import enum ShaleEngine.Durability
@_exported public import struct ShaleEngine.EngineError
@_exported public import enum ShaleEngine.EngineEvent
@_exported public import struct ShaleEngine.EngineOptions
@_exported public import struct ShalePlatform.World
