import TPoTNetwork

/// Makes sentences for the user out of what failed: the client publishes them, and only the program around it knows
/// the options and variables that are the way out.
package protocol FailureWording: Sendable {
    func text(_ failure: ConnectFailure) -> String
    /// Why the target gives no answer.
    func text(ofTarget cause: NetworkCause) -> String
}
