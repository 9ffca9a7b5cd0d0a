import TPoTCapture
import TPoTInspect

/// What the dashboard keeps, and how it starts.
struct CaptureSettings: Hashable, Sendable {
    var limits = CaptureLimits()
    var holdsAtStart = false
    /// What does not stand in HAR files, curl commands, copies and lines.
    var mask = SecretMask()

    init() {}

    init(_ settings: MergedSettings) throws(CommandError) {
        holdsAtStart = settings.flag(.hold)
        mask = settings.flag(.exportSecrets) ? .off : SecretMask(fieldNames: try settings.fieldNames(.maskHeaders))
        if let bytes = try settings.byteSize(.captureBody) { limits.bodyBytes = bytes }
        if let bytes = try settings.byteSize(.captureMemory) { limits.memoryBytes = bytes }
        if settings.flag(.noCaptureBodies) { limits.bodyBytes = 0 }
    }
}

/// A number of bytes as people write it: `65536`, `64KiB`, `64K`, `1 MiB`; K, M and G are powers of 1,024.
struct ByteSize {
    let bytes: Int

    /// Nil for anything else, and beyond 1 TiB.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).filter { $0 != " " }.lowercased()
        let shifts = [
            "": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30,
        ]
        guard let number = Int(digits), let shift = shifts[unit], number <= (1 << 40) >> shift else { return nil }
        bytes = number << shift
    }
}
