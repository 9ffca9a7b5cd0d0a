/// What happened.
package enum DashboardInput: Hashable, Sendable {
    case key(Key)
    case message(DashboardMessage)
}
