import NIOCore
import TPoTWire

/// Decides what the visitor may get of the answers.
extension VisitorRequests {
    /// Reads the bytes from the open conversation's target and delivers what the visitor may get of them.
    mutating func targetSent(_ bytes: ByteBuffer, deliver: (ByteBuffer) -> Void) -> Progress {
        var delivered = GatheredPieces(whole: reader.targetBytesHeld == 0 ? bytes : nil)
        reader.targetSent(bytes)
        let progress = readAnswers(into: &delivered, deliver)
        if let rest = delivered.take() { deliver(rest) }
        return progress
    }

    private mutating func readAnswers(into delivered: inout GatheredPieces, _ deliver: (ByteBuffer) -> Void) -> Progress
    {
        var hasAnswered = false
        while true {
            // The visitor, or a proxy that reuses its connection for others, would read these bytes as the next answer.
            if answersDue == 0, reader.bytesBetweenAnswers() > 0 { return .ended }
            guard let event = reader.nextFromTarget() else {
                if answersDue == 0, reader.targetBytesHeld > 0 { reader.dropLineEndsBetweenAnswers() }
                return hasAnswered ? .answered : .none
            }
            switch event {
            case .head(let head) where head.isInterim && !(head.status == 100 && reader.isContinueDue):
                if let bytes = delivered.take() { deliver(bytes) }
                delivered.skip(head.raw.readableBytes)
            case .head(let head):
                if let full = delivered.add(head.raw) { deliver(full) }
                hasAnswered = true
            case .body(let bytes):
                if let full = delivered.add(bytes) { deliver(full) }
            case .opaque(let bytes):
                if let full = delivered.add(bytes) { deliver(full) }
                hasAnswered = true
            case .end:
                guard reader.isAnswerExact || reader.isOpaque else { return .ended }
                hasAnswered = true
            case .invalid(let fault, _):
                return .unreadable(fault)
            }
        }
    }

    /// Ends the answers: the target has closed, and everything it sent has been read.
    mutating func targetEnded() -> VisitorMachine.Ending {
        switch reader.targetEnded() {
        case .complete: .complete
        case .unanswered: .unanswered
        case .cut: .cut
        }
    }
}
