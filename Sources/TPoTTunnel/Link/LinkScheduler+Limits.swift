import NIOCore

extension LinkScheduler {
    package struct Limits: Sendable {
        package init() {}

        /// Waiting bytes of one conversation at which its socket is no longer read.
        var conversationBytes = 128 * 1024
        /// Waiting bytes of one conversation at which its socket is read again.
        var resumeBytes = 64 * 1024
        /// Total bytes ready to be sent at which only conversations without waiting bytes are read.
        var totalBytes = 3 * 1024 * 1024
        /// Total bytes ready to be sent at which no socket is read.
        var totalBytesAtMost = 4 * 1024 * 1024
        /// Total bytes of paused conversations at which each conversation may have only one quantum waiting.
        var pausedBytes = 16 * 1024 * 1024
        /// Total waiting bytes beyond which a conversation that ends drops its own.
        var closingBytes = 128 * 1024 * 1024
        /// Bytes a conversation may send in a turn while others wait too.
        var quantum = 16 * 1024
        /// The same on a fast link: a turn is still short there, and fewer, larger messages cost less.
        var fastQuantum = 32 * 1024
        /// The most ends that may wait to be sent; more than there are ids.
        static let endsWaiting = 1 << 17
        /// Fresh conversations may send this many times as much as the steady ones before a steady one has a turn.
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
