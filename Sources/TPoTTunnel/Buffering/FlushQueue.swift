/// Collects members to flush together: conversations' local sockets at the end of a read of the link, links at their
/// next turn.
///
/// A class, because flushing a member may add others.
/// It stays bounded, because a member adds itself only once until it is flushed.
final class FlushQueue<Member> {
    private var members: [Member] = []

    var isEmpty: Bool { members.isEmpty }

    func add(_ member: Member) { members.append(member) }

    func flush(_ flush: (Member) -> Void) {
        guard !members.isEmpty else { return }
        var taken: [Member] = []
        swap(&taken, &members)
        for member in taken { flush(member) }
        // Reuses the storage, unless members were added meanwhile.
        taken.removeAll(keepingCapacity: true)
        if members.isEmpty { swap(&taken, &members) }
    }
}
