import Glibc
import TPoTSystem

/// What a process of `tpot http --detach` is started with. It comes on standard input, where no list of processes shows
/// keys and tokens.
///
/// The numbers of arguments and variables, then these themselves, each ended by a zero byte. What follows is the standard
/// input of the user.
struct DetachedStart: Hashable {
    /// The only argument by which such a process is known, at the end of its command line.
    static let flag = "--detached"
    /// Arguments and variables are at most as long as Linux allows them to be, all together.
    private static let limit = 4 * 1024 * 1024

    var arguments: [String]
    /// `TPOT_…=…`.
    var variables: [String]
    var input: [UInt8] = []

    var bytes: [UInt8] {
        let texts = ["\(arguments.count)", "\(variables.count)"] + arguments + variables
        return texts.flatMap { Array($0.utf8) + [0] } + input
    }

    /// Reads standard input, but nothing of what follows.
    /// - Returns: nil if something else started this process.
    static func read(from descriptor: Int32 = STDIN_FILENO) -> DetachedStart? {
        var left = limit
        func next() -> String? {
            var text: [UInt8] = []
            while left > 0 {
                var byte: UInt8 = 0
                let count = Glibc.read(descriptor, &byte, 1)
                if count < 0, errno == EINTR { continue }
                guard count == 1 else { return nil }
                left -= 1
                if byte == 0 { return String(validating: text, as: UTF8.self) }
                text.append(byte)
            }
            return nil
        }
        guard let arguments = next().flatMap({ Int($0) }), let variables = next().flatMap({ Int($0) }),
            0...limit ~= arguments, 0...limit ~= variables
        else { return nil }
        var start = DetachedStart(arguments: [], variables: [])
        for _ in 0..<arguments {
            guard let text = next() else { return nil }
            start.arguments.append(text)
        }
        for _ in 0..<variables {
            guard let text = next() else { return nil }
            start.variables.append(text)
        }
        return start
    }
}

/// This process, if `tpot http --detach` started it. Its standard output is its log.
enum DetachedProcess {
    /// Then the log begins anew.
    private static let logLimit: off_t = 10 * 1024 * 1024

    /// Takes the arguments and variables over.
    /// - Returns: the arguments; nil if something else started this process.
    static func begin() -> [String]? {
        guard let start = DetachedStart.read() else { return nil }
        for variable in start.variables {
            guard let end = variable.firstIndex(of: "=") else { continue }
            setenv(String(variable[..<end]), String(variable[variable.index(after: end)...]), 1)
        }
        // Two streams with places of their own would write over each other.
        _ = fcntl(STDOUT_FILENO, F_SETFL, O_APPEND)
        dup2(STDOUT_FILENO, STDERR_FILENO)
        // Without a thread, the log has no limit but the disk.
        try? SystemThread.start {
            while true {
                sleep(5)
                var status = stat()
                guard fstat(STDOUT_FILENO, &status) == 0, status.st_size > logLimit else { continue }
                ftruncate(STDOUT_FILENO, 0)
                ErrorLines.standard.print("tpot: the log had \(status.st_size) bytes, and begins anew")
            }
        }
        return start.arguments
    }
}
