import TPoTCapture

/// What the lists say about an exchange, for other commands.
package enum ExchangeWords {
    /// `Stripe invoice.paid ⟳ 2nd ✓ signed`
    package static func event(_ row: CaptureRow) -> String {
        let event = EventText(row)
        let signature = SignatureWords(row)?.text ?? ""
        return [event.text, event.repetition, signature].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// `200`, `200⚑`, `✗`: never plain if the exchange did not go well.
    package static func status(_ exchange: Exchange) -> String { StatusCell(exchange).text }

    /// `✓ fixed`
    package static func verdict(_ verdict: ReplayVerdict) -> String { verdict.text }
}
