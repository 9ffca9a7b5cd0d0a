#include <sqlite3.h>

// The macro casts a number to a function pointer, which Swift cannot import: SQLite copies what is bound.
static inline sqlite3_destructor_type tpot_sqlite_transient(void) { return SQLITE_TRANSIENT; }
