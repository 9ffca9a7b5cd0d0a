import NIOCore
import TPoTWire

/// Decides when to try again, and for which name. It has no clock and no random source: both are arguments.
///
/// If the user asked for no name, one is drawn here and asked for like any other. The server does not choose it. So a
/// proxy in front of several servers can tell from the name which of them has the tunnel.
struct ReconnectPolicy: Sendable {
    /// What to do after a failure.
    enum Decision: Equatable, Sendable {
        case retry(after: TimeAmount)
        /// Stop, with the failure that led here.
        case giveUp
    }

    static let firstDelay = TimeAmount.milliseconds(500)
    static let longestDelay = TimeAmount.seconds(30)
    /// After a tunnel that lived this long, the delays start again with the first one.
    static let goodLife = TimeAmount.seconds(10)
    /// How many more names are drawn after the first one while there has been no tunnel.
    static let drawsAgainAtMost = 5
    /// How long a drawn name that we had is asked for while it seems to be taken: the server forgets our own earlier
    /// session within 30 s.
    static let randomNamePatience = TimeAmount.seconds(90)
    /// How long a first connection is tried again while the server says that too many clients connect at once.
    static let busyPatience = TimeAmount.seconds(15)
    static let longestBusyDelay = TimeAmount.seconds(2)

    private let isDrawn: Bool
    private let draw: @Sendable () -> Subdomain
    private let waits: Bool
    private let reconnects: Bool

    /// The name to ask for.
    private(set) var name: Subdomain
    /// Whether the last tunnel had this name.
    private var hadName = false
    private var drawsAgain = 0
    private var takenSince: NIODeadline?
    private var busySince: NIODeadline?
    private var onlineSince: NIODeadline?
    /// Whether there has been a tunnel in this run.
    private(set) var wasOnline = false
    /// The number of the next attempt to make a tunnel: 1, 2, … A lost tunnel starts the count again.
    private(set) var nextAttempt = 1
    /// Failures in a row, for the delay. A tunnel that is lost again at once does not end the row.
    private var failures = 0

    /// - Parameters:
    ///   - requested: the name that the user asked for, which never changes.
    ///   - draw: returns a random name.
    init(requested: Subdomain?, waits: Bool, reconnects: Bool, draw: @escaping @Sendable () -> Subdomain) {
        isDrawn = requested == nil
        name = requested ?? draw()
        self.draw = draw
        self.waits = waits
        self.reconnects = reconnects
    }

    mutating func online(as name: Subdomain, at now: NIODeadline) {
        if isDrawn { self.name = name }
        hadName = true
        onlineSince = now
        takenSince = nil
        wasOnline = true
    }

    /// The tunnel was lost. `random` in 0..<1 spreads out the clients of a server that comes back.
    mutating func lost(at now: NIODeadline, random: Double) -> Decision {
        if let since = onlineSince, now - since >= Self.goodLife { failures = 0 }
        onlineSince = nil
        nextAttempt = 1
        guard reconnects else { return .giveUp }
        return retry(random)
    }

    /// An attempt to make a tunnel failed.
    mutating func failed(_ failure: ConnectFailure, at now: NIODeadline, random: Double) -> Decision {
        if case .drawnNameTaken = failure {
            drawAgain(at: now)
            if !wasOnline, drawsAgain < Self.drawsAgainAtMost {
                drawsAgain += 1
                nextAttempt += 1
                // The server is well, and the next name is most likely free: there is nothing to wait for.
                return .retry(after: .zero)
            }
        }
        guard wasOnline ? reconnects : waits else { return tryWhileBusy(failure, at: now, random) }
        if failure.isForTheOwner || (!wasOnline && failure.isForThePerson) { return .giveUp }
        nextAttempt += 1
        if case .subdomainKept(_, let time) = failure {
            // The server has said how long to wait, and is well: this failure need not lengthen the next delay.
            return .retry(after: time + .nanoseconds(Int64(Double(Self.firstDelay.nanoseconds) * random)))
        }
        return retry(random)
    }

    /// Draws another name, unless the taken one may become free again for us.
    private mutating func drawAgain(at now: NIODeadline) {
        if hadName {
            let since = takenSince ?? now
            takenSince = since
            guard now - since >= Self.randomNamePatience else { return }
        }
        name = draw()
        hadName = false
        takenSince = nil
    }

    /// Retries the first connection of a client that was not asked to wait, as long as the server is busy.
    private mutating func tryWhileBusy(
        _ failure: ConnectFailure,
        at now: NIODeadline,
        _ random: Double
    ) -> Decision {
        guard !wasOnline, case .serverBusy = failure else { return .giveUp }
        let since = busySince ?? now
        busySince = since
        // Clients that were refused together should not come back together.
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
