/* company.h: in how large a company a record goes that was at hand when workers died.
 * After one death it may have been anybody; then companies get smaller by the same
 * factor each time, so that the others of them are done, and the last time, before
 * it would be held, it goes alone: nobody is held for another's fault. */
#ifndef MM_QUEUE_COMPANY_H
#define MM_QUEUE_COMPANY_H

#include <stddef.h>

/* Records in flight, this one included: 1 to window.  poison: deaths until it is held. */
size_t company_of(unsigned deaths, unsigned poison, size_t window);

#endif
