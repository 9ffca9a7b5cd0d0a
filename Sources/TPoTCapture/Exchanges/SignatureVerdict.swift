/// What a check of a webhook's signature found.
package enum SignatureVerdict: Hashable, Sendable {
    case valid
    /// The request has no signature, or not all that belongs to it. The name is that of a header or of a place in the body.
    case missing(String)
    /// The header or place of that name is not what the provider sends.
    case malformed(String)
    /// The signature is right, and was made longer ago than the provider's own library allows.
    case tooOld(seconds: Int64, allowed: Int64)
    /// The signature is right, and its time is further ahead than the provider's own library allows.
    case inFuture(seconds: Int64, allowed: Int64)
    /// It was made with another secret, or the request was changed on its way.
    case mismatch
    /// The request was edited here, and the signature is that of the original.
    case editedHere
    /// No secret is known for this provider, so nothing was checked.
    case noSecret
    case cannotTell(Reason)

    package enum Reason: String, Hashable, Sendable {
        /// Not all of the body was captured.
        case partOfBody = "part-of-body"
        /// The signature is over the public URL, and that is not known.
        case unknownURL = "unknown-url"
        /// Checking this provider's signatures needs more than a secret.
        case unsupported
    }
}

extension SignatureVerdict {
    /// It was checked, and is right.
    package var isValid: Bool { self == .valid }

    /// It was checked, and is not right.
    package var isFailure: Bool {
        switch self {
        case .missing, .malformed, .tooOld, .inFuture, .mismatch, .editedHere: true
        case .valid, .noSecret, .cannotTell: false
        }
    }

    /// The one who signed it had the secret, whatever has become of it since.
    package var isAuthentic: Bool {
        switch self {
        case .valid, .tooOld, .inFuture, .editedHere: true
        case .missing, .malformed, .mismatch, .noSecret, .cannotTell: false
        }
    }

    /// The word in JSON and in the history.
    package var word: String {
        switch self {
        case .valid: "valid"
        case .missing: "missing"
        case .malformed: "malformed"
        case .tooOld: "too-old"
        case .inFuture: "in-future"
        case .mismatch: "mismatch"
        case .editedHere: "edited-here"
        case .noSecret: "no-secret"
        case .cannotTell: "cannot-tell"
        }
    }

    /// The header or place that is missing or malformed.
    package var place: String? {
        switch self {
        case .missing(let name), .malformed(let name): name
        default: nil
        }
    }

    /// How far its time is off, and how far it may be.
    package var seconds: (off: Int64, allowed: Int64)? {
        switch self {
        case .tooOld(let seconds, let allowed), .inFuture(let seconds, let allowed): (seconds, allowed)
        default: nil
        }
    }

    /// The word with what belongs to it: `too-old 900 300`.
    package var stored: String {
        switch self {
        case .missing(let name), .malformed(let name): "\(word) \(name)"
        case .tooOld(let seconds, let allowed), .inFuture(let seconds, let allowed): "\(word) \(seconds) \(allowed)"
        case .cannotTell(let reason): "\(word) \(reason.rawValue)"
        default: word
        }
    }

    /// Nil for a text that ``stored`` does not make.
    package init?(stored text: String) {
        let words = text.prefix(200).split(separator: " ", maxSplits: 2).map(String.init)
        guard let word = words.first else { return nil }
        let numbers = words.dropFirst().compactMap { Int64($0) }
        switch (word, words.count) {
        case ("valid", 1): self = .valid
        case ("missing", 2): self = .missing(words[1])
        case ("malformed", 2): self = .malformed(words[1])
        case ("too-old", 3) where numbers.count == 2: self = .tooOld(seconds: numbers[0], allowed: numbers[1])
        case ("in-future", 3) where numbers.count == 2: self = .inFuture(seconds: numbers[0], allowed: numbers[1])
        case ("mismatch", 1): self = .mismatch
        case ("edited-here", 1): self = .editedHere
        case ("no-secret", 1): self = .noSecret
        case ("cannot-tell", 2):
            guard let reason = Reason(rawValue: words[1]) else { return nil }
            self = .cannotTell(reason)
        default: return nil
        }
    }
}
