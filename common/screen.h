/* screen.h: text fitted to the columns of a terminal, as columns.h does, for output
 * that is put together first. */
#ifndef MM_SCREEN_H
#define MM_SCREEN_H

#include "buf.h"

/* Appends s in at most `columns` (0: as long as it is); how many it took. */
int screen_fit(struct buf *out, struct str s, int columns);

/* Appends spaces up to `columns` where `used` are taken. */
void screen_pad(struct buf *out, int used, int columns);

#endif
