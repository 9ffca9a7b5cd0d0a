import Logging

/// The program's own log, on standard error.
enum ProgramLog {
    static func make(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "tpot") { _ in TextLog { ErrorLines.standard.put($0) } }
        logger.logLevel = level
        return logger
    }
}
