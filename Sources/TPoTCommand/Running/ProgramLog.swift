import Logging

/// The program's log, on standard error.
enum ProgramLog {
    static func make(_ level: Logger.Level, _ format: LogFormat) -> Logger {
        var logger = Logger(label: "tpot") { _ in LineLog(format) { ErrorLines.standard.put($0) } }
        logger.logLevel = level
        return logger
    }
}
