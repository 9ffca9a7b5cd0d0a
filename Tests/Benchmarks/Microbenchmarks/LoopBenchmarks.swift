import Dispatch
import NIOCore
import NIOPosix

/// What it would cost if a visitor and its tunnel were on different event loops. This is why the server has one loop.
enum LoopBenchmarks {
    static let all = [sameLoop, sleepingLoop, busyLoop]

    /// What scheduling the flush at the end of a turn costs.
    private static let sameLoop = Benchmark("loop: execute on the same loop", per: "task") { operations in
        let loop = group.next()
        return { relay(operations, from: loop, over: loop) }
    }

    /// A request on a server that is not busy: each hop wakes a thread.
    private static let sleepingLoop = Benchmark("loop: hop to another that sleeps", per: "hop") { operations in
        return { relay(operations, from: group.next(), over: group.next()) }
    }

    /// Many requests at once: most hops find the other loop awake.
    private static let busyLoop = Benchmark("loop: hop to another that is awake", per: "hop", batch: 1024) {
        operations in
        let loop = group.next()
        let other = group.next()
        return {
            let done = DispatchSemaphore(value: 0)
            loop.execute {
                for _ in 1..<operations { other.execute {} }
                other.execute { done.signal() }
            }
            done.wait()
            return operations
        }
    }

    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// Runs a task so many times, alternately on the two loops.
    private static func relay(_ count: Int, from here: any EventLoop, over there: any EventLoop) -> Int {
        let done = DispatchSemaphore(value: 0)
        step(count, on: here, then: there) { done.signal() }
        done.wait()
        return count
    }

    private static func step(
        _ left: Int,
        on loop: any EventLoop,
        then next: any EventLoop,
        _ done: @escaping @Sendable () -> Void
    ) {
        loop.execute {
            if left > 1 { step(left - 1, on: next, then: loop, done) } else { done() }
        }
    }
}
