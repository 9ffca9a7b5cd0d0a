import FoundationEssentials
import Glibc

/// The environment variables for tests with random inputs.
private enum RandomTests {
    /// `TPOT_TEST_SEED`: the seed of all these tests.
    static let seed = variable("TPOT_TEST_SEED")
    /// `TPOT_TEST_SECONDS`: how long each property is tested. All run at the same time: see `Tests/Fuzz/run`.
    static let seconds = variable("TPOT_TEST_SECONDS")

    private static func variable(_ name: String) -> UInt64? {
        guard let text = ProcessInfo.processInfo.environment[name], !text.isEmpty else { return nil }
        // A seed that is misread would repeat another run, so the tests stop here.
        guard let number = UInt64(text) else { fatalError("\(name) is \(text.debugDescription), not a number") }
        return number
    }

    /// Writes a line without buffering, so that it is not lost in a crash.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// The seed of a test with random inputs: `TPOT_TEST_SEED` if it is set, else a random one. It is printed.
package func testSeed(_ name: String) -> UInt64 {
    let seed = RandomTests.seed ?? .random(in: 0 ... .max)
    RandomTests.say("\(name): seed \(seed)")
    return seed
}

/// Why a property does not hold for an input.
package struct Counterexample: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Throws a counterexample unless the condition is true.
package func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Counterexample) {
    guard condition else { throw Counterexample(what()) }
}

/// Tests a property on random inputs and stops at the first one that refutes it.
///
/// Input number n has the seed `testSeed + n`. If `TPOT_TEST_SEED` is the seed of a counterexample, that input comes first.
/// - Parameters:
///   - rounds: the number of inputs. With `TPOT_TEST_SECONDS` inputs are tested for that time instead, and the seed is
///     printed every second, so that it is known when an input ends the process.
///   - property: throws if the property does not hold.
/// - Returns: the seed and the reason. Nil if the property held for all inputs.
package func counterexample(
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
        // Lets other tests run, because all of them share a few threads.
        await Task.yield()
    }
    if end != nil { RandomTests.say("\(name): held for \(round) inputs") }
    return nil
}
