/// Who is flushed together: conversations' local sockets at the end of a read of the link, links at their next turn.
///
/// A class, because a flush may bring others to be added. Bounded, because whoever adds itself does so once until it is
/// flushed.
final class FlushQueue<Member> {
    private var members: [Member] = []

    var isEmpty: Bool { members.isEmpty }

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
