#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// How many allocations this thread has made so far; negative where they cannot be counted.
long long allocation_count(void);

#endif
