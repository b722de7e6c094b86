/* screen.h: text for terminals: harmless, and as wide as it looks. */
#ifndef MM_SCREEN_H
#define MM_SCREEN_H

#include "buf.h"

/* Once, before anything else here. */
void screen_init(void);

/* The character at the start of s, or what stands in its place when it could do
 * something to a terminal.  *width: its columns; *taken: its octets in s. */
struct str screen_glyph(struct str s, int *width, size_t *taken);

/* Appends s in at most `columns` (0: as long as it is); how many it took. */
int screen_fit(struct buf *out, struct str s, int columns);

/* Appends spaces up to `columns` where `used` are taken. */
void screen_pad(struct buf *out, int used, int columns);

/* Of the terminal, else of $COLUMNS, else 80. */
int screen_width(void);

#endif
