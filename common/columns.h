/* columns.h: text on a terminal, by the columns that it takes there. */
#ifndef MM_COLUMNS_H
#define MM_COLUMNS_H

#include "str.h"

/* Before the others: sets the character type of the locale to UTF-8. */
void columns_init(void);

/* Of the terminal at standard output; else $COLUMNS; else 80. */
int columns_of_terminal(void);

/* The character at the start of s, or what stands in its place when it could do
 * something to a terminal.  *width: its columns; *taken: its octets in s. */
struct str columns_glyph(struct str s, int *width, size_t *taken);

/* Prints s in at most `columns` (0: as long as it is) to standard output and
 * returns how many it took.  What would move the cursor or turn the direction of
 * text is replaced. */
int columns_fit(struct str s, int columns);

/* Prints spaces from column `used` to `columns`. */
void columns_pad(int used, int columns);

/* Prints s in exactly `columns`. */
void columns_cell(struct str s, int columns);

#endif
