// mallopt(3), malloc_trim(3) and mallinfo2(3), which Swift's modules of the C library leave out; only glibc has it.
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
