import NIOCore

extension LinkScheduler {
    package struct Limits: Sendable {
        package init() {}

        /// Bytes waiting for one conversation at which its socket is no longer read.
        var conversationBytes = 128 * 1024
        /// Bytes at which it is read again.
        var resumeBytes = 64 * 1024
        /// Bytes ready to be sent in all at which only conversations without waiting bytes are read.
        var totalBytes = 3 * 1024 * 1024
        /// Bytes ready to be sent in all at which nobody is read.
        var totalBytesAtMost = 4 * 1024 * 1024
        /// Bytes of paused conversations in all at which each may have a quantum waiting only.
        var pausedBytes = 16 * 1024 * 1024
        /// Bytes waiting in all beyond which those of a conversation that ends are dropped.
        var closingBytes = 128 * 1024 * 1024
        /// Bytes a conversation may send in a turn while others wait too.
        var quantum = 16 * 1024
        /// The same on a fast link, where turns are short all the same: fewer and larger messages cost less.
        var fastQuantum = 32 * 1024
        /// Ends that may wait to be sent: more than there are ids.
        static let endsWaiting = 1 << 17
        /// Fresh conversations may send this many times as much as the steady ones, and then one of those has a turn.
        static let freshShare = 8
        var freshBytes: Int { Self.freshShare * quantum }
    }

    enum Reading: Equatable { case allowed, untilConversationDrains, untilOthersDrain }

    package enum Item {
        case data(LinkFlow, ByteBuffer)
        /// The conversation's last message; after it the id is free.
        case closed(LinkFlow)
    }
}
