/* descriptors.h: how many files a process may have open. */
#ifndef MM_DESCRIPTORS_H
#define MM_DESCRIPTORS_H

#include <stddef.h>

/* Raises the limit to that many, or as far as it may be; returns what is allowed now. */
size_t descriptors_allow(size_t wanted);

#endif
