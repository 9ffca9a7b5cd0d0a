/// An exchange as a row of a list.
package struct CaptureRow: Hashable, Sendable {
    package var exchange: Exchange
    /// The arrival of the request, in nanoseconds since 1970 (UTC).
    package var unixNanoseconds: Int64
    /// The user marked it, so it is never evicted.
    package var isMarked: Bool
    /// Who sent the request, and what it says. Nil until that was looked for, shortly after the request came.
    package var delivery: Delivery?
    /// What a check of its signature found. Nil until it was checked, and where the provider's secret is not known.
    package var signature: SignatureVerdict?
    /// 1, or which time this delivery came: 2 means that one with the same sender and id is kept from before.
    package var repetition: Int
    /// The media type of the answer, without parameters, at most 64 bytes; nil if its head does not say.
    package var responseType: String?
    /// Nil if the exchange is no replay.
    package var replay: ReplayFacts?
    /// A later replay of it went well.
    package var isFixed = false

    package init(
        exchange: Exchange,
        unixNanoseconds: Int64,
        isMarked: Bool = false,
        delivery: Delivery? = nil,
        repetition: Int = 1,
        responseType: String? = nil,
        replay: ReplayFacts? = nil
    ) {
        self.exchange = exchange
        self.unixNanoseconds = unixNanoseconds
        self.isMarked = isMarked
        self.delivery = delivery
        self.repetition = repetition
        self.responseType = responseType
        self.replay = replay
    }

    package var number: UInt64 { exchange.number }

    /// It did not go well, is no replay, and no replay has fixed it.
    package var isFailing: Bool { !isFixed && exchange.isFailed && exchange.replayOf == nil }
}

/// How a replay differs from its original.
package struct ReplayFacts: Hashable, Sendable {
    /// The same for all replays that were asked for at once; nil for a single one.
    package var batch: UInt64?
    /// What the request changed: `body 1 line`. Nil if it was sent as captured, or if that is not known yet.
    package var edit: String?
    /// Nil until both are over, and if the original is not kept.
    package var verdict: ReplayVerdict?

    package init(batch: UInt64? = nil, edit: String? = nil, verdict: ReplayVerdict? = nil) {
        self.batch = batch
        self.edit = edit
        self.verdict = verdict
    }
}

/// What a replay shows about its original.
package enum ReplayVerdict: Hashable, Sendable {
    /// The original failed, the replay went well.
    case fixed
    case stillFailing
    /// The original went well, the replay failed.
    case regressed
    /// Both went well, with the same answer.
    case same
    /// Both went well, with different answers.
    case differs
}
