import FoundationEssentials
import Glibc

/// What the environment says about tests with random inputs.
private enum RandomTests {
    /// `TPOT_TEST_SEED`: the seed of all of them.
    static let seed = variable("TPOT_TEST_SEED")
    /// `TPOT_TEST_SECONDS`: how long properties are tried, all at the same time; see `Tests/Fuzz/run`.
    static let seconds = variable("TPOT_TEST_SECONDS")

    private static func variable(_ name: String) -> UInt64? {
        guard let text = ProcessInfo.processInfo.environment[name], !text.isEmpty else { return nil }
        guard let number = UInt64(text) else { fatalError("\(name) is \(text.debugDescription), not a number") }
        return number
    }

    /// Writes a line past the buffer of standard output, which a crash would take with it.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// The seed of a test with random inputs: `TPOT_TEST_SEED`, or else a random one. It is printed.
package func testSeed(_ name: String) -> UInt64 {
    let seed = RandomTests.seed ?? .random(in: 0 ... .max)
    RandomTests.say("\(name): seed \(seed)")
    return seed
}

/// Why a property does not hold for an input.
package struct Refutation: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Refutes a property unless the condition holds.
package func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws(Refutation) {
    guard condition else { throw Refutation(what()) }
}

/// Tries a property on random inputs and stops at the first that refutes it.
///
/// Input number n has the seed `testSeed + n`, so `TPOT_TEST_SEED` with the seed of a refutation tries that input first.
/// - Parameters:
///   - rounds: how many inputs, unless `TPOT_TEST_SECONDS` says for how long. The seed is then printed every second, for
///     an input that ends the process.
///   - property: throws where the property does not hold.
/// - Returns: the seed and the reason; nil when the property held for all inputs.
package func refutation(
    of name: String,
    rounds: Int,
    _ property: (inout SeededRandom) async throws -> Void
) async -> String? {
    var seed = testSeed(name)
    let clock = ContinuousClock()
    let end = RandomTests.seconds.map { clock.now + .seconds($0) }
    var nextNote = clock.now + .seconds(1)
    var round = 0
    while end.map({ clock.now < $0 }) ?? (round < rounds) {
        if end != nil, clock.now > nextNote {
            RandomTests.say("\(name): seed \(seed) after \(round) inputs")
            nextNote = clock.now + .seconds(1)
        }
        var random = SeededRandom(seed: seed)
        do {
            try await property(&random)
        } catch {
            return "seed \(seed): \(error)"
        }
        seed &+= 1
        round += 1
        // Other tests get their turn: there are few threads for all of them.
        await Task.yield()
    }
    if end != nil { RandomTests.say("\(name): held for \(round) inputs") }
    return nil
}
