import NIOCore
import TPoTWire

/// When to try again, and for which name. A value without a clock or a random source: both are arguments.
struct ReconnectPolicy: Sendable {
    /// What to do after a failure.
    enum Decision: Equatable, Sendable {
        case retry(after: TimeAmount)
        /// Stop, with the failure that led here.
        case giveUp
    }

    static let firstDelay = TimeAmount.milliseconds(500)
    static let longestDelay = TimeAmount.seconds(30)
    /// A tunnel that lived this long was a good one: the next loss starts again with the first delay.
    static let goodLife = TimeAmount.seconds(10)
    /// How long a name that the server had picked is asked for while somebody else seems to have it: our own earlier
    /// session is forgotten by the server within 30 s.
    static let randomNamePatience = TimeAmount.seconds(90)
    /// How long a first connection is tried again while the server says that too many connect at once.
    static let busyPatience = TimeAmount.seconds(15)
    static let longestBusyDelay = TimeAmount.seconds(2)

    private let requested: Subdomain?
    private let waits: Bool
    private let reconnects: Bool

    /// The name of the last tunnel.
    private var held: Subdomain?
    private var takenSince: NIODeadline?
    private var busySince: NIODeadline?
    private var onlineSince: NIODeadline?
    /// There has been a tunnel in this run.
    private(set) var wasOnline = false
    /// The number of the next attempt of those that make a tunnel where there is none: 1, 2, …
    private(set) var nextAttempt = 1
    /// Failures in a row, for the delay: a tunnel that is lost again at once does not end the row.
    private var failures = 0

    init(requested: Subdomain?, waits: Bool, reconnects: Bool) {
        self.requested = requested
        self.waits = waits
        self.reconnects = reconnects
    }

    /// The name to ask for; nil lets the server pick one.
    var name: Subdomain? { requested ?? held }

    mutating func online(as name: Subdomain, at now: NIODeadline) {
        held = name
        onlineSince = now
        takenSince = nil
        wasOnline = true
    }

    /// The tunnel is gone. `random` in 0..<1 spreads the clients of a server that comes back.
    mutating func lost(at now: NIODeadline, random: Double) -> Decision {
        if let since = onlineSince, now - since >= Self.goodLife { failures = 0 }
        onlineSince = nil
        nextAttempt = 1
        guard reconnects else { return .giveUp }
        return retry(random)
    }

    /// No tunnel came about.
    mutating func failed(_ failure: ConnectFailure, at now: NIODeadline, random: Double) -> Decision {
        guard wasOnline ? reconnects : waits else { return tryWhileBusy(failure, at: now, random) }
        if failure == .loginNeeded || (!wasOnline && failure.isForThePerson) { return .giveUp }
        nextAttempt += 1
        if case .subdomainTaken = failure {
            let since = takenSince ?? now
            takenSince = since
            if requested == nil, now - since >= Self.randomNamePatience {
                held = nil
                takenSince = nil
            }
        }
        return retry(random)
    }

    /// A first connection of a client that was not asked to wait.
    private mutating func tryWhileBusy(
        _ failure: ConnectFailure,
        at now: NIODeadline,
        _ random: Double
    ) -> Decision {
        guard !wasOnline, case .serverBusy = failure else { return .giveUp }
        let since = busySince ?? now
        busySince = since
        // Those who were refused together had better not come back together.
        let delay = min(Self.firstDelay.nanoseconds << Int64(min(failures, 10)), Self.longestBusyDelay.nanoseconds)
        let retry = TimeAmount.nanoseconds(Int64(Double(delay) * (0.5 + random)))
        guard now + retry - since < Self.busyPatience else { return .giveUp }
        failures += 1
        nextAttempt += 1
        return .retry(after: retry)
    }

    private mutating func retry(_ random: Double) -> Decision {
        let doublings = min(failures, 10)
        failures += 1
        let delay = min(Self.firstDelay.nanoseconds << Int64(doublings), Self.longestDelay.nanoseconds)
        return .retry(after: .nanoseconds(Int64(Double(delay) * (0.75 + random / 2))))
    }
}
