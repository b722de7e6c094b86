/* scanner.h: records before an analyser: so many at once, each within its time,
 * none lost. */
#ifndef MM_SCAN_SCANNER_H
#define MM_SCAN_SCANNER_H

#include "analyser.h"

/* The analysed record; called once for each, also from within scanner_take(). */
typedef void scan_done(void *arg, struct record *rec);

/* NULL after an error was logged.  The settings must outlive it. */
struct scanner *scanner_new(struct ev_loop *loop, const struct analyser *analyser,
	const struct scan_settings *settings, scan_done *done, void *arg);
void scanner_free(struct scanner *sc);

/* Takes the record. */
void scanner_take(struct scanner *sc, struct record *rec);

#endif
