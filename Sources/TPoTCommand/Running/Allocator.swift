#if canImport(Glibc)
import CGlibc
#endif

/// The C library's allocator, under which everything lies.
enum Allocator {
    /// Free memory that is kept, for each thread that has its own.
    private static let keptBytes: Int32 = 4 * 1024 * 1024
    /// What is larger comes from the kernel and goes back there at once.
    private static let directBytes: Int32 = 2 * 1024 * 1024

    /// Has it keep what the path of bytes uses again at once: reads of up to 256 KiB come and go a thousand times a second
    /// while a download passes.
    ///
    /// glibc gives back whatever is more than 128 KiB at the end of a heap, and gets it again as new pages, each of
    /// which the kernel clears: that was a seventh of the server's CPU time for a download. To be called before other
    /// threads begin.
    static func keepBuffers() {
        #if canImport(Glibc)
        // Refused at worst. Both or none: the second alone would fix the first at its 128 KiB.
        guard mallopt(M_MMAP_THRESHOLD, directBytes) == 1 else { return }
        _ = mallopt(M_TRIM_THRESHOLD, keptBytes)
        #endif
    }
}
