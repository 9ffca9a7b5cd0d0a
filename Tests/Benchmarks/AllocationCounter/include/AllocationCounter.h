#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// How often this thread has asked for memory so far; negative where that cannot be counted.
long long allocation_count(void);

#endif
