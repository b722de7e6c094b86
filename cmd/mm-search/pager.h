/* pager.h: long output to a terminal, page by page. */
#ifndef MM_PAGER_H
#define MM_PAGER_H

/* Standard output, which is a terminal, becomes a pipe to $MM_PAGER, else $PAGER, else
 * less (with LESS=FRX where that is not set); an empty one or cat: nothing is done.
 * At exit it is waited for. */
void pager_start(void);

#endif
