import Glibc
import Testing

@testable import TPoTCommand

@Suite(.serialized, .timeLimit(.minutes(5))) struct StopSignalsTests {
    /// A login takes the signals after a tunnel had them, and a tunnel after a login.
    @Test func theNewestObjectGetsTheSignals() async throws {
        for _ in 1...3 {
            let (stream, received) = AsyncStream.makeStream(of: Bool.self)
            let signals = StopSignals { received.yield($0) }
            // Not SIGHUP, because the tests may have been started with it ignored.
            kill(getpid(), SIGTERM)
            for await isFirst in stream {
                #expect(isFirst)
                break
            }
            withExtendedLifetime(signals) {}
        }
    }
}
