/// Whose local sockets are flushed at the end of a read of the link: once each turn, however many messages came for them.
///
/// A class, because a flush may bring others to be added. Bounded by the conversations of a tunnel.
final class FlushQueue<Member> {
    private var members: [Member] = []

    func add(_ member: Member) { members.append(member) }

    func flush(_ flush: (Member) -> Void) {
        guard !members.isEmpty else { return }
        var taken: [Member] = []
        swap(&taken, &members)
        for member in taken { flush(member) }
        // The storage serves again, unless there are others by now.
        taken.removeAll(keepingCapacity: true)
        if members.isEmpty { swap(&taken, &members) }
    }
}
